"""What waits to be sent, as arithmetic: order, window, holds.

A sender's messages keep their order in each room. The server helps: when it refuses a post for a while
(`retry_after_ms`), it refuses everything behind it in that room too, until that very post comes again. So after such a
refusal we send nothing into that room until all that is under way there was answered, and then begin again with the
first. What is meant for other rooms goes on.
"""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from qtchat.client.outbox import OutboxItem

WINDOW: Final = 24
"""Posts under way at one time; the rest of MAX_IN_FLIGHT is left to other requests."""


class _Hold(Struct):
    """Nothing is sent into a room. `by`: the post that the server wants there first. `resume_at`: monotonic seconds."""

    by: bytes
    resume_at: float


class Sender:
    """The posts of one account that the server has not acknowledged, in the order they were written."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, OutboxItem] = {}
        self._under_way: dict[bytes, int] = {}
        self._holds: dict[int, _Hold] = {}
        self._lost_hold = False

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, item: OutboxItem) -> None:
        """Behind all others."""
        self._waiting.setdefault(item.id, item)

    def get(self, message_id: bytes) -> OutboxItem | None:
        return self._waiting.get(message_id)

    def waiting(self) -> tuple[OutboxItem, ...]:
        """All, in order."""
        return tuple(self._waiting.values())

    @property
    def under_way(self) -> frozenset[bytes]:
        """Those that were sent and are not answered."""
        return frozenset(self._under_way)

    def change(self, changed: Callable[[OutboxItem], OutboxItem]) -> None:
        """All of them, for good; none comes into another room."""
        self._waiting = {key: changed(item) for key, item in self._waiting.items()}

    def done(self, message_id: bytes) -> bool:
        """It was stored, refused for good, or discarded. False if it was not waiting."""
        self._under_way.pop(message_id, None)
        return self._waiting.pop(message_id, None) is not None

    def refused(self, message_id: bytes, resume_at: float) -> None:
        """The server takes it later: nothing is sent into its room before `resume_at` (monotonic seconds)."""
        room = self._under_way.pop(message_id, None)
        if room is None:  # it was stored after all: the server wants what nobody will send
            self._lost_hold = True
            return
        hold = self._holds.setdefault(room, _Hold(message_id, resume_at))
        hold.resume_at = max(hold.resume_at, resume_at)

    def hasten(self, room: int, resume_at: float) -> None:
        """There is no reason to wait for longer than until `resume_at` (monotonic seconds) with this room."""
        if room in self._holds:
            self._holds[room].resume_at = min(self._holds[room].resume_at, resume_at)

    @property
    def stuck(self) -> bool:
        """A post that the server wants first is gone (it was discarded): only a new connection helps."""
        return self._lost_hold or any(hold.by not in self._waiting for hold in self._holds.values())

    @property
    def resume_at(self) -> float | None:
        """When to call `next` again because of a refusal, if anything waits for that."""
        busy = set(self._under_way.values())
        return min((hold.resume_at for room, hold in self._holds.items() if room not in busy), default=None)

    def next(self, now: float, most: int) -> list[OutboxItem]:
        """What to send now, in order, at most `most`; it counts as under way."""
        busy = set(self._under_way.values())
        for room in [room for room, hold in self._holds.items() if room not in busy and now >= hold.resume_at]:
            del self._holds[room]
        chosen: list[OutboxItem] = []
        for item in self._waiting.values():
            if len(self._under_way) >= WINDOW or len(chosen) >= most:
                break
            if item.id not in self._under_way and item.room not in self._holds:
                self._under_way[item.id] = item.room
                chosen.append(item)
        return chosen

    def connection_lost(self) -> None:
        """Nobody knows what became of those under way: they are sent again, and the server knows their ids."""
        self._under_way.clear()
        self._holds.clear()
        self._lost_hold = False

"""What waits to be sent, as arithmetic: order, window, hold.

A sender's messages keep their order. The server helps: when it refuses a post for a while (`retry_after_ms`), it
refuses everything behind it too, until that very post comes again. So after such a refusal we send nothing until
all that is under way was answered, and then begin again with the first.
"""

from collections.abc import Callable
from typing import Final

from qtchat.client.outbox import OutboxItem

WINDOW: Final = 24
"""Posts under way at one time; the rest of MAX_IN_FLIGHT is left to other requests."""


class Sender:
    """The posts of one account that the server has not acknowledged, in the order they were written."""

    def __init__(self) -> None:
        self._waiting: dict[bytes, OutboxItem] = {}
        self.under_way: set[bytes] = set()
        self._resume_at = 0.0
        self._held_by: bytes | None = None

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

    def change(self, changed: Callable[[OutboxItem], OutboxItem]) -> None:
        """All of them, for good."""
        self._waiting = {key: changed(item) for key, item in self._waiting.items()}

    def done(self, message_id: bytes) -> bool:
        """It was stored, refused for good, or discarded. False if it was not waiting."""
        self.under_way.discard(message_id)
        return self._waiting.pop(message_id, None) is not None

    def refused(self, message_id: bytes, resume_at: float) -> None:
        """The server takes it later: nothing is sent before `resume_at` (monotonic seconds)."""
        self.under_way.discard(message_id)
        self._resume_at = max(self._resume_at, resume_at)
        if self._held_by is None:
            self._held_by = message_id

    @property
    def stuck(self) -> bool:
        """The post that the server wants first is gone (it was discarded): only a new connection helps."""
        return self._held_by is not None and self._held_by not in self._waiting

    @property
    def resume_at(self) -> float | None:
        """When to call `next` again because of a refusal, if anything waits for that."""
        return self._resume_at if self._held_by is not None and not self.under_way else None

    def next(self, now: float, most: int) -> list[OutboxItem]:
        """What to send now, in order, at most `most`; it counts as under way."""
        if self._held_by is not None:
            if self.under_way or now < self._resume_at:
                return []
            self._held_by = None
        chosen: list[OutboxItem] = []
        for item in self._waiting.values():
            if len(self.under_way) >= WINDOW or len(chosen) >= most:
                break
            if item.id not in self.under_way:
                self.under_way.add(item.id)
                chosen.append(item)
        return chosen

    def connection_lost(self) -> None:
        """Nobody knows what became of those under way: they are sent again, and the server knows their ids."""
        self.under_way.clear()
        self._held_by = None
        self._resume_at = 0.0

"""How fast a native peer may send what nobody answers: typing, pings, pongs, and messages of kinds that are not known.

What is answered is bounded by the answers. This is not, and each of these frames costs a loop, or the hub, some time
that is taken from the others.
"""

from typing import Final

from qtchat.protocol.messages import TYPING_INTERVAL_MS

TYPING_PAUSE: Final = TYPING_INTERVAL_MS / 2000
"""Seconds in which a peer's typing in a room is passed on once at most."""
TYPING_ROOMS: Final = 4
"""Rooms in which a peer's typing is passed on within that time: who goes from one to another is seen in both."""
FRAMES_PER_SECOND: Final = 200
"""Unanswered frames that one peer may go on sending."""
FRAMES_AT_ONCE: Final = 1000
"""Unanswered frames that one peer may send before that rate holds."""


class QuietPace:
    """Of one peer; in its loop's thread. All times are monotonic seconds."""

    __slots__ = ("_due", "_typed")

    def __init__(self) -> None:
        self._due = 0.0
        """When the frames so far would have come at the rate."""
        self._typed: dict[int, float] = {}
        """When typing was passed on last, by room."""

    def passes(self, room: int, now: float) -> bool:
        """Whether typing in this room is passed on, and not dropped."""
        recent = {place: then for place, then in self._typed.items() if now - then < TYPING_PAUSE}
        if room in recent or len(recent) >= TYPING_ROOMS:
            return False
        self._typed = recent | {room: now}
        return True

    def wait(self, frames: int, now: float) -> float:
        """After so many more frames: the seconds in which nothing is read from the peer, mostly 0."""
        self._due = max(self._due, now - FRAMES_AT_ONCE / FRAMES_PER_SECOND) + frames / FRAMES_PER_SECOND
        return max(0.0, self._due - now)

"""What a plain-text peer has said and the hub was not asked for yet; without I/O."""

from collections import deque
from typing import Final

from qtchat.protocol.messages import MAX_TEXT
from qtchat.protocol.plaintext import cut

HOLD_ABOVE: Final = 64 * 1024
"""Characters that wait, above which nothing more should be read from the peer."""
BYTES_PER_SECOND: Final = 16 * 1024
"""What one peer may go on saying; those programs could not say more than 1024 bytes at once, and everybody gets it."""
BYTES_AT_ONCE: Final = 64 * 1024
"""What it may say before that rate holds."""


class Backlog:
    """In order, and no faster than it may."""

    def __init__(self) -> None:
        self._waiting: deque[str | None] = deque()
        self._size = 0
        self._paid_until = 0.0

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def full(self) -> bool:
        """Read nothing more."""
        return self._size > HOLD_ABOVE

    @property
    def low(self) -> bool:
        """Go on reading."""
        return self._size <= HOLD_ABOVE // 2

    def say(self, text: str) -> None:
        """An empty one is none; one that is longer than a message becomes several."""
        if text.strip():
            self._waiting.extend(cut(text, MAX_TEXT))
            self._size += len(text)

    def leave(self) -> None:
        """It wants to go, once all before was said."""
        self._waiting.append(None)

    def clear(self) -> None:
        self._waiting.clear()
        self._size = 0

    def wait(self, now: float) -> float:
        """Seconds until the next may be said, 0 for now. `now`: monotonic seconds."""
        self._paid_until = max(self._paid_until, now - BYTES_AT_ONCE / BYTES_PER_SECOND)
        return max(0.0, self._paid_until - now)

    def take(self) -> str | None:
        """The next; None: it wants to go."""
        said = self._waiting.popleft()
        if said is not None:
            self._size -= len(said)
            self._paid_until += len(said.encode()) / BYTES_PER_SECOND
        return said

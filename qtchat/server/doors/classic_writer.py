"""What is sent to a plain-text peer, in the pieces that its program can take; without I/O."""

from collections import deque
from typing import Final, Protocol

from qtchat.protocol.dialects import READ_SIZE, Dialect
from qtchat.protocol.plaintext import boundary

WRITE_INTERVAL: Final = 0.05
"""Seconds between two writes to a program that prints each read: what it had no time to read runs together."""
PROMPT: Final = b"> "


class Writer(Protocol):
    """What waits for one peer."""

    interval: float
    """Seconds between two writes."""

    @property
    def size(self) -> int:
        """Bytes that wait."""

    def add(self, text: bytes) -> None:
        """One message, notice or line."""

    def next(self) -> bytes:
        """What to write now; empty if nothing waits."""


def make_writer(dialect: Dialect) -> Writer:
    return LineWriter() if dialect.framed else ReadWriter()


class ReadWriter:
    """For programs to which a read is a message, and that decode each read by itself.

    Messages that wait are joined by a newline. No write has more than READ_SIZE bytes or ends inside a character, so
    a read that comes in time cuts none. A message is cut only if it alone is longer; then its pieces are filled up with
    spaces to READ_SIZE, so that a read that comes late cuts none either.
    """

    interval = WRITE_INTERVAL

    def __init__(self) -> None:
        self._waiting: deque[bytes] = deque()
        self.size = 0

    def add(self, text: bytes) -> None:
        self._waiting.append(text)
        self.size += len(text)

    def next(self) -> bytes:
        if not self._waiting:
            return b""
        first = self._waiting.popleft()
        end = boundary(first, READ_SIZE)
        if end < len(first):
            self._waiting.appendleft(first[end:])
            self.size -= end
            return first[:end].ljust(READ_SIZE)
        chosen, length = [first], len(first)
        while self._waiting and length + 1 + len(self._waiting[0]) <= READ_SIZE:
            chosen.append(self._waiting.popleft())
            length += 1 + len(chosen[-1])
        self.size -= length - len(chosen) + 1
        return b"\n".join(chosen)


class LineWriter:
    """For people who look at a terminal: lines, and a prompt behind the last one. What comes in while the prompt
    stands is written over it. `prompting`: whether there is a prompt now."""

    interval = 0.0

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._shown = False
        self.prompting = False
        self.size = 0

    def add(self, text: bytes) -> None:
        line = text.replace(b"\n", b"\r\n") + b"\r\n"
        self._waiting.append(line)
        self.size += len(line)

    def next(self) -> bytes:
        lines, self._waiting, self.size = self._waiting, [], 0
        if not lines and (self._shown or not self.prompting):
            return b""
        start = b"\r" if self._shown else b""
        self._shown = self.prompting
        return start + b"".join(lines) + (PROMPT if self.prompting else b"")

    def entered(self) -> None:
        """The person has pressed Enter behind the prompt."""
        self._shown = False

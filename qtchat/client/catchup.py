"""Where we are in each room's log, as arithmetic: what to pass on, what to drop, what to ask for."""

from collections.abc import Iterable

from msgspec import Struct

from qtchat.protocol.messages import Event


class Cursor(Struct):
    """One room. We hold the events `low` to `high` without a gap (0: none yet); the log goes to `head`, as far as
    we know. Whatever does not join what we hold is dropped: the log has it, and is asked."""

    low: int = 0
    high: int = 0
    head: int = 0
    fetching: bytes = b""
    """The id of the request for a page towards `head` that is under way, or must not be repeated yet."""
    newest: bytes = b""
    """The id of event `high`."""
    checked: bool = False
    """The server of this connection has the same event at `high`, so what we hold is part of its log."""
    expected: tuple[int, bytes] = (0, b"")
    """Seq and id of the event that the page under way must begin with, while that is not checked."""

    def take(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Those that are next, in order, each once; the others only tell how far the log goes."""
        next_ones: list[Event] = []
        for event in events:
            self.head = max(self.head, event.seq)
            if self.high and event.seq == self.high + 1:
                self.high, self.newest = event.seq, event.id
                next_ones.append(event)
        return tuple(next_ones)

    def begin(self, events: tuple[Event, ...]) -> None:
        """Start to hold the room's newest page."""
        self.low = events[0].seq if events else 0
        self.high = events[-1].seq if events else 0
        self.newest = events[-1].id if events else b""
        self.checked = True
        self.head = max(self.head, self.high)

    @property
    def behind(self) -> bool:
        """Whether a page should be asked for now."""
        return not self.fetching and (self.head > self.high or (self.high > 0 and not self.checked))

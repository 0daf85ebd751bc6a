"""How many new messages stand below what somebody reads."""

from collections.abc import Sequence

from qtchat.client.state import Entry
from qtchat.gui.views.timeline.grouping import row_of_seq
from qtchat.protocol.messages import KIND_POST


class Unseen:
    """Follows the rows. Whoever reads further up in a busy room has tens of thousands below: they are counted as they
    come, since it is asked for each frame."""

    def __init__(self) -> None:
        self.seen = 0
        """The newest seq that was in sight."""
        self._count: int | None = 0

    def restart(self, seen: int) -> None:
        """Nothing behind the seq `seen` was in sight."""
        self.seen, self._count = seen, None

    def recount(self) -> None:
        """Rows went, and nobody knows any more which."""
        self._count = None

    def saw(self, entries: Sequence[Entry], seq: int) -> None:
        """The row `seq` is in sight."""
        if seq <= self.seen:
            return
        if self._count is not None:
            self._count -= _posts(entries[row_of_seq(entries, self.seen + 1) : row_of_seq(entries, seq + 1)], self.seen)
        self.seen = seq

    def inserted(self, entries: Sequence[Entry], first: int, count: int) -> None:
        """These rows are new."""
        if self._count is not None:
            self._count += _posts(entries[first : first + count], self.seen)

    def count(self, entries: Sequence[Entry]) -> int:
        """Messages of others behind the newest one that was in sight."""
        if self._count is None:
            self._count = _posts(entries[row_of_seq(entries, self.seen + 1) :], self.seen)
        return self._count


def _posts(entries: Sequence[Entry], seen: int) -> int:
    return sum(entry.kind == KIND_POST and not entry.own and (entry.seq or 0) > seen for entry in entries)

"""What a row owes to its neighbours: does it open a group, a day or the unread part, is it folded away?"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QDateTime

from qtchat.client.state import Entry
from qtchat.protocol.messages import (
    KIND_ADDED,
    KIND_CHANGED,
    KIND_CREATED,
    KIND_JOINED,
    KIND_KICKED,
    KIND_LEFT,
    KIND_POST,
    KIND_TOPIC,
)

GROUP_MS: Final = 5 * 60 * 1000
"""Messages of one author further apart than this stand in groups of their own."""
FOLD: Final = 3
"""So many system lines in a row become one line."""
SYSTEM_KINDS: Final = frozenset(
    {KIND_CREATED, KIND_JOINED, KIND_LEFT, KIND_ADDED, KIND_KICKED, KIND_TOPIC, KIND_CHANGED}
)


class Context(NamedTuple):
    """A row among its neighbours. Two equal contexts of one entry look the same."""

    hidden: bool = False  # no pixel at all: of a kind we do not know, or folded into the line above
    day: bool = False  # a date separator stands above
    unread: bool = False  # the unread bar stands above
    gap: bool = False  # the notice that older messages are no longer kept stands above
    start: bool = False  # the head of the room stands above: nothing was before
    head: bool = True  # opens a group
    fold: tuple[Entry, ...] = ()  # a system line: all the entries it tells of, itself the first
    partner: str = ""  # of a system line in a chat of two: whom it is with
    answered: int | None = None  # the author of the message that this one answers, where that is known


def local_day(ts: int) -> int:
    """The day, in local time, of `ts` (ms since 1970 UTC), as a Julian day number."""
    return QDateTime.fromMSecsSinceEpoch(ts).date().toJulianDay()


def row_of_seq(entries: Sequence[Entry], seq: int) -> int:
    """The first row whose seq is at least `seq`; those without a seq count as later than all."""
    return bisect_left(entries, seq, key=lambda entry: entry.seq if entry.seq is not None else 1 << 62)


class Grouping:
    """Reads contexts off a list of entries. It remembers no rows, only ids of what was unfolded, so it need not follow
    changes."""

    def __init__(self) -> None:
        self.entries: Sequence[Entry] = ()
        self.unread_seq: int | None = None
        self.gap = False
        self.start = False
        self.partner = ""
        self._unfolded: set[bytes] = set()  # ids of entries whose line was unfolded

    def reset(self, entries: Sequence[Entry]) -> None:
        """Other rows altogether."""
        self.entries = entries
        self.unread_seq, self.gap, self.start = None, False, False
        self._unfolded.clear()

    def unfold(self, row: int) -> tuple[int, int]:
        """Show each entry of the line in `row` on its own; returns the range of rows that look different now."""
        first, end = self.run(row)
        self._unfolded.update(entry.id for entry in self.entries[first:end])
        return first, end

    @property
    def unread_row(self) -> int | None:
        """The row under the unread bar, if there is one."""
        if self.unread_seq is None:
            return None
        row = row_of_seq(self.entries, self.unread_seq)
        return row if row < len(self.entries) and self.entries[row].seq is not None else None

    def context(self, row: int) -> Context:
        """How `row` stands among its neighbours."""
        entry = self.entries[row]
        unread = row == self.unread_row
        gap, start = self.gap and row == 0, self.start and row == 0
        if entry.kind in SYSTEM_KINDS:
            first, end = self.run(row)
            folded = end - first >= FOLD
            if folded and row > first:
                return Context(hidden=True)
            fold = tuple(self.entries[first:end]) if folded else (entry,)
            day = self._opens_day(row)
            return Context(day=day, unread=unread, gap=gap, start=start, fold=fold, partner=self.partner)
        if entry.kind != KIND_POST:
            return Context(hidden=True)
        day = self._opens_day(row)
        head = day or unread or not self._continues(row)
        answered = self._author_of(entry.reply_to) if entry.reply_to else None
        return Context(day=day, unread=unread, gap=gap, start=start, head=head, answered=answered)

    def run(self, row: int) -> tuple[int, int]:
        """The run of system lines of one day that `row` belongs to: its first row and the row after its last.

        For a row that is no system line, or was unfolded, it is that row alone.
        """
        entries = self.entries
        if entries[row].kind not in SYSTEM_KINDS or entries[row].id in self._unfolded:
            return row, row + 1
        bar = self.unread_row
        day = local_day(entries[row].ts)
        first, end = row, row + 1
        while first > 0 and first != bar and self._folds(first - 1, day):
            first -= 1
        while end < len(entries) and end != bar and self._folds(end, day):
            end += 1
        return first, end

    def affected(self, first: int, count: int) -> tuple[int, int]:
        """The range of rows whose contexts may differ after rows first .. first + count - 1 changed."""
        size = len(self.entries)
        start, end = max(0, first - 1), min(size, first + count + 1)
        if start >= end:
            return start, start
        return self.run(start)[0], self.run(end - 1)[1]

    def _author_of(self, seq: int) -> int | None:
        row = row_of_seq(self.entries, seq)
        known = row < len(self.entries) and self.entries[row].seq == seq
        return self.entries[row].author if known else None

    def _folds(self, row: int, day: int) -> bool:
        entry = self.entries[row]
        return entry.kind in SYSTEM_KINDS and local_day(entry.ts) == day and entry.id not in self._unfolded

    def _opens_day(self, row: int) -> bool:
        """Does `row` begin a local day? Rows of kinds that are not shown do not count."""
        day = local_day(self.entries[row].ts)
        above = self._shown_above(row)
        return above is None or local_day(above.ts) != day

    def _continues(self, row: int) -> bool:
        entry, above = self.entries[row], self._shown_above(row)
        return (
            above is not None
            and above.kind == KIND_POST
            and above.author == entry.author
            and above.own == entry.own
            and abs(entry.ts - above.ts) <= GROUP_MS
        )

    def _shown_above(self, row: int) -> Entry | None:
        while row > 0:
            row -= 1
            entry = self.entries[row]
            if entry.kind == KIND_POST or entry.kind in SYSTEM_KINDS:
                return entry
        return None

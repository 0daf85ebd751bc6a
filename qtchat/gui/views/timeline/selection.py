"""A selection that may reach over many messages, and the text that it copies."""

from typing import Final, NamedTuple

from qtchat.client.state import Entry
from qtchat.gui.views.timeline.arrangement import Arrangement
from qtchat.gui.views.timeline.text import utf16_length, utf16_slice
from qtchat.gui.views.timeline.words import clean_name, shown_text, stamp_text, system_text, without_isolates
from qtchat.protocol.messages import KIND_POST

END: Final = 1 << 30
"""A text position behind the last of every row."""


class Position(NamedTuple):
    """A place between two characters. `at` counts UTF-16 units of the row's text."""

    row: int
    at: int


class Selection:
    """From where the mouse went down to where it is now. It moves along when rows come and go."""

    def __init__(self) -> None:
        self.anchor: Position | None = None
        self.cursor: Position | None = None

    @property
    def ends(self) -> tuple[Position, Position] | None:
        """First and last position, None where nothing is selected."""
        if self.anchor is None or self.cursor is None or self.anchor == self.cursor:
            return None
        return min(self.anchor, self.cursor), max(self.anchor, self.cursor)

    def clear(self) -> None:
        """Select nothing."""
        self.anchor = self.cursor = None

    def select(self, anchor: Position, cursor: Position) -> None:
        """Select from one position to another, in either order."""
        self.anchor, self.cursor = anchor, cursor

    def range_in(self, row: int) -> tuple[int, int] | None:
        """The selected text positions of a row."""
        ends = self.ends
        if ends is None or not ends[0].row <= row <= ends[1].row:
            return None
        return (ends[0].at if row == ends[0].row else 0), (ends[1].at if row == ends[1].row else END)

    def inserted(self, first: int, count: int) -> None:
        """Rows were inserted at `first`."""
        if self.anchor and self.anchor.row >= first:
            self.anchor = self.anchor._replace(row=self.anchor.row + count)
        if self.cursor and self.cursor.row >= first:
            self.cursor = self.cursor._replace(row=self.cursor.row + count)

    def removed(self, first: int, count: int) -> None:
        """Rows are gone; an end that stood in them moves to what is left."""
        if self.anchor and self.cursor:
            if all(first <= position.row < first + count for position in (self.anchor, self.cursor)):
                self.clear()
                return
            self.anchor, self.cursor = (
                position
                if position.row < first
                else Position(first, 0)
                if position.row < first + count
                else position._replace(row=position.row - count)
                for position in (self.anchor, self.cursor)
            )


def row_text(arrangement: Arrangement, row: int) -> str:
    """The whole text of a row as it is shown; "" for one that is not."""
    if arrangement.is_hidden(row):
        return ""
    entry = arrangement.entries[row]
    if entry.kind == KIND_POST:
        return shown_text(entry)
    context = arrangement.context(row)
    return system_text(context.fold, context.partner)


def copied_text(arrangement: Arrangement, selection: Selection) -> str:
    """What the clipboard gets: bare text of one message, or of several each with its time and name."""
    ends = selection.ends
    if ends is None:
        return ""
    parts: list[tuple[int, str]] = []
    for row in range(ends[0].row, min(ends[1].row + 1, len(arrangement.entries))):
        text = row_text(arrangement, row)
        start, end = selection.range_in(row) or (0, 0)
        if start or end < utf16_length(text):
            text = utf16_slice(text, start, end)
        if text:
            post = arrangement.entries[row].kind == KIND_POST
            parts.append((row, text if post else without_isolates(text)))
    if len(parts) == 1:
        return parts[0][1]
    return "\n".join(with_author(arrangement.entries[row], text) for row, text in parts)


def with_author(entry: Entry, text: str) -> str:
    """`text`, said by `entry`, as it is copied with its time and name."""
    stamp = f"[{stamp_text(entry.ts)}]"
    return f"{stamp} {clean_name(entry.nick)}: {text}" if entry.kind == KIND_POST else f"{stamp} {text}"

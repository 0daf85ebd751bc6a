"""Which rows stand where. No widget: it knows a width, a height, and the rows of the model.

The truth is an anchor, a row and how many pixels of it lie above the view, and whether the view sticks to the
bottom. Everything else is derived. Heights are estimates until a row has been laid out; correcting one moves
the scroll bar a little, never the anchor.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from qtchat.client.state import Entry
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.grouping import FOLD, SYSTEM_KINDS, Context, Grouping
from qtchat.gui.views.timeline.heights import Heights
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.message import build_row
from qtchat.gui.views.timeline.rows import Row
from qtchat.protocol.messages import KIND_POST

MAX_LAID_OUT: Final = 400
"""Rows whose layout is kept."""
TOP_MARGIN: Final = 8
BOTTOM_MARGIN: Final = 12


class Placed(Struct, frozen=True):
    """A laid out row and where its top is, in pixels from the top of the view."""

    index: int
    y: int
    row: Row


class Arrangement:
    """Rows under a viewport. Call `reset`, `inserted`, `removed` or `replaced` right after the model has changed."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._grouping = Grouping()
        self.entries: Sequence[Entry] = ()
        self._heights = Heights()
        self._estimated_width = 0
        self._laid_out: OrderedDict[int, Row] = OrderedDict()  # by id() of the entry, which each row keeps alive
        self._contexts: dict[int, Context] = {}
        self.width = 0
        self.anchor_row = 0
        self.anchor_offset = 0
        self.stick = True
        self._height = 0  # of the view, when it was placed last

    # -- what the model does ----------------------------------------------------------------------------

    def reset(self, entries: Sequence[Entry]) -> None:
        """Begin anew with these rows, at the bottom."""
        self.entries = entries
        self._grouping.reset(entries)
        self._laid_out.clear()
        self.to_bottom()
        self.estimate()

    def inserted(self, first: int, count: int) -> None:
        """Rows first .. first + count - 1 are new."""
        if self.anchor_row >= first and len(self.entries) > count:
            self.anchor_row += count
        self._changed(first, 0, count)

    def removed(self, first: int, count: int) -> None:
        """`count` rows from `first` on are gone."""
        if self.anchor_row >= first + count:
            self.anchor_row -= count
        elif self.anchor_row >= first:
            self.anchor_row, self.anchor_offset = first, 0
        self._changed(first, count, 0)

    def replaced(self, first: int, count: int) -> None:
        """`count` rows from `first` on hold other entries."""
        row = self.anchor_row
        cut = first <= row < first + count and self.anchor_offset > 0 and not self.stick and row < len(self._heights)
        before = self._heights[row] if cut else 0
        self._changed(first, count, count)
        # Where the upper edge cuts a row, the eye is at its end: what stands below it must not move.
        if before and before - self.anchor_offset < self._height and len(self._heights):
            self.anchor_offset += self.row(row).height - before

    # -- what the view does -------------------------------------------------------------------------------

    def restyle(self, look: Look) -> None:
        """Fonts or colours changed: everything is laid out afresh."""
        self._look = look
        self._laid_out.clear()
        self.estimate()

    def set_partner(self, nick: str) -> None:
        """With whom a chat of two is; "" where it is none."""
        if nick != self._grouping.partner:
            self._grouping.partner = nick
            self._contexts.clear()

    def set_ends(self, *, gap: bool, start: bool) -> None:
        """Show, or hide, above the first row the notice of a gap or the head of the room."""
        if (self._grouping.gap, self._grouping.start) != (gap, start):
            self._grouping.gap, self._grouping.start = gap, start
            self._contexts.clear()
            if len(self._heights):
                self._hold_anchor()

    def unfold(self, row: int) -> None:
        """Give each entry that the system line `row` tells of a line of its own."""
        first, end = self._grouping.unfold(row)
        self._contexts.clear()
        self._heights.replace(first, end - first, self._estimates(first, end))
        self.stick = self.stick and row != self.anchor_row

    def set_unread_from(self, seq: int | None) -> int | None:
        """Put the unread bar above the first row with at least this seq; returns that row if there is one."""
        self._grouping.unread_seq = seq
        self.estimate()
        return self._grouping.unread_row

    def estimate(self) -> None:
        """Guess all heights for the width in force; nothing is done before there is one."""
        self._contexts.clear()
        self._estimated_width = self.width
        self._heights = Heights(self._estimates(0, len(self.entries)) if self.width else ())

    @property
    def is_estimated(self) -> bool:
        """Are the heights guessed for the width in force?"""
        return self._estimated_width == self.width

    @property
    def total(self) -> int:
        """Pixels of everything, as far as is known."""
        return self._heights.total + TOP_MARGIN + BOTTOM_MARGIN

    @property
    def offset(self) -> int:
        """Pixels above the view, as far as is known."""
        return self._heights.offset(self.anchor_row) + self.anchor_offset + TOP_MARGIN

    def to_bottom(self) -> None:
        """Show the newest row, and stay with it."""
        self.anchor_row, self.anchor_offset = max(0, len(self.entries) - 1), 0
        self.stick = True

    def scroll_by(self, pixels: int) -> None:
        """Move the view down (or up, where negative); `place` keeps it within the rows."""
        self.anchor_offset += pixels
        self.stick = False

    def scroll_to(self, y: int) -> None:
        """Put pixel `y` of the whole at the top of the view."""
        if len(self._heights):
            self.anchor_row, self.anchor_offset = self._heights.row_at(y - TOP_MARGIN)
            self.stick = False

    def scroll_to_row(self, row: int, below: int = 0) -> None:
        """Put the top of `row` `below` pixels under the top of the view."""
        self.anchor_row, self.anchor_offset, self.stick = row, -below, False

    def bring_into_sight(self, row: int) -> None:
        """Scroll as little as needed for all of `row` to be seen, or its top where it is higher than the view."""
        if row <= self.anchor_row:
            if row < self.anchor_row or self.anchor_offset > 0:
                self.scroll_to_row(row, TOP_MARGIN if row == 0 else 0)
            return
        y = -self.anchor_offset
        for index in range(self.anchor_row, row + 1):
            y += self.row(index).height if self._heights[index] else 0
        top = y - self.row(row).height
        beyond = min(y + BOTTOM_MARGIN - self._height, top)
        if beyond > 0:
            self.scroll_by(beyond)

    def place(self, height: int) -> list[Placed]:
        """Lay out and place what a view of this height shows, top to bottom; settles anchor and stick."""
        self._height = height
        if not self.width or not self.entries:
            return []
        if not len(self._heights):
            self.estimate()
        if not self.stick:
            self._settle_anchor()
            placed = self._place_down(height)
            if not self.stick:
                return placed
        return self._place_up(height)

    def row(self, index: int) -> Row:
        """The laid out row; its height is corrected by the way."""
        entry, context = self.entries[index], self.context(index)
        key = id(entry)
        row = self._laid_out.get(key)
        if row is not None and row.width == self.width and (row.context is context or row.context == context):
            self._laid_out.move_to_end(key)
        else:
            row = self._laid_out[key] = build_row(entry, context, self.width, self._look)
            self._laid_out.move_to_end(key)
            if len(self._laid_out) > MAX_LAID_OUT:
                self._laid_out.popitem(last=False)
        if self._heights[index] != row.height:
            self._heights[index] = row.height
        return row

    def is_hidden(self, index: int) -> bool:
        """Has a row no pixel at all?"""
        return index < len(self._heights) and not self._heights[index]

    def stop_beside(self, index: int, step: int) -> int | None:
        """Where the keyboard stops from row `index` on, itself included, upwards (`step` -1) or downwards (1): at
        messages, and at lines that can be unfolded."""
        while 0 <= index < len(self.entries):
            if self.entries[index].kind == KIND_POST or len(self.context(index).fold) > 1:
                return index
            index += step
        return None

    def context(self, index: int) -> Context:
        """How a row stands among its neighbours."""
        context = self._contexts.get(index)
        if context is None:
            context = self._contexts[index] = self._grouping.context(index)
        return context

    # -- inside -------------------------------------------------------------------------------------------

    def _changed(self, first: int, before: int, after: int) -> None:
        """`after` rows from `first` on stand where `before` were. One range of heights is guessed again."""
        self._contexts.clear()
        if not self.width or len(self._heights) + after - before != len(self.entries):
            self.estimate()
            return
        start, end = self._grouping.affected(first, after)
        measured = {index: self._heights[index] for index in range(start, first)}
        shift = before - after
        measured |= {index: self._heights[index + shift] for index in range(first + after, end)}
        estimates = list(self._estimates(start, end))
        for index, height in measured.items():  # better than a guess, unless it was or is folded away
            if estimates[index - start] and height:
                estimates[index - start] = height
        self._heights.replace(start, end - start + shift, estimates)
        self.anchor_row = max(0, min(self.anchor_row, len(self.entries) - 1))
        self._hold_anchor()

    def _hold_anchor(self) -> None:
        """A separator came or went above the anchor's bubble: keep the bubble, not the separator, where it was."""
        if self.stick or not self.entries:
            return
        before = self._laid_out.get(id(self.entries[self.anchor_row]))
        if before is not None and self._heights[self.anchor_row]:
            self.anchor_offset += round(self.row(self.anchor_row).top - before.top)

    def _estimates(self, start: int, end: int) -> Iterator[int]:
        """Guessed heights. Only that a row has no height at all is certain, and must be: nobody looks again."""
        look, entries = self._look, self.entries
        per_line = max(1, int(look.text_limit(self.width) / look.char_width * 0.95))
        line = look.line_height
        bare = look.gap(False) + look.pad_top(False) + look.pad_y
        head = look.gap(True) + look.pad_top(True) + look.pad_y + look.name_height
        strip, pills = look.name_height + look.quote_metrics.height() + 8, look.reaction_height + 6
        system = measure.GROUP_GAP + look.meta_height
        author = entries[start - 1].author if start else -1
        run_first = run_end = 0
        for index in range(start, end):
            entry = entries[index]
            kind = entry.kind
            if kind == KIND_POST:
                text = entry.text
                lines = 1 + len(text) // per_line
                if "\n" in text:
                    lines += text.count("\n")
                height = (bare if entry.author == author else head) + lines * line
                if entry.reply_to:
                    height += strip
                if entry.reactions:
                    height += pills
                yield int(height)
                author = entry.author
            elif kind in SYSTEM_KINDS:
                author = -1
                if index >= run_end:
                    run_first, run_end = self._grouping.run(index)
                yield 0 if run_end - run_first >= FOLD and index > run_first else int(system)
            else:
                yield 0

    def _settle_anchor(self) -> None:
        """Bring the anchor to a row that the upper edge of the view cuts, or to the very top."""
        while self.anchor_offset < 0 and self.anchor_row > 0:
            self.anchor_row -= 1
            if self._heights[self.anchor_row]:
                self.anchor_offset += self.row(self.anchor_row).height
        if self.anchor_row == 0 and self.anchor_offset < -TOP_MARGIN:
            self.anchor_offset = -TOP_MARGIN
        last = len(self.entries) - 1
        while self.anchor_row < last:
            height = self.row(self.anchor_row).height if self._heights[self.anchor_row] else 0
            if self.anchor_offset < height:
                break
            self.anchor_offset -= height
            self.anchor_row += 1

    def _place_down(self, height: int) -> list[Placed]:
        placed: list[Placed] = []
        y, index, size = -self.anchor_offset, self.anchor_row, len(self.entries)
        while index < size and y < height:
            if self._heights[index]:
                row = self.row(index)
                placed.append(Placed(index, y, row))
                y += row.height
            index += 1
        while index < size and not self._heights[index]:
            index += 1
        # Sticks again as soon as the last row, with its margin, ends inside the view.
        self.stick = index == size and y + BOTTOM_MARGIN <= height
        return placed

    def _place_up(self, height: int) -> list[Placed]:
        placed: list[Placed] = []
        y, index = height - BOTTOM_MARGIN, len(self.entries)
        while index > 0 and y > 0:
            index -= 1
            if self._heights[index]:
                row = self.row(index)
                y -= row.height
                placed.append(Placed(index, y, row))
        placed.reverse()
        if placed:
            self.anchor_row, self.anchor_offset = placed[0].index, -placed[0].y
        return placed

"""What lies under a point of the view."""

from collections.abc import Sequence
from enum import Enum

from msgspec import Struct
from PySide6.QtCore import QPointF
from PySide6.QtGui import QTextLine

from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.rows import Pill, Row
from qtchat.gui.views.timeline.selection import END, Position
from qtchat.gui.views.timeline.text import TextBlock


class Part(Enum):
    """A part of a message that does or tells something of its own."""

    NONE = "none"
    LINK = "link"
    RETRY = "retry"
    STRIP = "strip"
    PILL = "pill"
    FOLD = "fold"
    META = "meta"
    BADGE = "badge"
    PERSON = "person"


BUTTONS = frozenset({Part.RETRY, Part.STRIP, Part.PILL, Part.FOLD, Part.PERSON})
"""Parts to be clicked; no selection begins there."""
CLICKABLE = BUTTONS | {Part.LINK}


class Hit(Struct, frozen=True):
    """`position`: the nearest place between characters. `placed`: the row at this height, if any. The rest says what
    exactly is under the point; `link` is an address or "", `pill` a reaction or the place to add one."""

    position: Position
    placed: Placed | None = None
    on_bubble: bool = False
    on_text: bool = False
    part: Part = Part.NONE
    link: str = ""
    pill: Pill | None = None

    def same_part(self, other: "Hit | None") -> bool:
        """Is this the same part of the same message? A click is a press and a release on one part."""
        if other is None or self.placed is None or other.placed is None:
            return False
        same_row = self.placed.row.entry is other.placed.row.entry
        return same_row and (self.part, self.link, self.pill) == (other.part, other.link, other.pill)


def hit(placed: Sequence[Placed], point: QPointF) -> Hit | None:
    """Look `point` up among the rows in sight; None if there are none."""
    if not placed:
        return None
    at_height = next((item for item in placed if item.y <= point.y() < item.y + item.row.height), None)
    if at_height is None:
        if point.y() < placed[0].y:
            return Hit(Position(placed[0].index, 0))
        return Hit(Position(placed[-1].index, END))
    row, local = at_height.row, point - QPointF(0, at_height.y)
    on_bubble = row.bubble is not None and row.bubble.contains(local)
    part, pill = _part(row, local)
    if local.y() < row.top or not row.blocks:
        return Hit(Position(at_height.index, 0), at_height)
    block = next((block for block in row.blocks if local.y() < block.frame.bottom()), row.blocks[-1])
    inside = local - block.origin
    line = _line_at(block, inside.y())
    if line is None:
        return Hit(Position(at_height.index, END), at_height, on_bubble, part=part, pill=pill)
    natural = line.naturalTextRect()
    on_text = natural.contains(inside)
    at = line.xToCursor(inside.x(), QTextLine.CursorPosition.CursorBetweenCharacters)
    # Below its last line, a row counts as selected to the end.
    position = block.start + at if inside.y() < natural.bottom() + 1 or block is not row.blocks[-1] else row.end
    link = ""
    if on_text and row.links:
        link = row.link_at(block.start + line.xToCursor(inside.x(), QTextLine.CursorPosition.CursorOnCharacter))
        part = Part.LINK if link else part
    if row.fold_mark is not None and (on_text or row.fold_mark.contains(local)):
        part = Part.FOLD
    return Hit(Position(at_height.index, position), at_height, on_bubble, on_text, part, link, pill)


def _part(row: Row, local: QPointF) -> tuple[Part, Pill | None]:
    """The part of a message under `local`; links and lines to unfold are found by their text."""
    if row.retry is not None and row.retry.adjusted(-4, -3, 4, 3).contains(local):
        return Part.RETRY, None
    if row.meta.contains(local):
        return Part.META, None
    if row.strip is not None and row.strip.rect.contains(local):
        return Part.STRIP, None
    if row.badge is not None and row.badge.contains(local):
        return Part.BADGE, None
    if row.name_rect.contains(local) or (row.avatar is not None and row.avatar.contains(local)):
        return Part.PERSON, None
    for pill in row.pills:
        if pill.rect.adjusted(-2, -2, 2, 2).contains(local):
            return Part.PILL, pill
    return Part.NONE, None


def _line_at(block: TextBlock, y: float) -> QTextLine | None:
    """The line at height `y` of a block, or the nearest one."""
    layout = block.layout
    low, high = 0, layout.lineCount() - 1
    if high < 0:
        return None
    while low < high:
        middle = (low + high) // 2
        line = layout.lineAt(middle)
        if y < line.y() + line.height():
            high = middle
        else:
            low = middle + 1
    return layout.lineAt(low)

"""What lies under a point of the view."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF
from PySide6.QtGui import QTextLine

from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.rows import TextBlock
from qtchat.gui.views.timeline.selection import END, Position


@dataclass(frozen=True, slots=True)
class Hit:
    """`position`: the nearest place between characters. `placed`: the row at this height, if any. The flags say
    what exactly is under the point; `link` is an address or ""."""

    position: Position
    placed: Placed | None = None
    on_bubble: bool = False
    on_text: bool = False
    on_retry: bool = False
    on_meta: bool = False
    link: str = ""


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
    if local.y() < row.top or not row.blocks:
        return Hit(Position(at_height.index, 0), at_height)
    block = next((block for block in row.blocks if local.y() < block.frame.bottom()), row.blocks[-1])
    inside = local - block.origin
    line = _line_at(block, inside.y())
    if line is None:
        return Hit(Position(at_height.index, END), at_height, on_bubble)
    natural = line.naturalTextRect()
    on_text = natural.contains(inside)
    at = line.xToCursor(inside.x(), QTextLine.CursorPosition.CursorBetweenCharacters)
    # Below its last line, a row counts as selected to the end.
    position = block.start + at if inside.y() < natural.bottom() + 1 or block is not row.blocks[-1] else row.end
    link = ""
    if on_text and row.links:
        link = row.link_at(block.start + line.xToCursor(inside.x(), QTextLine.CursorPosition.CursorOnCharacter))
    return Hit(
        Position(at_height.index, position),
        at_height,
        on_bubble,
        on_text,
        on_retry=row.retry is not None and row.retry.adjusted(-4, -3, 4, 3).contains(local),
        on_meta=row.meta.contains(local),
        link=link,
    )


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

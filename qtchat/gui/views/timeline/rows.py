"""One row, laid out: where its bubble, its lines, its time stand, in pixels from the row's top left corner."""

import math
from typing import Final

from msgspec import Struct, field
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QTextLayout, QTextOption

from qtchat.client.state import Entry, Reaction
from qtchat.gui.models.markup import BlockKind
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.text import TextBlock, break_lines, utf16_length
from qtchat.gui.views.timeline.words import system_text

FOLD_MARK: Final = 14
"""Size of the arrow behind a line that can be unfolded."""


class Strip(Struct):
    """What a reply answers: a nick over one line of text, both cut to the width. `faint`: these are our words, not
    somebody's."""

    rect: QRectF
    nick: str
    text: str
    color: QColor
    faint: bool


class Pill(Struct):
    """A reaction under a message. `shown`: the emoji, `label`: how many; `reaction` None: the one that adds another."""

    rect: QRectF
    reaction: Reaction | None = None
    shown: str = ""
    label: str = ""


class Row(Struct, eq=False):
    """A row laid out for one width. `top`: where it begins under its separators. Without a bubble it is a system
    line; in the compact mode the bubble, which is not painted then, is as wide as the view.

    `links`: (start, end, address) in text positions. `time`: with what stands before it. `meta`: time and state mark.
    `name_rect`: where the name stands, empty without one. `badge`: the mark of a plain-text user. `fold_mark`: the
    arrow of a line that can be unfolded. `called`: somebody calls us by name. `spills`: its characters may be higher
    than their lines.
    """

    entry: Entry
    context: Context
    width: int
    height: int = 0
    top: float = 0
    bubble: QRectF | None = None
    avatar: QRectF | None = None
    blocks: list[TextBlock] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)
    pills: list[Pill] = field(default_factory=list)
    strip: Strip | None = None
    name: str = ""
    name_rect: QRectF = field(default_factory=QRectF)
    badge: QRectF | None = None
    time: str = ""
    meta: QRectF = field(default_factory=QRectF)
    retry: QRectF | None = None
    fold_mark: QRectF | None = None
    called: bool = False
    spills: bool = False

    @property
    def end(self) -> int:
        """The last position of the row's text."""
        return self.blocks[-1].start + self.blocks[-1].length if self.blocks else 0

    @property
    def area(self) -> QRectF:
        """All of it but the separators above."""
        return QRectF(0, self.top, self.width, self.height - self.top)

    def link_at(self, position: int) -> str:
        """The address under a text position; "" if there is none."""
        return next((link for start, end, link in self.links if start <= position < end), "")


def separators_height(context: Context, look: Look) -> float:
    """Pixels of all that stands above a row on its own."""
    return (
        context.start * look.intro_height
        + context.gap * measure.NOTICE_HEIGHT
        + context.day * measure.DAY_HEIGHT
        + context.unread * measure.UNREAD_HEIGHT
    )


def lay_out_system_line(row: Row, look: Look) -> None:
    """Put the words into the middle, in as many lines as they need."""
    text = system_text(row.context.fold, row.context.partner)
    foldable = len(row.context.fold) > 1
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout = QTextLayout(text, look.meta)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    width = max(measure.MIN_BUBBLE, row.width - 2 * measure.SYSTEM_MARGIN)
    _, height = break_lines(layout, width)
    origin = QPointF((row.width - width) / 2, row.top)
    frame = QRectF(origin, layout.boundingRect().size())
    row.blocks.append(TextBlock(BlockKind.TEXT, layout, frame, origin, utf16_length(text)))
    row.spills = not text.isascii()
    if foldable:
        last = layout.lineAt(layout.lineCount() - 1).naturalTextRect().translated(origin)
        row.fold_mark = QRectF(last.right() + 2, last.center().y() - FOLD_MARK / 2, FOLD_MARK, FOLD_MARK)
    row.height = math.ceil(row.top + height)

"""One row, laid out: where its bubble, its lines, its time stand, in pixels from the row's top left corner.

Positions in a row's text count UTF-16 units, as QTextLayout does, over all blocks joined with line feeds.
"""

import math
import unicodedata
from dataclasses import dataclass, field
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from qtchat.client.state import Delivery, Entry
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.markup import Block, BlockKind, Span, Style, is_big_emoji, parse
from qtchat.gui.views.timeline.words import clean_name, system_text, time_text, translate
from qtchat.protocol.messages import KIND_POST

_BLOCK_GAP: Final = 4
# (left, top and bottom) room inside a block, by its kind
_INSETS: Final = {BlockKind.TEXT: (0, 0), BlockKind.QUOTE: (11, 4), BlockKind.CODE: (8, 6)}
_FAILED_GAP: Final = 8


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of `text` between two positions that count UTF-16 units."""
    if text.isascii():
        return text[start:end]
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "replace")


@dataclass(slots=True)
class TextBlock:
    """Lines of one kind. `frame` is what they cover with their own insets; text position `start` is their first."""

    kind: BlockKind
    layout: QTextLayout
    frame: QRectF
    origin: QPointF
    start: int
    length: int


@dataclass(slots=True)
class Row:
    """A row laid out for one width. `top`: where it begins under its separators. Without a bubble it is a system
    line. `links`: (start, end, address) in text positions. `marks`: room at the right of the time, for the state."""

    entry: Entry
    context: Context
    width: int
    height: int = 0
    top: float = 0
    bubble: QRectF | None = None
    blocks: list[TextBlock] = field(default_factory=list)
    links: list[tuple[int, int, str]] = field(default_factory=list)
    name: str = ""
    time: str = ""
    meta: QRectF = field(default_factory=QRectF)
    retry: QRectF | None = None

    @property
    def end(self) -> int:
        """The last position of the row's text."""
        return self.blocks[-1].start + self.blocks[-1].length if self.blocks else 0

    @property
    def avatar(self) -> QRectF | None:
        """Where the author's picture stands, if this row shows it."""
        if self.bubble is None or self.entry.own or not self.context.head:
            return None
        return QRectF(measure.SIDE, self.bubble.top(), measure.AVATAR, measure.AVATAR)

    def link_at(self, position: int) -> str:
        """The address under a text position; "" if there is none."""
        return next((link for start, end, link in self.links if start <= position < end), "")


def not_sent_text() -> tuple[str, str]:
    """What stands in a message that failed: the words, and the part of them that is clicked."""
    return translate("Timeline", "Not sent."), translate("Timeline", "Retry")


def bubble_limit(width: int) -> int:
    """The widest bubble in a view of this width."""
    return max(measure.MIN_BUBBLE, min(measure.MAX_BUBBLE, width - measure.BUBBLE_MARGIN))


def build_row(entry: Entry, context: Context, width: int, look: Look) -> Row:
    """Lay a row out. The costly step: some 50 us for a short message."""
    row = Row(entry, context, width)
    if context.hidden:
        return row
    row.top = (
        context.gap * measure.NOTICE_HEIGHT + context.day * measure.DAY_HEIGHT + context.unread * measure.UNREAD_HEIGHT
    )
    row.top += measure.GROUP_GAP if context.head else measure.ROW_GAP
    if entry.kind == KIND_POST:
        _lay_out_message(row, look)
    else:
        _lay_out_system_line(row, look)
    return row


def _lay_out_system_line(row: Row, look: Look) -> None:
    text = system_text(row.context.fold)
    option = QTextOption(Qt.AlignmentFlag.AlignHCenter)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout = QTextLayout(text, look.meta)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    width = max(measure.MIN_BUBBLE, row.width - 2 * measure.SYSTEM_MARGIN)
    _, height = _break_lines(layout, width)
    origin = QPointF((row.width - width) / 2, row.top)
    row.blocks.append(TextBlock(BlockKind.TEXT, layout, QRectF(origin, layout.boundingRect().size()), origin, 0, 0))
    row.blocks[0].length = utf16_length(text)
    row.height = math.ceil(row.top + height)


def _lay_out_message(row: Row, look: Look) -> None:
    entry, limit = row.entry, bubble_limit(row.width) - 2 * measure.PAD_X
    named = row.context.head and not entry.own
    y = row.top + measure.PAD_Y
    content = 0.0
    if named:
        row.name = look.name_metrics.elidedText(clean_name(entry.nick), Qt.TextElideMode.ElideRight, limit)
        content = look.name_metrics.horizontalAdvance(row.name)
        y += look.name_height
    position = 0
    big = is_big_emoji(entry.text)
    for number, block in enumerate(parse(entry.text.strip("\n") if big else entry.text)):
        y += _BLOCK_GAP if number else 0
        laid, block_width = _lay_out_block(row, block, limit, look, look.big if big else look.body)
        laid.start = position
        _collect_links(row, block, position)
        inset_x, inset_y = _INSETS[block.kind]
        laid.origin = QPointF(inset_x, y + inset_y)
        laid.frame.moveTop(y)
        y += laid.frame.height()
        content = max(content, block_width)
        position += laid.length + 1
        row.blocks.append(laid)
    _finish_bubble(row, content, y, limit, look)


def _finish_bubble(row: Row, content: float, y: float, limit: float, look: Look) -> None:
    """Put the time beside the last line or under it, size the bubble, and move everything into it."""
    entry = row.entry
    row.time = time_text(entry.ts)
    meta_width = look.meta_width(row.time) + (measure.MARK + measure.MARK_GAP if entry.own else 0)
    failed_width = 0.0
    if entry.delivery is Delivery.FAILED:
        failed_width = look.meta_width(" ".join(not_sent_text())) + _FAILED_GAP
    beside = _last_line_end(row.blocks[-1]) + measure.META_GAP + failed_width + meta_width
    if beside <= limit:
        content = max(content, beside)
    else:
        content = max(content, failed_width + meta_width)
        y += look.meta_height
    content = math.ceil(max(min(content, limit), failed_width + meta_width))
    left = row.width - measure.SIDE - content - 2 * measure.PAD_X if entry.own else measure.INDENT
    row.bubble = QRectF(left, row.top, content + 2 * measure.PAD_X, math.ceil(y + measure.PAD_Y - row.top))
    right, bottom = row.bubble.right() - measure.PAD_X, row.bubble.bottom() - measure.PAD_Y
    row.meta = QRectF(right - meta_width, bottom - look.meta_height, meta_width, look.meta_height)
    if failed_width:
        row.retry = row.meta.translated(-failed_width, 0)
        row.retry.setWidth(failed_width - _FAILED_GAP)
    for block in row.blocks:
        if block.kind is not BlockKind.TEXT:
            block.frame.setWidth(content)
        block.frame.moveLeft(left + measure.PAD_X)
        block.origin += QPointF(left + measure.PAD_X, 0)
        if _is_right_to_left(block.layout.text()):
            _align_right(block.layout, content - 2 * _INSETS[block.kind][0])
    row.height = math.ceil(row.bubble.bottom())


def _lay_out_block(row: Row, block: Block, limit: float, look: Look, font: QFont) -> tuple[TextBlock, float]:
    inset_x, inset_y = _INSETS[block.kind]
    layout = QTextLayout(block.text.replace("\n", "\u2028"), look.mono if block.kind is BlockKind.CODE else font)
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    if block.spans:
        layout.setFormats(_formats(block, look, own=row.entry.own))
    width, height = _break_lines(layout, limit - 2 * inset_x)
    frame = QRectF(0, 0, width + 2 * inset_x, height + 2 * inset_y)
    return TextBlock(block.kind, layout, frame, QPointF(), 0, utf16_length(block.text)), frame.width()


def _break_lines(layout: QTextLayout, width: float) -> tuple[float, float]:
    """Break into lines of at most `width`; returns the widest line's natural width and the height of all."""
    widest = y = 0.0
    layout.beginLayout()
    while (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, y))
        y += line.height()
        widest = max(widest, line.naturalTextWidth())
    layout.endLayout()
    return min(widest, width), y


def _last_line_end(block: TextBlock) -> float:
    """How far the last line reaches to the right; infinitely where nothing may stand beside it."""
    text = block.layout.text()
    if block.kind is not BlockKind.TEXT or not block.layout.lineCount():
        return math.inf
    if not text.isascii() and _is_right_to_left(text):
        return math.inf
    return block.layout.lineAt(block.layout.lineCount() - 1).naturalTextWidth()


def _is_right_to_left(text: str) -> bool:
    """Is the first character with a direction of its own a Hebrew or Arabic one?"""
    if text.isascii():
        return False
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction for direction in directions if direction in ("L", "R", "AL")), "L") != "L"


def _align_right(layout: QTextLayout, width: float) -> None:
    for number in range(layout.lineCount()):
        line = layout.lineAt(number)
        line.setPosition(QPointF(max(0.0, width - line.naturalTextWidth()), line.y()))


def _collect_links(row: Row, block: Block, position: int) -> None:
    row.links += [
        (position + start, position + start + length, span.link)
        for span, start, length in _utf16_spans(block)
        if span.link
    ]


def _utf16_spans(block: Block) -> list[tuple[Span, int, int]]:
    """Each span with its start and length in UTF-16 units; one walk over the text."""
    spans = []
    units = done = 0
    for span in block.spans:
        units += utf16_length(block.text[done : span.start])
        done = span.start + span.length
        length = utf16_length(block.text[span.start : done])
        spans.append((span, units, length))
        units += length
    return spans


def _formats(block: Block, look: Look, *, own: bool) -> list[QTextLayout.FormatRange]:
    ranges = []
    for span, start, length in _utf16_spans(block):
        character_format = QTextCharFormat()
        if Style.CODE in span.style:
            character_format.setFont(look.mono)
            character_format.setBackground(look.tint("text", 0.10))
        if Style.BOLD in span.style:
            character_format.setFontWeight(QFont.Weight.Bold)
        if Style.ITALIC in span.style:
            character_format.setFontItalic(True)
        if Style.STRIKE in span.style:
            character_format.setFontStrikeOut(True)
        if span.link:
            character_format.setForeground(look.color("out_link" if own else "link"))
        format_range = QTextLayout.FormatRange()
        format_range.start, format_range.length, format_range.format = start, length, character_format
        ranges.append(format_range)
    return ranges

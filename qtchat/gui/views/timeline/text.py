"""One block of a message, broken into lines. Positions count UTF-16 units, as QTextLayout does."""

import math
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QTextCharFormat, QTextLayout, QTextOption

from qtchat.gui.models.markup import Block, BlockKind, Span, Style
from qtchat.gui.views.timeline.look import Look

INSETS: Final = {BlockKind.TEXT: (0, 0), BlockKind.QUOTE: (11, 4), BlockKind.CODE: (8, 6)}
"""(left and right, top and bottom) room inside a block, by its kind."""
# Embeddings, overrides and isolates: they could turn an address, or a whole message, back to front.
_DIRECTION_CONTROLS: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
MENTION_TINT: Final = 0.18
_NO_WIDTH: Final = "\u200b"


def utf16_length(text: str) -> int:
    """How many UTF-16 units `text` has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of `text` between two positions that count UTF-16 units."""
    if text.isascii():
        return text[start:end]
    return text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * end].decode("utf-16-le", "replace")


def drawn_text(text: str) -> str:
    """`text` as it is laid out, of the same length: where direction controls stood stands nothing to be seen.

    Only what is drawn changes; what is copied is what was written.
    """
    return text if text.isascii() else _DIRECTION_CONTROLS.sub(_NO_WIDTH, text)


class TextBlock(Struct):
    """Lines of one kind. `frame` is what they cover with their own insets; text position `start` is their first."""

    kind: BlockKind
    layout: QTextLayout
    frame: QRectF
    origin: QPointF
    length: int
    start: int = 0

    def last_line_end(self) -> float:
        """How far the last line reaches to the right; infinitely where nothing may stand beside it."""
        layout = self.layout
        if self.kind is not BlockKind.TEXT or not layout.lineCount() or is_right_to_left(layout.text()):
            return math.inf
        return layout.lineAt(layout.lineCount() - 1).naturalTextWidth()

    def ink(self) -> QRectF:
        """What the lines themselves cover, without the room that is left beside them."""
        covered = QRectF()
        for number in range(self.layout.lineCount()):
            covered = covered.united(self.layout.lineAt(number).naturalTextRect())
        return covered.translated(self.origin)

    def settle(self, left: float, width: float) -> None:
        """The message has its place and the width of its content: move there, in one's own direction."""
        if self.kind is not BlockKind.TEXT:
            self.frame.setWidth(width)
        self.frame.translate(left, 0)
        self.origin += QPointF(left, 0)
        if is_right_to_left(self.layout.text()):
            self._align_right(width - 2 * INSETS[self.kind][0])

    def _align_right(self, width: float) -> None:
        for number in range(self.layout.lineCount()):
            line = self.layout.lineAt(number)
            line.setPosition(QPointF(max(0.0, width - line.naturalTextWidth()), line.y()))


def lay_out_block(block: Block, limit: float, y: float, look: Look, *, own: bool, font: QFont) -> TextBlock:
    """Break `block` into lines no wider than `limit`, its top at `y`."""
    inset_x, inset_y = INSETS[block.kind]
    text = drawn_text(block.text).replace("\n", "\u2028")
    layout = QTextLayout(text, look.mono if block.kind is BlockKind.CODE else font)
    option = QTextOption(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute)
    option.setTextDirection(Qt.LayoutDirection.LayoutDirectionAuto)
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setCacheEnabled(True)
    formats = _formats(block, look, own=own) if block.spans else []
    if look.mention is not None and not own:
        formats += _mention_formats(block, look)
    if formats:
        layout.setFormats(formats)
    width, height = break_lines(layout, limit - 2 * inset_x)
    frame = QRectF(0, y, width + 2 * inset_x, height + 2 * inset_y)
    return TextBlock(block.kind, layout, frame, QPointF(inset_x, y + inset_y), utf16_length(block.text))


def break_lines(layout: QTextLayout, width: float) -> tuple[float, float]:
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


def is_right_to_left(text: str) -> bool:
    """Is the first character with a direction of its own a Hebrew or Arabic one?"""
    if text.isascii():
        return False
    directions = (unicodedata.bidirectional(character) for character in text)
    return next((direction for direction in directions if direction in ("L", "R", "AL")), "L") != "L"


def links(block: Block, start: int) -> list[tuple[int, int, str]]:
    """(start, end, address) of the links of a block whose text begins at position `start`."""
    return [(start + at, start + at + length, span.link) for span, at, length in _utf16_spans(block) if span.link]


def _mentions(block: Block, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """(start, length) of each place in a block where we are called by name. Code and addresses call nobody."""
    if "@" not in block.text or block.kind is BlockKind.CODE:
        return []
    deaf = bytearray(len(block.text))
    for span in block.spans:
        if span.link or Style.CODE in span.style:
            deaf[span.start : span.start + span.length] = b"\1" * span.length
    found = (match.span() for match in pattern.finditer(block.text) if not deaf[match.start()])
    return _utf16_ranges(block.text, found)


def _utf16_spans(block: Block) -> list[tuple[Span, int, int]]:
    """Each span with its start and length in UTF-16 units."""
    ranges = _utf16_ranges(block.text, ((span.start, span.start + span.length) for span in block.spans))
    return [(span, start, length) for span, (start, length) in zip(block.spans, ranges, strict=True)]


def _utf16_ranges(text: str, ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """(start, length) in UTF-16 units of (start, end) in characters, which rise; one walk over the text."""
    found = []
    units = done = 0
    for start, end in ranges:
        units += utf16_length(text[done:start])
        length = utf16_length(text[start:end])
        found.append((units, length))
        units, done = units + length, end
    return found


def _formats(block: Block, look: Look, *, own: bool) -> list[QTextLayout.FormatRange]:
    return [
        _format_range(start, length, _span_format(span, look, own=own)) for span, start, length in _utf16_spans(block)
    ]


def _mention_formats(block: Block, look: Look) -> list[QTextLayout.FormatRange]:
    """Of the places where somebody calls us."""
    assert look.mention is not None
    called = QTextCharFormat()
    called.setBackground(look.tint("accent", MENTION_TINT))
    called.setFontWeight(QFont.Weight.DemiBold)
    return [_format_range(start, length, called) for start, length in _mentions(block, look.mention)]


def _format_range(start: int, length: int, character_format: QTextCharFormat) -> QTextLayout.FormatRange:
    format_range = QTextLayout.FormatRange()
    format_range.start, format_range.length, format_range.format = start, length, character_format
    return format_range


def _span_format(span: Span, look: Look, *, own: bool) -> QTextCharFormat:
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
        character_format.setForeground(look.color(look.inks(own).link))
    return character_format

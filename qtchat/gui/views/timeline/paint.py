"""Paints laid out rows. Everything is drawn as plain text, in the colours of the theme's tokens."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPixmap, QTextCharFormat, QTextLayout

from qtchat.client.state import Delivery
from qtchat.gui.models.markup import BlockKind
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.tokens import RADIUS_BUBBLE, RADIUS_FIELD
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.rows import FOLD_MARK, Pill, Row, Strip
from qtchat.gui.views.timeline.scenery import Scenery
from qtchat.gui.views.timeline.text import TextBlock
from qtchat.gui.views.timeline.words import clean_name, not_sent_text, plain_text

MARKS: Final = {
    Delivery.WAITING: "clock",
    Delivery.SENT: "check",
    Delivery.READ: "check-check",
    Delivery.FAILED: "circle-alert",
}
STRIP_TINT: Final = 0.07
"""How much of somebody's colour is in the ground of what they are quoted with; their nick can be read on it."""
PILL_TINT: Final = 0.12
OWN_PILL_TINT: Final = 0.22
GLOW: Final = 0.28
GLOW_UNDER_TEXT: Final = 0.14
"""Without bubbles the text itself stands on what glows."""
_QUOTE_BAR: Final = 3
_STRIP_BAR: Final = 2
_CALL_BAR: Final = 3
_RING: Final = 2
_RING_PAD: Final = 8
"""Left and right of a system line, within its ring."""
_MOST_PILLS: Final = 256
_CENTER: Final = Qt.AlignmentFlag.AlignCenter


class RowPainter:
    """Draws rows with one look. `selection` is a range of text positions of the row, or None."""

    def __init__(self, look: Look, icons: Icons) -> None:
        self._look = look
        self._icons = icons
        self.scenery = Scenery(look, icons)
        selected = QTextCharFormat()
        selected.setBackground(look.color("accent"))
        selected.setForeground(look.color("on_accent"))
        self._selected = selected
        self._pills: dict[tuple[str, str, bool, bool, float], QPixmap] = {}

    def paint(
        self,
        painter: QPainter,
        row: Row,
        y: int,
        clip: QRectF,
        selection: tuple[int, int] | None = None,
        *,
        hovered: bool = False,
    ) -> None:
        """Draw `row` with its top at `y`. `clip`, in the painter's coordinates, saves lines that are not seen."""
        painter.translate(0, y)
        clip = clip.translated(0, -y)
        if row.top > measure.GROUP_GAP:
            self.scenery.separators(painter, row)
        if row.spills:  # characters with a tower of marks stay in their row
            painter.setClipRect(row.area)
        if row.bubble is not None:
            self._message(painter, row, clip, selection, hovered=hovered)
        else:
            painter.setPen(self._look.color("sub"))
            for block in row.blocks:
                self._block(painter, row, block, clip, selection)
            if row.fold_mark is not None:
                self._icon(painter, "chevron-down", row.fold_mark.topLeft(), FOLD_MARK, "sub")
        if row.spills:
            painter.setClipping(False)
        painter.translate(0, -y)

    def glow(self, painter: QPainter, row: Row, y: int, strength: float) -> None:
        """Under a row that was jumped to: a band over the whole width. `strength` 0..1."""
        band = row.area.adjusted(0, -measure.ROW_GAP, 0, 2 * measure.ROW_GAP)
        most = GLOW_UNDER_TEXT if self._look.compact else GLOW
        painter.fillRect(band.translated(0, y), self._look.tint("accent", round(most * strength, 2)))

    def ring(self, painter: QPainter, row: Row, y: int) -> None:
        """Around the row that the keyboard is on."""
        around = row.bubble
        inset = _RING / 2 if self._look.compact else -_RING
        if around is None:
            around, inset = row.blocks[0].ink().adjusted(-_RING_PAD, 0, _RING_PAD, 0), -_RING
            around = around.united(row.fold_mark) if row.fold_mark is not None else around
        painter.setPen(QPen(self._look.color("accent"), _RING))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            around.translated(0, y).adjusted(inset, inset, -inset, -inset), RADIUS_BUBBLE, RADIUS_BUBBLE
        )

    def _message(
        self, painter: QPainter, row: Row, clip: QRectF, selection: tuple[int, int] | None, *, hovered: bool
    ) -> None:
        look = self._look
        self._ground(painter, row, hovered=hovered)
        if row.avatar is not None and row.avatar.intersects(clip):
            paint_avatar(painter, row.avatar, clean_name(row.entry.nick), look.person_color(row.entry.author))
        if row.name:
            painter.setFont(look.name)
            painter.setPen(look.person_color(row.entry.author))
            painter.drawText(row.name_rect.topLeft() + QPointF(0, look.name_metrics.ascent()), row.name)
        if row.badge is not None:
            self._badge(painter, row.badge)
        if row.strip is not None:
            self._strip(painter, row.strip)
        painter.setPen(look.color(look.inks(row.entry.own).meta if row.entry.deleted else "text"))
        for block in row.blocks:
            self._block(painter, row, block, clip, selection)
        for pill in row.pills:
            if pill.reaction is not None or hovered:
                self._pill(painter, pill, own=row.entry.own)
        self._meta(painter, row)

    def _ground(self, painter: QPainter, row: Row, *, hovered: bool) -> None:
        look, bubble = self._look, row.bubble
        assert bubble is not None
        painter.setPen(Qt.PenStyle.NoPen)
        if look.compact:
            if row.called or hovered:
                painter.fillRect(bubble, look.tint("accent", 0.08) if row.called else look.tint("text", 0.04))
        else:
            painter.setBrush(look.color("out_bubble" if row.entry.own else "in_bubble"))
            painter.drawRoundedRect(bubble, RADIUS_BUBBLE, RADIUS_BUBBLE)
        if row.called:
            self._call_bar(painter, bubble)

    def _call_bar(self, painter: QPainter, bubble: QRectF) -> None:
        """Beside a bubble; without bubbles at the edge, where those of neighbours are one."""
        accent = self._look.color("accent")
        if self._look.compact:
            painter.fillRect(QRectF(0, bubble.top(), _CALL_BAR, bubble.height()), accent)
            return
        painter.setBrush(accent)
        bar = QRectF(bubble.left() - _CALL_BAR - 2, bubble.top() + 2, _CALL_BAR, bubble.height() - 4)
        painter.drawRoundedRect(bar, _CALL_BAR / 2, _CALL_BAR / 2)

    def _badge(self, painter: QPainter, rect: QRectF) -> None:
        look = self._look
        painter.setPen(QPen(look.tint("sub", 0.5), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setFont(look.meta)
        painter.setPen(look.color("meta"))
        painter.drawText(rect, _CENTER, plain_text())

    def _strip(self, painter: QPainter, strip: Strip) -> None:
        look, rect = self._look, strip.rect
        painter.setPen(Qt.PenStyle.NoPen)
        tint = QColor(strip.color)
        tint.setAlphaF(STRIP_TINT)
        painter.setBrush(tint)
        painter.drawRoundedRect(rect, 4, 4)
        painter.fillRect(QRectF(rect.left(), rect.top(), _STRIP_BAR, rect.height()), strip.color)
        x, y = rect.left() + measure.STRIP_LEFT, rect.top() + measure.STRIP_PAD
        if strip.nick:
            painter.setFont(look.name)
            painter.setPen(strip.color)
            painter.drawText(QPointF(x, y + look.name_metrics.ascent()), strip.nick)
            y += look.name_metrics.height()
        painter.setFont(look.quote_italic if strip.faint else look.quote)
        painter.setPen(look.color("text"))
        painter.drawText(QPointF(x, y + look.quote_metrics.ascent()), strip.text)

    def _block(
        self, painter: QPainter, row: Row, block: TextBlock, clip: QRectF, selection: tuple[int, int] | None
    ) -> None:
        if block.kind is not BlockKind.TEXT:
            self._block_ground(painter, row, block)
            painter.setPen(self._look.color("text"))
        ranges = []
        if selection is not None:
            start, end = max(0, selection[0] - block.start), min(block.length, selection[1] - block.start)
            if start < end:
                selected = QTextLayout.FormatRange()
                selected.start, selected.length, selected.format = start, end - start, self._selected
                ranges.append(selected)
        block.layout.draw(painter, block.origin, ranges, clip)

    def _block_ground(self, painter: QPainter, row: Row, block: TextBlock) -> None:
        look, frame = self._look, block.frame
        painter.setPen(Qt.PenStyle.NoPen)
        if block.kind is BlockKind.CODE:
            painter.setBrush(look.tint("text", 0.08))
            painter.drawRoundedRect(frame, RADIUS_FIELD, RADIUS_FIELD)
            return
        bar = look.inks(row.entry.own).link
        painter.setBrush(look.tint(bar, 0.10))
        painter.drawRoundedRect(frame, 4, 4)
        painter.fillRect(QRectF(frame.left(), frame.top(), _QUOTE_BAR, frame.height()), look.color(bar))

    def _pill(self, painter: QPainter, pill: Pill, *, own: bool) -> None:
        """A reaction; many look the same, so each look is drawn once and kept."""
        ratio = painter.device().devicePixelRatioF()
        ours = pill.reaction is not None and pill.reaction.own
        key = (pill.shown, pill.label, ours, own, ratio)
        picture = self._pills.get(key)
        if picture is None:
            if len(self._pills) >= _MOST_PILLS:
                self._pills.clear()
            picture = self._pills[key] = self._draw_pill(pill, ratio, own=own, ours=ours)
        painter.drawPixmap(pill.rect.topLeft(), picture)

    def _draw_pill(self, pill: Pill, ratio: float, *, own: bool, ours: bool) -> QPixmap:
        """A reaction; ours has an outline. Without one: the place to add another."""
        look, rect = self._look, QRectF(QPointF(), pill.rect.size())
        picture = QPixmap((rect.size() * ratio).toSize())
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        link = look.inks(own).link
        painter.setPen(QPen(look.color(link), 1.5) if ours else Qt.PenStyle.NoPen)
        painter.setBrush(look.tint(link, OWN_PILL_TINT if ours else PILL_TINT))
        inset = 0.75 if ours else 0
        radius = rect.height() / 2
        painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), radius, radius)
        if pill.reaction is None:
            size = 16
            self._icon(painter, "smile-plus", rect.center() - QPointF(size / 2, size / 2), size, link)
        else:
            words = rect.adjusted(measure.REACTION_PAD, 0, -measure.REACTION_PAD, 0)
            middle = Qt.AlignmentFlag.AlignVCenter
            painter.setPen(look.color("text"))
            painter.setFont(look.body)
            painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, pill.shown)
            painter.setFont(look.meta)
            painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, pill.label)
        painter.end()
        return picture

    def _meta(self, painter: QPainter, row: Row) -> None:
        look, entry, meta = self._look, row.entry, row.meta
        inks = look.inks(entry.own)
        painter.setFont(look.meta)
        painter.setPen(look.color(inks.meta))
        baseline = meta.top() + look.meta_metrics.ascent()
        painter.drawText(QPointF(meta.left(), baseline), row.time)
        if not entry.own:
            return
        ink = {Delivery.FAILED: inks.danger, Delivery.READ: "accent"}.get(entry.delivery, inks.meta)
        top_left = QPointF(meta.right() - measure.MARK, round(meta.center().y() - measure.MARK / 2))
        self._icon(painter, MARKS[entry.delivery], top_left, measure.MARK, ink)
        if row.retry is not None:
            self._retry(painter, row.retry, own=entry.own)

    def _retry(self, painter: QPainter, rect: QRectF, *, own: bool) -> None:
        look = self._look
        words, action = not_sent_text()
        baseline = rect.top() + look.meta_metrics.ascent()
        painter.setPen(look.color(look.inks(own).danger))
        painter.drawText(QPointF(rect.left(), baseline), words)
        left = rect.right() - look.meta_width(action)
        painter.setPen(look.color(look.inks(own).link))
        painter.drawText(QPointF(left, baseline), action)
        painter.drawLine(QPointF(left, baseline + 1.5), QPointF(rect.right(), baseline + 1.5))

    def _icon(self, painter: QPainter, name: str, top_left: QPointF, size: int, ink: str) -> None:
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(top_left, self._icons.pixmap(name, size, self._look.color(ink), ratio))

"""Paints laid out rows. Everything is drawn as plain text, in the colours of the theme's tokens."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QTextCharFormat, QTextLayout

from qtchat.client.state import Delivery
from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.tokens import RADIUS_BUBBLE, RADIUS_FIELD, SPACE_12, SPACE_16
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.markup import BlockKind
from qtchat.gui.views.timeline.rows import Row, TextBlock, not_sent_text
from qtchat.gui.views.timeline.words import clean_name, day_text, translate

MARKS: Final = {Delivery.WAITING: "clock", Delivery.SENT: "check", Delivery.FAILED: "circle-alert"}
_PILL_PAD: Final = 10
_QUOTE_BAR: Final = 3
_EMPTY_ICON: Final = 48
_CENTER: Final = Qt.AlignmentFlag.AlignCenter


class RowPainter:
    """Draws rows with one look. `selection` is a range of text positions of the row, or None."""

    def __init__(self, look: Look, icons: Icons) -> None:
        self._look = look
        self._icons = icons
        selected = QTextCharFormat()
        selected.setBackground(look.color("accent"))
        selected.setForeground(look.color("on_accent"))
        self._selected = selected

    def paint(self, painter: QPainter, row: Row, y: int, clip: QRectF, selection: tuple[int, int] | None) -> None:
        """Draw `row` with its top at `y`. `clip`, in the painter's coordinates, saves lines that are not seen."""
        painter.translate(0, y)
        clip = clip.translated(0, -y)
        self._separators(painter, row)
        if row.bubble is not None:
            self._bubble(painter, row, clip)
            painter.setPen(self._look.color("text"))
        else:
            painter.setPen(self._look.color("sub"))
        for block in row.blocks:
            self._block(painter, row, block, clip, selection)
        if row.bubble is not None:
            self._meta(painter, row)
        painter.translate(0, -y)

    def pill(self, painter: QPainter, width: int, y: float, text: str) -> None:
        """A date on its pill, in the middle of `width`."""
        look = self._look
        pill_width = look.meta_width(text) + 2 * _PILL_PAD
        rect = QRectF(round((width - pill_width) / 2), y, pill_width, measure.PILL_HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("date_pill"))
        painter.drawRoundedRect(rect, measure.PILL_HEIGHT / 2, measure.PILL_HEIGHT / 2)
        painter.setFont(look.meta)
        painter.setPen(Qt.GlobalColor.white)  # the token is made for white text in both palettes
        painter.drawText(rect, _CENTER, text)

    def empty(self, painter: QPainter, rect: QRect, text: str) -> None:
        """What stands where there are no rows: an icon and one sentence, in the middle of `rect`."""
        look, center = self._look, rect.center()
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._icons.pixmap("message-circle", _EMPTY_ICON, look.color("sub"), ratio)
        painter.drawPixmap(QPointF(center.x() - _EMPTY_ICON / 2, center.y() - _EMPTY_ICON), pixmap)
        painter.setFont(look.body)
        painter.setPen(look.color("sub"))
        words = QRectF(rect.adjusted(SPACE_16, center.y() + SPACE_12, -SPACE_16, 0))
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(words, int(flags) | int(Qt.TextFlag.TextWordWrap), text)

    def _separators(self, painter: QPainter, row: Row) -> None:
        y = 0.0
        if row.context.gap:
            self._notice(painter, row, y)
            y += measure.NOTICE_HEIGHT
        if row.context.day:
            self.pill(painter, row.width, y + measure.DAY_TOP, day_text(row.entry.ts))
            y += measure.DAY_HEIGHT
        if row.context.unread:
            self._unread_bar(painter, row.width, y)

    def _notice(self, painter: QPainter, row: Row, y: float) -> None:
        painter.setFont(self._look.meta)
        painter.setPen(self._look.color("sub"))
        rect = QRectF(measure.SIDE, y, row.width - 2 * measure.SIDE, measure.NOTICE_HEIGHT)
        text = translate("Timeline", "Older messages are no longer kept on this server.")
        painter.drawText(rect, int(_CENTER) | int(Qt.TextFlag.TextWordWrap), text)

    def _unread_bar(self, painter: QPainter, width: int, y: float) -> None:
        look, text = self._look, translate("Timeline", "Unread messages")
        half = look.meta_width(text) / 2 + _PILL_PAD
        y += measure.GROUP_GAP / 2  # a gap follows below
        middle = round(y + measure.UNREAD_HEIGHT / 2)
        line = look.tint("accent", 0.5)
        painter.fillRect(QRectF(measure.SIDE, middle, width / 2 - half - measure.SIDE, 1), line)
        painter.fillRect(QRectF(width / 2 + half, middle, width / 2 - half - measure.SIDE, 1), line)
        painter.setFont(look.meta)
        painter.setPen(look.color("link"))
        painter.drawText(QRectF(0, y, width, measure.UNREAD_HEIGHT), _CENTER, text)

    def _bubble(self, painter: QPainter, row: Row, clip: QRectF) -> None:
        look, entry, bubble = self._look, row.entry, row.bubble
        assert bubble is not None
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.color("out_bubble" if entry.own else "in_bubble"))
        painter.drawRoundedRect(bubble, RADIUS_BUBBLE, RADIUS_BUBBLE)
        avatar = row.avatar
        if avatar is not None and avatar.intersects(clip):
            paint_avatar(painter, avatar, clean_name(entry.nick), look.person_color(entry.author))
        if row.name:
            painter.setFont(look.name)
            painter.setPen(look.person_color(entry.author))
            baseline = bubble.top() + measure.PAD_Y + look.name_metrics.ascent()
            painter.drawText(QPointF(bubble.left() + measure.PAD_X, baseline), row.name)

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
        bar = "out_link" if row.entry.own else "link"
        painter.setBrush(look.tint(bar, 0.10))
        painter.drawRoundedRect(frame, 4, 4)
        painter.fillRect(QRectF(frame.left(), frame.top(), _QUOTE_BAR, frame.height()), look.color(bar))

    def _meta(self, painter: QPainter, row: Row) -> None:
        look, entry, meta = self._look, row.entry, row.meta
        color = look.color("out_meta" if entry.own else "meta")
        painter.setFont(look.meta)
        painter.setPen(color)
        baseline = meta.top() + look.meta_metrics.ascent()
        painter.drawText(QPointF(meta.left(), baseline), row.time)
        if not entry.own:
            return
        failed = entry.delivery is Delivery.FAILED
        mark_color = look.color("out_danger") if failed else color
        ratio = painter.device().devicePixelRatioF()
        pixmap = self._icons.pixmap(MARKS[entry.delivery], measure.MARK, mark_color, ratio)
        y = meta.center().y() - measure.MARK / 2
        painter.drawPixmap(QPointF(meta.right() - measure.MARK, round(y)), pixmap)
        if row.retry is not None:
            self._retry(painter, row.retry, baseline)

    def _retry(self, painter: QPainter, rect: QRectF, baseline: float) -> None:
        look = self._look
        words, action = not_sent_text()
        painter.setPen(look.color("out_danger"))
        painter.drawText(QPointF(rect.left(), baseline), words)
        left = rect.right() - look.meta_width(action)
        painter.setPen(look.color("out_link"))
        painter.drawText(QPointF(left, baseline), action)
        painter.drawLine(QPointF(left, baseline + 1.5), QPointF(rect.right(), baseline + 1.5))

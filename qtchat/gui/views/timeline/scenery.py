"""Paints what is no message: separators, the head of a room, what stands where there are no rows."""

from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.tokens import RADIUS_BUBBLE, SPACE_12, SPACE_16
from qtchat.gui.views.timeline import look as measure
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.rows import Row
from qtchat.gui.views.timeline.words import Intro, day_text, translate

_PILL_PAD: Final = 10
_EMPTY_ICON: Final = 48
_CENTER: Final = Qt.AlignmentFlag.AlignCenter
_GHOSTS: Final = ((0.55, 2), (0.3, 1), (0.8, 3), (0.45, 1), (0.65, 2), (0.35, 1), (0.7, 2))
"""(share of the widest bubble, lines) of the messages that are not there yet, from the newest upwards."""


class Scenery:
    """Draws with one look."""

    def __init__(self, look: Look, icons: Icons) -> None:
        self._look = look
        self._icons = icons
        self.intro = Intro()

    def separators(self, painter: QPainter, row: Row) -> None:
        """All that stands above `row` on its own."""
        y = 0.0
        if row.context.start:
            self._intro(painter, row.width)
            y += self._look.intro_height
        if row.context.gap:
            self._notice(painter, row, y)
            y += measure.NOTICE_HEIGHT
        if row.context.day:
            self.pill(painter, row.width, y + measure.DAY_TOP, day_text(row.entry.ts))
            y += measure.DAY_HEIGHT
        if row.context.unread:
            self._unread_bar(painter, row.width, y)

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

    def skeleton(self, painter: QPainter, rect: QRect) -> None:
        """What stands where rows will be: the shapes of messages, from the bottom up."""
        look = self._look
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.tint("sub", 0.12))
        left = measure.COMPACT_INDENT if look.compact else measure.INDENT
        size = measure.SMALL_AVATAR if look.compact else measure.AVATAR
        bottom = float(rect.bottom() - SPACE_12)
        for number in range(rect.height()):  # as many as there is room for
            share, lines = _GHOSTS[number % len(_GHOSTS)]
            height = look.name_height + lines * look.line_height + 2 * measure.PAD_Y
            width = share * look.text_limit(rect.width()) + 2 * measure.PAD_X
            top = bottom - height
            painter.drawRoundedRect(QRectF(left, top, width, height), RADIUS_BUBBLE, RADIUS_BUBBLE)
            painter.drawEllipse(QRectF(measure.SIDE, top, size, size))
            bottom = top - measure.GROUP_GAP
            if bottom < rect.top():
                break

    def _intro(self, painter: QPainter, width: int) -> None:
        look, intro = self._look, self.intro
        ratio = painter.device().devicePixelRatioF()
        size, y = measure.INTRO_ICON, 24.0
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.tint("accent", 0.14))
        painter.drawEllipse(QRectF((width - size) / 2, y, size, size))
        inner = size // 2
        pixmap = self._icons.pixmap(intro.icon, inner, look.color("link"), ratio)
        painter.drawPixmap(QPointF((width - inner) / 2, y + (size - inner) / 2), pixmap)
        y += size + 8
        room = width - 2 * measure.SIDE
        painter.setFont(look.title)
        painter.setPen(look.color("text"))
        title = look.title_metrics.elidedText(intro.title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(measure.SIDE, y, room, look.title_metrics.height()), _CENTER, title)
        y += look.title_metrics.height() + 4
        painter.setFont(look.meta)
        painter.setPen(look.color("sub"))
        words = QRectF(measure.SIDE, y, room, measure.INTRO_LINES * look.meta_height)
        flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(words, int(flags) | int(Qt.TextFlag.TextWordWrap), intro.sentence)

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

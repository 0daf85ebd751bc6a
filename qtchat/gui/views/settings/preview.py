"""A small piece of chat, to see how it would look."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from qtchat.gui.theme.avatars import paint_avatar
from qtchat.gui.theme.theme import FONT_SIZES, FontRole, Theme
from qtchat.gui.theme.tokens import RADIUS_BUBBLE, RADIUS_BUTTON, SPACE_4, SPACE_8, SPACE_12, SPACE_16

AVATAR = 28


class Preview(QWidget):
    """Two messages, in the text size and form that would be in force."""

    def __init__(self, theme: Theme, scale: float, compact: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._scale, self._compact = theme, scale, compact
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Preview"))
        theme.changed.connect(self.update)

    def show_scale(self, scale: float) -> None:
        self._scale = scale
        self.updateGeometry()
        self.update()

    def show_compact(self, compact: bool) -> None:
        self._compact = compact
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        heights = self._height(shows_name=True) + self._height(shows_name=self._compact)
        return QSize(280, heights + SPACE_8 + 2 * SPACE_12)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.setPen(self._theme.color("line"))
        painter.setBrush(self._theme.color("chat"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS_BUTTON, RADIUS_BUTTON)
        top = self._message(painter, SPACE_12, "Anna", self.tr("Are you coming?"), own=False)
        self._message(painter, top + SPACE_8, self.tr("You"), self.tr("In five minutes 🙂"), own=True)
        painter.end()

    def _font(self, role: FontRole) -> QFont:
        font = self._theme.font(role)
        font.setPixelSize(round(FONT_SIZES[role] * self._scale))
        return font

    def _height(self, *, shows_name: bool) -> int:
        line = QFontMetrics(self._font(FontRole.BODY)).height()
        return line * (2 if shows_name else 1) + (0 if self._compact else SPACE_8)

    def _message(self, painter: QPainter, top: float, name: str, text: str, *, own: bool) -> float:
        """Paint one message; returns where it ends."""
        body, bold = self._font(FontRole.BODY), self._font(FontRole.NAME)
        line, shows_name = QFontMetrics(body).height(), self._compact or not own
        padding = 0 if self._compact else SPACE_8
        wide = max(QFontMetrics(body).horizontalAdvance(text), QFontMetrics(bold).horizontalAdvance(name)) + 4
        wide = min(wide, self.width() - 2 * SPACE_16 - AVATAR - SPACE_8 - 2 * SPACE_12)
        left = SPACE_16 + AVATAR + SPACE_8 + (0 if self._compact else SPACE_12)
        if own and not self._compact:
            left = self.width() - SPACE_16 - SPACE_12 - wide
        height = self._height(shows_name=shows_name)
        if not self._compact:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("out_bubble" if own else "in_bubble"))
            bubble = QRectF(left - SPACE_12, top, wide + 2 * SPACE_12, height)
            painter.drawRoundedRect(bubble, RADIUS_BUBBLE, RADIUS_BUBBLE)
        if shows_name:
            color = self._theme.color("accent") if own else self._theme.person_color(0)
            paint_avatar(painter, QRectF(SPACE_16, top + SPACE_4, AVATAR, AVATAR), name, color)
            self._line(painter, left, top + padding / 2, wide, name, bold, "accent" if own else "")
        text_top = top + padding / 2 + (line if shows_name else 0)
        self._line(painter, left, text_top, wide, text, body, "text")
        return top + height

    def _line(self, painter: QPainter, left: float, top: float, wide: float, text: str, font: QFont, ink: str) -> None:
        painter.setFont(font)
        painter.setPen(self._theme.color(ink) if ink else self._theme.person_color(0))
        metrics = QFontMetrics(font)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, int(wide))
        painter.drawText(QRectF(left, top, wide + 2, metrics.height()), Qt.AlignmentFlag.AlignVCenter, shown)

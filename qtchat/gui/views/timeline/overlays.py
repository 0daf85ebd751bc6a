"""What floats above the rows: the button to the bottom, and the thin bar that moves while older rows are awaited."""

from typing import Final

from PySide6.QtCore import QBasicTimer, QRectF, QSize, Qt, QTimer, QTimerEvent
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.timeline.motion import wants_motion
from qtchat.gui.views.timeline.words import translate

BUTTON: Final = 40
BADGE: Final = 18
BAR_HEIGHT: Final = 3
LOADING_MS: Final = 150
"""An answer that comes sooner shows no loading bar."""
_FRAME_MS: Final = 40
_STEPS: Final = 50
_MAX_COUNT: Final = 999


class ToBottomButton(QAbstractButton):
    """A round button with an arrow and, at its top, the count of new messages below."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icons = icons
        self._count = 0
        self.setFixedSize(self.sizeHint())
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show how many new messages are below; 0 shows none."""
        self._count = count
        name = translate("Timeline", "Scroll to the newest message")
        self.setAccessibleName(name)
        self.setAccessibleDescription(translate("Timeline", "New messages: %n", None, count) if count else "")
        self.setToolTip(name)
        self.update()

    @property
    def count(self) -> int:
        """The count shown."""
        return self._count

    def sizeHint(self) -> QSize:
        return QSize(BUTTON + 2, BUTTON + BADGE // 2 + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        disc = QRectF(1, BADGE / 2, BUTTON, BUTTON).adjusted(0.5, 0.5, -0.5, -0.5)
        ring = "accent" if self.hasFocus() else "line"
        painter.setPen(QPen(theme.color(ring), 2 if self.hasFocus() else 1))
        painter.setBrush(theme.color("active_row" if self.isDown() else "bg"))
        painter.drawEllipse(disc)
        ink = theme.color("on_active" if self.isDown() else "accent" if self.underMouse() else "sub")
        pixmap = self._icons.pixmap("arrow-down", 20, ink, self.devicePixelRatioF())
        center = disc.center()
        painter.drawPixmap(round(center.x() - 10), round(center.y() - 10), pixmap)
        if self._count:
            self._paint_badge(painter)
        painter.end()

    def _paint_badge(self, painter: QPainter) -> None:
        theme = self._theme
        font = theme.font(FontRole.META)
        font.setBold(True)
        painter.setFont(font)
        text = str(self._count) if self._count <= _MAX_COUNT else f"{_MAX_COUNT}+"
        width = max(BADGE, painter.fontMetrics().horizontalAdvance(text) + 10)
        badge = QRectF((self.width() - width) / 2, 0, width, BADGE)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        painter.drawRoundedRect(badge, BADGE / 2, BADGE / 2)
        painter.setPen(theme.color("on_accent"))
        painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, text)


class LoadingBar(QWidget):
    """A thin bar that runs along the top while something is awaited. Its timer runs only while it is seen, and where
    the system asks for no motion it stands still."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._timer = QBasicTimer()
        self._step = 0
        self._delay = QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(LOADING_MS)
        self._delay.timeout.connect(self.show)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(translate("Timeline", "Loading older messages"))
        self.setFixedHeight(BAR_HEIGHT)
        self.hide()

    def set_wanted(self, wanted: bool) -> None:
        """Something is awaited, or not any more. An answer that comes soon shows no bar."""
        if not wanted:
            self._delay.stop()
            self.hide()
        elif not self.isVisible() and not self._delay.isActive():
            self._delay.start()

    def showEvent(self, _event: QShowEvent) -> None:
        self._step = _STEPS // 2
        if wants_motion(self):
            self._timer.start(_FRAME_MS, self)

    def hideEvent(self, _event: QHideEvent) -> None:
        self._timer.stop()

    def timerEvent(self, _event: QTimerEvent) -> None:
        self._step = (self._step + 1) % _STEPS
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        track = QColor(self._theme.color("accent"))
        track.setAlphaF(0.2)
        painter.fillRect(self.rect(), track)
        length = self.width() * 0.3
        left = (self.width() + length) * self._step / _STEPS - length
        painter.fillRect(QRectF(left, 0, length, self.height()), self._theme.color("accent"))
        painter.end()

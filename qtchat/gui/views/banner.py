"""Strips above everything: the connection that is gone, and short notices."""

import time

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_16
from qtchat.gui.views.controls import IconButton, Label, Paragraph

HEIGHT = 32
ICON = 16
BANNER_LINES = 3
"""In a small window the reason still has to be readable."""
NOTICE_LINES = 8
"""A notice is never taller, whatever a file is called."""


class Strip(QWidget):
    """Words with an icon, on a ground tinted with a token's colour."""

    def __init__(
        self, theme: Theme, icons: Icons, icon: str, tone: str, label: Label, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._tone = theme, tone
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(HEIGHT)
        self._icons, self._icon = icons, icon
        self.picture = QLabel(self)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(SPACE_16, 0, SPACE_8, 0)
        self.row.setSpacing(SPACE_8)
        self.row.addWidget(self.picture)
        self.row.addWidget(label, 1)
        theme.changed.connect(self._tint)
        self._tint()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._tint()

    def _tint(self) -> None:
        palette = self._theme.palette
        ground = mixed(getattr(palette, self._tone), palette.bg, 0.14)
        self.picture.setPixmap(self._icons.pixmap(self._icon, ICON, self._tone, self.devicePixelRatioF()))
        self.setStyleSheet(f"Strip, ConnectionBanner, NoticeBar {{ background: {ground}; }}")


class ConnectionBanner(Strip):
    """How the connection stands while it does not: "Reconnecting in 5 s", counting down, and a way to try now.

    Asks: try_now, choose_wanted (somebody must decide something first: nick, address, changed key).
    """

    try_now = Signal()
    choose_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        self.label = Paragraph(theme, FontRole.NAME, plain=True, most_lines=BANNER_LINES)
        super().__init__(theme, icons, "wifi-off", "warn", self.label, parent)
        self.setObjectName("connection_banner")
        self.try_button = QPushButton(self.tr("Try now"), self)
        self.try_button.setObjectName("try_now_button")
        self.choose_button = QPushButton(self.tr("What now?"), self)
        self.choose_button.setObjectName("choose_button")
        for button, signal in ((self.try_button, self.try_now), (self.choose_button, self.choose_wanted)):
            button.setProperty("kind", "link")
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(signal)
            self.row.addWidget(button)
        self.row.addSpacing(SPACE_16 - SPACE_8)
        self.row.setContentsMargins(SPACE_16, SPACE_4, SPACE_8, SPACE_4)
        self._deadline = 0.0
        self._why = ""
        self._timer = QTimer(self, interval=250)
        self._timer.timeout.connect(self._count)
        self.hide()

    def show_waiting(self, seconds: float, why: str = "") -> None:
        """The next attempt comes in `seconds`; `why`: what happened, in words."""
        self._why = why
        self.set_icon("wifi-off")
        self._deadline = time.monotonic() + seconds
        self._buttons(try_now=True, choose=False)
        self._count()
        self._timer.start()
        self.show()

    def show_connecting(self) -> None:
        """An attempt is under way."""
        self._timer.stop()
        self._buttons(try_now=False, choose=False)
        self.set_icon("wifi-off")
        self.label.setText(self.tr("Connecting…"))
        self.show()

    def show_held(self, why: str) -> None:
        """The connection stands, but what is written waits."""
        self._timer.stop()
        self._buttons(try_now=False, choose=False)
        self.set_icon("circle-alert")
        self.label.setText(why)
        self.show()

    def show_stopped(self, why: str) -> None:
        """It does not try by itself any more."""
        self._timer.stop()
        self._buttons(try_now=False, choose=True)
        self.set_icon("wifi-off")
        self.label.setText(why)
        self.show()

    def clear(self) -> None:
        """The connection stands."""
        self._timer.stop()
        self.hide()

    def _buttons(self, *, try_now: bool, choose: bool) -> None:
        self.try_button.setVisible(try_now)
        self.choose_button.setVisible(choose)

    def _count(self) -> None:
        left = max(0, round(self._deadline - time.monotonic()))
        told = self.tr("Reconnecting in {seconds} s").replace("{seconds}", str(left)) if left else ""
        told = told or self.tr("Reconnecting…")
        self.label.setText(f"{told} · {self._why}" if self._why else told)


class NoticeBar(Strip):
    """A sentence that stays until it is put away."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        self.label = Paragraph(theme, FontRole.NAME, plain=True, most_lines=NOTICE_LINES)
        super().__init__(theme, icons, "info", "accent", self.label, parent)
        self.setObjectName("notice_bar")
        self.close_button = IconButton(theme, icons, "x", self.tr("Dismiss"), parent=self)
        self.close_button.setFixedSize(28, 28)
        self.close_button.clicked.connect(self.hide)
        self.row.setContentsMargins(SPACE_16, SPACE_4, SPACE_4, SPACE_4)
        self.row.addWidget(self.close_button)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show `sentence` instead of what stood there."""
        self.label.setText(sentence)
        self.show()

"""Strips above everything: the connection that is gone, and notices."""

import time

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.stylesheet import mixed
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import IconButton, Label, Paragraph

HEIGHT = 32
ICON = 16
CLOSE = 28
"""Pixels of the button that puts a notice away."""
MOST_LINES = 8
"""A strip is never taller, whatever a server says or a file is called."""
BESIDE_FROM = 400
"""Pixels of width, at the text scale 1, from which on links stand beside the words, and not below them."""
PASSING_MS = 8_000
"""How long a notice stays that asks for nothing: enough to find it and to read three lines."""
MOST_KEPT = 5
"""Notices that wait to be put away."""


class Strip(QWidget):
    """Words with an icon, on a ground tinted with a token's colour. `body` holds the words, and what belongs to them:
    beside them, or below them where there is little room."""

    def __init__(
        self, theme: Theme, icons: Icons, icon: str, tone: str, label: Label, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._theme, self._tone = theme, tone
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumHeight(HEIGHT)
        self._icons, self._icon = icons, icon
        self.picture = QLabel(self)
        label.setContentsMargins(0, SPACE_4, 0, SPACE_4)
        self.body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self.body.setSpacing(SPACE_8)
        self.body.addWidget(label, 1)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(SPACE_16, SPACE_4, SPACE_16, SPACE_4)
        self.row.setSpacing(SPACE_8)
        self.row.addWidget(self.picture)
        self.row.addLayout(self.body, 1)
        theme.changed.connect(self._follow_theme)
        self._tint()

    def set_icon(self, icon: str) -> None:
        """Show another icon."""
        self._icon = icon
        self._tint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()

    def _follow_theme(self) -> None:
        self._tint()
        self._turn()

    def _turn(self) -> None:
        """Links beside the words, or below them."""
        beside = self.width() >= self._theme.room_for_text(BESIDE_FROM)
        direction = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if direction != self.body.direction():
            self.body.setDirection(direction)
            self.body.setSpacing(SPACE_8 if beside else 0)

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
        self.label = Paragraph(theme, FontRole.NAME, plain=True, most_lines=MOST_LINES)
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
            self.body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
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

    def show_connecting(self, why: str = "") -> None:
        """An attempt is under way; `why`: what happened before it, in words. With that, it looks as before."""
        self._timer.stop()
        self._buttons(try_now=False, choose=False, keep_room=bool(why))
        self.set_icon("wifi-off")
        again = self.tr("Reconnecting…")
        self.label.setText(f"{again} · {why}" if why else self.tr("Connecting…"))
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

    def _buttons(self, *, try_now: bool, choose: bool, keep_room: bool = False) -> None:
        """Which of them there are; `keep_room`: for the one to try, which is soon there again."""
        policy = self.try_button.sizePolicy()
        policy.setRetainSizeWhenHidden(keep_room)
        self.try_button.setSizePolicy(policy)
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
        self.label = Paragraph(theme, FontRole.NAME, plain=True, most_lines=MOST_LINES)
        super().__init__(theme, icons, "info", "accent", self.label, parent)
        self.setObjectName("notice_bar")
        self.close_button = IconButton(theme, icons, "x", self.tr("Dismiss"), parent=self)
        self.close_button.setProperty("kind", "small")
        self.close_button.setFixedSize(CLOSE, CLOSE)
        self.close_button.clicked.connect(self._put_away)
        self.row.setContentsMargins(SPACE_16, SPACE_4, SPACE_12, SPACE_4)
        self.row.addWidget(self.close_button)
        self.hide()

    def say(self, sentence: str) -> None:
        """Show `sentence` instead of what stood there."""
        self.label.setText(sentence)
        self.show()

    def _put_away(self) -> None:
        self.hide()


class Notices(NoticeBar):
    """What happened, one sentence at a time, the newest first.

    `say` is for what asks for nothing: it goes by itself, but not while the pointer or the keyboard is on it, nor
    before somebody could see it. `keep` is for what must not be missed: it stays until it is put away, and comes back
    when something else was said over it.
    """

    _passing = ""  # events come before __init__ is through

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, icons, parent)
        self._kept: list[str] = []
        self.timer = QTimer(self, singleShot=True, interval=PASSING_MS)
        self.timer.timeout.connect(self._pass)
        self.close_button.installEventFilter(self)

    def say(self, sentence: str) -> None:
        """Show `sentence` for a while."""
        self._passing = sentence
        self._show(sentence)
        self._wait()

    def keep(self, sentence: str) -> None:
        """Show `sentence` until it is put away."""
        self._end_passing()
        self._kept = [*(kept for kept in self._kept if kept != sentence), sentence][-MOST_KEPT:]
        self._show(sentence)

    def take_back(self, sentence: str) -> None:
        """It does not hold any more."""
        self._kept = [kept for kept in self._kept if kept != sentence]
        if self._passing in ("", sentence):
            self._pass()

    def clear(self) -> None:
        """Nothing is left to be told."""
        self._kept.clear()
        self._pass()

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave, QEvent.Type.Show, QEvent.Type.Hide):
            self._wait()
        return done

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The keyboard comes to the button, or leaves it."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._wait()
        return super().eventFilter(watched, event)

    def _show(self, sentence: str) -> None:
        super().say(sentence)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, sentence))

    def _wait(self) -> None:
        """Let the time of a passing one begin, or stand still."""
        if not self._passing:
            return
        if not self.isVisible() or self.underMouse() or self.close_button.hasFocus():
            self.timer.stop()
        else:
            self.timer.start()

    def _end_passing(self) -> None:
        self._passing = ""
        self.timer.stop()

    def _put_away(self) -> None:
        if not self._passing:
            self._kept = self._kept[:-1]
        self._pass()

    def _pass(self) -> None:
        """What was kept comes to be seen again."""
        self._end_passing()
        if self._kept:
            super().say(self._kept[-1])
        else:
            self.hide()

"""The bar above a conversation: its name, what it is about or who is there, and the ways to search and to details."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from qtchat.gui.models.about import About
from qtchat.gui.models.plain_chat import plain_chat_name
from qtchat.gui.models.presence import Presence, is_plain, presence_of, presence_words, typing_words
from qtchat.gui.models.words import one_line, people_count, room_title
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import Avatar, Bar, ElidedLabel, IconButton, restyle
from qtchat.protocol.messages import PRIVATE

DOT, DOT_RING = 9, 2
"""Pixels of the mark on the way back, and of the ground left around it."""
LOCK = 16
"""Pixels of the marks before a name: private, announcements, frozen."""


class Heading(QWidget):
    """The name of the room and the line below it; a click on them is pressed(). The keyboard has a button for it."""

    pressed = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._icons = theme, icons
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.avatar = Avatar(theme, 36)
        self.lock, self.megaphone, self.snowflake = QLabel(), QLabel(), QLabel()
        self.marks = {"lock": self.lock, "megaphone": self.megaphone, "snowflake": self.snowflake}
        for mark, says in (
            (self.lock, self.tr("Private room")),
            (self.megaphone, self.tr("Announcements only")),
            (self.snowflake, self.tr("Frozen: nobody can write for now")),
        ):
            mark.setAccessibleName(says)
            mark.setToolTip(says)
        self.name_label = ElidedLabel(theme, FontRole.TITLE)
        self.name_label.setObjectName("room_name")
        self.about_label = ElidedLabel(theme, FontRole.NAME, "sub", plain=True)
        self.about_label.setObjectName("room_about")
        name = QHBoxLayout()
        name.setSpacing(SPACE_4)
        for mark in self.marks.values():
            name.addWidget(mark)
        name.addWidget(self.name_label, 1)
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch()
        words.addLayout(name)
        words.addWidget(self.about_label)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_12)
        layout.addWidget(self.avatar)
        layout.addLayout(words, 1)
        theme.changed.connect(self._draw)
        self._draw()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def _draw(self) -> None:
        for icon, mark in self.marks.items():
            mark.setPixmap(self._icons.pixmap(icon, LOCK, "text", self.devicePixelRatioF()))


class BackButton(IconButton):
    """The way back to the conversations, with a dot while something unread waits there."""

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, icons, "arrow-left", "", parent=parent)
        self._theme = theme
        self.unread = -1
        self.set_unread(0)

    def set_unread(self, unread: int) -> None:
        """How many messages in the other conversations were not read yet."""
        if unread != self.unread:
            self.unread = unread
            told = [self.tr("Back to conversations"), *([self.tr("%n unread", "", unread)] if unread else [])]
            self.setAccessibleName(", ".join(told))
            self.setToolTip(", ".join(told))
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.unread:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            dot = QRectF(self.width() - DOT - 5, 5, DOT, DOT)
            painter.setBrush(self._theme.color("bg"))
            painter.drawEllipse(dot.adjusted(-DOT_RING, -DOT_RING, DOT_RING, DOT_RING))
            painter.setBrush(self._theme.color("accent"))
            painter.drawEllipse(dot)
            painter.end()


class TopBar(Bar):
    """Asks: back_wanted, search_wanted, details_wanted (by its button, or by the name)."""

    back_wanted = Signal()
    search_wanted = Signal()
    details_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, "bg", parent)
        self.setObjectName("top_bar")
        self._about: About | None = None
        self._typing = ""
        self._details_shown = False
        self.back_button = BackButton(theme, icons, self)
        self.back_button.setObjectName("back_button")
        self.back_button.clicked.connect(self.back_wanted)
        self.heading = Heading(theme, icons, self)
        self.heading.setObjectName("room_heading")
        self.heading.pressed.connect(self.details_wanted)
        policy = self.heading.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the way back stays at the left
        self.heading.setSizePolicy(policy)
        self.search_button = IconButton(theme, icons, "search", self.tr("Search in this room"), parent=self)
        self.search_button.setObjectName("search_button")
        self.search_button.clicked.connect(self.search_wanted)
        self.details_button = IconButton(theme, icons, "panel-right", self.tr("Details"), parent=self)
        self.details_button.setObjectName("details_button")
        self.details_button.setCheckable(True)
        self.details_button.toggled.connect(self._details_toggled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_16, 0, SPACE_12, 0)
        layout.setSpacing(SPACE_4)
        layout.addWidget(self.back_button)
        layout.addWidget(self.heading, 1)
        layout.addSpacing(SPACE_8)
        layout.addWidget(self.search_button)
        layout.addWidget(self.details_button)
        self.set_narrow(False)
        self.show_about(None)

    @property
    def name_label(self) -> ElidedLabel:
        return self.heading.name_label

    @property
    def about_label(self) -> ElidedLabel:
        return self.heading.about_label

    def show_about(self, about: About | None) -> None:
        """Show what a room is called and about, or who the other one is and whether here. None: no room is open."""
        if about is None or self._about is None or about.room != self._about.room:
            self._typing = ""
        self._about = about
        for widget in (self.heading, self.search_button, self.details_button):
            widget.setVisible(about is not None)
        if about is None:
            return
        presence = presence_of(about.other) if about.direct and about.connected and not about.own else None
        self.heading.avatar.show_name(about.name, about.color_key)
        self.heading.avatar.show_presence(presence)
        self.heading.lock.setVisible(about.kind == PRIVATE)
        self.heading.megaphone.setVisible(about.announcement)
        self.heading.snowflake.setVisible(about.frozen)
        self.name_label.set_whole(room_title(about.name, about.kind))
        self._tell()

    def set_typing(self, nicks: Sequence[str]) -> None:
        """Who is writing in this room now: that is told instead of the rest; nobody if `nicks` is empty."""
        alone = self._about is not None and self._about.direct
        self._typing = self.tr("typing…") if alone and nicks else typing_words(nicks)
        self._tell()

    def set_unread(self, unread: int) -> None:
        """How many messages in the other conversations were not read yet."""
        self.back_button.set_unread(unread)

    def set_details_shown(self, shown: bool) -> None:
        """Are the details open now? That is what their button shows."""
        self._details_shown = shown
        self.details_button.setChecked(shown)

    def set_narrow(self, narrow: bool) -> None:
        """With one page at a time there is a way back."""
        self.back_button.setVisible(narrow)

    def _details_toggled(self, checked: bool) -> None:
        # Not `clicked`: a screen reader toggles the button without a click.
        if checked is not self._details_shown:
            self.details_wanted.emit()

    def _tell(self) -> None:
        if self._about is not None:
            self.about_label.set_whole(self._typing or self._words(self._about))
            restyle(self.about_label, "tone", "accent" if self._typing else "sub")
            self.heading.setAccessibleName(f"{self.name_label.whole()}, {self.about_label.whole()}")

    def _words(self, about: About) -> str:
        if about.direct:
            return " · ".join(self._words_of_other(about))
        if about.dialect:
            return plain_chat_name()  # who else is there, nobody tells
        people = people_count(about.members)
        if about.online:
            people = f"{people}, {self.tr('%n online', '', about.online)}"
        return f"{people} · {one_line(about.topic, len(about.topic))}" if about.topic else people

    def _words_of_other(self, about: About) -> list[str]:
        if about.own or about.other is None:
            return [self.tr("Notes to yourself")]
        here = [presence_words(about.other)] if about.connected or presence_of(about.other) is Presence.OFFLINE else []
        plain = [self.tr("plain text")] if is_plain(about.other.user) else []
        status = one_line(about.other.status)
        return [*here, *plain, *([status] if status else [])]

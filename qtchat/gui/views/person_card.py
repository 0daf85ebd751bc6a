"""A small card about one person, beside what was clicked."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.models.presence import is_plain, presence_of, presence_words
from qtchat.gui.models.words import one_line
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import Avatar, ElidedLabel, IconButton, Paragraph
from qtchat.protocol.messages import Person

WIDTH = 296


class PersonCard(QFrame):
    """Who somebody is, and what can be done: message_wanted(int user), mention_wanted(str nick); it copies the name
    itself. A click elsewhere or Escape closes it. Say by `set_moderated`, before `show_person`, what may be done."""

    message_wanted = Signal(object)  # a plain user number is more than an int of Qt holds
    mention_wanted = Signal(str)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("person_card")
        self.setProperty("kind", "popup")
        self._user, self._nick = 0, ""
        self._writable = True
        self._show_acts: Callable[[QPoint], object] | None = None
        self.avatar = Avatar(theme, 56)
        self.name_label = ElidedLabel(theme, FontRole.TITLE)
        self.name_label.setObjectName("person_name")
        self.presence_label = ElidedLabel(theme, FontRole.NAME, "sub", plain=True)
        self.role_label = Paragraph(theme, FontRole.NAME, "accent", plain=True)
        self.role_label.setObjectName("person_role")
        self.status_label = Paragraph(theme, FontRole.BODY, most_lines=4)
        self.status_label.setObjectName("person_status")
        words = self.tr("Plain text: came without a key and without encryption. Anybody may use this name.")
        self.plain_label = Paragraph(theme, FontRole.NAME, "warn", words, plain=True)
        self.message_button = QPushButton(self.tr("Message"), self)
        self.message_button.setObjectName("message_button")
        self.message_button.setProperty("kind", "primary")
        self.message_button.clicked.connect(self._message)
        self.mention_button = QPushButton(self.tr("Mention"), self)
        self.mention_button.setObjectName("mention_button")
        self.mention_button.clicked.connect(self._mention)
        self.copy_button = IconButton(theme, icons, "copy", self.tr("Copy the name"), parent=self)
        self.copy_button.setObjectName("copy_name_button")
        self.copy_button.clicked.connect(self._copy)
        self.acts_button = IconButton(theme, icons, "shield", self.tr("Moderate"), parent=self)
        self.acts_button.setObjectName("acts_button")
        self.acts_button.clicked.connect(self._moderate)
        for button in (self.message_button, self.mention_button):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._lay_out()

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(SPACE_4)
        names.addStretch()
        names.addWidget(self.name_label)
        names.addWidget(self.presence_label)
        names.addStretch()
        head = QHBoxLayout()
        head.setSpacing(SPACE_12)
        head.addWidget(self.avatar)
        head.addLayout(names, 1)
        head.addWidget(self.acts_button, 0, Qt.AlignmentFlag.AlignTop)
        foot = QHBoxLayout()
        foot.setSpacing(SPACE_8)
        foot.addWidget(self.message_button, 1)
        foot.addWidget(self.mention_button, 1)
        foot.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_16, SPACE_16, SPACE_16, SPACE_16)
        layout.setSpacing(SPACE_12)
        layout.addLayout(head)
        layout.addWidget(self.role_label)
        layout.addWidget(self.status_label)
        layout.addWidget(self.plain_label)
        layout.addLayout(foot)

    def set_moderated(self, show_acts: Callable[[QPoint], object] | None) -> None:
        """Offer the menu that this opens at a point of the screen; None: there is nothing that we may do."""
        self._show_acts = show_acts

    def set_writable(self, writable: bool) -> None:
        """Can one write to somebody alone here?"""
        self._writable = writable

    def show_person(self, person: Person, own: bool, place: QPoint, *, here: bool = True, role: str = "") -> None:
        """Open beside `place` (global). `own`: it is ourselves. `here`: a mention would be read in the open room.
        `role`: what they are, in words."""
        self._user, self._nick = person.user, one_line(person.nick)
        self.setAccessibleName(self._nick)
        self.avatar.show_name(self._nick, person.user)
        self.avatar.show_presence(presence_of(person))
        self.name_label.set_whole(self._nick)
        self.presence_label.set_whole(self.tr("This is you") if own else presence_words(person))
        self.role_label.setText(role)
        self.role_label.setVisible(bool(role))
        self.acts_button.setVisible(self._show_acts is not None)
        status = one_line(person.status)
        self.status_label.setText(status)
        self.status_label.setVisible(bool(status))
        self.plain_label.setVisible(is_plain(person.user))
        self.message_button.setText(self.tr("Notes to yourself") if own else self.tr("Message"))
        self.message_button.setVisible(self._writable)
        self.mention_button.setVisible(here and not own)
        self.setFixedWidth(self._width())
        self.setFixedHeight(self._height())
        self.move(self._fitting(place))
        self.show()
        (self.message_button if self._writable else self.copy_button).setFocus()

    def _width(self) -> int:
        """More than usual where large text makes the buttons wide."""
        layout = self.layout()
        assert layout is not None
        layout.activate()
        return max(WIDTH, layout.totalMinimumSize().width())

    def _height(self) -> int:
        layout = self.layout()
        assert layout is not None
        layout.activate()
        if not layout.hasHeightForWidth():  # nor is there any without words that wrap
            return layout.totalSizeHint().height()
        return layout.totalHeightForWidth(self.width())

    def _fitting(self, place: QPoint) -> QPoint:
        """The place nearest to `place` where all of the card is on the screen."""
        screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
        room: QRect = screen.availableGeometry().adjusted(SPACE_8, SPACE_8, -SPACE_8, -SPACE_8)
        left = max(room.left(), min(place.x(), room.right() - self.width()))
        top = max(room.top(), min(place.y(), room.bottom() - self.height()))
        return QPoint(left, top)

    def _message(self) -> None:
        self.close()
        self.message_wanted.emit(self._user)

    def _mention(self) -> None:
        self.close()
        self.mention_wanted.emit(self._nick)

    def _moderate(self) -> None:
        place = self.acts_button.mapToGlobal(QPoint(0, self.acts_button.height()))
        self.close()
        if self._show_acts is not None:
            self._show_acts(place)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._nick)
        self.close()

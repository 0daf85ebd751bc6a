"""The bar above a conversation: its name, its topic, who is here."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_12, SPACE_16
from qtchat.gui.views.controls import Avatar, Bar, ElidedLabel, IconButton


class TopBar(Bar):
    """Asks: back_wanted, details_wanted."""

    back_wanted = Signal()
    details_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(theme, "bg", parent)
        self.setObjectName("top_bar")
        self.back_button = IconButton(theme, icons, "arrow-left", self.tr("Back to conversations"), parent=self)
        self.back_button.setObjectName("back_button")
        self.back_button.clicked.connect(self.back_wanted)
        self.avatar = Avatar(theme, 36)
        self.name_label = ElidedLabel(theme, FontRole.TITLE)
        self.name_label.setObjectName("room_name")
        self.about_label = ElidedLabel(theme, FontRole.NAME, "sub", plain=True)
        self.about_label.setObjectName("room_about")
        self.details_button = IconButton(theme, icons, "panel-right", self.tr("Details"), parent=self)
        self.details_button.setObjectName("details_button")
        self.details_button.setCheckable(True)
        self.details_button.clicked.connect(self.details_wanted)

        words = QVBoxLayout()
        words.setSpacing(1)
        words.addStretch()
        words.addWidget(self.name_label)
        words.addWidget(self.about_label)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_16, 0, SPACE_12, 0)
        layout.setSpacing(SPACE_12)
        layout.addWidget(self.back_button)
        layout.addWidget(self.avatar)
        layout.addLayout(words, 1)
        layout.addSpacing(SPACE_4)
        layout.addWidget(self.details_button)
        self.set_narrow(False)
        self.show_room(None, "", "", 0, 0)

    def show_room(self, room: int | None, name: str, topic: str, members: int, online: int) -> None:
        """Show a room's name, and its topic or, without one, how many people it has. None: no room is open."""
        for widget in (self.avatar, self.name_label, self.about_label, self.details_button):
            widget.setVisible(room is not None)
        self.avatar.show_name(name, room)
        self.name_label.set_whole(f"# {name}")
        people = self.tr("1 person") if members == 1 else self.tr("%n people", "", members)
        if online:
            people = f"{people}, {self.tr('%n online', '', online)}"
        self.about_label.set_whole(f"{people} · {topic}" if topic else people)

    def set_narrow(self, narrow: bool) -> None:
        """With one page at a time there is a way back."""
        self.back_button.setVisible(narrow)

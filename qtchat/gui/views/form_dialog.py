"""What the small dialogs are made of."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_24
from qtchat.gui.views.controls import ElidedLabel, HuggingDialog, plain_title

WIDTH = 420


class FormDialog(HuggingDialog):
    """A title, a column of content, a row of buttons at the right."""

    def __init__(self, theme: Theme, title: str, parent: QWidget | None) -> None:
        super().__init__(WIDTH, parent)
        self.setWindowTitle(plain_title(title))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_24)
        self.column.setSpacing(SPACE_8)
        heading = ElidedLabel(theme, FontRole.PAGE)  # a room's name may be long
        heading.set_whole(title)
        self.column.addWidget(heading)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(SPACE_8)
        self.buttons.addStretch()

    def add_button(self, text: str, name: str, kind: str = "") -> QPushButton:
        """A button in the row at the foot."""
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if kind:
            button.setProperty("kind", kind)
        self.buttons.addWidget(button)
        return button

    def finish(self) -> None:
        """Put the buttons at the foot."""
        self.column.addSpacing(SPACE_8)
        self.column.addLayout(self.buttons)

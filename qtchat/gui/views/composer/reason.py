"""In place of the field: why nobody can write here, and the way out for those who have one."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import Paragraph


class Reason(QWidget):
    """Asks: way_out_wanted."""

    way_out_wanted = Signal()

    def __init__(self, theme: Theme, least_height: int, parent: QWidget | None = None) -> None:
        """`least_height`: pixels, so that nothing jumps where it takes the place of one line."""
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # so that it is read to those who cannot see it
        self.label = Paragraph(theme, FontRole.BODY, "sub")
        self.label.setObjectName("composer_reason")
        self.label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        self.label.setMinimumHeight(least_height)
        self.button = QPushButton(self)
        self.button.setObjectName("way_out_button")
        self.button.setProperty("kind", "link")
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.button.clicked.connect(self.way_out_wanted)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_8)
        row.addWidget(self.label, 1)
        row.addWidget(self.button)
        self.hide()

    def text(self) -> str:
        return self.label.text()

    def say(self, sentence: str, way_out: str = "") -> None:
        """Show `sentence`, "" for nothing; `way_out`: what a button beside it says, "" for none."""
        self.label.setText(sentence)
        self.setAccessibleName(sentence)
        self.button.setText(way_out)
        self.button.setVisible(bool(way_out))
        self.setVisible(bool(sentence))

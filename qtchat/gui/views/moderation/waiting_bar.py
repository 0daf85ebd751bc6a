"""The strip that tells admins of newcomers at the door."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.banner import Strip
from qtchat.gui.views.controls import Paragraph


class WaitingBar(Strip):
    """Asks: show_wanted."""

    show_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        self.label = Paragraph(theme, FontRole.NAME, plain=True)
        super().__init__(theme, icons, "user-plus", "accent", self.label, parent)
        self.setObjectName("waiting_bar")
        self.show_button = QPushButton(self.tr("Show"), self)
        self.show_button.setObjectName("show_waiting_button")
        self.show_button.setProperty("kind", "link")
        self.show_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_button.clicked.connect(self.show_wanted)
        self.body.addWidget(self.show_button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    def show_count(self, count: int) -> None:
        """So many wait to be let in; 0 hides the bar."""
        one = self.tr("A newcomer waits to be let in.")
        self.label.setText(one if count == 1 else self.tr("%n newcomers wait to be let in.", "", count))
        self.setVisible(count > 0)

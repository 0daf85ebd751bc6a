"""The free nick that a server proposes, one click away."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QWidget

from qtchat.gui.models.words import one_line
from qtchat.gui.views.controls import plain_tip
from qtchat.protocol.messages import MAX_NICK


class NickSuggestion(QPushButton):
    """Hidden while there is none. `nick`: what a click takes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("suggestion_button")
        self.setProperty("kind", "link")
        self.nick = ""

    def offer(self, nick: str, room: int) -> None:
        """Show these words of a server on one line, or as much of them as there is room for. `room`: pixels."""
        self.nick = one_line(nick, MAX_NICK)
        words = self.tr("Use “{nick}”")
        self.ensurePolished()
        metrics = self.fontMetrics()
        room -= metrics.horizontalAdvance(words.replace("{nick}", ""))
        shown = metrics.elidedText(self.nick, Qt.TextElideMode.ElideRight, room)
        self.setText(words.replace("{nick}", shown.replace("&", "&&")))  # one alone would mark a shortcut
        self.setAccessibleName(words.replace("{nick}", self.nick))
        self.setToolTip(plain_tip(self.nick) if shown != self.nick else "")
        self.setVisible(bool(self.nick))

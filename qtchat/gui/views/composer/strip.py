"""The strip above the field: what is being replied to, or edited."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from qtchat.gui.theme.icons import ICON_SIZE, Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.controls import ElidedLabel, IconButton

STRIP_HEIGHT: Final = 48
_BAR: Final = 2


class ContextStrip(QWidget):
    """Two lines and a button to get rid of it: close_wanted."""

    close_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("context_strip")
        self._theme, self._icons = theme, icons
        self._name = "corner-up-left"
        self._icon = QLabel(self)
        self.title = ElidedLabel(theme, FontRole.NAME)
        self.line = ElidedLabel(theme, FontRole.NAME, "sub", plain=True)
        self.close_button = IconButton(theme, icons, "x", self.tr("Cancel (Esc)"), parent=self)
        self.close_button.setObjectName("strip_close_button")
        self.close_button.clicked.connect(self.close_wanted)
        lines = QVBoxLayout()
        lines.setSpacing(0)
        lines.addStretch()
        lines.addWidget(self.title)
        lines.addWidget(self.line)
        lines.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, SPACE_4, 0, SPACE_4)
        row.setSpacing(SPACE_12)
        row.addWidget(self._icon)
        row.addSpacing(_BAR + SPACE_4)
        row.addLayout(lines, 1)
        row.addWidget(self.close_button)
        theme.changed.connect(self._draw)
        self._draw()
        self.hide()

    def say(self, icon: str, title: str, line: str) -> None:
        """Show these; the name of the icon is one of Lucide's."""
        self._name = icon
        self.title.set_whole(title)
        self.line.set_whole(line)
        self.setAccessibleName(f"{title}: {line}")
        self._draw()
        self.show()

    def paintEvent(self, _event: QPaintEvent) -> None:
        left = self.title.geometry().left() - SPACE_8 - _BAR
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        painter.drawRoundedRect(left, SPACE_4 + 2, _BAR, self.height() - 2 * SPACE_4 - 4, 1, 1)
        painter.end()

    def _draw(self) -> None:
        self.setFixedHeight(self._theme.room_for_text(STRIP_HEIGHT))
        self._icon.setPixmap(self._icons.pixmap(self._name, ICON_SIZE, "accent", self.devicePixelRatioF()))

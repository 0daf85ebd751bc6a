"""Where else to look for chats: addresses in other networks, one a line."""

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QHideEvent
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from qtchat.client.elsewhere import MAX_TEXT, BadLine, parse_lines
from qtchat.gui.models.words import fill
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_12
from qtchat.gui.views.controls import Paragraph

LINES = 4
"""Lines that are seen at one time."""
PAUSE_MS = 800
"""Without a key for so long, what stands there is meant."""
SHOWN_BAD = 5
"""Bad lines that are told of."""


class ElsewhereField(QWidget):
    """A text of addresses. chosen(str) when somebody has changed it, bad lines and all: they are told of, and kept."""

    chosen = Signal(str)

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._text = text
        self.field = QPlainTextEdit(text, tabChangesFocus=True)
        self.field.setObjectName("elsewhere_field")
        self.field.setProperty("kind", "field")
        self.field.setAccessibleName(self.tr("Addresses in other networks, one a line"))
        self.field.setPlaceholderText("lab-server\n10.2.0.5:47300")
        self.field.installEventFilter(self)
        self.error_label = Paragraph(theme, FontRole.NAME, "danger", plain=True)
        self.error_label.setObjectName("elsewhere_error")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(self.field)
        column.addWidget(self.error_label)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE_MS)
        self._pause.timeout.connect(self._take)
        self.field.textChanged.connect(self._pause.start)
        theme.changed.connect(self._fit)
        self._fit()
        self._judge(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and event.type() == QEvent.Type.FocusOut:
            self._take()
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Another page, or the end of the dialog."""
        self._take()
        super().hideEvent(event)

    def _fit(self) -> None:
        line = QFontMetrics(self._theme.font(FontRole.BODY)).lineSpacing()
        self.field.setFixedHeight(LINES * line + 2 * SPACE_12)

    def _take(self) -> None:
        self._pause.stop()
        text = self.field.toPlainText()
        self._judge(text)
        if text != self._text and len(text) <= MAX_TEXT:
            self._text = text
            self.chosen.emit(text)

    def _judge(self, text: str) -> None:
        said = [self.tr("This is too long to be kept.")] if len(text) > MAX_TEXT else self._told(parse_lines(text).bad)
        self.error_label.setText("\n".join(said))
        self.error_label.setVisible(bool(said))

    def _told(self, bad: tuple[BadLine, ...]) -> list[str]:
        line = self.tr("Line {number}: {reason}")
        said = [fill(line, number=str(each.number), reason=each.reason) for each in bad[:SHOWN_BAD]]
        if len(bad) > SHOWN_BAD:
            said.append(self.tr("And %n more.", "", len(bad) - SHOWN_BAD))
        return said

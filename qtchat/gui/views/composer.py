"""Where messages are written: one to eight lines of plain text."""

from math import ceil

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QKeySequence, QTextOption
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12
from qtchat.gui.views.controls import IconButton, Label, ground
from qtchat.protocol.messages import MAX_TEXT

MAX_LINES = 8
FIELD_PADDING = 8


class ComposerField(QPlainTextEdit):
    """Grows with its text. Enter asks to send, Shift+Enter breaks the line; only plain text comes in.

    Where there is no text, Escape and Ctrl+End mean the timeline: end_wanted.
    """

    send_wanted = Signal()
    end_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        theme.changed.connect(self._refont)
        self._refont()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.send_wanted.emit()
            return
        to_end = event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.MoveToEndOfDocument)
        if to_end and self.document().isEmpty():
            self.end_wanted.emit()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasText():
            self.insertPlainText(source.text())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def _refont(self) -> None:
        for part in (self, self.viewport()):  # the placeholder is painted in the viewport's
            part.setFont(self._theme.font(FontRole.BODY))
        self._fit()

    def _height(self) -> int:
        # The layout of a QPlainTextEdit counts its size in lines.
        lines = min(MAX_LINES, max(1, round(self.document().size().height())))
        return ceil(lines * QFontMetricsF(self.font()).lineSpacing()) + 2 * FIELD_PADDING

    def _fit(self) -> None:
        full = self.document().size().height() > MAX_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff)
        self.setViewportMargins(0, FIELD_PADDING, 0, FIELD_PADDING)
        self.setFixedHeight(self._height())


class Composer(QWidget):
    """Asks: submitted(str) with a text that may be sent; edited(str) after each change; end_wanted, the newest
    message. It clears nothing itself."""

    submitted = Signal(str)
    edited = Signal(str)
    end_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("composer")
        ground(self, "bg")
        self.field = ComposerField(theme, self)
        self.field.setObjectName("composer_field")
        self.field.setAccessibleName(self.tr("Message"))
        self.send_button = IconButton(
            theme, icons, "send-horizontal", self.tr("Send (Enter)"), color="accent", parent=self
        )
        self.send_button.setObjectName("send_button")
        self.hint = Label(theme, FontRole.META, "danger", parent=self)
        self.hint.setObjectName("composer_hint")
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.field, 1)
        row.addWidget(self.send_button, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_12 + SPACE_4, SPACE_8, SPACE_12, SPACE_8)
        layout.setSpacing(SPACE_4)
        layout.addWidget(self.hint)
        layout.addLayout(row)
        self.field.textChanged.connect(self._text_changed)
        self.field.send_wanted.connect(self._submit)
        self.field.end_wanted.connect(self.end_wanted)
        self.send_button.clicked.connect(self._submit)
        self.set_room(None)

    def set_room(self, name: str | None, draft: str = "") -> None:
        """Write to the room called `name`, from `draft` on. None: nothing can be written."""
        self.setEnabled(name is not None)
        self.field.setPlaceholderText(
            self.tr("Choose a conversation to write in") if name is None else self.tr("Write a message…")
        )
        if self.text() != draft:
            self.set_text(draft)
        self._judge()

    def text(self) -> str:
        """What stands in the field."""
        return self.field.toPlainText()

    def set_text(self, text: str) -> None:
        """Put `text` in the field, with the cursor behind it."""
        self.field.setPlainText(text)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)

    def _text_changed(self) -> None:
        self._judge()
        self.edited.emit(self.text())

    def _surplus(self) -> int:
        return len(self.text().strip().encode(errors="replace")) - MAX_TEXT

    def _judge(self) -> None:
        """Say at once what could not be sent, instead of after the attempt."""
        surplus = self._surplus()
        self.hint.setVisible(surplus > 0)
        if surplus > 0:
            self.hint.setText(
                self.tr("Too long by {count} bytes: shorten it, or send it in parts.").replace("{count}", str(surplus))
            )
        self.send_button.setEnabled(self.isEnabled() and surplus <= 0 and bool(self.text().strip()))

    def _submit(self) -> None:
        text = self.text().strip()
        if text and self._surplus() <= 0 and self.isEnabled():
            self.submitted.emit(text)

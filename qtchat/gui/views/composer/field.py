"""The field that messages are written in: one to eight lines of plain text."""

from math import ceil
from typing import Final

from PySide6.QtCore import QMimeData, QSize, Qt, Signal
from PySide6.QtGui import (
    QDropEvent,
    QFocusEvent,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from qtchat.gui.theme.theme import FontRole, Theme

MAX_LINES: Final = 8
FIELD_PADDING: Final = 8
PREVIEW_LINES: Final = 20
PREVIEW_LENGTH: Final = 2_000
"""Pasted text with more lines or characters than these is looked at first."""

ENTER: Final = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class ComposerField(QPlainTextEdit):
    """Grows with its text; only plain text comes in.

    Asks: send_wanted (Enter; see set_enter_sends), escape_pressed, up_pressed where there is no text, end_wanted
    (Ctrl+End or Escape where there is no text: the timeline's end is meant), large_paste(str), files_refused,
    focus_lost.
    """

    send_wanted = Signal()
    escape_pressed = Signal()
    up_pressed = Signal()
    end_wanted = Signal()
    large_paste = Signal(str)
    files_refused = Signal()
    focus_lost = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._enter_sends = True
        self._moving = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.textChanged.connect(self._fit)  # an emoji may make a line taller
        theme.changed.connect(self._refont)
        self._refont()

    def set_enter_sends(self, sends: bool) -> None:
        """Let Enter send and Shift+Enter break the line, or the other way round. Ctrl+Enter always sends."""
        self._enter_sends = sends

    @property
    def composing(self) -> bool:
        """An input method is at work: what it shows is not in the text yet."""
        return bool(self.textCursor().block().layout().preeditAreaText())

    @property
    def blank(self) -> bool:
        """There is nothing here, not even from an input method."""
        return self.document().isEmpty() and not self.composing

    def before_cursor(self) -> str:
        """The text of this line up to the cursor."""
        cursor = self.textCursor()
        cursor.setPosition(cursor.block().position(), QTextCursor.MoveMode.KeepAnchor)
        return cursor.selectedText()

    def in_fence(self) -> bool:
        """Is the cursor in a block of code?"""
        before = self.toPlainText().split("\n")[: self.textCursor().blockNumber()]
        return sum(line.startswith("```") for line in before) % 2 == 1

    def first_line(self) -> bool:
        """Is the cursor in the first line of the text?"""
        return self.textCursor().blockNumber() == 0

    def replace_before_cursor(self, length: int, text: str) -> None:
        """Put `text` in place of so many UTF-16 units before the cursor, as one step to undo. A space at its end is
        not doubled."""
        cursor = self.textCursor()
        spaced = text.endswith(" ") and self.document().characterAt(cursor.position()) == " "
        cursor.setPosition(cursor.position() - length, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[:-1] if spaced else text)
        if spaced:
            cursor.movePosition(QTextCursor.MoveOperation.NextCharacter)
        self.setTextCursor(cursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in ENTER:
            self._enter(event)
        elif key == Qt.Key.Key_Escape:
            self.escape_pressed.emit()
        elif self.blank and event.matches(QKeySequence.StandardKey.MoveToEndOfDocument):
            self.end_wanted.emit()
        elif self.blank and key == Qt.Key.Key_Up and event.modifiers() in (_NONE, _KEYPAD):
            self.up_pressed.emit()
        else:
            super().keyPressEvent(event)

    def _enter(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers()
        shift = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        if self.composing:
            QGuiApplication.inputMethod().commit()  # Enter ends the word first; sending now would lose it
        elif modifiers & Qt.KeyboardModifier.ControlModifier or self._enter_sends is not shift:
            self.send_wanted.emit()
        else:
            self.insertPlainText("\n")
            self.ensureCursorVisible()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.focus_lost.emit()

    # -- what comes in --------------------------------------------------------------------------------

    def insertFromMimeData(self, source: QMimeData) -> None:
        if _is_file(source):
            self.files_refused.emit()
        elif source.hasText():
            text = source.text().replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
            if not self._moving and (len(text) > PREVIEW_LENGTH or text.rstrip("\n").count("\n") >= PREVIEW_LINES):
                self.large_paste.emit(text)
            else:
                self.insertPlainText(text)
                self.ensureCursorVisible()

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText() or _is_file(source)

    def dropEvent(self, event: QDropEvent) -> None:
        self._moving = event.source() in (self, self.viewport())  # our own text has been seen already
        super().dropEvent(event)
        self._moving = False

    # -- size -----------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(200, self._height())

    def _refont(self) -> None:
        for part in (self, self.viewport()):  # the placeholder is painted in the viewport's
            part.setFont(self._theme.font(FontRole.BODY))
        self._fit()

    def _height(self) -> int:
        line = ceil(QFontMetricsF(self.font()).lineSpacing())
        text, block = 0.0, self.document().firstBlock()
        while block.isValid() and text < MAX_LINES * line:
            text += self.blockBoundingRect(block).height()  # a line with emoji may be taller than others
            block = block.next()
        # A pixel more than the lines need, or a QPlainTextEdit thinks that they do not fit, and scrolls.
        return ceil(min(max(text, line), MAX_LINES * line)) + 1 + 2 * FIELD_PADDING

    def _fit(self) -> None:
        full = self.document().size().height() > MAX_LINES
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(policy.ScrollBarAsNeeded if full else policy.ScrollBarAlwaysOff)
        self.setViewportMargins(0, FIELD_PADDING, 0, FIELD_PADDING)
        self.setFixedHeight(self._height())


_NONE: Final = Qt.KeyboardModifier.NoModifier
_KEYPAD: Final = Qt.KeyboardModifier.KeypadModifier  # on some systems the arrow keys carry it


def _is_file(source: QMimeData) -> bool:
    """Files, or a picture without words. Office programs add a picture to the text they copy."""
    return any(url.isLocalFile() for url in source.urls()) or (source.hasImage() and not source.hasText())

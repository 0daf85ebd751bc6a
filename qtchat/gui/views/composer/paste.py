"""A look at a long text before it is pasted."""

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.models.words import grouped
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_24
from qtchat.gui.views.controls import HuggingDialog, Label, Paragraph
from qtchat.protocol.messages import MAX_TEXT

WIDTH: Final = 480
PREVIEW_HEIGHT: Final = 200
MAX_PASTE: Final = 16 * MAX_TEXT
"""Bytes that the field takes; more could only slow it down, as no message holds them."""
_SHOWN: Final = 20_000
"""Characters of the preview: nobody reads further in it."""
FENCE: Final = "```"


def code_block(text: str) -> str:
    """`text` between fences."""
    return f"{FENCE}\n{text.rstrip()}\n{FENCE}\n"


class PasteDialog(HuggingDialog):
    """Asks: paste_wanted(str), the text as it is, or as a block of code."""

    paste_wanted = Signal(str)

    def __init__(self, theme: Theme, text: str, parent: QWidget | None = None) -> None:
        super().__init__(theme.room_for_text(WIDTH), parent)
        self.setObjectName("paste_dialog")
        self.setWindowTitle(self.tr("Paste a long text"))
        self._text = text
        size = len(text.encode(errors="replace"))
        self.preview = QPlainTextEdit(text[:_SHOWN], self, readOnly=True)
        self.preview.setObjectName("paste_preview")
        self.preview.setProperty("kind", "field")
        self.preview.setAccessibleName(self.tr("The text to paste"))
        self.preview.setFont(theme.font(FontRole.MONO))
        self.preview.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.preview.setTabChangesFocus(True)
        self.preview.setFixedHeight(PREVIEW_HEIGHT)
        self.count_label = Paragraph(theme, FontRole.BODY, "sub", self._count())
        self.warning = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.text_button = self._button(self.tr("Paste as text"), "paste_text_button", "primary")
        self.text_button.setDefault(True)
        self.text_button.clicked.connect(self._as_text)
        self.code_button = self._button(self.tr("Paste as code block"), "paste_code_button")
        self.code_button.clicked.connect(self._as_code)
        self.cancel_button = self._button(self.tr("Cancel"), "cancel_button")
        self.cancel_button.clicked.connect(self.reject)
        # Lines that begin with a fence would end the block in its middle.
        self.code_button.setVisible(f"\n{FENCE}" not in f"\n{text}")
        self._warn(size)
        self._lay_out(theme)
        self.text_button.setFocus()

    def _button(self, text: str, name: str, kind: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setAutoDefault(True)
        if kind:
            button.setProperty("kind", kind)
        return button

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_24)
        column.setSpacing(SPACE_8)
        column.addWidget(Label(theme, FontRole.PAGE, text=self.tr("Paste a long text")))
        column.addWidget(self.count_label)
        column.addWidget(self.preview)
        column.addWidget(self.warning)
        column.addSpacing(SPACE_8)
        buttons = QHBoxLayout()
        buttons.setSpacing(SPACE_8)
        buttons.addStretch()
        for button in (self.cancel_button, self.code_button, self.text_button):
            buttons.addWidget(button)
        column.addLayout(buttons)

    def _count(self) -> str:
        lines = self._text.rstrip("\n").count("\n") + 1
        said = self.tr("1 line") if lines == 1 else self.tr("%n lines", "", lines)
        characters = self.tr("{count} characters").replace("{count}", grouped(len(self._text)))
        return f"{said}, {characters}"

    def _warn(self, size: int) -> None:
        """Say what could not be sent, and do not take what could only slow the field down."""
        self.warning.setVisible(size > MAX_TEXT)
        if size > MAX_PASTE:
            self.warning.setText(self.tr("This is far more than a message can hold. Copy a smaller part of it."))
            self.text_button.setEnabled(False)
            self.code_button.setEnabled(False)
        elif size > MAX_TEXT:
            self.warning.setText(self.tr("This is more than one message can hold: shorten it before you send it."))

    def _as_text(self) -> None:
        self.accept()
        self.paste_wanted.emit(self._text)

    def _as_code(self) -> None:
        self.accept()
        self.paste_wanted.emit(code_block(self._text))

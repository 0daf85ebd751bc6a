"""The list of all keys."""

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16
from qtchat.gui.views.controls import ClearScroll, Label, Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.shortcuts import Line, shortcut_groups

HEIGHT = 400


class ShortcutsDialog(FormDialog):
    """Every key in words, by group; one table, see shortcuts.py."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("ShortcutsDialog", "Keyboard shortcuts"), parent)
        self.setObjectName("shortcuts_dialog")
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, SPACE_16, 0)
        column.setSpacing(SPACE_8)
        for group, lines in shortcut_groups().items():
            column.addWidget(Label(theme, FontRole.NAME, "sub", group))
            for line in lines:
                column.addLayout(_row(theme, line))
            column.addSpacing(SPACE_12)
        column.addStretch()
        self.area = ClearScroll(content, self)
        self.area.setFixedHeight(HEIGHT)
        self.area.setAccessibleName(self.tr("Keyboard shortcuts"))
        self.column.addSpacing(SPACE_4)
        self.column.addWidget(self.area)
        close = self.add_button(self.tr("Close"), "close_button")
        close.setDefault(True)
        close.clicked.connect(self.accept)
        self.finish()
        self.area.setFocus()


def _row(theme: Theme, line: Line) -> QHBoxLayout:
    """What it does, and the keys as caps at the right."""
    row = QHBoxLayout()
    row.setSpacing(SPACE_4)
    words = Paragraph(theme, FontRole.BODY, text=line.says)
    row.addWidget(words, 1)
    for keys in line.keys:
        shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys
        label = Label(theme, FontRole.META, text=shown)
        if shown != "…":
            label.setProperty("kind", "key")
        row.addWidget(label, 0, Qt.AlignmentFlag.AlignVCenter)
    return row

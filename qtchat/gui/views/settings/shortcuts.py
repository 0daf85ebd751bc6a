"""Every key, in words."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4
from qtchat.gui.views.controls import Label, Paragraph
from qtchat.gui.views.settings.form import SettingsPage
from qtchat.gui.views.shortcuts import Line


class ShortcutsPage(SettingsPage):
    """Shows a table of keys by group."""

    def __init__(self, groups: Mapping[str, Sequence[Line]], theme: Theme) -> None:
        super().__init__(theme, "shortcuts_page")
        for group, lines in groups.items():
            self.add_section(group)
            for line in lines:
                self.column.addLayout(self._row(line))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # nothing in it takes the keyboard that scrolls it
        self.setAccessibleName(self.tr("Keyboard shortcuts"))
        self.finish()

    def _row(self, line: Line) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(SPACE_4)
        row.addWidget(Paragraph(self.theme, FontRole.BODY, text=line.says), 1)
        for keys in line.keys:
            shown = QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) or keys
            label = Label(self.theme, FontRole.META, text=shown)
            if shown != "…":
                label.setProperty("kind", "key")
            row.addWidget(label, 0, Qt.AlignmentFlag.AlignVCenter)
        return row

"""The licences of everything that the program was bundled with."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.licences import Part
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_24
from qtchat.gui.views.controls import Label, ground
from qtchat.gui.views.settings.form import ComboBox

SIZE = (760, 560)
MINIMUM = (380, 360)


class LicencesDialog(QDialog):
    """One part after the other: its name, version and licence in a box, below it the text."""

    def __init__(self, theme: Theme, icons: Icons, parts: list[Part], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("licences_dialog")
        self.setWindowTitle(self.tr("Licences"))
        self.setMinimumSize(*MINIMUM)
        self.resize(*SIZE)
        ground(self, "bg")
        self._parts = parts
        self.part_box = ComboBox(theme, icons, self.tr("Part of the program"))
        self.part_box.setObjectName("part_box")
        for part in parts:
            self.part_box.addItem(" ".join(word for word in (part.name, part.version) if word))
        self.licence_label = Label(theme, FontRole.NAME, "sub")
        self.text_field = QPlainTextEdit(readOnly=True)
        self.text_field.setObjectName("licence_text")
        self.text_field.setProperty("kind", "field")
        self.text_field.setFont(theme.font(FontRole.MONO))
        self.text_field.setAccessibleName(self.tr("Licence"))
        self.close_button = QPushButton(self.tr("Close"))
        self.close_button.setObjectName("close_button")
        self.close_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.close_button.clicked.connect(self.accept)
        self._lay_out(theme)
        self.part_box.currentIndexChanged.connect(self._show)
        self._show(0)

    def _lay_out(self, theme: Theme) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE_24, SPACE_24, SPACE_24, SPACE_24)
        column.setSpacing(SPACE_8)
        column.addWidget(Label(theme, FontRole.PAGE, text=self.tr("Licences")))
        column.addWidget(self.part_box)
        column.addWidget(self.licence_label)
        column.addWidget(self.text_field)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.close_button)
        column.addLayout(row)

    def _show(self, index: int) -> None:
        part = self._parts[index]
        self.licence_label.setText(part.licence)
        try:
            text = part.text()
        except OSError:
            text = self.tr("The text is missing from this installation.")
        self.text_field.setPlainText(text)

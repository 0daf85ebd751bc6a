"""Giving the chat that is hosted here another name."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.form_dialog import FormDialog

MAX_NAME = 64
"""Characters that a server takes."""


class RenameDialog(FormDialog):
    """Asks: rename_wanted(str)."""

    rename_wanted = Signal(str)

    def __init__(self, name: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("RenameDialog", "Rename the chat"), parent)
        self.setObjectName("rename_dialog")
        self._name = name
        self.name_field = QLineEdit(name, self, maxLength=MAX_NAME)
        self.name_field.setObjectName("chat_name_field")
        self.name_field.setAccessibleName(self.tr("Name of the chat"))
        self.name_field.end(False)
        self.name_field.home(True)  # all of it is selected, and a long name shows its beginning
        self.name_field.textChanged.connect(self._judge)
        self.column.addWidget(self.name_field)
        about = self.tr("The chat restarts for a moment to take the name. Everybody comes back by themselves.")
        self.column.addWidget(Paragraph(theme, FontRole.NAME, "sub", about, plain=True))
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.rename_button = self.add_button(self.tr("Rename"), "rename_chat_button", "primary")
        self.rename_button.setDefault(True)
        self.rename_button.clicked.connect(self._rename)
        self.finish()
        self._judge()

    def _wanted(self) -> str:
        return self.name_field.text().strip()

    def _judge(self) -> None:
        self.rename_button.setEnabled(self._wanted() not in ("", self._name))

    def _rename(self) -> None:
        self.rename_wanted.emit(self._wanted())
        self.accept()

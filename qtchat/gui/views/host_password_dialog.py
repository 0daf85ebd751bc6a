"""Giving the chat that is hosted here a password for newcomers."""

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.protocol.messages import MAX_PASSWORD


class HostPasswordDialog(FormDialog):
    """Asks: password_chosen(str). It is shown while it is typed: whoever hosts has to tell it to others."""

    password_chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, QCoreApplication.translate("HostPasswordDialog", "Set a password"), parent)
        self.setObjectName("host_password_dialog")
        sentence = self.tr(
            "Tell it to those you invite: they need it once, beside the invitation. It cannot be looked up later."
        )
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", sentence))
        self.field = QLineEdit(self, maxLength=MAX_PASSWORD)
        self.field.setObjectName("host_password_field")
        self.field.setAccessibleName(self.tr("Password for newcomers"))
        self.field.textChanged.connect(self._judge)
        self.column.addWidget(self.field)
        about = self.tr("The chat restarts for a moment to take it. Everybody comes back by themselves.")
        self.column.addWidget(Paragraph(theme, FontRole.NAME, "sub", about, plain=True))
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.set_button = self.add_button(self.tr("Set the password"), "set_password_button", "primary")
        self.set_button.setDefault(True)
        self.set_button.clicked.connect(self._set)
        self.finish()
        self.field.setFocus()
        self._judge()

    def _wanted(self) -> str:
        return self.field.text().strip()  # a space at its end is seen by nobody who reads it to others

    def _judge(self) -> None:
        self.set_button.setEnabled(bool(self._wanted()))

    def _set(self) -> None:
        self.password_chosen.emit(self._wanted())
        self.accept()

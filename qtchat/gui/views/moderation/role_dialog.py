"""Giving somebody a role."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QRadioButton, QWidget

from qtchat.client.updates import Problem
from qtchat.gui.models.moderation import role_word
from qtchat.gui.models.words import fill
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_24
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.moderation.told import Told
from qtchat.gui.views.moderation.words import role_about, translate


class RoleDialog(FormDialog):
    """Asks: role_wanted(str). Stays open, with the reason, when the server refuses."""

    role_wanted = Signal(str)

    def __init__(
        self, nick: str, room: str, roles: Sequence[str], has: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        """`room`: its name, "" for the whole server. `roles`: those that may be given; `has`: the present one."""
        title = (
            translate("RoleDialog", "Role of {nick} in {room}") if room else translate("RoleDialog", "Role of {nick}")
        )
        super().__init__(theme, fill(title, nick=nick, room=room), parent)
        self.setObjectName("role_dialog")
        self._has = has
        group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        for role in roles:
            word = role_word(role)
            button = self.choices[role] = QRadioButton(word[:1].upper() + word[1:], self)
            button.setChecked(role == has)
            about = Paragraph(theme, FontRole.NAME, "sub", role_about(role, server=not room), plain=True)
            about.setContentsMargins(SPACE_24, 0, 0, 0)
            button.setAccessibleDescription(about.text())
            group.addButton(button)
            self.column.addSpacing(SPACE_4)
            self.column.addWidget(button)
            self.column.addWidget(about)
        self.told = Told(theme, "role_told", self)
        self.column.addWidget(self.told)
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.do_button = self.add_button(self.tr("Save"), "do_button", "primary")
        self.do_button.setDefault(True)
        self.do_button.clicked.connect(self._ask)
        group.buttonClicked.connect(self._judge)
        self.finish()
        if has in self.choices:
            self.choices[has].setFocus()
        self._judge()

    @property
    def role(self) -> str:
        """The one that is chosen."""
        return next((role for role, button in self.choices.items() if button.isChecked()), self._has)

    def show_problem(self, problem: Problem) -> None:
        """It was refused."""
        self.told.show_problem(problem)
        self.do_button.setEnabled(True)

    def _judge(self) -> None:
        self.told.hide()
        self.do_button.setEnabled(self.role != self._has)

    def _ask(self) -> None:
        self.do_button.setEnabled(False)  # until it is answered, or another one is chosen
        self.role_wanted.emit(self.role)

"""What newcomers meet in the chat that is hosted here: a password, a wait to be let in, and whether they may write."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from qtchat.gui.hosting import Newcomers
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8
from qtchat.gui.views.controls import CheckBox, Paragraph


class HostNewcomers(QWidget):
    """Asks: password_wanted, another one or a first one; no_password_wanted; rules_wanted(Newcomers)."""

    password_wanted = Signal()
    no_password_wanted = Signal()
    rules_wanted = Signal(object)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rules = Newcomers()
        self._password = self._doors = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE_4)
        self.more_button = self._button(self.tr("Rules for newcomers…"), "newcomers_button", "link")
        self.more_button.clicked.connect(lambda: self._set_shown(True))
        self._column.addWidget(self.more_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._all = QWidget(self)
        self._column.addWidget(self._all)
        column = QVBoxLayout(self._all)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE_4)
        column.addWidget(Paragraph(theme, FontRole.NAME, text=self.tr("Newcomers")))
        about = self.tr("What holds for those who come for the first time.")
        column.addWidget(Paragraph(theme, FontRole.NAME, "sub", about, plain=True))
        column.addLayout(self._password_row(theme))
        self.wait_box = CheckBox(theme, icons, self.tr("Newcomers wait until I let them in"), self._all)
        self.read_box = CheckBox(theme, icons, self.tr("Newcomers only read"), self._all)
        for box in (self.wait_box, self.read_box):
            box.toggled.connect(self._judge)
            column.addWidget(box)
        note = self.tr(
            "None of this holds at a plain-text door. So such a door opens only for programs on this computer."
        )
        self.doors_note = Paragraph(theme, FontRole.NAME, "warn", note, plain=True, parent=self._all)
        self.doors_note.setObjectName("doors_note")
        column.addWidget(self.doors_note)
        self.restart_button = self._button(self.tr("Restart with these rules"), "restart_rules_button")
        self.restart_button.clicked.connect(self._ask_for_restart)
        column.addWidget(self.restart_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._set_shown(False)
        self._show_password()
        self._judge()

    def show_rules(self, rules: Newcomers, *, password: bool) -> None:
        """What newcomers meet now. What was ticked since, and not confirmed, stays ticked."""
        pending = self._chosen() != self._rules
        self._rules, self._password = rules, password
        if not pending:
            self.wait_box.setChecked(rules.wait)
            self.read_box.setChecked(rules.only_read)
        if password or rules != Newcomers():
            self._set_shown(True)
        self._show_password()
        self._judge()

    def show_doors(self, some: bool) -> None:
        """Is any plain-text door to be open?"""
        self._doors = some
        self._judge()

    def enable(self, enabled: bool) -> None:
        """While the chat restarts nothing can be chosen."""
        buttons = (self.password_button, self.no_password_button, self.restart_button)
        for control in (*buttons, self.wait_box, self.read_box):
            control.setEnabled(enabled)

    # -- how it is made -------------------------------------------------------------------------------

    def _password_row(self, theme: Theme) -> QHBoxLayout:
        self.password_label = Paragraph(theme, FontRole.NAME, plain=True, parent=self._all)
        self.password_label.setObjectName("has_password_label")
        self.password_button = self._button("", "password_button", "link")
        self.password_button.clicked.connect(self.password_wanted)
        self.no_password_button = self._button(self.tr("Remove…"), "no_password_button", "link")
        self.no_password_button.setAccessibleName(self.tr("Remove the password…"))
        self.no_password_button.clicked.connect(self.no_password_wanted)
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.password_label, 1)
        for button in (self.password_button, self.no_password_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        return row

    def _button(self, text: str, name: str, kind: str = "") -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        if kind:
            button.setProperty("kind", kind)
        return button

    # -- small decisions ------------------------------------------------------------------------------

    def _set_shown(self, shown: bool) -> None:
        self.more_button.setVisible(not shown)
        self._all.setVisible(shown)

    def _show_password(self) -> None:
        on = self._password
        self.password_label.setText(self.tr("They need a password.") if on else self.tr("They need no password."))
        self.password_button.setText(self.tr("Change…") if on else self.tr("Set one…"))
        self.password_button.setAccessibleName(
            self.tr("Change the password…") if on else self.tr("Set a password for newcomers…")
        )
        self.no_password_button.setVisible(on)

    def _chosen(self) -> Newcomers:
        return Newcomers(wait=self.wait_box.isChecked(), only_read=self.read_box.isChecked())

    def _judge(self) -> None:
        chosen = self._chosen()
        self.restart_button.setVisible(chosen != self._rules)
        self.doors_note.setVisible(self._doors and (self._password or chosen != Newcomers()))

    def _ask_for_restart(self) -> None:
        self._rules = self._chosen()  # it is confirmed
        self.rules_wanted.emit(self._rules)

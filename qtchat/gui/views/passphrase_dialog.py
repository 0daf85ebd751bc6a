"""Asking for a passphrase: for one that exists, or twice for a new one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QProgressBar, QWidget

from qtchat.client.keyfile import MIN_PASSPHRASE
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_8
from qtchat.gui.views.controls import Label, Paragraph
from qtchat.gui.views.form_dialog import FormDialog

MAX_PASSPHRASE = 1024


class PassphraseDialog(FormDialog):
    """Asks: given(str). Stays open until its owner accepts it; `show_failure` says why it did not work."""

    given = Signal(str)

    def __init__(
        self,
        title: str,
        sentence: str,
        answer: str,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        chosen_now: bool = False,
    ) -> None:
        """`chosen_now`: it is a new one, so it must be long enough, and typed twice."""
        super().__init__(theme, title, parent)
        self.setObjectName("passphrase_dialog")
        self._busy = False
        self._chosen_now = chosen_now
        self.field = QLineEdit(self, maxLength=MAX_PASSPHRASE, echoMode=QLineEdit.EchoMode.Password)
        self.field.setObjectName("passphrase_field")
        self.again = QLineEdit(self, maxLength=MAX_PASSPHRASE, echoMode=QLineEdit.EchoMode.Password)
        self.again.setObjectName("again_field")
        self.told = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.told.setObjectName("passphrase_told")
        self.progress = QProgressBar(self, minimum=0, maximum=0, textVisible=False)
        self.progress.setAccessibleName(self.tr("Working"))
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", sentence))
        fields = [(self.tr("Passphrase"), self.field)] + ([(self.tr("Once more"), self.again)] if chosen_now else [])
        for says, field in fields:
            field.setAccessibleName(says)
            label = Label(theme, FontRole.NAME, text=says)
            label.setBuddy(field)
            self.column.addSpacing(SPACE_8)
            self.column.addWidget(label)
            self.column.addWidget(field)
            field.textEdited.connect(self._judge)
        self.again.setVisible(chosen_now)
        self.column.addWidget(self.told)
        self.column.addWidget(self.progress)
        self.add_button(self.tr("Cancel"), "cancel_button").clicked.connect(self.reject)
        self.do_button = self.add_button(answer, "do_button", "primary")
        self.do_button.setDefault(True)
        self.do_button.clicked.connect(self._give)
        self.finish()
        self._set_busy(False)
        self.field.setFocus()

    def show_failure(self, sentence: str) -> None:
        """It did not work."""
        self._set_busy(False)
        self._say(sentence, "danger")
        self.field.setFocus()
        self.field.selectAll()

    def reject(self) -> None:
        """What is under way cannot be stopped half-way."""
        if not self._busy:
            super().reject()

    def _judge(self) -> None:
        """Say what is missing as soon as it is clear, and not before."""
        text, again = self.field.text(), self.again.text()
        short = self._chosen_now and len(text) < MIN_PASSPHRASE
        differs = self._chosen_now and text != again
        says = ""
        if short and text:
            says = self.tr("At least {count} characters.").replace("{count}", str(MIN_PASSPHRASE))
        elif differs and again and not text.startswith(again):
            says = self.tr("The two are not the same.")
        self._say(says, "sub" if short else "danger")
        self.do_button.setEnabled(bool(text) and not short and not differs and not self._busy)

    def _say(self, sentence: str, tone: str) -> None:
        self.told.set_tone(tone)
        self.told.setText(sentence)
        self.told.setVisible(bool(sentence))

    def _set_busy(self, busy: bool) -> None:
        self._busy = busy
        self.progress.setVisible(busy)
        for field in (self.field, self.again):
            field.setEnabled(not busy)
        self._judge()

    def _give(self) -> None:
        self._set_busy(True)
        self.given.emit(self.field.text())

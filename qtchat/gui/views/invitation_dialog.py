"""How others are invited: a link, the same as a QR code, and the code by which they recognise the server."""

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.form_dialog import FormDialog
from qtchat.gui.views.qr import QrCode

COPIED_MS = 2_000
"""How long "Copied" stands on a button."""


class CopyButton(QPushButton):
    """Copies `text`, and says so for a moment."""

    def __init__(self, text: str, kind: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text_to_copy = text
        if kind:
            self.setProperty("kind", kind)
        if kind == "link":
            self.setStyleSheet("text-align: right;")  # as wide as the longer of its words, it ends where others end
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._copy)
        self._restore = QTimer(self, singleShot=True, interval=COPIED_MS)
        self._restore.timeout.connect(self._uncopied)
        self._fix_width()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text_to_copy)
        self.setText(self.tr("Copied"))
        self._restore.start()

    def _uncopied(self) -> None:
        self.setText(self.tr("Copy"))

    def _fix_width(self) -> None:
        """Wide enough for both words that it shows, so that nothing moves."""
        self.ensurePolished()
        widths = []
        for word in (self.tr("Copied"), self.tr("Copy")):
            self.setText(word)
            widths.append(self.sizeHint().width())
        self.setFixedWidth(max(widths))


class InvitationDialog(FormDialog):
    """`code`: empty for a plain chat, which has none. `addresses`: of the server, where they are known: for people who
    cannot paste the link."""

    def __init__(
        self, theme: Theme, link: str, code: str, parent: QWidget | None = None, addresses: Sequence[str] = ()
    ) -> None:
        super().__init__(theme, QCoreApplication.translate("InvitationDialog", "Invite people"), parent, grows=True)
        self.setObjectName("invitation_dialog")
        self._theme = theme
        self.column.setSpacing(SPACE_4)
        say = self.tr("Send this link to people on the same network. They paste it where qtchat asks for an address.")
        if not code:
            say += f" {self.tr('The chat is plain text: nothing in it is encrypted, and the link has no code.')}"
        self.column.addWidget(Paragraph(theme, FontRole.BODY, "sub", say))
        self.column.addSpacing(SPACE_8)
        self._add_link(link)
        self.column.addSpacing(SPACE_8)
        self.qr: QrCode | None = None
        self.code_label: Paragraph | None = None
        if code:
            self._add_code(link, code)
        if addresses:
            self.column.addSpacing(SPACE_8)
            shown = addresses[0] if len(addresses) == 1 else "\n".join(addresses)
            self._add_fact(self.tr("Address") if len(addresses) == 1 else self.tr("Addresses"), shown, FontRole.MONO)
        self.column.addSpacing(SPACE_8)
        self._add_firewall()
        done = self.add_button(self.tr("Done"), "done_button")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        self.finish()
        self.copy_button.setFocus()

    def show_firewall(self, warning: str) -> None:
        """Why others may not get in, and from its third line on by which command they would; "" for nothing."""
        self.firewall_label.setText(warning)
        self.firewall_copy.text_to_copy = "\n".join(warning.splitlines()[2:])
        self.firewall_label.setVisible(bool(warning))
        self.firewall_copy.setVisible(bool(self.firewall_copy.text_to_copy))

    def _add_firewall(self) -> None:
        self.firewall_label = Paragraph(self._theme, FontRole.NAME, "warn", plain=True)
        self.firewall_label.setObjectName("firewall_label")
        self.firewall_copy = CopyButton("", "link", self)
        self.firewall_copy.setAccessibleName(self.tr("Copy the command"))
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.firewall_label, 1)
        row.addWidget(self.firewall_copy, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        self.show_firewall("")

    def _add_code(self, link: str, code: str) -> None:
        """By what the server is recognised."""
        self.qr = QrCode(link, self)
        self.column.addWidget(self.qr, 0, Qt.AlignmentFlag.AlignHCenter)
        self.column.addSpacing(SPACE_8)
        self.code_label = self._add_fact(self.tr("Server code"), code, FontRole.MONO)
        compare = self.tr("Whoever sees this server in their list sees this code, too. It must be the same.")
        self.column.addWidget(Paragraph(self._theme, FontRole.NAME, "sub", compare, plain=True))

    def _add_link(self, link: str) -> None:
        self.link_field = QLineEdit(link, self, readOnly=True)
        self.link_field.setObjectName("link_field")
        self.link_field.setAccessibleName(self.tr("Invitation link"))
        self.link_field.setCursorPosition(0)
        self.copy_button = CopyButton(link, "primary", self)
        self.copy_button.setObjectName("copy_button")
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(self.link_field, 1)
        row.addWidget(self.copy_button)
        self.column.addLayout(row)

    def _add_fact(self, name: str, value: str, role: FontRole) -> Paragraph:
        """A name, and under it a value with a button that copies it."""
        self.column.addWidget(Paragraph(self._theme, FontRole.NAME, text=name))
        words = Paragraph(self._theme, role, text=value)
        copy = CopyButton(value, "link", self)
        copy.setAccessibleName(self.tr("Copy: {what}").replace("{what}", name))
        row = QHBoxLayout()
        row.setSpacing(SPACE_8)
        row.addWidget(words, 1)
        row.addWidget(copy, 0, Qt.AlignmentFlag.AlignTop)
        self.column.addLayout(row)
        return words

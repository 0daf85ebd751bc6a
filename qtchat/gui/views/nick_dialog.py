"""The first window: a name, and where to go. It stays open until the chat is really joined."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from qtchat.client.updates import Problem, ProblemCode
from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24, SPACE_32
from qtchat.gui.views.controls import Avatar, ElidedLabel, HuggingDialog, Label, Line, Paragraph, restyle
from qtchat.gui.views.problems import NICK_CODES, problem_sentence
from qtchat.protocol.messages import MAX_NICK

WIDTH = 440
LOGO = 56
ROW_AVATAR = 36
SHOWN_SERVERS = 4
MAX_ADDRESS = 4096


class ServerRow(QPushButton):
    """One server that was joined before. `picked(RecentServer)` when clicked."""

    picked = Signal(object)

    def __init__(self, server: RecentServer, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.server = server
        self.setAutoDefault(False)
        self.setProperty("kind", "row")
        self.setObjectName("server_row")
        self.setFixedHeight(theme.room_for_text(56))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(server.name)
        avatar = Avatar(theme, ROW_AVATAR)
        avatar.show_name(server.name, int(server.server_id[:8] or "0", 16))
        name = ElidedLabel(theme, FontRole.NAME)
        name.set_whole(server.name)
        about = ElidedLabel(theme, FontRole.META, "sub")
        about.set_whole(self.tr("Server code {code}").replace("{code}", server.code))
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch()
        words.addWidget(name)
        words.addWidget(about)
        words.addStretch()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(SPACE_12, 0, SPACE_12, 0)
        layout.setSpacing(SPACE_12)
        layout.addWidget(avatar)
        layout.addLayout(words, 1)
        for child in (avatar, name, about):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._pick)

    def _pick(self) -> None:
        self.picked.emit(self.server)


class NickDialog(HuggingDialog):
    """Asks: join_wanted(nick, address), host_wanted(nick), cancel_wanted (give up the attempt under way),
    accept_wanted (the server code shown was compared and is right)."""

    join_wanted = Signal(str, str)
    host_wanted = Signal(str)
    cancel_wanted = Signal()
    accept_wanted = Signal()

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self.setObjectName("nick_dialog")
        self.setWindowTitle(self.tr("qtchat: join a chat"))
        self._theme, self._icons = theme, icons
        self._busy = False
        self._servers: list[RecentServer] = []
        self._make_controls(theme)
        self._lay_out(theme)
        self.nick_field.textChanged.connect(self._nick_edited)
        self.address_field.textChanged.connect(self._address_edited)
        for field in (self.nick_field, self.address_field):
            field.returnPressed.connect(self._join)
        self.join_button.clicked.connect(self._join)
        self.host_button.clicked.connect(self._host)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.accept_button.clicked.connect(self.accept_wanted)
        self.suggestion_button.clicked.connect(self._take_suggestion)
        theme.changed.connect(self._draw_icons)
        self._draw_icons()
        self.finished.connect(self._forget_notice)
        self.set_recent([])
        self._clear_errors()
        self._set_busy("")

    # -- what it shows --------------------------------------------------------------------------------

    def set_recent(self, servers: Sequence[RecentServer]) -> None:
        """Offer the servers that were joined before, the last one first."""
        self._servers = list(servers[:SHOWN_SERVERS])
        while (item := self._rows.takeAt(0)) is not None:
            gone = item.widget()
            assert gone is not None
            gone.hide()
            gone.deleteLater()
        rows = [ServerRow(server, self._theme, self) for server in self._servers]
        for row in rows:
            row.picked.connect(self._pick)
            self._rows.addWidget(row)
        self._order_tabs(rows)
        self.empty_label.setVisible(not self._servers)

    def show_connecting(self, place: str) -> None:
        """An attempt to reach `place` is under way."""
        self._clear_errors()
        self._set_busy(self.tr("Connecting to {place}…").replace("{place}", place))

    def show_starting(self) -> None:
        """A chat is being started on this computer."""
        self._clear_errors()
        self._set_busy(self.tr("Starting a chat on this computer…"))

    def show_idle(self) -> None:
        """Nothing is under way."""
        self._set_busy("")

    def say(self, sentence: str) -> None:
        """Show `sentence` on top until the dialog is closed: something happened that is no matter of any field."""
        self._say(self.notice, sentence)

    def _forget_notice(self) -> None:
        self._say(self.notice, "")

    def show_problem(self, problem: Problem) -> None:
        """Say beside the field in question what went wrong; a free nick is one click away."""
        self._set_busy("")
        self._clear_errors()
        if problem.code == ProblemCode.UNVERIFIED:
            self._show_code(problem)
            return
        nick = problem.code in NICK_CODES
        field, label = (self.nick_field, self.nick_error) if nick else (self.address_field, self.address_error)
        self._say(label, problem_sentence(problem))
        restyle(field, "invalid", True)
        if nick and problem.suggestion:
            self.suggestion_button.setText(self.tr("Use “{nick}”").replace("{nick}", _literal(problem.suggestion)))
            self.suggestion_button.setProperty("nick", problem.suggestion)
            self.suggestion_button.show()
        field.setFocus()
        field.selectAll()

    def _show_code(self, problem: Problem) -> None:
        self.code_label.setText(problem.suggestion)
        self.verify_label.setText(problem_sentence(problem))
        self.verify_card.show()
        self.accept_button.setFocus()

    def show_failure(self, sentence: str) -> None:
        """Starting a chat here did not work."""
        self._set_busy("")
        self._clear_errors()
        self._say(self.address_error, sentence)

    @property
    def error_label(self) -> Label:
        """The label that shows an error; that of the address while there is none."""
        return self.address_error if self.nick_error.isHidden() else self.nick_error

    @property
    def busy(self) -> bool:
        return self._busy

    # -- what it asks for -----------------------------------------------------------------------------

    def _join(self) -> None:
        nick, address = self.nick_field.text().strip(), self.address_field.text().strip()
        if not address and len(self._servers) == 1:
            address = self._servers[0].link
        if self._nick_missing(nick) or self._busy:
            return
        if not address:
            self._say(self.address_error, self.tr("Enter where to go: an address, or an invitation link."))
            restyle(self.address_field, "invalid", True)
            self.address_field.setFocus()
            return
        self.join_wanted.emit(nick, address)

    def _pick(self, server: RecentServer) -> None:
        self.address_field.setText(server.link)
        self._join()

    def _host(self) -> None:
        nick = self.nick_field.text().strip()
        if not self._nick_missing(nick):
            self.host_wanted.emit(nick)

    def _take_suggestion(self) -> None:
        self.nick_field.setText(str(self.suggestion_button.property("nick")))
        self._join()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field joins and must not also press a button; on a button it presses that one."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif isinstance(button := self.focusWidget(), QPushButton):
            button.click()

    def reject(self) -> None:
        """Escape or the frame's button: first give up the attempt under way, then the dialog."""
        if self._busy:
            self.cancel_wanted.emit()
        else:
            super().reject()

    def _nick_missing(self, nick: str) -> bool:
        if nick:
            return False
        self._say(self.nick_error, self.tr("Enter the name the others will see."))
        restyle(self.nick_field, "invalid", True)
        self.nick_field.setFocus()
        return True

    def _order_tabs(self, rows: Sequence[ServerRow]) -> None:
        """As the eye goes, from top to bottom."""
        order: list[QWidget] = [self.nick_field, self.suggestion_button, *rows]
        order += [self.address_field, self.join_button, self.accept_button, self.cancel_button, self.host_button]
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    # -- how it looks ---------------------------------------------------------------------------------

    def _make_controls(self, theme: Theme) -> None:
        self.notice = Paragraph(theme, FontRole.BODY, "warn", parent=self)
        self.notice.setObjectName("dialog_notice")
        self.notice.hide()
        self.logo = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self.avatar = Avatar(theme, 40, self)
        self.nick_field = QLineEdit(self, maxLength=MAX_NICK)
        self.nick_field.setObjectName("nick_field")
        self.nick_field.setPlaceholderText(self.tr("Your name"))
        self.nick_field.setAccessibleName(self.tr("Your name"))
        self.nick_error = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.nick_error.setObjectName("nick_error")
        self.suggestion_button = QPushButton(self)
        self.suggestion_button.setObjectName("suggestion_button")
        self.empty_label = Paragraph(
            theme,
            FontRole.BODY,
            "sub",
            self.tr(
                "No chat is known here yet. Ask whoever hosts one for the invitation and paste it below, "
                "or start a chat yourself."
            ),
            parent=self,
        )
        self.empty_label.setObjectName("empty_label")
        self.address_field = QLineEdit(self, maxLength=MAX_ADDRESS)
        self.address_field.setObjectName("address_field")
        self.address_field.setPlaceholderText(self.tr("Enter an address or paste an invitation"))
        self.address_field.setAccessibleName(self.tr("Address or invitation"))
        self.address_error = Paragraph(theme, FontRole.BODY, "danger", parent=self)
        self.address_error.setObjectName("address_error")
        self.progress = QProgressBar(self, minimum=0, maximum=0, textVisible=False)
        self.progress.setAccessibleName(self.tr("Connecting"))
        self.status_label = ElidedLabel(theme, FontRole.BODY, "sub", parent=self)
        self.status_label.setObjectName("status_label")
        self.cancel_button = QPushButton(self.tr("Cancel"), self)
        self.cancel_button.setObjectName("cancel_button")
        self.verify_card = QFrame(self)
        self.verify_card.setObjectName("verify_card")
        self.verify_card.setProperty("kind", "card")
        self.verify_label = Paragraph(theme, FontRole.BODY, "sub")
        self.code_label = Label(theme, FontRole.MONO)
        self.code_label.setObjectName("code_label")
        self.code_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.accept_button = QPushButton(self.tr("The codes match, join"), self)
        self.accept_button.setObjectName("accept_button")
        self.join_button = QPushButton(self.tr("Join"), self)
        self.join_button.setObjectName("join_button")
        self.join_button.setProperty("kind", "primary")
        self.host_button = QPushButton(f" {self.tr('Start a chat here')}", self)
        self.host_button.setObjectName("host_button")
        self.suggestion_button.setProperty("kind", "link")
        buttons = (self.suggestion_button, self.cancel_button, self.accept_button, self.join_button, self.host_button)
        for button in buttons:
            button.setAutoDefault(False)  # see keyPressEvent
            button.setCursor(Qt.CursorShape.PointingHandCursor)

    def _lay_out(self, theme: Theme) -> None:
        self._rows = QVBoxLayout()
        self._rows.setSpacing(SPACE_8)
        title = Label(theme, FontRole.PAGE, text=self.tr("Join the chat"))
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        about = Paragraph(theme, FontRole.BODY, "sub", self.tr("No account, no password: a name is enough."))
        about.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        name_row = QHBoxLayout()
        name_row.setSpacing(SPACE_12)
        name_row.addWidget(self.avatar)
        name_row.addWidget(self.nick_field, 1)
        under_name = QVBoxLayout()
        under_name.setContentsMargins(40 + SPACE_12, 0, 0, 0)
        under_name.setSpacing(SPACE_4)
        under_name.addWidget(self.nick_error)
        under_name.addWidget(self.suggestion_button, 0, Qt.AlignmentFlag.AlignLeft)
        address_row = QHBoxLayout()
        address_row.setSpacing(SPACE_8)
        address_row.addWidget(self.address_field, 1)
        address_row.addWidget(self.join_button)
        busy_row = QHBoxLayout()
        busy_row.addWidget(self.status_label, 1)
        busy_row.addWidget(self.cancel_button)
        card = QVBoxLayout(self.verify_card)
        card.setContentsMargins(SPACE_16, SPACE_12, SPACE_16, SPACE_12)
        card.setSpacing(SPACE_8)
        card.addWidget(self.verify_label)
        card.addWidget(self.code_label)
        card.addWidget(self.accept_button, 0, Qt.AlignmentFlag.AlignLeft)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_32, SPACE_24, SPACE_32, SPACE_24)
        layout.setSpacing(SPACE_8)
        layout.addWidget(self.notice)
        layout.addWidget(self.logo)
        layout.addWidget(title)
        layout.addWidget(about)
        layout.addSpacing(SPACE_12)
        layout.addLayout(name_row)
        layout.addLayout(under_name)
        layout.addSpacing(SPACE_8)
        layout.addWidget(Label(theme, FontRole.NAME, text=self.tr("On this network")))
        layout.addLayout(self._rows)
        layout.addWidget(self.empty_label)
        layout.addSpacing(SPACE_4)
        layout.addLayout(address_row)
        layout.addWidget(self.address_error)
        layout.addWidget(self.verify_card)
        layout.addWidget(self.progress)
        layout.addLayout(busy_row)
        layout.addSpacing(SPACE_8)
        layout.addWidget(Line())
        layout.addSpacing(SPACE_8)
        layout.addWidget(self.host_button)
        layout.addSpacing(SPACE_16 - SPACE_8)

    def _set_busy(self, status: str) -> None:
        self._busy = bool(status)
        self.status_label.set_whole(status)
        for widget in (self.progress, self.status_label, self.cancel_button):
            widget.setVisible(self._busy)
        fields = (self.nick_field, self.address_field, self.join_button, self.host_button, self.suggestion_button)
        for control in fields:
            control.setEnabled(not self._busy)
        for row in self.findChildren(ServerRow):
            row.setEnabled(not self._busy)
        if self._busy:
            self.setFocus()  # and not the button that happens to be next

    def _clear_errors(self) -> None:
        for field, label in ((self.nick_field, self.nick_error), (self.address_field, self.address_error)):
            self._say(label, "")
            restyle(field, "invalid", False)
        self.suggestion_button.hide()
        self.verify_card.hide()

    def _say(self, label: Label, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _nick_edited(self, text: str) -> None:
        self.avatar.show_name(text)
        self._say(self.nick_error, "")
        self.suggestion_button.hide()
        restyle(self.nick_field, "invalid", False)

    def _address_edited(self) -> None:
        self.verify_card.hide()
        self._say(self.address_error, "")
        restyle(self.address_field, "invalid", False)

    def _draw_icons(self) -> None:
        self.logo.setPixmap(self._icons.pixmap("qtchat", LOGO, "accent", self.devicePixelRatioF()))
        self.host_button.setIcon(QIcon(self._icons.icon("radio-tower", "accent")))
        self.host_button.setIconSize(QSize(18, 18))


def _literal(text: str) -> str:
    """`text` for a button, where "&" would mark a shortcut."""
    return text.replace("&", "&&")

"""The first window: a name, and where to go. It stays open until the chat is really joined."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from qtchat.client.updates import Problem, ProblemCode
from qtchat.gui.models.words import one_line
from qtchat.gui.settings import RecentServer
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.theme.tokens import SPACE_4, SPACE_8, SPACE_12, SPACE_16, SPACE_24, SPACE_32
from qtchat.gui.views.color_choice import ColorChoice
from qtchat.gui.views.controls import Avatar, ElidedLabel, HuggingDialog, Label, Line, Paragraph, restyle
from qtchat.gui.views.form_dialog import FRAME, HuggingScroll
from qtchat.gui.views.nick_suggestion import NickSuggestion
from qtchat.gui.views.problems import NICK_CODES, problem_sentence
from qtchat.gui.views.server_choice import ServerChoice
from qtchat.gui.views.server_rows import FoundServer
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_NICK, MAX_PASSWORD

WIDTH = 440
LOGO = 56
AVATAR = 40
NAME_INDENT = AVATAR + SPACE_12
"""Where the name begins, and what belongs to it."""
MAX_ADDRESS = 4096
ERROR_LINES = 8
"""However long a sentence a server has sent."""


class NickDialog(HuggingDialog):
    """Asks: join_wanted(nick, address), host_wanted(nick), cancel_wanted (give up the attempt under way),
    accept_wanted (the server code shown was compared and is right), password_given(str) for the server of the attempt,
    why_wanted (nothing was found on the network), color_chosen(int) for our name."""

    join_wanted = Signal(str, str)
    host_wanted = Signal(str)
    cancel_wanted = Signal()
    accept_wanted = Signal()
    password_given = Signal(str)
    why_wanted = Signal()
    color_chosen = Signal(int)

    def __init__(self, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(WIDTH, parent)
        self.setObjectName("nick_dialog")
        self.setWindowTitle(self.tr("qtchat: join a chat"))
        self._theme, self._icons = theme, icons
        self._busy = False
        self._make_controls(theme)
        self._lay_out(theme)
        self.nick_field.textChanged.connect(self._nick_edited)
        self.nick_field.textEdited.connect(self._forget_password)
        self.color_choice.chosen.connect(self._draw_avatar)
        self.color_choice.chosen.connect(self.color_chosen)
        self.address_field.textChanged.connect(self._address_edited)
        self.join_button.clicked.connect(self._join)
        self.host_button.clicked.connect(self._host)
        self.cancel_button.clicked.connect(self.cancel_wanted)
        self.accept_button.clicked.connect(self.accept_wanted)
        self.suggestion_button.clicked.connect(self._take_suggestion)
        self.found.why_wanted.connect(self.why_wanted)
        self.choice.picked.connect(self._pick)
        theme.changed.connect(self._draw_icons)
        theme.changed.connect(self._widen)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._show_control)
        self._draw_icons()
        self.finished.connect(self._forget_notice)
        self.finished.connect(self._clear_errors)
        self.finished.connect(self.password_field.clear)
        self._widen()
        self.set_recent([])
        self.set_found([])
        self._clear_errors()
        self._set_busy("")

    # -- what it shows --------------------------------------------------------------------------------

    def set_recent(self, servers: Sequence[RecentServer]) -> None:
        """Offer the servers that were joined before, the last one first."""
        self.choice.set_recent(servers)
        self._offer()

    def set_found(self, servers: Sequence[FoundServer], *, first_visit: bool = False) -> None:
        """Offer what is hosted on the network now; call it whenever that changes. See set_looking.

        `first_visit`: no chat was ever joined, so the only one that is here is the one that is meant."""
        self.choice.set_found(servers, first_visit=first_visit)
        self._offer()

    def set_looking(self, looking: bool | None) -> None:
        """Does somebody look around on the network? False: long enough; None: nobody, so nothing is said of it."""
        self.choice.set_looking(looking)
        self._offer()

    def _offer(self) -> None:
        self.empty_label.setVisible(self.choice.is_empty)
        self._order_tabs()
        self._set_enabled()

    def _widen(self) -> None:
        """For large text, as far as the screen goes: a code to compare is never cut."""
        self.setFixedWidth(min(self._theme.room_for_text(WIDTH), self.screen().availableGeometry().width()))

    def _show_control(self, _before: QWidget | None, now: QWidget | None) -> None:
        """Scroll to what has the keyboard now: in its list, and on a screen that is lower than the dialog."""
        if now is not None and self.isAncestorOf(now):
            self.choice.show_row(now)
            self.body.ensureWidgetVisible(now, 0, SPACE_16)

    def most_height(self) -> int:
        return self.screen().availableGeometry().height() - FRAME

    def show_connecting(self, place: str) -> None:
        """An attempt to reach `place` is under way."""
        self._clear_errors()
        name = next((one_line(server.name) for server in self.choice.servers if server.link == place), place)
        self._set_busy(self.tr("Connecting to {place}…").replace("{place}", name))

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
        if problem.code == ErrorCode.PASSWORD_WRONG:
            self._ask_for_password(problem)
            return
        nick = problem.code in NICK_CODES
        field, label = (self.nick_field, self.nick_error) if nick else (self.address_field, self.address_error)
        self._say(label, problem_sentence(problem))
        restyle(field, "invalid", True)
        if nick:
            self.suggestion_button.offer(problem.suggestion, self.width() - 2 * SPACE_32 - NAME_INDENT)
        field.setFocus()
        field.selectAll()

    def _show_code(self, problem: Problem) -> None:
        self.code_label.setText(problem.suggestion)
        self.verify_label.setText(problem_sentence(problem))
        self.verify_card.show()
        self.accept_button.setFocus()

    def _ask_for_password(self, problem: Problem) -> None:
        again = bool(self.password_field.text())
        says = self.tr("This password is not the right one. Whoever runs the server can tell you.")
        self._say(self.password_label, says if again else problem_sentence(problem))
        self.password_label.set_tone("danger" if again else "sub")
        restyle(self.password_field, "invalid", again)
        self.password_field.show()
        self.password_field.setFocus()
        self.password_field.selectAll()

    def show_waiting(self, problem: Problem) -> None:
        """Somebody else has to decide; it goes on by itself."""
        if self.waiting_label.isHidden():
            self._clear_errors()
            self._set_busy(self.tr("Waiting…"))
            self._say(self.waiting_label, problem_sentence(problem))

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
        nick = self.nick_field.text().strip()
        address = self.address_field.text().strip() or self.choice.only_choice()
        if self._nick_missing(nick) or self._busy:
            return
        if self.password_field.isVisibleTo(self):
            if self.password_field.text():
                self.password_given.emit(self.password_field.text())
            return
        if address:
            self.join_wanted.emit(nick, address)
            return
        self._say(self.address_error, self._where_to())
        if rows := self.found.rows or self.known.rows:
            rows[0].setFocus(Qt.FocusReason.TabFocusReason)
        else:
            restyle(self.address_field, "invalid", True)
            self.address_field.setFocus()

    def _where_to(self) -> str:
        """What to say to whoever goes nowhere."""
        choices = len(self.found.servers or self.known.servers)
        if choices == 1:
            return self.tr(
                "This chat is new to you. Compare its code with the one its host sees, then press Enter again."
            )
        if choices:
            return self.tr("Choose one of the chats above, or enter an address or an invitation.")
        if self.found.looking:
            return self.tr("No chat was found yet. Wait a moment, or enter an address or an invitation.")
        return self.tr("Enter where to go: an address, or an invitation link.")

    def _pick(self, server: FoundServer) -> None:
        self.address_field.setText(server.link)
        self._join()

    def _host(self) -> None:
        nick = self.nick_field.text().strip()
        if not self._nick_missing(nick):
            self.host_wanted.emit(nick)

    def _take_suggestion(self) -> None:
        self.nick_field.setText(self.suggestion_button.nick)
        self._join()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter in a field joins and must not also press a button; on a button it presses that one. Up and Down go
        from one control to the next, as buttons do by themselves."""
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif isinstance(control := self.focusWidget(), QPushButton):
            control.click()
        elif isinstance(control, QLineEdit | QRadioButton):
            self._join()

    def reject(self) -> None:
        """Escape or the frame's button: first give up the attempt under way, then the dialog."""
        if self._busy:
            self.cancel_wanted.emit()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """The next time it begins with the name; and a field that is hidden with the focus keeps its cursor."""
        self.nick_field.setFocus()
        super().done(result)

    def _nick_missing(self, nick: str) -> bool:
        if nick:
            return False
        self._say(self.nick_error, self.tr("Enter the name the others will see."))
        restyle(self.nick_field, "invalid", True)
        self.nick_field.setFocus()
        return True

    def _order_tabs(self) -> None:
        """As the eye goes, from top to bottom."""
        rows = [*self.found.rows, self.found.why_button, *self.known.rows]
        order: list[QWidget] = [self.nick_field, *self.color_choice.swatches, self.suggestion_button, *rows]
        order += [
            self.address_field,
            self.password_field,
            self.join_button,
            self.accept_button,
            self.cancel_button,
            self.host_button,
        ]
        for first, second in pairwise(order):
            QWidget.setTabOrder(first, second)

    # -- how it looks ---------------------------------------------------------------------------------

    def _make_controls(self, theme: Theme) -> None:
        self.notice = Paragraph(theme, FontRole.BODY, "warn", parent=self)
        self.notice.setObjectName("dialog_notice")
        self.notice.hide()
        self.logo = QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter)
        self.avatar = Avatar(theme, AVATAR, self)
        self.nick_field = QLineEdit(self, maxLength=MAX_NICK)
        self.nick_field.setObjectName("nick_field")
        self.nick_field.setPlaceholderText(self.tr("Your name"))
        self.nick_field.setAccessibleName(self.tr("Your name"))
        self.color_choice = ColorChoice(theme, parent=self)
        self.nick_error = Paragraph(theme, FontRole.BODY, "danger", most_lines=ERROR_LINES, parent=self)
        self.nick_error.setObjectName("nick_error")
        self.suggestion_button = NickSuggestion(self)
        self.choice = ServerChoice(theme, self)
        self.found, self.known = self.choice.found, self.choice.known
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
        self.address_error = Paragraph(theme, FontRole.BODY, "danger", most_lines=ERROR_LINES, parent=self)
        self.address_error.setObjectName("address_error")
        self.password_label = Paragraph(theme, FontRole.BODY, "sub", parent=self)
        self.password_label.setObjectName("password_label")
        self.password_field = QLineEdit(self, maxLength=MAX_PASSWORD, echoMode=QLineEdit.EchoMode.Password)
        self.password_field.setObjectName("password_field")
        self.password_field.setPlaceholderText(self.tr("Password of the server"))
        self.password_field.setAccessibleName(self.tr("Password of the server"))
        self.waiting_label = Paragraph(theme, FontRole.BODY, "sub", most_lines=ERROR_LINES, parent=self)
        self.waiting_label.setObjectName("waiting_label")
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
        self.code_label = Paragraph(theme, FontRole.MONO)
        self.code_label.setObjectName("code_label")
        self.code_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.accept_button = QPushButton(self.tr("The codes match, join"), self)
        self.accept_button.setObjectName("accept_button")
        self.join_button = QPushButton(self.tr("Join"), self)
        self.join_button.setObjectName("join_button")
        self.join_button.setProperty("kind", "primary")
        self.host_button = QPushButton(f" {self.tr('Start a chat here')}", self)
        self.host_button.setObjectName("host_button")
        self.host_button.setAccessibleName(self.tr("Start a chat here"))
        buttons = (self.suggestion_button, self.cancel_button, self.accept_button, self.join_button, self.host_button)
        for button in buttons:
            button.setAutoDefault(False)  # see keyPressEvent
            button.setCursor(Qt.CursorShape.PointingHandCursor)

    def _lay_out(self, theme: Theme) -> None:
        title = Label(theme, FontRole.PAGE, text=self.tr("Join the chat"))
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        about = Paragraph(theme, FontRole.BODY, "sub", self.tr("No account, no password: a name is enough."))
        about.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        name_row = QHBoxLayout()
        name_row.setSpacing(SPACE_12)
        name_row.addWidget(self.avatar)
        name_row.addWidget(self.nick_field, 1)
        under_name = QVBoxLayout()
        under_name.setContentsMargins(NAME_INDENT, 0, 0, 0)
        under_name.setSpacing(SPACE_4)
        under_name.addWidget(self.color_choice)
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
        content = QWidget(self)
        layout = QVBoxLayout(content)
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
        layout.addWidget(self.choice)
        layout.addWidget(self.empty_label)
        layout.addSpacing(SPACE_8)
        layout.addLayout(address_row)
        layout.addWidget(self.address_error)
        layout.addWidget(self.password_label)
        layout.addWidget(self.password_field)
        layout.addWidget(self.verify_card)
        layout.addWidget(self.waiting_label)
        layout.addWidget(self.progress)
        layout.addLayout(busy_row)
        layout.addSpacing(SPACE_8)
        layout.addWidget(Line())
        layout.addSpacing(SPACE_8)
        layout.addWidget(self.host_button)
        layout.addSpacing(SPACE_16 - SPACE_8)
        self.body = HuggingScroll(content, layout, self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.body)

    def _set_busy(self, status: str) -> None:
        self._busy = bool(status)
        self.status_label.set_whole(status)
        for widget in (self.progress, self.status_label, self.cancel_button):
            widget.setVisible(self._busy)
        self._set_enabled()
        if self._busy:
            self.setFocus()  # and not the button that happens to be next

    def _set_enabled(self) -> None:
        fields = (
            self.nick_field,
            self.address_field,
            self.password_field,
            self.join_button,
            self.host_button,
            self.suggestion_button,
        )
        for control in (*fields, *self.found.rows, *self.known.rows):
            control.setEnabled(not self._busy)

    def _clear_errors(self) -> None:
        for field, label in ((self.nick_field, self.nick_error), (self.address_field, self.address_error)):
            self._say(label, "")
            restyle(field, "invalid", False)
        self.suggestion_button.hide()
        self.verify_card.hide()
        self.waiting_label.hide()
        self._forget_password()

    def _say(self, label: Label, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _nick_edited(self) -> None:
        self._draw_avatar()
        self._say(self.nick_error, "")
        self.suggestion_button.hide()
        restyle(self.nick_field, "invalid", False)

    def _forget_password(self) -> None:
        """It is asked for again where it is needed."""
        self.password_label.hide()
        self.password_field.hide()
        restyle(self.password_field, "invalid", False)

    def _address_edited(self) -> None:
        self.verify_card.hide()
        self.password_field.clear()
        self._forget_password()
        self._say(self.address_error, "")
        restyle(self.address_field, "invalid", False)

    def set_color(self, color: int) -> None:
        """The colour of our name, see messages.MAX_COLOR; 0: whichever the server gives."""
        self.color_choice.set_color(color)
        self._draw_avatar()

    def _draw_avatar(self) -> None:
        color = self.color_choice.color
        self.avatar.show_name(self.nick_field.text(), self._theme.color_key(color) if color else None)

    def _draw_icons(self) -> None:
        self.logo.setPixmap(self._icons.pixmap("qtchat", LOGO, "accent", self.devicePixelRatioF()))
        self.host_button.setIcon(QIcon(self._icons.icon("radio-tower", "accent")))
        self.host_button.setIconSize(QSize(18, 18))

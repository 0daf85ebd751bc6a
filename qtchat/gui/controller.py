"""From the first window to the last: who we are, which server, hosting, the connection's state, quitting."""

import getpass
import logging
import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut

from qtchat.client.state import Change, ConnectionChanged
from qtchat.client.updates import Phase, Problem, ProblemCode
from qtchat.gui.bridge import Background
from qtchat.gui.chat import Chat
from qtchat.gui.hosting import Hosting
from qtchat.gui.rooms import Rooms
from qtchat.gui.session import AccountFactory, Session, Sessions
from qtchat.gui.settings import RecentServer, SettingsFile
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.account_menu import AccountMenu
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.problems import NICK_CODES, problem_sentence
from qtchat.gui.views.room_dialogs import ConfirmDialog, InvitationDialog
from qtchat.protocol.messages import MAX_NICK

logger = logging.getLogger(__name__)


class Controller(QObject):
    """Decides which session there is, and shows the dialogs around it.

    finished(): everything is stopped and saved; leave now.
    """

    finished = Signal()

    def __init__(
        self,
        window: MainWindow,
        chat: Chat,
        rooms: Rooms,
        hosting: Hosting,
        background: Background,
        file: SettingsFile,
        profile: Path,
        make_account: AccountFactory,
        theme: Theme,
        icons: Icons,
    ) -> None:
        super().__init__()
        self._window, self._chat, self._rooms, self._hosting = window, chat, rooms, hosting
        self._background, self._file, self._settings = background, file, file.settings
        self._theme, self._icons = theme, icons
        self._sessions = Sessions(make_account, profile, background, self)
        self.invitation: InvitationDialog | None = None
        self._invite_when_online = False
        self._told_storage: Problem | None = None
        self._quitting = False
        self.dialog = NickDialog(theme, icons, window)
        self._connect()

    @property
    def session(self) -> Session | None:
        """Where we are, or are trying to be."""
        return self._sessions.current

    def _connect(self) -> None:
        self._sessions.switched.connect(self._switched)
        self.dialog.join_wanted.connect(self._join_wanted)
        self.dialog.host_wanted.connect(self._host_wanted)
        self.dialog.cancel_wanted.connect(self._cancel)
        self.dialog.accept_wanted.connect(self._accept_server)
        self.dialog.rejected.connect(self._dialog_rejected)
        self._hosting.started.connect(self._host_started)
        self._hosting.failed.connect(self._host_failed)
        self._chat.choose_wanted.connect(self.choose)
        self._rooms.open_wanted.connect(self._chat.open_when_there)
        window = self._window
        for place in (window, self.dialog):
            QShortcut(QKeySequence("Ctrl+Q"), place, self.quit)
        window.closing.connect(self.quit)
        window.banner.try_now.connect(self._try_now)
        window.banner.choose_wanted.connect(self.choose)
        window.conversations.menu_wanted.connect(self._show_menu)
        window.people_pane.leave_wanted.connect(self._leave_current)

    # -- starting -------------------------------------------------------------------------------------

    def start(self, link: str = "", nick: str = "") -> None:
        """Open the first window. `link`, `nick`: from the command line; what lacks comes from the last time."""
        settings = self._settings
        if settings.geometry:
            self._window.restoreGeometry(QByteArray(settings.geometry))
        self._window.side_width = settings.side_width
        self._window.set_details_shown(settings.details_shown)
        if self._file.trouble:
            kept = str(self._file.moved_to) if self._file.moved_to else self.tr("its place")
            text = self.tr("The settings could not be read and begin anew; the old ones are kept in {place}.")
            self._say(text.replace("{place}", kept))
        self.dialog.nick_field.setText(nick or settings.nick or user_name())
        self.dialog.set_recent(settings.recent)
        known_nick = nick or settings.nick
        if link and known_nick:
            self._window.show()
            self.begin(link, known_nick)
        elif not link and known_nick and settings.hosting:
            self._window.show()
            self._hosting.start()
        elif not link and known_nick and settings.recent:
            self._window.show()
            self.begin(settings.recent[0].link, known_nick)
        else:
            self.dialog.address_field.setText(link)
            self.choose()

    def begin(self, link: str, nick: str) -> None:
        """Be on the server that `link` leads to, and no more on another one."""
        if not self._quitting:
            self._sessions.begin(link, nick)

    def _switched(self, session: Session | None) -> None:
        self._invite_when_online = False
        self._chat.attach(session)
        self._rooms.attach(session)
        self._window.banner.clear()
        if self.invitation is not None:
            self.invitation.close()
        if session is not None:
            session.changed.connect(self._follow)

    # -- the connection -------------------------------------------------------------------------------

    def _follow(self, changes: Sequence[Change]) -> None:
        session = self.session
        if session is None or ConnectionChanged() not in changes:
            return
        state = session.state
        if state.phase is Phase.ONLINE:
            self._online(session)
        elif state.phase is Phase.REFUSED and state.problem is not None:
            self._refused(state.problem)
        elif state.phase is Phase.OFFLINE and state.problem is not None and self._awaited:
            self._failed_from_dialog(state.problem)
        elif state.phase is Phase.OFFLINE:
            why = problem_sentence(state.problem).partition(". ")[0] if state.problem else ""
            self._window.banner.show_waiting(state.retry_in or 0.0, why.rstrip("."))
        elif state.phase is Phase.CONNECTING:
            self._window.banner.show_connecting()
        if state.storage_problem is not None and state.storage_problem != self._told_storage:
            self._say(state.storage_problem.text or problem_sentence(state.storage_problem))
        self._told_storage = state.storage_problem

    def _say(self, sentence: str) -> None:
        """To whoever looks, whichever window that is."""
        self._window.notice.say(sentence)
        self.dialog.say(sentence)

    @property
    def _awaited(self) -> bool:
        """Is the session what the dialog waits for, and not a chat that is being started here?"""
        return self.dialog.busy and not self._hosting.starting

    def _online(self, session: Session) -> None:
        if session.state.held_problem is None:
            self._window.banner.clear()
        else:
            waits = self.tr("The server cannot store now. Your messages wait.")
            self._window.banner.show_held(waits)
        self._window.show()
        if self._awaited:
            self.dialog.show_idle()
            self.dialog.accept()
            self._window.activateWindow()
        if session.was_online:
            return
        session.was_online = True
        server = session.state.server
        if server is not None:
            self._settings.nick = server.nick
            # An invitation may name several addresses: better than the one that answered.
            link = session.link if "#" in session.link else server.link
            self._settings.remember(RecentServer(session.server_key, server.name, link, server.code, server.nick))
            self.dialog.set_recent(self._settings.recent)
            self._save()
        if self._invite_when_online:
            self._invite_when_online = False
            self._invite()

    def _refused(self, problem: Problem) -> None:
        """Only somebody's decision can change it: ask for it, whatever is open."""
        sentence = problem_sentence(problem)
        self._window.banner.show_stopped(sentence)
        if not self._hosting.starting:  # else the dialog is busy with something else; the banner leads back here
            self.choose()
            self.dialog.show_problem(problem)

    def _failed_from_dialog(self, problem: Problem) -> None:
        """What the dialog shows must be how it is: no attempt goes on behind an error."""
        self._sessions.drop()
        self.dialog.show_problem(problem)

    def _try_now(self) -> None:
        if self.session is not None:
            self.session.account.connect_now()

    # -- the nick dialog ------------------------------------------------------------------------------

    def choose(self) -> None:
        """Open the nick dialog; the session, if there is one, goes on until something else is joined."""
        if not self.dialog.isVisible():
            if self.session is not None:
                self.dialog.address_field.setText(self.session.link)
            self.dialog.show()
            self.dialog.nick_field.setFocus()
            self.dialog.nick_field.selectAll()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def _join_wanted(self, nick: str, address: str) -> None:
        session = self.session
        problem = session.state.problem if session and session.state.phase is Phase.REFUSED else None
        self.dialog.show_connecting(address)
        if session is not None and problem is not None and problem.code in NICK_CODES and session.link == address:
            session.nick = nick
            session.account.join_as(nick)
        else:
            self.begin(address, nick)

    def _accept_server(self) -> None:
        session = self.session
        if session is not None and session.state.problem and session.state.problem.code == ProblemCode.UNVERIFIED:
            self.dialog.show_connecting(session.link)
            session.account.accept_server()

    def _cancel(self) -> None:
        if self._hosting.starting:
            self._hosting.cancel()
        else:
            self._sessions.drop()
        self.dialog.show_idle()

    def _dialog_rejected(self) -> None:
        if not self._window.isVisible():
            self.quit()

    # -- hosting --------------------------------------------------------------------------------------

    def _host_wanted(self, nick: str) -> None:
        self._settings.nick = nick
        self.dialog.show_starting()
        self._hosting.start()

    def _host_started(self) -> None:
        server = self._hosting.server
        assert server is not None
        self.begin(server.link, self.dialog.nick_field.text().strip() or self._settings.nick)
        self._invite_when_online = not self._settings.hosting
        self._settings.hosting = True

    def _host_failed(self, why: str) -> None:
        if self._quitting:
            return
        self._settings.hosting = False
        self.choose()
        told = self.tr("The chat could not be started on this computer.")
        self.dialog.show_failure(f"{told} {why[:1].upper()}{why[1:]}")

    def _invite(self) -> None:
        server = self.session.state.server if self.session else None
        if self.session is None or server is None or self.invitation is not None:
            return
        own = self._hosting.server
        link = own.link if own is not None and own.code == server.code else self.session.link
        if "#" not in link:
            link = server.link
        self.invitation = InvitationDialog(self._theme, link, server.code, self._window)
        self.invitation.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.invitation.finished.connect(self._invitation_closed)
        self.invitation.open()

    def _invitation_closed(self) -> None:
        self.invitation = None

    # -- the menu -------------------------------------------------------------------------------------

    def _show_menu(self, place: QPoint) -> None:
        menu = self.make_menu()
        menu.popup(place - QPoint(0, menu.sizeHint().height()))

    def make_menu(self) -> AccountMenu:
        """The account's menu, new each time it is shown."""
        known = self.session is not None and self.session.state.server is not None
        menu = AccountMenu(self._theme, self._icons, may_invite=known, parent=self._window)
        menu.invite_wanted.connect(self._invite)
        menu.choose_wanted.connect(self.choose)
        menu.mode_chosen.connect(self._set_mode)
        menu.scale_chosen.connect(self._set_scale)
        menu.quit_wanted.connect(self.quit)
        return menu

    def _set_mode(self, mode: Mode) -> None:
        self._settings.theme = mode
        self._theme.set_mode(mode)

    def _set_scale(self, scale: float) -> None:
        self._settings.text_scale = scale
        self._theme.set_text_scale(scale)

    def _leave_current(self) -> None:
        if self._chat.room is not None:
            self._rooms.leave(self._chat.room.number)

    # -- leaving --------------------------------------------------------------------------------------

    def quit(self) -> None:
        """Leave, in order; while a chat is hosted here, ask first."""
        if self._hosting.server is None or self._quitting:
            self.quit_now()
            return
        dialog = ConfirmDialog(
            self._theme,
            self.tr("Stop hosting?"),
            self.tr(
                "This computer hosts the chat. If you quit, it ends for everybody until you start qtchat again; "
                "nothing that was written is lost."
            ),
            self.tr("Stop and quit"),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(self.quit_now)
        dialog.rejected.connect(self._stay)
        dialog.open()

    def _stay(self) -> None:
        """Somebody stays after all: there must be a window to go on with."""
        if not self._window.isVisible():
            self.choose()

    def quit_now(self) -> None:
        """Stop the account, then the hosted server, save the settings; `finished` when all of it is done."""
        if self._quitting:
            return
        self._quitting = True
        self._chat.keep_drafts()
        window, settings = self._window, self._settings
        settings.geometry = bytes(window.saveGeometry().data())
        settings.side_width = window.side_width
        settings.details_shown = window.details_shown
        self._sessions.drop()
        self.dialog.hide()
        window.close_for_good()
        if self._background.busy:
            self._background.idle.connect(self._last_steps, Qt.ConnectionType.SingleShotConnection)
        else:
            self._last_steps()

    def _last_steps(self) -> None:
        self._background.run("qtchat-last-steps", partial(self._stop_and_save, self._file.encoded()), self._all_done)

    def _stop_and_save(self, content: bytes) -> None:
        """On a thread of its own."""
        try:
            if self._hosting.server is not None:
                self._hosting.server.stop()
        finally:
            self._file.write(content)

    def _all_done(self, _result: object, failure: BaseException | None) -> None:
        self.finished.emit()
        if isinstance(failure, OSError):  # nobody is left to tell it to
            logger.error("the settings could not be saved: %s", failure)
        elif failure is not None:
            raise failure

    def _save(self) -> None:
        self._background.run("qtchat-settings", partial(self._file.write, self._file.encoded()), self._saved)

    def _saved(self, _result: object, failure: BaseException | None) -> None:
        if isinstance(failure, OSError):
            text = self.tr("The settings could not be saved, so the next start may not know them: {why}")
            self._say(text.replace("{why}", str(failure)))
        elif failure is not None:
            raise failure


def user_name() -> str:
    """The name of whoever uses this computer, as a first proposal; "" where the system does not tell."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = os.environ.get("USERNAME", "")
    return "".join(character for character in name if character.isprintable()).strip()[:MAX_NICK].capitalize()

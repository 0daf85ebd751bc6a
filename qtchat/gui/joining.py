"""Getting onto a server: the nick dialog, the attempt that it waits for, and a chat that is started here."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from qtchat.client.state import Change, ConnectionChanged
from qtchat.client.updates import Phase, Problem, ProblemCode
from qtchat.gui.hosting import Hosting
from qtchat.gui.session import Session, Sessions, leads_to
from qtchat.gui.settings import Settings
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.problems import NICK_CODES
from qtchat.gui.views.server_changed import STOP_CODES
from qtchat.protocol.errors import ErrorCode

AGAIN_CODES = frozenset({ErrorCode.WAITING, ErrorCode.BANNED, ErrorCode.KICKED, ErrorCode.REVOKED})
"""Somebody over there has decided; they may have decided otherwise by now."""


class Joining(QObject):
    """An attempt goes on beside what is open, and is shown when it stands.

    hosted(Session): the chat that was just started here is being joined. given_up(): the dialog was closed, and there
    is no other window.
    """

    hosted = Signal(object)
    given_up = Signal()

    def __init__(
        self, dialog: NickDialog, window: MainWindow, sessions: Sessions, hosting: Hosting, settings: Settings
    ) -> None:
        super().__init__(window)
        self.dialog = dialog
        self._window, self._sessions, self._hosting, self._settings = window, sessions, hosting, settings
        self._attempt: Session | None = None
        dialog.join_wanted.connect(self.join)
        dialog.host_wanted.connect(self._host)
        dialog.cancel_wanted.connect(self._cancel)
        dialog.accept_wanted.connect(self._accept_server)
        dialog.password_given.connect(self._give_password)
        dialog.rejected.connect(self._rejected)
        hosting.started.connect(self._host_started)
        hosting.failed.connect(self._host_failed)
        sessions.told.connect(self._follow)
        sessions.closed.connect(self._closed)
        self._name_chat(settings.nick)

    # -- the dialog -----------------------------------------------------------------------------------

    def choose(self) -> None:
        """Open the dialog; if the server shown waits for a decision, with what has to be decided."""
        if not self.dialog.isVisible():
            current = self._sessions.current
            stopped = current if current is not None and current.state.phase is Phase.REFUSED else None
            if stopped is not None and stopped.state.problem is not None and stopped.state.problem.code in STOP_CODES:
                stopped = None  # a page says so, and nothing can be decided here
            self.dialog.set_recent(self._settings.recent)
            self.dialog.set_color(self._settings.color)
            self.dialog.address_field.setText(stopped.link if stopped is not None else "")
            self.dialog.show()
            self.dialog.nick_field.setFocus()
            self.dialog.nick_field.selectAll()
            if stopped is not None and stopped.state.problem is not None and not self.dialog.busy:
                self._attempt = stopped
                self.dialog.show_problem(stopped.state.problem)
        self.dialog.raise_()
        self.dialog.activateWindow()

    def join(self, nick: str, address: str) -> None:
        """Be on the server at `address`; the dialog waits for it."""
        session = self._sessions.find(address)
        problem = session.state.problem if session is not None and session.state.phase is Phase.REFUSED else None
        if session is not None and session.state.server is not None and problem is None:  # it is open already
            self._drop_attempt()
            self._arrive(self._sessions.reach(address, nick))
        elif session is not None and problem is not None and problem.code in NICK_CODES:
            session.nick = nick
            self._wait_for(session, address)
            session.account.join_as(nick)
        elif session is not None and problem is not None and problem.code in AGAIN_CODES and session.nick == nick:
            self._wait_for(session, address)
            session.account.connect_now()
        else:
            self._drop_attempt()
            if session is not None:
                self._sessions.close(session)
            self._wait_for(self._sessions.open(address, nick), address)

    def _wait_for(self, session: Session, place: str) -> None:
        self._attempt = session
        self.dialog.show_connecting(place)

    def _accept_server(self) -> None:
        session = self._attempt
        problem = session.state.problem if session is not None else None
        if session is not None and problem is not None and problem.code == ProblemCode.UNVERIFIED:
            code = self.dialog.code_label.text()  # what was read, whatever has been met since
            self.dialog.show_connecting(session.link)
            session.account.accept_server(code)

    def _give_password(self, password: str) -> None:
        session = self._attempt
        if session is not None and session.state.phase is Phase.REFUSED:
            self.dialog.show_connecting(session.link)
            session.account.password(password)

    def _cancel(self) -> None:
        if self._hosting.starting:
            self._hosting.cancel()
        self._drop_attempt()
        self.dialog.show_idle()

    def _rejected(self) -> None:
        if self._attempt is not None and self._attempt is not self._sessions.current:
            self._drop_attempt()
        self._attempt = None
        if not self._window.isVisible():
            self.given_up.emit()

    def _drop_attempt(self) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt is not None:
            self._sessions.close(attempt)

    # -- the attempt ----------------------------------------------------------------------------------

    @property
    def _awaited(self) -> bool:
        """Does the dialog wait for the attempt, and not for a chat that is being started here?"""
        return self.dialog.busy and not self._hosting.starting

    def _follow(self, session: Session, changes: Sequence[Change]) -> None:
        if ConnectionChanged() not in changes:
            return
        phase, problem = session.state.phase, session.state.problem
        if phase is Phase.REFUSED and problem is not None:
            self._refused(session, problem)
        elif session is not self._attempt:
            return
        elif phase is Phase.ONLINE:
            self._arrive(session)
        elif phase is Phase.OFFLINE and problem is not None and self._awaited:
            self._drop_attempt()  # what the dialog shows must be how it is: nothing goes on behind an error
            self.dialog.show_problem(problem)

    def _arrive(self, session: Session) -> None:
        self._attempt = None
        self._sessions.show(session)
        self._window.show()
        if not self._hosting.starting:
            self.dialog.show_idle()
            self.dialog.accept()
        self._window.activateWindow()

    def _refused(self, session: Session, problem: Problem) -> None:
        """Only somebody's decision can change it: ask for it, unless they are deciding something else."""
        if problem.code == ErrorCode.WAITING:  # the decision is an admin's
            if session is self._attempt:
                self.dialog.show_waiting(problem)
            return
        known = session is self._sessions.current and session is not self._attempt
        if problem.code == ProblemCode.SERVER_CHANGED or (known and problem.code in STOP_CODES):
            self._stop(session)
            return
        if self._hosting.starting or session not in (self._attempt, self._sessions.current):
            return
        if session is self._attempt or not self.dialog.busy:
            self.choose()
            self._attempt = session
            self.dialog.show_problem(problem)

    def _stop(self, session: Session) -> None:
        """It is not the server that we know: the main window has a page for that, and the dialog no answer."""
        if session is self._attempt:
            self._arrive(session)

    def _closed(self, session: Session) -> None:
        if session is self._attempt:  # it was a server that is open already, and that one is shown now
            self._attempt = None
            self.dialog.show_idle()
            self.dialog.accept()

    # -- hosting --------------------------------------------------------------------------------------

    def _host(self, nick: str) -> None:
        if self._attempt is not self._sessions.current:
            self._drop_attempt()  # it was refused, and nobody wants it any more
        self._settings.nick = nick
        self._name_chat(nick)
        self.dialog.show_starting()
        self._hosting.start()

    def _name_chat(self, nick: str) -> None:
        """After who hosts it, when it is hosted for the first time: everybody knows whose it is."""
        self._hosting.first_name = self.tr("{nick}'s chat").replace("{nick}", nick) if nick else ""

    def _host_started(self) -> None:
        server = self._hosting.server
        assert server is not None
        nick = self.dialog.nick_field.text().strip() or self._settings.nick
        session = self._sessions.find(server.link)
        if session is not None and session.link == server.link and session.state.phase is Phase.OFFLINE:
            session.account.connect_now()  # it was restarted
        elif session is not None and session.state.phase is not Phase.ONLINE:
            self._sessions.close(session)  # perhaps at an address of yesterday
            session = None
        session = session or self._sessions.open(server.link, nick)
        self.hosted.emit(session)
        if not self.dialog.busy:
            if self._sessions.current is None or leads_to(self._settings.shown_server, session):
                self._sessions.show(session)
        elif session.state.phase is Phase.ONLINE:
            self._arrive(session)
        else:
            self._wait_for(session, server.link)

    def _host_failed(self, why: str) -> None:
        self._settings.hosting = False
        self.choose()
        told = self.tr("The chat could not be started on this computer.")
        self.dialog.show_failure(f"{told} {why[:1].upper()}{why[1:]}")

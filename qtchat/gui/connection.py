"""What the main window says of the connection to the server shown, and of the disk."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from qtchat.client.state import Change, ConnectionChanged
from qtchat.client.updates import Phase, Problem
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.nick_dialog import NickDialog
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.server_changed import STOP_CODES
from qtchat.protocol.errors import ErrorCode


class Connection(QObject):
    """Keeps the banner and the notices as things stand. Asks nothing; `Try now` goes to the account at once."""

    def __init__(self, window: MainWindow, dialog: NickDialog, sessions: Sessions) -> None:
        super().__init__(window)
        self._window, self._dialog, self._sessions = window, dialog, sessions
        self._told: dict[Session, Problem] = {}
        self._whys: dict[Session, str] = {}  # for which reason one has no connection, in words
        sessions.switched.connect(self._show)
        sessions.told.connect(self._follow)
        sessions.closed.connect(self._forget)
        window.banner.try_now.connect(self._try_now)

    def say(self, sentence: str) -> None:
        """To whoever looks, whichever window that is; it stays there until somebody puts it away."""
        self._window.notice.keep(sentence)
        self._dialog.say(sentence)

    def _follow(self, session: Session, changes: Sequence[Change]) -> None:
        if ConnectionChanged() not in changes:
            return
        self._remember(session)
        if session is self._sessions.current:
            self._show(session)
        elif session.state.phase is Phase.REFUSED and session.state.problem is not None and session.was_online:
            self.say(f"{session.name}: {problem_sentence(session.state.problem)}")
        self._tell_storage(session)

    def _show(self, session: Session | None) -> None:
        banner = self._window.banner
        state = session.state if session is not None else None
        if session is None or state is None or (state.phase is Phase.ONLINE and state.held_problem is None):
            banner.clear()
        elif state.phase is Phase.ONLINE:
            banner.show_held(self.tr("The server cannot store now. Your messages wait."))
        elif state.phase is Phase.REFUSED and state.problem is not None and state.problem.code in STOP_CODES:
            banner.clear()  # a whole page tells it
        elif state.phase is Phase.REFUSED and state.problem is not None and state.problem.code == ErrorCode.WAITING:
            banner.show_held(problem_sentence(state.problem))
        elif state.phase is Phase.REFUSED and state.problem is not None:
            banner.show_stopped(problem_sentence(state.problem))
        elif state.phase is Phase.OFFLINE:
            banner.show_waiting(state.retry_in or 0.0, self._whys.get(session, ""))
        else:
            banner.show_connecting(self._whys.get(session, ""))

    def _remember(self, session: Session) -> None:
        """Why there is no connection: that holds until there is one, whatever is tried meanwhile."""
        phase, problem = session.state.phase, session.state.problem
        if phase is Phase.OFFLINE:
            told = problem is not None and problem.code not in STOP_CODES  # those are words for a page that stops all
            self._whys[session] = problem_sentence(problem).partition(". ")[0].rstrip(".") if problem and told else ""
        elif phase in (Phase.ONLINE, Phase.REFUSED):
            self._whys.pop(session, None)

    def _tell_storage(self, session: Session) -> None:
        """Once for each trouble; when the disk works again, what was said of it is taken back."""
        problem, told = session.state.storage_problem, self._told.get(session)
        if problem is not None and problem != told:
            self._told[session] = problem
            self.say(_storage_sentence(problem))
        elif problem is None and told is not None:
            del self._told[session]
            self._window.notice.take_back(_storage_sentence(told))

    def _forget(self, session: Session) -> None:
        self._told.pop(session, None)
        self._whys.pop(session, None)

    def _try_now(self) -> None:
        if self._sessions.current is not None:
            self._sessions.current.account.connect_now()


def _storage_sentence(problem: Problem) -> str:
    return problem.text or problem_sentence(problem)

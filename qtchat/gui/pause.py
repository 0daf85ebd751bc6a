"""Being nowhere for a moment: for work on files that no account may use meanwhile."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import OpenServer


class Pause(QObject):
    """Ends all accounts, lets the work be done, and is on all servers again. begins(): all are still there."""

    begins = Signal()

    def __init__(self, sessions: Sessions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sessions = sessions
        self._to_open: list[OpenServer] = []
        self._to_show = ""
        self._work: Callable[[Callable[[], None]], None] | None = None

    def run(self, work: Callable[[Callable[[], None]], None]) -> None:
        """Call `work` when no account runs; it has to call what it is given when it is done. Not while one is done."""
        if self._work is not None:
            return
        self._work = work
        self.begins.emit()
        sessions: list[Session] = self._sessions.all
        self._to_open = [OpenServer(session.way_back, session.own_nick) for session in sessions]
        self._to_show = self._sessions.current.way_back if self._sessions.current is not None else ""
        if not sessions:
            self._begin()
            return
        self._sessions.all_ended.connect(self._begin, Qt.ConnectionType.SingleShotConnection)
        self._sessions.close_all()

    @property
    def active(self) -> bool:
        return self._work is not None

    def cancel(self) -> None:
        """Come back to no server; for the end of the program. The work itself goes on to its end."""
        self._to_open = []

    def _begin(self) -> None:
        if self._work is not None:
            self._work(self._open_again)

    def _open_again(self) -> None:
        self._work = None
        for server in self._to_open:
            session = self._sessions.open(server.link, server.nick)
            session.restored = True
            if server.link == self._to_show:
                self._sessions.show(session)

"""Who is typing, and whether we are at the computer."""

import time
from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QObject, QTimer

from qtchat.client.state import Change, ConnectionChanged, PeopleChanged, RoomState, ServerChanged, TypingChanged
from qtchat.gui.chat import Chat
from qtchat.gui.models.presence import typing_words
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.views.main_window import MainWindow


class Presence(QObject):
    """Typing is told of the open room, and forgotten when it is over. Being away, the status and our colour are told to
    all servers, whichever was asked; the last two only when they are said and at the first visit, for a server keeps
    them, and another device may have changed them since."""

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat, settings: Settings) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat, self._settings = window, sessions, chat, settings
        self._idle = False
        self._gone = False  # said by hand
        self._chosen_color: int | None = None  # since the start: whichever server is opened next has not heard it
        self._unmet: dict[Session, bool] = {}  # of no server is known yet which it is; True: it is being reached
        self._expiry = QTimer(self, singleShot=True)
        self._expiry.timeout.connect(self._expire)
        sessions.opened.connect(self._opened)
        sessions.closed.connect(self._closed)
        sessions.told.connect(self._told)
        chat.room_opened.connect(self._show_typing)
        window.composer.typing.connect(self._typing)

    # -- typing ---------------------------------------------------------------------------------------

    def _typing(self) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.account.typing(room.number)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session in self._unmet:
            self._meet(session, changes)
        if any(isinstance(change, TypingChanged) for change in changes):
            self._wait()
        room = self._chat.room
        if session is not self._chat.session or room is None:
            return
        if TypingChanged(room.number) in changes or PeopleChanged(room.number) in changes:
            self._show_typing(room)

    def _show_typing(self, room: RoomState | None) -> None:
        session = self._chat.session
        nicks = typing_nicks(session, room) if session is not None and room is not None else []
        self._window.typing_line.set_whole(typing_words(nicks))

    def _wait(self) -> None:
        """Until the next one is over."""
        ends = [
            until
            for session in self._sessions.all
            for room in session.state.rooms.values()
            for until in room.typing.values()
        ]
        if ends:
            self._expiry.start(max(0, ceil((min(ends) - time.monotonic()) * 1000)))
        else:
            self._expiry.stop()

    def _expire(self) -> None:
        now = time.monotonic()
        for session in list(self._sessions.all):
            changes = session.state.expire_typing(now)
            if changes:
                session.changed.emit(session, list(changes))
        self._wait()

    # -- here or away ---------------------------------------------------------------------------------

    @property
    def away(self) -> bool:
        return self._idle or self._gone

    def set_idle(self, idle: bool) -> None:
        """Nobody has touched the computer for a while; or somebody has again."""
        self._idle = idle
        self._tell_all()

    def set_away(self, away: bool) -> None:
        """Somebody says so."""
        self._gone = away
        self._tell_all()

    def set_status(self, status: str) -> None:
        """What we say of ourselves from now on."""
        self._settings.status = status
        self._tell_all(status)

    def set_color(self, color: int) -> None:
        """The colour of our name and avatar from now on; 0: whichever the server gives."""
        self._settings.color = self._chosen_color = color
        for session in self._sessions.all:
            session.account.set_presence(self.away, color=color)

    def go_away(self, status: str) -> None:
        """As /away asks: with a status be away; without one, away if we are here, and here if we are away."""
        if status:
            self._settings.status = status
        self._gone = bool(status) or not self._gone
        self._tell_all(status or None)

    def _tell_all(self, status: str | None = None) -> None:
        for session in self._sessions.all:
            session.account.set_presence(self.away, status)

    def _opened(self, session: Session) -> None:
        self._unmet[session] = False
        if self.away or self._chosen_color is not None:
            session.account.set_presence(self.away, color=self._chosen_color)

    def _closed(self, session: Session) -> None:
        self._unmet.pop(session, None)

    def _meet(self, session: Session, changes: Sequence[Change]) -> None:
        """A server that was met before is known before it is reached."""
        for change in changes:
            if isinstance(change, ConnectionChanged):
                self._unmet[session] = True
            elif isinstance(change, ServerChanged):
                status, color = self._settings.status or None, self._settings.color or None
                if self._unmet.pop(session) and (status or color):
                    session.account.set_presence(self.away, status, color)
                return


def typing_nicks(session: Session, room: RoomState) -> list[str]:
    """Who is writing in `room`, as far as their names are known."""
    people = [room.members.get(user) or session.state.people.get(user) for user in room.typing]
    return [person.nick for person in people if person is not None]

"""Somebody's plain chat is shown: say once what it cannot do, and do not offer it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from qtchat.client.state import Change, RowsInserted, ServerChanged
from qtchat.gui.models.plain_chat import plain_chat_reason, plain_chat_words
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow
from qtchat.protocol.messages import KIND_POST, LOBBY


class PlainChat(QObject):
    """Follows the server shown. What stays to be seen of it is in the details, see models.about."""

    def __init__(self, window: MainWindow, sessions: Sessions) -> None:
        super().__init__(window)
        self._window, self._sessions = window, sessions
        self._put_away: set[Session] = set()
        sessions.switched.connect(self._show)
        sessions.told.connect(self._told)
        sessions.closed.connect(self._put_away.discard)
        window.plain_bar.close_button.clicked.connect(self._read)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session.plain:
            self._ask_for_speakers(session, changes)
        if session is self._sessions.current and ServerChanged() in changes:
            self._show(session)

    def _ask_for_speakers(self, session: Session, changes: Sequence[Change]) -> None:
        """Many such servers do not tell who comes: who is there becomes known when they speak."""
        room = session.state.rooms.get(LOBBY)
        entries = [entry for change in changes if isinstance(change, RowsInserted) for entry in change.entries]
        if room is not None and any(entry.author not in room.members for entry in entries if entry.kind == KIND_POST):
            session.account.load_people(LOBBY)

    def _show(self, session: Session | None) -> None:
        window, plain = self._window, session is not None and session.plain
        window.timeline.set_only_messages(plain)
        window.search_bar.set_one_room(plain)
        window.conversations.set_only_room(plain_chat_reason() if plain else "")
        if plain and session not in self._put_away:
            window.plain_bar.say(plain_chat_words())
        else:
            window.plain_bar.hide()

    def _read(self) -> None:
        """Somebody has read it, and needs to do so only once."""
        if self._sessions.current is not None:
            self._put_away.add(self._sessions.current)

"""What is told of the open room: the bar above it, the details beside it, and its people."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from qtchat.client.state import (
    Change,
    ConnectionChanged,
    PeopleChanged,
    RequestDone,
    RoomState,
    ServerChanged,
)
from qtchat.client.updates import Phase
from qtchat.gui.chat import Chat
from qtchat.gui.conversations import Conversations
from qtchat.gui.models.about import About, about_of
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.models.presence import presence_words
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Level
from qtchat.gui.views.main_window import MainWindow
from qtchat.protocol.messages import LOBBY


class Details(QObject):
    """Follows the open room, and lets its topic and what it may notify of be changed."""

    def __init__(
        self, window: MainWindow, people: PeopleModel, sessions: Sessions, chat: Chat, conversations: Conversations
    ) -> None:
        super().__init__(window)
        self._window, self._people, self._chat, self._conversations = window, people, chat, conversations
        self._about: About | None = None
        chat.room_opened.connect(self._opened)
        sessions.told.connect(self._told)
        conversations.prefs_changed.connect(self._show)
        window.timeline.set_people(self._readers, self._name_of)
        window.people_pane.topic_wanted.connect(self._set_topic)
        window.people_pane.level_chosen.connect(self._set_level)

    def _opened(self, room: RoomState | None) -> None:
        session = self._chat.session
        self._people.show(room, session.user if session is not None else 0)
        self._ask_for_people()
        self._about = None
        self._show()
        self._show_people()

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        room = self._chat.room
        if session is not self._chat.session or room is None:
            return
        if ConnectionChanged() in changes:
            self._ask_for_people()
        if PeopleChanged(room.number) in changes or ServerChanged() in changes:
            self._people.refresh()
            self._show_people()
        self._show()

    def _ask_for_people(self) -> None:
        session, room = self._chat.session, self._chat.room
        if session is None or room is None or session.state.phase is not Phase.ONLINE:
            return
        if room.number != LOBBY:  # its people are always known, see people.py
            session.account.load_people(room.number)

    def _show(self) -> None:
        session, room = self._chat.session, self._chat.room
        about = None
        if session is not None and room is not None:
            about = about_of(room, session.state, self._conversations.prefs(room.number))
            if about == self._about:  # so it is with nearly every message
                return
        self._about = about
        self._window.top_bar.show_about(about)
        self._window.people_pane.show_about(about)

    def _show_people(self) -> None:
        """Whom the composer completes, and who we are."""
        session, room = self._chat.session, self._chat.room
        members = room.members.values() if room is not None else ()
        others = [person for person in members if session is None or person.user != session.user]
        others.sort(key=lambda person: (not person.online, person.nick.casefold()))
        self._window.composer.set_people([(person.nick, presence_words(person)) for person in others])
        nick = session.own_nick if session is not None else ""
        self._window.composer.set_own_nick(nick)
        self._window.timeline.set_own_nick(nick)

    def _readers(self, seq: int) -> list[str]:
        """The names of those who have read this message of the open room."""
        session, room = self._chat.session, self._chat.room
        if session is None or room is None:
            return []
        return [person.nick for person in session.state.readers(room.number, seq)]

    def _name_of(self, user: int) -> str:
        session, room = self._chat.session, self._chat.room
        members = room.members if room is not None else {}
        person = members.get(user) or (session.state.people.get(user) if session is not None else None)
        return person.nick if person is not None else self.tr("somebody")

    def _set_topic(self, topic: str) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            session.ask(session.account.set_topic(room.number, topic), self._topic_set)

    def _topic_set(self, done: RequestDone) -> None:
        if done.problem is not None:
            self._window.people_pane.show_topic_problem(done.problem)

    def _set_level(self, level: Level) -> None:
        if self._chat.room is not None:
            self._conversations.set_level(self._chat.room.number, level)

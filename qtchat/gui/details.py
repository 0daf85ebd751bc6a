"""What is told of the open room: the bar above it, the details beside it, and its people."""

import math
import time
from collections.abc import Sequence
from functools import partial
from typing import Final

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
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Level
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.messages import LOBBY, Person

ASK_AGAIN: Final = 60.0
"""Seconds in which a room that is opened once more is not asked for its people: the server tells what changes, though
it may leave something out for a slow reader."""


class Details(QObject):
    """Follows the open room, and lets its topic and what it may notify of be changed.

    Who is in the room, and how far each has read it, is not kept on the disk: the server is asked for it.
    """

    def __init__(
        self, window: MainWindow, people: PeopleModel, sessions: Sessions, chat: Chat, conversations: Conversations
    ) -> None:
        super().__init__(window)
        self._window, self._people, self._chat, self._conversations = window, people, chat, conversations
        self._about: About | None = None
        self._asked: dict[tuple[str, int], float] = {}  # session's key and room -> when
        chat.room_opened.connect(self._opened)
        sessions.told.connect(self._told)
        conversations.prefs_changed.connect(self._show)
        window.timeline.set_people(self._readers, self._name_of)
        window.composer.set_people(self._others)
        window.people_pane.topic_wanted.connect(self._set_topic)
        window.people_pane.level_chosen.connect(self._set_level)

    def _opened(self, room: RoomState | None) -> None:
        session = self._chat.session
        self._people.show(room, session.user if session is not None else 0)
        self._ask_for_people()
        self._about = None
        self._show()
        self._show_own_nick()

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if ConnectionChanged() in changes:
            self._asked = {place: when for place, when in self._asked.items() if place[0] != session.key}
        room = self._chat.room
        if session is not self._chat.session or room is None:
            return
        if ConnectionChanged() in changes:
            self._ask_for_people()
        if PeopleChanged(room.number) in changes or ServerChanged() in changes:
            self._people.refresh()
            self._show_own_nick()
        self._show()

    def _ask_for_people(self) -> None:
        session, room = self._chat.session, self._chat.room
        if session is None or room is None or session.state.phase is not Phase.ONLINE:
            return
        if room.number == LOBBY:  # its people are always known, see people.py
            return
        place, now = (session.key, room.number), time.monotonic()
        if not room.members or now - self._asked.get(place, -math.inf) >= ASK_AGAIN:
            self._asked[place] = now
            session.account.load_people(room.number)

    def refresh(self) -> None:
        """Put everything into words again: the day is another one."""
        self._about = None
        self._show()

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

    def _others(self) -> list[Person]:
        """The other members of the open room, in the order in which they stand beside it."""
        session = self._chat.session
        return [person for person in self._people.people if session is None or person.user != session.user]

    def _show_own_nick(self) -> None:
        session = self._chat.session
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
            session.ask(session.account.set_topic(room.number, topic), partial(self._topic_set, room))

    def _topic_set(self, room: RoomState, done: RequestDone) -> None:
        """`room`: whose it was to be. Another may be open by now."""
        if done.problem is None:
            return
        if room is self._chat.room:
            self._window.people_pane.show_topic_problem(done.problem)
        else:
            self._window.notice.say(problem_sentence(done.problem))

    def _set_level(self, level: Level) -> None:
        if self._chat.room is not None:
            self._conversations.set_level(self._chat.room.number, level)

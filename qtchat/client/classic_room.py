"""The one room of a plain chat, as if a qtchat server kept it: it numbers what happens and answers what is asked.

Those servers keep nothing, so the log is ours alone: it goes on from what is on this profile's disk.
"""

import hashlib
from collections import deque
from collections.abc import Iterable
from typing import Final

from qtchat.client.line import now_ms
from qtchat.client.outbox import new_id
from qtchat.client.updates import ProblemCode
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_JOINED,
    KIND_LEFT,
    KIND_POST,
    LOBBY,
    Done,
    Error,
    Event,
    GetHistory,
    History,
    ListPeople,
    ListRooms,
    MarkRead,
    Message,
    People,
    Person,
    Post,
    Request,
    Room,
    Rooms,
    SetPresence,
)
from qtchat.protocol.names import fold

OWN: Final = FIRST_PLAIN_USER
"""Our own number there."""
KEPT: Final = 1_000
"""Events that can be asked for; older ones are on the disk."""


class ClassicRoom:
    """Its log and its people, as far as we have heard of them."""

    def __init__(self, name: str, nick: str) -> None:
        self.nick = nick
        self._name = name
        self._events: deque[Event] = deque(maxlen=KEPT)
        self._people: dict[int, str] = {}

    def restore(self, events: Iterable[Event]) -> None:
        """The newest that is on the disk."""
        self._events.extend(events)

    def enter(self, nick: str) -> Room:
        """We are there, under this name; nobody knows who else is. Returns the room as it is."""
        self.nick = nick
        self._people = {OWN: nick}
        if not self._events:  # a log begins with something
            self._append(new_id(now_ms()), OWN, nick, KIND_JOINED)
        return self._room

    @property
    def _room(self) -> Room:
        return Room(LOBBY, self._name, "", self._head, len(self._people))

    @property
    def _head(self) -> int:
        return self._events[-1].seq if self._events else 0

    # -- what happens ---------------------------------------------------------------------------------

    def came(self, nick: str) -> Event:
        user = _user(nick)
        self._people[user] = nick
        return self._append(new_id(now_ms()), user, nick, KIND_JOINED)

    def went(self, nick: str) -> Event:
        user = _user(nick)
        self._people.pop(user, None)
        return self._append(new_id(now_ms()), user, nick, KIND_LEFT)

    def said(self, nick: str, text: str) -> Event:
        """By somebody else, also if he uses our name."""
        user = _user(nick)
        self._people[user] = nick
        return self._append(new_id(now_ms()), user, nick, KIND_POST, text)

    def written(self, post: Post) -> Event:
        """By us, and on its way."""
        return self._append(post.id, OWN, self.nick, KIND_POST, post.text)

    def _append(self, event_id: bytes, user: int, nick: str, kind: str, text: str = "") -> Event:
        event = Event(LOBBY, self._head + 1, event_id, now_ms(), user, nick, kind, text)
        self._events.append(event)
        return event

    # -- what is asked --------------------------------------------------------------------------------

    def refusal(self, post: Post) -> Error | None:
        """Why a message cannot be sent at all."""
        if post.room != LOBBY:
            return Error(post.id, ErrorCode.ROOM_UNKNOWN, "There is no such room.")
        if not any(character.isprintable() and not character.isspace() for character in post.text):
            return Error(post.id, ErrorCode.TEXT_INVALID, "A message cannot be empty.")
        return None

    def answer(self, request: Request) -> Message:
        """To anything but a post."""
        match request:
            case GetHistory():
                return self._history(request)
            case ListPeople():
                people = tuple(Person(user, nick, online=True) for user, nick in sorted(self._people.items()))
                return People(request.id, LOBBY, people, more=False)
            case ListRooms():
                return Rooms(request.id, (self._room,), more=False)
            case MarkRead() | SetPresence():  # kept here, and of no interest to such a server
                return Done(request.id)
        return Error(request.id, ProblemCode.UNSUPPORTED, "This is a plain chat: it knows only messages.")

    def _history(self, request: GetHistory) -> History:
        events = [event for event in self._events if request.after is None or event.seq > request.after]
        if request.before:  # whatever there is of that is on the disk, and was looked for there
            return History(request.id, LOBBY, (), more=False, head=self._head)
        events = events[: request.limit] if request.after is not None else events[-request.limit :]
        more = bool(events) and events[-1].seq < self._head
        return History(request.id, LOBBY, tuple(events), more, self._head)


def _user(nick: str) -> int:
    """The same number for the same name, today and at the next start."""
    return OWN + 1 + int.from_bytes(hashlib.sha256(fold(nick).encode()).digest()[:6], "big")

"""Inbox: takes what the server says in an open session to the part of the account that it is for."""

import time
from collections.abc import Callable
from typing import Final

from qtchat.client.follower import Follower
from qtchat.client.line import Line, retry_after
from qtchat.client.lists import Lists
from qtchat.client.marks import ReadMarks
from qtchat.client.postman import Postman
from qtchat.client.presence import TYPING_LASTS, OwnPresence
from qtchat.client.requests import Requests
from qtchat.client.updates import (
    AuditUpdate,
    ColorsUpdate,
    NewcomersUpdate,
    PresenceUpdate,
    Problem,
    ReadsUpdate,
    RequestDoneUpdate,
    SanctionUpdate,
    TypingUpdate,
)
from qtchat.protocol.messages import (
    OWNER,
    Ack,
    Audit,
    Bans,
    Claim,
    Colors,
    Done,
    Error,
    Event,
    GetAudit,
    GetHistory,
    History,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Message,
    People,
    Ping,
    Post,
    Presence,
    Reads,
    Request,
    Room,
    Rooms,
    Sanction,
    SetNick,
    SetPresence,
    Typing,
    Waiting,
)
from qtchat.protocol.names import NameProblemError, clean_nick

_SET_ROLE: Final = "set_role"
"""What a Sanction calls a new role."""


class Inbox:
    """Of one account. In its loop's thread only."""

    def __init__(self, line: Line, known_as: Callable[[int, str], None], has_role: Callable[[str], None]) -> None:
        """`known_as`: called with our user number and nick when the server tells them; `has_role`: with our role."""
        self._line = line
        self._known_as = known_as
        self._has_role = has_role
        self.requests = Requests(line, self._not_done)
        self.postman = Postman(line)
        self.marks = ReadMarks(line)
        self.follower = Follower(line, self.marks, self.postman.room_told, self.postman.room_left)
        self.presence = OwnPresence(line)
        self._lists = Lists(line)
        self._told = 0
        """The newest act of moderation that we were told of, by its number."""

    def take(self, message: Message) -> None:
        """Anything but the login and its end."""
        match message:
            case Event():
                self._stored(self.follower.events(message.room, (message,)))
            case Error():
                request = self.requests.answered(message)
                if request is not None:
                    self._refused(message, request)
            case Ack() | Done() | History() | People() | Rooms() | Bans() | Audit():
                request = self.requests.answered(message)
                if request is not None:
                    self._answered(message, request)
            case Room():
                self.follower.room(message)
                self.postman.room_changed(message)
            case Presence() | Colors() | Typing() | Reads():
                self._heard(message)
            case Sanction():
                self._sanctioned(message)
            case Waiting():
                self._line.emit(NewcomersUpdate(message.count))
            case Ping():
                for number, head in message.heads:
                    self.follower.head(number, head)

    def _heard(self, message: Presence | Colors | Typing | Reads) -> None:
        match message:
            case Presence():
                self._line.emit(PresenceUpdate(message.people))
                for person in message.people:
                    if person.user == self._line.user:
                        self._known_as(person.user, person.nick)
                        self._has_role(person.role)
            case Colors():
                self._line.emit(ColorsUpdate(message.colors, message.anew))
                self._line.write(lambda disk: disk.cache.put_colors(message.colors, anew=message.anew))
            case Typing():
                self._line.emit(TypingUpdate(message.room, message.user, time.monotonic() + TYPING_LASTS))
            case Reads():
                for user, seq in message.reads:
                    if user == self._line.user:
                        self.marks.heard(message.room, seq)
                self._line.emit(ReadsUpdate(message.room, message.reads))

    def history_replaced(self) -> None:
        """The server counts its acts anew."""
        self._told = 0

    def _sanctioned(self, sanction: Sanction) -> None:
        """Who did not hear from us that we read it tells us again."""
        if 0 < sanction.number <= self._told:
            return
        self._told = max(self._told, sanction.number)
        if sanction.act == _SET_ROLE and not sanction.room and not sanction.ts:  # an old one was told by the login
            self._has_role(sanction.detail)
        self._line.emit(SanctionUpdate(sanction))

    def _answered(self, message: Ack | Done | History | People | Rooms | Bans | Audit, request: Request) -> None:
        """`requests` has seen to it that the one fits the other."""
        match message, request:
            case Ack(), Post():
                self.postman.acknowledged(message)
                self.follower.head(message.room, message.seq)
            case Ack(), _:
                self._line.emit(RequestDoneUpdate(message.re, message.room))
            case History(), GetHistory():
                self._stored(self.follower.history(message, request))
            case People(), ListPeople():
                self._lists.people(message, request)
            case Rooms(), ListRooms():
                self._lists.rooms(message, request)
            case People(), ListWaiting():
                self._lists.waiting(message, request)
            case Bans(), ListBans():
                self._lists.bans(message, request)
            case Audit(), GetAudit():
                self._line.emit(AuditUpdate(message.re, message.entries, message.more))
                self._line.emit(RequestDoneUpdate(message.re, 0))
            case Done(), _:
                self._done(request)

    def _done(self, request: Request) -> None:
        match request:
            case MarkRead():
                self.marks.answered(request)
                return
            case SetPresence():
                self.presence.answered(request)
                return
            case SetNick():
                self._known_as(self._line.user, _as_shown(request.nick))
            case Claim():
                self._has_role(OWNER)
        self._line.emit(RequestDoneUpdate(request.id, getattr(request, "room", 0)))

    def _refused(self, error: Error, request: Request) -> None:
        match request:
            case Post():
                self.postman.refused(error)
            case GetHistory():
                self.follower.not_answered(request, retry_after(error))
            case MarkRead():
                self.marks.refused(request, error)
            case SetPresence():
                self.presence.refused(request, error)
            case _:
                self._not_done(request, Problem(error.code, error.text, error.suggestion))

    def _not_done(self, request: Request, problem: Problem) -> None:
        """It was refused, or its answer will not come."""
        match request:
            case GetHistory():
                self.follower.not_answered(request)
            case ListPeople() | ListRooms():
                self._lists.not_answered(request)
            case ListWaiting() | ListBans():
                self._line.emit(RequestDoneUpdate(self._lists.not_answered(request), 0, problem))
            case Post() | MarkRead() | SetPresence():
                pass  # whoever sent it sends it again
            case _:
                self._line.emit(RequestDoneUpdate(request.id, getattr(request, "room", 0), problem))

    def _stored(self, events: tuple[Event, ...]) -> None:
        """An event of ours in the log is as good as its acknowledgement."""
        for event in events:
            if event.author == self._line.user:
                self.postman.stored(event.id)


def _as_shown(nick: str) -> str:
    """As the server writes a nick that it has taken."""
    try:
        return clean_nick(nick)
    except NameProblemError:
        return nick

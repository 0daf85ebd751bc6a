"""Requests and their answers: which are under way, which wait for their turn, which are asked again.

What the user asked for while there was a connection is not forgotten when it breaks: it is asked again with the same
id, and the server knows whether it was done. An act of moderation is asked again only for a while: whoever was to be
put out an hour ago may be welcome now. What the program asks for by itself is asked anew by whoever needs it; only a
page of a list that came too early for the server's pace is asked for again here.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from qtchat.client.line import Line, retry_after
from qtchat.client.updates import Problem, ProblemCode
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    MAX_IN_FLIGHT,
    MODERATION,
    READS,
    Ack,
    AddMember,
    Approve,
    Audit,
    Ban,
    Bans,
    Claim,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    GetAudit,
    GetHistory,
    History,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Message,
    Mute,
    OpenDirect,
    People,
    React,
    ReleaseNick,
    Request,
    RevokeKey,
    Rooms,
    SetNick,
    SetPresence,
    SetRole,
    SetRoom,
    SetTopic,
    Unban,
    Unmute,
)

logger = logging.getLogger(__name__)

MAX_TRIES: Final = 8
"""How often a request is sent, over as many connections; perhaps it is what breaks them."""
ACTS_LAST: Final = 60.0
"""Seconds after the connection was lost in which an act of moderation is asked again."""
_LOST: Final = Problem(ProblemCode.OFFLINE, "The connection was lost before the answer came.")
_TOO_LATE: Final = Problem(
    ProblemCode.OFFLINE, "The connection was lost, and nobody knows whether this was done. Look when you are back."
)

Reply = Ack | Done | History | People | Rooms | Bans | Audit | Error

_REPLIES: Final[dict[type[Request], tuple[type[Message], ...]]] = {
    GetHistory: (History,),
    ListPeople: (People,),
    ListRooms: (Rooms,),
    ListBans: (Bans,),
    ListWaiting: (People,),
    GetAudit: (Audit,),
    # In a room they stand in its log, on the whole server they do not.
    SetRole: (Ack, Done),
    Kick: (Ack, Done),
    **dict.fromkeys((MarkRead, SetPresence, SetNick), (Done,)),
    **dict.fromkeys((Ban, Unban, Mute, Unmute, Approve, ReleaseNick, RevokeKey, Claim), (Done,)),
}
"""What answers a request, where it is no Ack; besides an Error."""
_ACTS: Final = (SetRole, SetRoom, Kick, Ban, Unban, Mute, Unmute, Approve, ReleaseNick, RevokeKey, Claim)
_OF_THE_USER: Final = (
    *(CreateRoom, JoinRoom, LeaveRoom, OpenDirect, AddMember, SetTopic),
    *(Edit, Delete, React, SetNick),
    *_ACTS,
)
"""What is asked again, because that is as good as asking once: the server knows each of these by its id, or it changes
nothing the second time."""
_PAGES: Final = (ListPeople, ListRooms, ListBans, ListWaiting)
"""What asks for one page of a list."""
_NEEDS: Final[dict[type[Request], str]] = {
    **dict.fromkeys((OpenDirect, AddMember, SetTopic, Edit, Delete, React, SetNick), READS),
    **dict.fromkeys((SetRole, SetRoom, Kick, Ban, Unban, Mute, Unmute, Approve), MODERATION),
    **dict.fromkeys((ReleaseNick, RevokeKey, Claim, ListBans, ListWaiting, GetAudit), MODERATION),
}
"""A server that knows them announces this; an older one would never answer."""


class Requests:
    """All requests of one account but the posts that wait to be sent. In its loop's thread only."""

    def __init__(self, line: Line, not_done: Callable[[Request, Problem], None]) -> None:
        """`not_done`: called when a request was not sent, or its answer will not come."""
        self._line = line
        self._not_done = not_done
        self._under_way: dict[bytes, Request] = {}
        self._waiting: dict[bytes, Request] = {}
        self._tries: dict[bytes, int] = {}
        self._too_early: dict[bytes, Request] = {}

    @property
    def free(self) -> int:
        """How many more may be under way."""
        return MAX_IN_FLIGHT - len(self._under_way)

    def submit(self, request: Request) -> None:
        """Send as soon as the window allows, or let it fail at once while there is no connection."""
        if not self._line.online:
            self._not_done(request, Problem(ProblemCode.OFFLINE, "There is no connection to the server now."))
        elif not self._is_known(request):
            self._not_done(request, Problem(ErrorCode.VERSION, "The server is too old for that."))
        else:
            self._waiting[request.id] = request
            self._line.pump()

    def sent(self, request: Request) -> None:
        """It is under way now."""
        self._under_way[request.id] = request

    def pump(self) -> None:
        """Send what waits, as far as the window allows."""
        while self._waiting and self._line.online and self._line.free:
            request = self._waiting.pop(next(iter(self._waiting)))
            self._tries[request.id] = self._tries.get(request.id, 0) + 1
            self._line.send(request)

    def answered(self, reply: Reply) -> Request | None:
        """What this is the answer to; None if it answers nothing."""
        request = self._under_way.get(reply.re)
        if request is None:
            logger.warning("an answer to something that was not asked: %s", type(reply).__name__)
            return None
        if not isinstance(reply, (*_REPLIES.get(type(request), (Ack,)), Error)):
            self._line.give_up(f"{type(reply).__name__} is no answer to {type(request).__name__}")
            return None
        del self._under_way[reply.re]
        if isinstance(reply, Error) and self._comes_again(request, reply):
            return None
        self._tries.pop(reply.re, None)
        return request

    def _comes_again(self, request: Request, error: Error) -> bool:
        """A page that was asked for too early is asked for again when the server says so."""
        early = isinstance(request, _PAGES) and error.retry_after_ms is not None
        if not early or self._tries.get(request.id, 0) >= MAX_TRIES:
            return False
        self._too_early[request.id] = request
        self._line.call_later(retry_after(error), partial(self._ask_again, request.id))
        return True

    def _ask_again(self, request: bytes) -> None:
        """Unless the connection has been lost meanwhile."""
        if request in self._too_early:
            self._waiting[request] = self._too_early.pop(request)
            self._line.pump()

    def lost(self) -> None:
        """The connection is gone, and with it the answers."""
        unanswered = [*self._under_way.values(), *self._waiting.values(), *self._too_early.values()]
        self._under_way.clear()
        self._too_early.clear()
        self._waiting.clear()
        tries, self._tries = self._tries, {}
        for request in unanswered:
            if isinstance(request, _OF_THE_USER) and tries.get(request.id, 0) < MAX_TRIES:
                self._waiting[request.id] = request
                self._tries[request.id] = tries.get(request.id, 0)
            else:
                self._not_done(request, _LOST)
        acts = tuple(request.id for request in self._waiting.values() if isinstance(request, _ACTS))
        if acts:
            self._line.call_later(ACTS_LAST, partial(self._too_late, acts))

    def _too_late(self, acts: tuple[bytes, ...]) -> None:
        """Those of the acts that still wait for a connection, since the one that broke then, are given up."""
        late = [request for act in acts if not self._line.online and (request := self._waiting.pop(act, None))]
        for request in late:
            self._tries.pop(request.id, None)
            self._not_done(request, _TOO_LATE)

    def drop(self, problem: Problem) -> None:
        """There will be no connection in which to ask again, or it leads elsewhere."""
        dropped = list(self._waiting.values())
        self._waiting.clear()
        self._tries.clear()
        for request in dropped:
            self._not_done(request, problem)

    def _is_known(self, request: Request) -> bool:
        """Whether this server knows such requests."""
        needed = READS if isinstance(request, CreateRoom) and request.private else _NEEDS.get(type(request))
        return needed is None or self._line.server_knows(needed)

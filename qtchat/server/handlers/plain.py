"""People without a key, who came by a plain-text door: anybody may use their names, so they own none.

Each name is a user of its own, numbered from FIRST_PLAIN_USER up: whoever comes under a name goes on as that user,
unless somebody is here under it. They are in one room, that of their door, and only while they are connected.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Final

from qtchat.protocol.messages import FIRST_PLAIN_USER, KIND_JOINED, KIND_LEFT, MAX_NICK
from qtchat.protocol.names import NameProblemError, clean_nick, fold
from qtchat.server.effects import AddMember, AddRoom, AddUser, Append, Effect, RemoveMember
from qtchat.server.handlers.login import Login
from qtchat.server.records import RoomRecord, UserRecord
from qtchat.server.state import State

GUEST: Final = "guest-{number}"
"""What those are called who said no name."""
MARK: Final = "~"
"""Stands behind a name that belongs to somebody else."""

_GUEST: Final = re.compile(r"guest-\d+")


@dataclass(frozen=True, slots=True)
class PlainLogin(Login):
    """Somebody wants to be called `nick`, if possible, in the room called `room`. `key` is empty. Without a nick: any.

    From somebody who is in already: to be called otherwise from now on.
    """

    room: str

    @property
    def parting_id(self) -> bytes:
        """For the `left` event of the old name."""
        return self.event_id[:-1] + bytes([self.event_id[-1] ^ 1])


@dataclass(frozen=True, slots=True)
class PlainLogout:
    """The connection of somebody without a key has ended. `event_id`: for the `left` event."""

    event_id: bytes


def plain_login(state: State, request: PlainLogin, now: int) -> tuple[int, Iterable[Effect]]:
    """The user's number and what must happen. A room that does not exist is made, beside a private one of its name."""
    effects: list[Effect] = []
    room = state.room_names.get(fold(request.room))
    if room is None:
        room = state.next_room
        effects.append(AddRoom(RoomRecord(room, request.room, fold(request.room), "", now, 0)))
    nick = _free_nick(state, tidy_nick(request.nick))
    user = state.plain.get(fold(nick))
    if user is None:
        user = state.next_plain_user
        effects.append(AddUser(UserRecord(user, nick, None, now)))
    if room not in state.rooms or user not in state.rooms[room].members:
        effects.append(AddMember(room, user))
    effects.append(Append(room, KIND_JOINED, request.event_id, acknowledge=False))
    return user, effects


def plain_logout(state: State, user: int, event_id: bytes) -> Iterable[Effect]:
    """What must happen when somebody without a key has left. There is one room, so one event."""
    return tuple(
        effect
        for room in sorted(state.users[user].rooms)[:1]
        for effect in (Append(room, KIND_LEFT, event_id, acknowledge=False), RemoveMember(room, user))
    )


def left_over(state: State) -> list[int]:
    """Those without a key who are still in a room, although nobody is connected: the server was ended under them."""
    return [user.id for user in state.users.values() if user.id >= FIRST_PLAIN_USER and user.rooms and not user.peers]


def tidy_nick(text: str) -> str:
    """The nearest that `text` comes to a proper nick; empty if nothing of it is left. Its owner cannot be asked again:
    those programs send the same name each time."""
    text = unicodedata.normalize("NFKC", text).replace(":", " ")
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c)[0] != "C")
    try:
        return clean_nick(visible.lstrip("#@/ \t\r\n")[:MAX_NICK])
    except NameProblemError:
        return ""


def _free_nick(state: State, wanted: str) -> str:
    """The first form of the name that no key owns and nobody else uses now."""
    for nick in _forms(wanted):
        user = state.plain.get(fold(nick))
        if (user is None or not state.users[user].peers) and not state.looks_taken(nick):
            return nick
    raise AssertionError("there is always another number")


def _forms(wanted: str) -> Iterator[str]:
    if not wanted:
        yield from (GUEST.format(number=number) for number in count(1))
    if not is_guest(wanted):  # those names are only for people who said none
        yield wanted
    for number in count(1):
        mark = MARK if number == 1 else f"{MARK}{number}"
        yield wanted[: MAX_NICK - len(mark)].rstrip() + mark


def is_guest(nick: str) -> bool:
    """Whether somebody is called so who said no name."""
    return _GUEST.fullmatch(fold(nick)) is not None

"""Who somebody is: a key is a user, and the first key to take a nick owns it."""

from collections.abc import Iterable
from dataclasses import dataclass

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_JOINED, LOBBY
from qtchat.server.effects import AddMember, AddUser, Append, ClaimNick, Effect, Refuse
from qtchat.server.handlers.nick import allowed_nick, rename
from qtchat.server.records import UserRecord
from qtchat.server.state import State


@dataclass(frozen=True, slots=True)
class Login:
    """A verified claim: whoever sent this holds `key` and wants to be called `nick`."""

    nick: str
    key: bytes
    event_id: bytes
    """For the `joined` event of a first visit."""


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """`suggestion`: a nick that is free, where that helps."""

    code: ErrorCode
    text: str
    suggestion: str = ""


def login(state: State, request: Login, now: int) -> tuple[int, Iterable[Effect]] | LoginRefused:
    """The user's number and what must happen, or why not."""
    known = state.by_key.get(request.key)
    nick = allowed_nick(state, request.nick, known)
    if isinstance(nick, Refuse):
        return LoginRefused(nick.code, nick.text, nick.suggestion)
    if known is not None:
        return known, rename(state, state.users[known], nick)
    number = state.next_user
    return number, (
        AddUser(UserRecord(number, nick, request.key, now)),
        ClaimNick(number, nick),
        AddMember(LOBBY, number),
        Append(LOBBY, KIND_JOINED, request.event_id, acknowledge=False),
    )

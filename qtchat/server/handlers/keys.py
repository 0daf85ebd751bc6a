"""Releasing a nick, and revoking a key."""

import hashlib
from collections.abc import Iterable

from qtchat.protocol import messages
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, KIND_KICKED, Done, RevokeKey, Sanction
from qtchat.protocol.names import clean_reason, fold, free_nick
from qtchat.server.effects import (
    Append,
    ClaimNick,
    Effect,
    End,
    LogAct,
    Refuse,
    ReleaseNick,
    RemoveMember,
    Reply,
    SetRole,
    TellSurely,
)
from qtchat.server.handlers.acts import circumstances, concerned, log_and_tell
from qtchat.server.handlers.direct import shown_again
from qtchat.server.handlers.succession import handed_on
from qtchat.server.records import EVERYWHERE, REVOKED
from qtchat.server.state import State, User


def release_nick(state: State, sender: User, request: messages.ReleaseNick, _now: int) -> Iterable[Effect]:
    key = fold(request.nick)
    owner = state.nicks.get(key)
    if owner is None:
        return (Refuse(ErrorCode.FORBIDDEN, f"Nobody owns the name {request.nick}."),)
    person = sender if owner == sender.id else concerned(state, sender, owner)
    if isinstance(person, Refuse):
        return (person,)
    # Two people of one name must never be seen: who is called so is called otherwise from now on.
    renamed = _free(state, person.nick) if fold(person.nick) == key else ""
    called = renamed or person.nick
    return (
        *((ClaimNick(person.id, renamed), *shown_again(state, person.id)) if renamed else ()),
        ReleaseNick(key, lost=person is not sender),
        *log_and_tell(person, Sanction("release_nick", EVERYWHERE, sender.nick, "", detail=called), called),
        Reply(Done(request.id)),
    )


def revoke_key(state: State, sender: User, request: RevokeKey, _now: int) -> Iterable[Effect]:
    person = concerned(state, sender, request.user)
    if isinstance(person, Refuse):
        return (person,)
    if person.id >= FIRST_PLAIN_USER:
        return (Refuse(ErrorCode.FORBIDDEN, f"{person.nick} has no key."),)
    reason = clean_reason(request.reason)
    told = Sanction("revoke_key", EVERYWHERE, sender.nick, reason)
    text = f"This key was revoked {circumstances(sender.nick, 0, reason)}"
    return (
        *_leave_all(state, person, request.id),
        ClaimNick(person.id, _free(state, person.nick)),
        *shown_again(state, person.id),
        *(ReleaseNick(key) for key in state.nicks_of(person.id)),
        SetRole(EVERYWHERE, person.id, REVOKED),
        LogAct("revoke_key", EVERYWHERE, person.id, reason),
        TellSurely(person.id, told),  # it is what every login with this key is told from now on
        End(person.id, ErrorCode.REVOKED, text),
        Reply(Done(request.id)),
    )


def _leave_all(state: State, person: User, request: bytes) -> Iterable[Effect]:
    for number in sorted(person.rooms):
        if state.rooms[number].kind != DIRECT:
            event_id = hashlib.sha256(request + number.to_bytes(8, "big")).digest()[:16]
            yield from handed_on(state, state.rooms[number], person, request)
            yield Append(number, KIND_KICKED, event_id, person.nick, person.id, acknowledge=False)
            yield RemoveMember(number, person.id)


def _free(state: State, nick: str) -> str:
    return free_nick(nick, state.looks_taken)

"""Who somebody is, and who comes in: a key is a user, and the first key to take a nick owns it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    KIND_JOINED,
    KIND_LEFT,
    LOBBY,
    MEMBER,
    OWNER,
    Message,
    Sanction,
    Waiting,
)
from qtchat.server.effects import (
    AddMember,
    AddUser,
    Append,
    ClaimNick,
    DropUser,
    Effect,
    Refuse,
    RemoveMember,
    SetRole,
    StillWaits,
    TellWaiting,
    Told,
)
from qtchat.server.handlers.acts import circumstances
from qtchat.server.handlers.newcomers import let_in
from qtchat.server.handlers.nick import allowed_nick, rename
from qtchat.server.handlers.roles import made_owner, opens_as_owner
from qtchat.server.handlers.voice import muted
from qtchat.server.power import Power, power_of
from qtchat.server.records import EVERYWHERE, REVOKED, WAITING, UserRecord
from qtchat.server.state import State, User

WAITING_RETRY_MS: Final = 10_000
"""When somebody who waits to be let in asks again."""
MAX_WAITING: Final = 500
"""Newcomers who wait to be let in; each of them has a name that nobody else can take."""
WAITING_LAPSE_MS: Final = 7 * 24 * 3_600_000
"""When somebody who has not asked again is forgotten."""
WAITING_NOTE_MS: Final = 3_600_000
"""How exactly it is noted when somebody asked last."""


@dataclass(frozen=True, slots=True)
class Login:
    """A verified claim: whoever sent this holds `key` and wants to be called `nick`."""

    nick: str
    key: bytes
    event_id: bytes
    """For the `joined` event of a first visit."""
    password: str = field(default="", kw_only=True)
    checked: bool = field(default=False, kw_only=True)
    """The password is right."""


@dataclass(frozen=True, slots=True)
class LoginRefused:
    """`suggestion`: a nick that is free, where that helps. `effects`: what must happen all the same, to `user`."""

    code: ErrorCode
    text: str
    suggestion: str = ""
    retry_after_ms: int | None = None
    user: int = 0
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True, slots=True)
class PasswordWanted:
    """The password has to be checked first, which takes a moment: the login then comes again."""


def login(state: State, request: Login, now: int) -> tuple[int, Iterable[Effect]] | LoginRefused | PasswordWanted:
    """The user's number and what must happen, or why not."""
    number = state.by_key.get(request.key)
    if number is None:
        return _first_login(state, request, now)
    user, hosts, examines = state.users[number], _hosts(state, request), _examines(state, request)
    if not hosts:
        refusal = kept_away(state, user)
        if refusal is not None:
            return refusal
        if user.role == WAITING and not examines:
            if state.rules.approve:
                noted = (StillWaits(number),) if state.clock - user.seen > WAITING_NOTE_MS else ()
                return _nobody_lets_in(state) or _waits(number, *noted)
            if state.rules.password and not request.checked:  # who has never been let in is still a newcomer
                return PasswordWanted()
    # Whose name was taken away comes in all the same, and is told why with the rest.
    wanted = user.nick if examines or state.lost(number, request.nick) else request.nick
    nick = _nick(state, wanted, number, examines)
    if isinstance(nick, Refuse):
        return LoginRefused(nick.code, nick.text, nick.suggestion)
    mute = muted(state, user)
    if mute is not None and nick != user.nick:
        return LoginRefused(ErrorCode.NICK_INVALID, f"Your name stays {user.nick} now. {mute.text}", user.nick)
    waits = user.role in (WAITING, REVOKED)
    came: tuple[Effect, ...] = (*let_in(state, number, request.event_id), TellWaiting()) if waits else ()
    if examines:
        came = tuple(_stays_outside(user, request))
    owns = made_owner(number) if hosts and user.role != OWNER else ()
    return number, (*came, *owns, *rename(state, user, nick))


def _first_login(
    state: State, request: Login, now: int
) -> tuple[int, Iterable[Effect]] | LoginRefused | PasswordWanted:
    rules, number = state.rules, state.next_user
    hosts, examines = _hosts(state, request), _examines(state, request)
    if rules.password and not request.checked and not hosts and not examines:
        return PasswordWanted()
    waiting = state.waiting
    lapsed = [user.id for user in waiting if state.clock - user.seen > WAITING_LAPSE_MS]
    forgotten = tuple(map(DropUser, lapsed))
    nick = _nick(state, request.nick, None, examines)
    if isinstance(nick, Refuse):  # maybe the name is free the next time
        return LoginRefused(nick.code, nick.text, nick.suggestion, effects=forgotten)
    if rules.approve and not hosts and not examines:
        closed = _nobody_lets_in(state)
        if closed is not None:
            return closed
        if len(waiting) - len(lapsed) >= MAX_WAITING:
            text = "Very many people wait to be let in just now. Please try again later."
            return LoginRefused(ErrorCode.BUSY, text, retry_after_ms=WAITING_RETRY_MS)
        record = UserRecord(number, nick, request.key, now, seen=state.clock, role=WAITING)
        return _waits(number, *forgotten, AddUser(record), ClaimNick(number, nick), TellWaiting())
    if examines:  # it is a member, since it has to write
        return number, (AddUser(UserRecord(number, nick, request.key, now)), ClaimNick(number, nick))
    return number, (
        AddUser(UserRecord(number, nick, request.key, now, role=rules.newcomer_role)),
        ClaimNick(number, nick),
        AddMember(LOBBY, number),
        Append(LOBBY, KIND_JOINED, request.event_id, acknowledge=False),
        *(made_owner(number) if hosts else ()),
    )


def _hosts(state: State, request: Login) -> bool:
    """Whether this is whoever runs the server, by the key or by the token that makes an owner: nobody has to let them
    in, and there may be nobody yet who could."""
    owner = state.rules.owner_key
    return (bool(owner) and request.key == owner) or opens_as_owner(state, request.password)


def _nobody_lets_in(state: State) -> LoginRefused | None:
    """Why nobody can wait to be let in yet, if so."""
    if not lacks_owner(state):
        return None
    text = (
        "Nobody looks after this server yet. Whoever runs it comes in by the owner token that it printed when it "
        "started, said in place of a password."
    )
    return LoginRefused(ErrorCode.PASSWORD_WRONG, text)


def lacks_owner(state: State) -> bool:
    """Whether newcomers would have to be let in, and nobody is there, nor will come by a key, who could do that."""
    return state.rules.approve and not state.rules.owner_key and not state.owned


def _examines(state: State, request: Login) -> bool:
    """Whether this is the doctor of this server, who looks whether people can talk here, and not who they are."""
    return bool(state.rules.doctor_key) and request.key == state.rules.doctor_key


def _stays_outside(user: User, request: Login) -> Iterable[Effect]:
    """The doctor is in no room with others: they would wait for ever until it has read what they say."""
    if user.role == WAITING:
        yield SetRole(EVERYWHERE, user.id, MEMBER)
        yield TellWaiting()
    if LOBBY in user.rooms:
        yield Append(LOBBY, KIND_LEFT, request.event_id, acknowledge=False)
        yield RemoveMember(LOBBY, user.id)


def _nick(state: State, wanted: str, user: int | None, examines: bool) -> str | Refuse:
    """See allowed_nick. The doctor takes what is proposed, and is told what it is called."""
    nick = allowed_nick(state, wanted, user)
    return nick.suggestion if examines and isinstance(nick, Refuse) and nick.suggestion else nick


def kept_away(state: State, user: User) -> LoginRefused | None:
    """Why this key is not accepted, if it is not."""
    notices = {notice.act: notice for notice in state.notices.get(user.id, ())}
    if user.role == REVOKED:
        told = notices.get("revoke_key")
        by = circumstances(state.users[told.by].nick, 0, told.reason) if told is not None else "here."
        return LoginRefused(ErrorCode.REVOKED, f"You can come back with a new profile: this key was revoked {by}")
    ban = state.ban_of(user.id)
    if ban is not None:
        by = circumstances(state.users[ban.by].nick, ban.until, ban.reason)
        bans = frozenset(notice.number for notice in state.notices.get(user.id, ()) if notice.act == "ban")
        effects = (Told(user.id, bans),) if bans else ()
        return LoginRefused(ErrorCode.BANNED, f"You were banned {by}", user=user.id, effects=effects)
    return None


def looks_after(state: State, request: Login) -> bool:
    """Whether this is somebody for whom the lock of an address does not hold: whoever hosts, or could lift it."""
    if request.key and request.key in (state.rules.owner_key, state.rules.doctor_key):
        return True
    user = state.by_key.get(request.key)
    return user is not None and power_of(state.users[user]) >= Power.MODERATOR


def _waits(user: int, *effects: Effect) -> LoginRefused:
    text = "Somebody who looks after this server has to let you in. Please wait; this goes on by itself."
    return LoginRefused(ErrorCode.WAITING, text, "", WAITING_RETRY_MS, user, effects)


def heard(state: State, user: int, act: int) -> Iterator[Effect]:
    """A device of this user has read all that it was told of what was done up to this act."""
    acts = frozenset(notice.number for notice in state.notices.get(user, ()) if notice.number <= act)
    if acts:
        yield Told(user, acts)


def greeting(state: State, user: User) -> Iterator[Message]:
    """What somebody who was admitted is told besides the rooms."""
    yield from state.colors
    mutes = [
        mute for mute in state.mutes.values() if mute.user == user.id and state.mute_of(user.id, mute.room) is not None
    ]
    hold = {(mute.room, mute.since) for mute in mutes}
    for told in state.notices.get(user.id, ()):
        if told.act != "mute" or (told.room, told.ts) not in hold:
            by = state.users[told.by].nick
            yield Sanction(told.act, told.room, by, told.reason, told.until, told.detail, told.ts, told.number)
    for mute in mutes:  # every time, so that the program can say why nothing can be written
        yield Sanction("mute", mute.room, state.users[mute.by].nick, mute.reason, mute.until, ts=mute.since)
    if power_of(user) >= Power.ADMIN and state.waiting:
        yield Waiting(len(state.waiting))

"""Who has which role, and becoming the owner of a server that has none."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

from qtchat.protocol import messages
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_CHANGED,
    OWNER,
    ROOM_ROLES,
    SERVER_ROLES,
    Ack,
    Claim,
    Done,
    Sanction,
)
from qtchat.server.effects import Append, Effect, LogAct, Refuse, Reply, SetRole, ShowRoom
from qtchat.server.handlers.acts import concerned, log_and_tell
from qtchat.server.power import IN_ROOM, ON_SERVER, power_of
from qtchat.server.records import EVERYWHERE
from qtchat.server.state import RoomInfo, State, User


def set_role(state: State, sender: User, request: messages.SetRole, now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    known = SERVER_ROLES if room is None else ROOM_ROLES
    if request.role not in known:
        return (Refuse(ErrorCode.FORBIDDEN, f"The roles are {', '.join(known)}."),)
    person = sender if request.user == sender.id else concerned(state, sender, request.user, room)
    if isinstance(person, Refuse):
        return (person,)
    has = person.role if room is None else room.role(person.id)
    refusal = _refusal(state, sender, person, room, request.role, has)
    if refusal is not None:
        return (refusal,)
    given = (
        SetRole(request.room, person.id, request.role),
        *log_and_tell(person, Sanction("set_role", request.room, sender.nick, "", detail=request.role), request.role),
    )
    if room is None:
        return (*(given if has != request.role else ()), Reply(Done(request.id)))
    if has == request.role:
        return (Reply(Ack(request.id, room.id, room.head, now, duplicate=True)),)
    return (
        *given,
        ShowRoom(room.id, person.id),
        Append(room.id, KIND_CHANGED, request.id, f"role {request.role} {person.nick}", person.id),
    )


def _refusal(state: State, sender: User, person: User, room: RoomInfo | None, role: str, has: str) -> Refuse | None:
    """Why this role cannot be given to this person by this sender."""
    if person.id >= FIRST_PLAIN_USER:
        return Refuse(ErrorCode.FORBIDDEN, f"{person.nick} has no key, and so cannot have a role.")
    if room is not None and person.id not in room.members:
        return Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is not in {room.name}.")
    new, own = (ON_SERVER[role], power_of(sender)) if room is None else (IN_ROOM[role], power_of(sender, room))
    makes_equal = role == OWNER and new == own  # owners may make others owners
    if role != has and (new > own or (new == own and person is not sender and not makes_equal)):
        return Refuse(ErrorCode.FORBIDDEN, "Only a role below your own can be given.")
    if has == OWNER and role != OWNER:
        roles = [user.role for user in state.users.values()] if room is None else list(room.roles.values())
        if roles.count(OWNER) == 1:
            who = "You are" if person is sender else f"{person.nick} is"
            return Refuse(ErrorCode.FORBIDDEN, f"{who} the only owner: make somebody else an owner before.")
    return None


def claim(state: State, sender: User, request: Claim, _now: int) -> Iterable[Effect]:
    if sender.role == OWNER:  # a repeated request
        return (Reply(Done(request.id)),)
    if state.owned:
        return (Refuse(ErrorCode.FORBIDDEN, "This server has an owner already."),)
    if not state.rules.claim or not hmac.compare_digest(claim_hash(request.token), state.rules.claim):
        return (Refuse(ErrorCode.FORBIDDEN, "That is not the token that the server shows when it starts."),)
    return (*made_owner(sender.id), Reply(Done(request.id)))


def opens_as_owner(state: State, token: str) -> bool:
    """Whether this is the token that makes an owner, while there is none."""
    claim = state.rules.claim
    return bool(claim) and hmac.compare_digest(claim_hash(token), claim) and not state.owned


def made_owner(user: int) -> Iterable[Effect]:
    return (SetRole(EVERYWHERE, user, OWNER), LogAct("claim", user=user, detail=OWNER))


def new_token() -> str:
    """Four groups of five characters: 100 bits, as short as it can be typed."""
    text = base64.b32encode(secrets.token_bytes(15)).decode()[:20]
    return "-".join(text[start : start + 5] for start in range(0, 20, 5))


def claim_hash(token: str) -> bytes:
    """What the server keeps of the token. Case, spaces and hyphens do not matter."""
    return hashlib.sha256("".join(token.split()).replace("-", "").upper().encode()).digest()

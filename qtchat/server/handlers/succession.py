"""Who looks after a room when its only owner goes: a private one would be nobody's for ever."""

import hashlib
from collections.abc import Iterable

from qtchat.protocol.messages import FIRST_PLAIN_USER, GUEST, KIND_CHANGED, MODERATOR, OWNER
from qtchat.server.effects import Append, Effect, SetRole, ShowRoom
from qtchat.server.records import REVOKED
from qtchat.server.state import RoomInfo, State, User


def handed_on(state: State, room: RoomInfo, person: User, request: bytes) -> Iterable[Effect]:
    """What happens before `person` is a member of the room no more. `request`: id of the request that says so."""
    if room.role(person.id) != OWNER or list(room.roles.values()).count(OWNER) > 1:
        return ()
    heir = _heir(state, room, person)
    if heir is None:
        return ()
    event_id = hashlib.sha256(b"heir" + request + room.id.to_bytes(8, "big")).digest()[:16]
    return (
        SetRole(room.id, heir.id, OWNER),
        ShowRoom(room.id, heir.id),
        Append(room.id, KIND_CHANGED, event_id, f"role {OWNER} {heir.nick}", heir.id, acknowledge=False),
    )


def _heir(state: State, room: RoomInfo, person: User) -> User | None:
    """A moderator before the other members, and who has been on the server longest before the others."""
    candidates = [
        number
        for number in room.order
        if number != person.id and number < FIRST_PLAIN_USER and state.users[number].role not in (GUEST, REVOKED)
    ]
    moderators = [number for number in candidates if room.role(number) == MODERATOR]
    found = moderators or candidates
    return state.users[found[0]] if found else None

"""How much somebody may do, and who may speak: what the server decides, so that a view offers only what will work."""

from enum import Enum, IntEnum
from typing import Final

from qtchat.client.state.rows import RoomState
from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    GUEST,
    MEMBER,
    MODERATOR,
    OWNER,
    ROOM_ROLES,
    SERVER_ROLES,
)


class Power(IntEnum):
    """Roles on the server and in rooms as one scale. Nobody acts on somebody of the same or greater power."""

    GUEST = 0
    MEMBER = 1
    ROOM_MODERATOR = 2
    ROOM_OWNER = 3
    MODERATOR = 4
    ADMIN = 5
    OWNER = 6


class Silence(Enum):
    """Why somebody may only read."""

    GUEST = "guest"
    MUTED = "muted"
    FROZEN = "frozen"
    ANNOUNCEMENT = "announcement"


_ON_SERVER: Final = {
    OWNER: Power.OWNER,
    ADMIN: Power.ADMIN,
    MODERATOR: Power.MODERATOR,
    MEMBER: Power.MEMBER,
    GUEST: Power.GUEST,
}
_IN_ROOM: Final = {OWNER: Power.ROOM_OWNER, MODERATOR: Power.ROOM_MODERATOR, MEMBER: Power.MEMBER}


def power_of(role: str, room: RoomState | None = None, room_role: str = MEMBER) -> Power:
    """Of somebody with this role on the server, and `room_role` in the room. A role that a newer server made up is no
    more than a member's."""
    on_server = _ON_SERVER.get(role, Power.MEMBER)
    if room is None or on_server is Power.GUEST:
        return on_server
    if room.kind == DIRECT:
        return Power.MEMBER
    return max(on_server, _IN_ROOM.get(room_role, Power.MEMBER))


def assignable(own: Power, room: RoomState | None = None) -> tuple[str, ...]:
    """The roles that somebody of this power may give, by falling power: those below the own, and owners make owners."""
    scale, roles = (_ON_SERVER, SERVER_ROLES) if room is None else (_IN_ROOM, ROOM_ROLES)
    return tuple(role for role in roles if scale[role] < own or (role == OWNER and scale[role] == own))


def silence(role: str, room: RoomState, now: int) -> Silence | None:
    """Why we, with this role on the server, may not write in `room`; None: we may. `now`: ms since 1970, UTC."""
    if role == GUEST:
        return Silence.GUEST
    if room.muted_until is not None and (room.muted_until == 0 or room.muted_until > now):
        return Silence.MUTED
    if room.frozen:
        return Silence.FROZEN
    if room.announcement and power_of(role, room, room.role) < Power.ROOM_MODERATOR:
        return Silence.ANNOUNCEMENT
    return None

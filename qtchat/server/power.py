"""How much somebody may do: roles on the server and in rooms as one scale."""

from enum import IntEnum
from typing import Final

from qtchat.protocol.messages import ADMIN, DIRECT, GUEST, MEMBER, MODERATOR, OWNER
from qtchat.server.records import REVOKED, WAITING
from qtchat.server.state import RoomInfo, User


class Power(IntEnum):
    """Nobody acts on somebody of the same or greater power."""

    GUEST = 0
    MEMBER = 1
    ROOM_MODERATOR = 2
    ROOM_OWNER = 3
    MODERATOR = 4
    ADMIN = 5
    OWNER = 6


ON_SERVER: Final = {
    OWNER: Power.OWNER,
    ADMIN: Power.ADMIN,
    MODERATOR: Power.MODERATOR,
    MEMBER: Power.MEMBER,
    GUEST: Power.GUEST,
    WAITING: Power.GUEST,
    REVOKED: Power.GUEST,
}
IN_ROOM: Final = {OWNER: Power.ROOM_OWNER, MODERATOR: Power.ROOM_MODERATOR, MEMBER: Power.MEMBER}


def power_of(user: User, room: RoomInfo | None = None) -> Power:
    """In a room, or on the whole server. A guest stays one, and nobody is more than the other in a room of two."""
    on_server = ON_SERVER[user.role]
    if room is None or on_server is Power.GUEST:
        return on_server
    if room.kind == DIRECT:
        return Power.MEMBER
    return max(on_server, IN_ROOM[room.role(user.id)])


def who_may(power: Power, room: RoomInfo | None) -> str:
    """One sentence that says who may do what needs this much."""
    if power is Power.ROOM_MODERATOR and room is not None:
        return f"Only the owner and the moderators of {room.name}, and moderators of this server, may do that."
    if power is Power.ROOM_OWNER and room is not None:
        return f"Only the owner of {room.name}, and moderators of this server, may do that."
    if power <= Power.MODERATOR:
        return "Only the moderators and admins of this server may do that."
    return "Only the admins of this server may do that."

"""What we may do with somebody or with a room, as far as the roles are known here. The server decides in the end."""

from enum import Enum

from PySide6.QtCore import QCoreApplication

from qtchat.client.state import Power, RoomState, ServerState, is_plain
from qtchat.client.updates import Phase
from qtchat.gui.models.words import one_line
from qtchat.protocol.messages import ADMIN, DIRECT, GUEST, LOBBY, MEMBER, MODERATOR, OWNER, Person

translate = QCoreApplication.translate

MARKED_ROLES = (OWNER, ADMIN, MODERATOR)
"""Roles that are shown beside a name, by falling power."""


class Act(Enum):
    """What can be done with somebody, in the open room or on the whole server, in the order of a menu."""

    ROOM_ROLE = "room_role"
    ROOM_MUTE = "room_mute"
    ROOM_UNMUTE = "room_unmute"
    ROOM_KICK = "room_kick"
    ROLE = "role"
    MUTE = "mute"
    UNMUTE = "unmute"
    KICK = "kick"
    BAN = "ban"
    RELEASE_NICK = "release_nick"
    REVOKE_KEY = "revoke_key"


IN_ROOM = frozenset({Act.ROOM_ROLE, Act.ROOM_MUTE, Act.ROOM_UNMUTE, Act.ROOM_KICK})
"""Acts that hold in one room; the others hold on the whole server."""


def acts_on(state: ServerState, user: int, room: RoomState | None = None) -> tuple[Act, ...]:
    """What we may do with `user` now, in `room` and on the server. Nobody acts on themselves by a menu."""
    if state.phase is not Phase.ONLINE or user == state.own:
        return ()
    acts: set[Act] = set()
    if room is not None and room.kind != DIRECT and user in room.members and state.may_act_on(user, room.number):
        acts |= _in_room(state.power(room.number), user, room)
    if state.may_act_on(user):
        acts |= _on_server(state.power(), user)
    return tuple(act for act in Act if act in acts)


def _in_room(power: Power, user: int, room: RoomState) -> set[Act]:
    acts: set[Act] = set()
    if power >= Power.ROOM_MODERATOR:
        acts |= {Act.ROOM_MUTE, Act.ROOM_UNMUTE}
        if room.number != LOBBY or is_plain(user):
            acts.add(Act.ROOM_KICK)
    if power >= Power.ROOM_OWNER and not is_plain(user):
        acts.add(Act.ROOM_ROLE)
    return acts


def _on_server(power: Power, user: int) -> set[Act]:
    acts: set[Act] = set()
    if power >= Power.MODERATOR:
        acts |= {Act.MUTE, Act.UNMUTE, Act.KICK, Act.BAN}
    if power >= Power.ADMIN and not is_plain(user):
        acts |= {Act.ROLE, Act.RELEASE_NICK, Act.REVOKE_KEY}
    return acts


def may_change(state: ServerState, room: RoomState) -> bool:
    """May we change the settings of this room now?"""
    online = state.phase is Phase.ONLINE
    return online and room.kind != DIRECT and state.power(room.number) >= Power.ROOM_MODERATOR


def shown_role(person: Person, room: RoomState | None = None) -> str:
    """The role to show beside a name: the one on the server, else the one in the room; "" for a mere member."""
    if person.role in MARKED_ROLES:
        return person.role
    role = room.role_of(person.user) if room is not None and room.kind != DIRECT else MEMBER
    return role if role in MARKED_ROLES else ""


def role_word(role: str) -> str:
    """What a role is called; one that a newer server made up keeps its own name."""
    known = {
        OWNER: translate("Moderation", "owner"),
        ADMIN: translate("Moderation", "admin"),
        MODERATOR: translate("Moderation", "moderator"),
        MEMBER: translate("Moderation", "member"),
        GUEST: translate("Moderation", "guest"),
    }
    return known.get(role) or one_line(role)

"""What each request does: pure functions (state, sender, request, now) -> effects, one file per feature.

COMMANDS is the whole list. An entry declares what must be true before its handler runs; that is checked once,
in `handle`. A request type without an entry fails tests/server/handlers/test_commands.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    DIRECT,
    AddMember,
    Approve,
    Ban,
    Claim,
    CreateRoom,
    Delete,
    Edit,
    GetAudit,
    GetHistory,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Mute,
    OpenDirect,
    Post,
    React,
    ReleaseNick,
    Request,
    RevokeKey,
    SetNick,
    SetPresence,
    SetRole,
    SetRoom,
    SetTopic,
    Unban,
    Unmute,
)
from qtchat.server.effects import Effect, Refuse
from qtchat.server.handlers import (
    amend,
    direct,
    history,
    keys,
    newcomers,
    nick,
    people,
    posts,
    presence,
    reactions,
    reads,
    roles,
    rooms,
    sanctions,
    settings,
)
from qtchat.server.handlers.voice import silenced
from qtchat.server.power import Power, power_of, who_may
from qtchat.server.records import EVERYWHERE
from qtchat.server.state import RoomInfo, State, User
from qtchat.server.targets import Target

Handler = Callable[[State, User, Any, Any], Iterable[Effect]]
"""(state, sender, request, now) -> effects; where the table says `target`, (state, sender, request, target)."""


@dataclass(frozen=True, slots=True)
class Command:
    """`mutates`: it changes the log, so a repeated id is answered from the log. `recorded`: it may stand in the audit
    log, so a repeated id is answered from there, if it does. `paced`: it costs the disk, so one user may not do it too
    fast; what stands in a log is always so. `listing`: it costs the hub's time, which is limited in the same way.
    `room`: its room must exist, as far as the sender may know.
    `member`: the sender must be in it. `shared`: it must not be a direct one. `voice`: who may only read must not do
    it. `power`: what the sender needs at least, in the room if it names one; `everywhere`: its `room` may be
    EVERYWHERE, and this is what it needs then. `oneself`: nothing of it where its `user` is the sender. `target`: its
    `seq` must be that of a post in the room; `own`: of the sender's, or of somebody on whom the sender may act, with
    the power `others`."""

    handler: Handler
    mutates: bool = False
    recorded: bool = False
    paced: bool = False
    listing: bool = False
    room: bool = False
    member: bool = False
    shared: bool = False
    voice: bool = False
    power: Power = Power.GUEST
    everywhere: Power | None = None
    oneself: bool = False
    target: bool = False
    own: bool = False
    others: Power | None = None


COMMANDS: Final[dict[type[Request], Command]] = {
    Post: Command(posts.post, mutates=True, room=True, member=True, voice=True),
    Edit: Command(amend.edit, mutates=True, room=True, member=True, voice=True, target=True, own=True),
    Delete: Command(
        amend.delete,
        mutates=True,
        recorded=True,
        room=True,
        member=True,
        target=True,
        own=True,
        others=Power.ROOM_MODERATOR,
    ),
    React: Command(reactions.react, mutates=True, room=True, member=True, voice=True, target=True),
    CreateRoom: Command(rooms.create, mutates=True, voice=True),
    OpenDirect: Command(direct.open_direct, mutates=True, voice=True),
    JoinRoom: Command(rooms.join, mutates=True, room=True),
    LeaveRoom: Command(rooms.leave, mutates=True, room=True, shared=True),
    AddMember: Command(rooms.add, mutates=True, room=True, member=True, shared=True, voice=True),
    SetTopic: Command(rooms.set_topic, mutates=True, room=True, member=True, shared=True, voice=True),
    SetRoom: Command(
        settings.set_room, mutates=True, recorded=True, room=True, shared=True, power=Power.ROOM_MODERATOR
    ),
    SetRole: Command(
        roles.set_role,
        mutates=True,
        recorded=True,
        room=True,
        shared=True,
        power=Power.ROOM_OWNER,
        everywhere=Power.ADMIN,
        oneself=True,
    ),
    Kick: Command(
        sanctions.kick,
        mutates=True,
        recorded=True,
        room=True,
        shared=True,
        power=Power.ROOM_MODERATOR,
        everywhere=Power.MODERATOR,
    ),
    Mute: Command(
        sanctions.mute, recorded=True, room=True, shared=True, power=Power.ROOM_MODERATOR, everywhere=Power.MODERATOR
    ),
    Unmute: Command(
        sanctions.unmute, recorded=True, room=True, shared=True, power=Power.ROOM_MODERATOR, everywhere=Power.MODERATOR
    ),
    Ban: Command(sanctions.ban, recorded=True, power=Power.MODERATOR),
    Unban: Command(sanctions.unban, recorded=True, power=Power.MODERATOR),
    Approve: Command(newcomers.approve, recorded=True, power=Power.ADMIN),
    ReleaseNick: Command(keys.release_nick, recorded=True, power=Power.ADMIN),
    RevokeKey: Command(keys.revoke_key, recorded=True, power=Power.ADMIN),
    Claim: Command(roles.claim, recorded=True),
    # Not paced: it writes only what is new, so its cost is bounded by what others say.
    MarkRead: Command(reads.mark, room=True, member=True),
    SetPresence: Command(presence.set_presence, paced=True),
    SetNick: Command(nick.set_nick, paced=True),
    ListRooms: Command(rooms.directory, listing=True),
    GetHistory: Command(history.get, room=True, member=True),
    ListPeople: Command(people.members, listing=True, room=True, member=True),
    ListBans: Command(sanctions.list_bans, listing=True, power=Power.MODERATOR),
    ListWaiting: Command(newcomers.list_waiting, listing=True, power=Power.ADMIN),
    GetAudit: Command(history.get, power=Power.ADMIN),
}


def handle(state: State, sender: User, request: Request, now: int, target: Target | None = None) -> Iterable[Effect]:
    """Check the request's preconditions, then let its handler say what happens.

    `now`: ms since 1970, UTC. `target`: the post that the request is about, where the table says `target`.
    """
    command = COMMANDS[type(request)]
    room: RoomInfo | None = None
    needed = command.power
    if command.room:
        number: int = request.room  # type: ignore[attr-defined]  # the table says that it has one
        if number == EVERYWHERE and command.everywhere is not None:
            needed = command.everywhere
        else:
            room = state.rooms.get(number)
            if room is None or not state.visible(room, sender.id):
                return (Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room."),)
    if command.oneself and request.user == sender.id:  # type: ignore[attr-defined]  # the table says that it has one
        needed = Power.GUEST
    refusal = _refusal(state, command, sender, room, needed)
    if refusal is not None:
        return (refusal,)
    if not command.target:
        return command.handler(state, sender, request, now)
    if target is None:
        return (Refuse(ErrorCode.FORBIDDEN, "There is no such message."),)
    if command.own and target.author != sender.id and not _may_act(state, command, sender, room, target):
        return (Refuse(ErrorCode.FORBIDDEN, "That message is somebody else's."),)
    return command.handler(state, sender, request, target)


def _refusal(state: State, command: Command, sender: User, room: RoomInfo | None, needed: Power) -> Refuse | None:
    """Why the sender may not do this, in `room` if it is about one."""
    if room is not None:
        if command.member and sender.id not in room.members:
            return Refuse(ErrorCode.NOT_MEMBER, f"You are not in the room {room.name}.")
        if command.shared and room.kind == DIRECT:
            return Refuse(ErrorCode.FORBIDDEN, "A conversation of two stays one of these two.")
    if power_of(sender, room) < needed:
        return Refuse(ErrorCode.FORBIDDEN, who_may(needed, room))
    return silenced(state, sender, room) if command.voice else None


def _may_act(state: State, command: Command, sender: User, room: RoomInfo | None, target: Target) -> bool:
    """Whether the sender may do this to somebody else's message."""
    power = power_of(sender, room)
    return command.others is not None and power >= command.others and power > power_of(state.users[target.author], room)

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
    CreateRoom,
    Delete,
    Edit,
    GetHistory,
    JoinRoom,
    LeaveRoom,
    ListPeople,
    ListRooms,
    MarkRead,
    OpenDirect,
    Post,
    React,
    Request,
    SetNick,
    SetPresence,
    SetTopic,
)
from qtchat.server.effects import Effect, Refuse
from qtchat.server.handlers import amend, direct, history, nick, people, posts, presence, reactions, reads, rooms
from qtchat.server.state import State, User
from qtchat.server.targets import Target

Handler = Callable[[State, User, Any, Any], Iterable[Effect]]
"""(state, sender, request, now) -> effects; where the table says `target`, (state, sender, request, target)."""


@dataclass(frozen=True, slots=True)
class Command:
    """`mutates`: it changes the log, so a repeated id is answered from the log. `paced`: it costs the disk, so one
    user may not do it too fast; what mutates is always so. `room`: its room must exist, as far as the sender may know.
    `member`: the sender must be in it. `shared`: it must not be a direct one. `target`: its `seq` must be that of a
    post in the room; `own`: of the sender's."""

    handler: Handler
    mutates: bool = False
    paced: bool = False
    room: bool = False
    member: bool = False
    shared: bool = False
    target: bool = False
    own: bool = False


COMMANDS: Final[dict[type[Request], Command]] = {
    Post: Command(posts.post, mutates=True, room=True, member=True),
    Edit: Command(amend.edit, mutates=True, room=True, member=True, target=True, own=True),
    Delete: Command(amend.delete, mutates=True, room=True, member=True, target=True, own=True),
    React: Command(reactions.react, mutates=True, room=True, member=True, target=True),
    CreateRoom: Command(rooms.create, mutates=True),
    OpenDirect: Command(direct.open_direct, mutates=True),
    JoinRoom: Command(rooms.join, mutates=True, room=True),
    LeaveRoom: Command(rooms.leave, mutates=True, room=True, shared=True),
    AddMember: Command(rooms.add, mutates=True, room=True, member=True, shared=True),
    SetTopic: Command(rooms.set_topic, mutates=True, room=True, member=True, shared=True),
    # Not paced: it writes only what is new, so its cost is bounded by what others say.
    MarkRead: Command(reads.mark, room=True, member=True),
    SetPresence: Command(presence.set_presence, paced=True),
    SetNick: Command(nick.set_nick, paced=True),
    ListRooms: Command(rooms.directory),
    GetHistory: Command(history.get, room=True, member=True),
    ListPeople: Command(people.members, room=True, member=True),
}


def handle(state: State, sender: User, request: Request, now: int, target: Target | None = None) -> Iterable[Effect]:
    """Check the request's preconditions, then let its handler say what happens.

    `now`: ms since 1970, UTC. `target`: the post that the request is about, where the table says `target`.
    """
    command = COMMANDS[type(request)]
    if command.room:
        number: int = request.room  # type: ignore[attr-defined]  # the table says that it has one
        room = state.rooms.get(number)
        if room is None or not state.visible(room, sender.id):
            return (Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room."),)
        if command.member and sender.id not in room.members:
            return (Refuse(ErrorCode.NOT_MEMBER, f"You are not in the room {room.name}."),)
        if command.shared and room.kind == DIRECT:
            return (Refuse(ErrorCode.FORBIDDEN, "A conversation of two stays one of these two."),)
    if not command.target:
        return command.handler(state, sender, request, now)
    if target is None:
        return (Refuse(ErrorCode.FORBIDDEN, "There is no such message."),)
    if command.own and target.author != sender.id:
        return (Refuse(ErrorCode.FORBIDDEN, "That message is somebody else's."),)
    return command.handler(state, sender, request, target)

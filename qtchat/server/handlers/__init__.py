"""What each request does: pure functions (state, sender, request, now) -> effects, one file per feature.

COMMANDS is the whole list. An entry declares what must be true before its handler runs; that is checked once,
in `handle`. A request type without an entry fails tests/server/handlers/test_commands.py.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    CreateRoom,
    GetHistory,
    JoinRoom,
    LeaveRoom,
    ListPeople,
    ListRooms,
    Post,
    Request,
)
from qtchat.server.effects import Effect, Refuse
from qtchat.server.handlers import history, people, posts, rooms
from qtchat.server.state import State, User

Handler = Callable[[State, User, Any, int], Iterable[Effect]]


@dataclass(frozen=True, slots=True)
class Command:
    """`mutates`: it changes the log, so a repeated id is answered from the log. `room`: its room must exist.
    `member`: the sender must be in it."""

    handler: Handler
    mutates: bool = False
    room: bool = False
    member: bool = False


COMMANDS: Final[dict[type[Request], Command]] = {
    Post: Command(posts.post, mutates=True, room=True, member=True),
    CreateRoom: Command(rooms.create, mutates=True),
    JoinRoom: Command(rooms.join, mutates=True, room=True),
    LeaveRoom: Command(rooms.leave, mutates=True, room=True),
    ListRooms: Command(rooms.directory),
    GetHistory: Command(history.get, room=True, member=True),
    ListPeople: Command(people.members, room=True, member=True),
}


def handle(state: State, sender: User, request: Request, now: int) -> Iterable[Effect]:
    """Check the request's preconditions, then let its handler say what happens. `now`: ms since 1970, UTC."""
    command = COMMANDS[type(request)]
    if command.room:
        number: int = request.room  # type: ignore[attr-defined]  # the table says that it has one
        room = state.rooms.get(number)
        if room is None:
            return (Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room."),)
        if command.member and sender.id not in room.members:
            return (Refuse(ErrorCode.NOT_MEMBER, f"You are not in the room {room.name}."),)
    return command.handler(state, sender, request, now)

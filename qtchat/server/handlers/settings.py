"""Changing what a room is: its name, who may enter, and who may speak."""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from qtchat.protocol import messages
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_CHANGED, LOBBY, PRIVATE, PUBLIC, Ack
from qtchat.protocol.names import NameProblemError, clean_room_name, fold
from qtchat.server.effects import Append, ChangeRoom, Effect, LogAct, Refuse, Reply, ShowRoom
from qtchat.server.handlers.voice import muted
from qtchat.server.looks import looks_of
from qtchat.server.records import RoomRecord
from qtchat.server.state import RoomInfo, State, User

MAX_SLOW_MS: Final = 3_600_000
"""Milliseconds between two posts of one member in the slowest of rooms."""


def set_room(state: State, sender: User, request: messages.SetRoom, now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    refusal = muted(state, sender, room) if request.setting == "name" else None
    if refusal is not None:
        return (refusal,)
    was = _record(room)
    becomes = _changed(state, room, was, request.setting, request.value)
    if isinstance(becomes, Refuse):
        return (becomes,)
    if becomes == was:
        return (Reply(Ack(request.id, room.id, room.head, now, duplicate=True)),)
    value = becomes.name if request.setting == "name" else str(int(request.value))
    said = f"{request.setting} {value}"
    return (
        ChangeRoom(becomes),
        *(ShowRoom(room.id, member) for member in sorted(room.members) if state.users[member].peers),
        Append(room.id, KIND_CHANGED, request.id, said),
        LogAct("set_room", room.id, detail=said if room.kind == PUBLIC or request.setting != "name" else "name"),
    )


def name_taken(state: State, name: str, room: int = 0) -> Refuse | None:
    """Whether another public room than `room` is called so, or looks so."""
    for look in looks_of(name):
        other = state.room_looks.get(look, room)
        if other != room:
            return Refuse(ErrorCode.ROOM_TAKEN, f"There is already a room called {state.rooms[other].name}.")
    return None


def _record(room: RoomInfo) -> RoomRecord:
    key = fold(room.name) if room.kind == PUBLIC else None
    flags = int(room.announcement), int(room.frozen)
    return RoomRecord(room.id, room.name, key, room.topic, room.created, 0, room.kind, None, *flags, room.slow_ms)


def _changed(state: State, room: RoomInfo, was: RoomRecord, setting: str, value: str) -> RoomRecord | Refuse:
    match setting, value:
        case ("name", _) | ("private", "1") if room.id == LOBBY:
            return Refuse(
                ErrorCode.FORBIDDEN, f"Everybody is in {room.name}: it keeps its name, and cannot be private."
            )
        case "name", _:
            return _renamed(state, was, value)
        case "private", "1":
            return structs.replace(was, kind=PRIVATE, name_key=None)
        case "private", "0":
            opened = structs.replace(was, kind=PUBLIC, name_key=fold(room.name))
            return name_taken(state, room.name, room.id) or opened
        case "announcement", "0" | "1":
            return structs.replace(was, announcement=int(value))
        case "frozen", "0" | "1":
            return structs.replace(was, frozen=int(value))
        case "slow_ms", _ if value.isascii() and value.isdecimal() and len(value) < 8 and int(value) <= MAX_SLOW_MS:
            return structs.replace(was, slow_ms=int(value))
    return Refuse(ErrorCode.FORBIDDEN, f"A room's {setting} cannot be {value}.")


def _renamed(state: State, was: RoomRecord, wanted: str) -> RoomRecord | Refuse:
    try:
        name = clean_room_name(wanted)
    except NameProblemError as problem:
        return Refuse(ErrorCode.ROOM_INVALID, str(problem))
    if was.kind == PRIVATE:  # it may have any name, as when it is made
        return structs.replace(was, name=name)
    return name_taken(state, name, was.id) or structs.replace(was, name=name, name_key=fold(name))

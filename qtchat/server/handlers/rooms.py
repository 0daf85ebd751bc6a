"""Rooms: create, join, leave, and the directory."""

from collections.abc import Iterable
from itertools import islice

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    KIND_CREATED,
    KIND_JOINED,
    KIND_LEFT,
    LOBBY,
    MAX_PAGE,
    Ack,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    Rooms,
)
from qtchat.protocol.names import NameProblemError, clean_room_name, clean_topic, fold
from qtchat.server.effects import AddMember, AddRoom, Append, Effect, Refuse, RemoveMember, Reply, ShowRoom
from qtchat.server.handlers.pages import fit
from qtchat.server.records import RoomRecord
from qtchat.server.state import State, User


def create(state: State, sender: User, request: CreateRoom, now: int) -> Iterable[Effect]:
    try:
        name = clean_room_name(request.name)
    except NameProblemError as problem:
        return (Refuse(ErrorCode.ROOM_INVALID, str(problem)),)
    if fold(name) in state.room_names:
        return (Refuse(ErrorCode.ROOM_TAKEN, f"There is already a room called {name}."),)
    number = state.next_room
    record = RoomRecord(number, name, fold(name), clean_topic(request.topic), now, 0)
    return (
        AddRoom(record),
        AddMember(number, sender.id),
        ShowRoom(number, sender.id),
        Append(number, KIND_CREATED, request.id, name),
    )


def join(state: State, sender: User, request: JoinRoom, now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    if sender.id in room.members:
        return (ShowRoom(room.id, sender.id), Reply(Ack(request.id, room.id, room.head, now, duplicate=True)))
    return (
        AddMember(room.id, sender.id),
        ShowRoom(room.id, sender.id),
        Append(room.id, KIND_JOINED, request.id),
    )


def leave(state: State, sender: User, request: LeaveRoom, now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    if room.id == LOBBY:
        return (Refuse(ErrorCode.FORBIDDEN, f"Everybody stays in {room.name}."),)
    if sender.id not in room.members:
        return (Reply(Ack(request.id, room.id, room.head, now, duplicate=True)),)
    return (
        Append(room.id, KIND_LEFT, request.id),
        RemoveMember(room.id, sender.id),
        ShowRoom(room.id, sender.id),
    )


def directory(state: State, sender: User, request: ListRooms, _now: int) -> Iterable[Effect]:
    # Rooms are never deleted, so the dictionary is in the order of their numbers.
    found = (state.describe(room, sender.id) for room in state.rooms.values() if room.id > request.after)
    page, more = fit(list(islice(found, MAX_PAGE + 1)), MAX_PAGE)
    return (Reply(Rooms(request.id, page, more)),)

"""Rooms: create, join, leave, add somebody, topics, and the directory."""

from collections.abc import Iterable
from itertools import islice

from qtchat.protocol import messages
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_ADDED,
    KIND_CREATED,
    KIND_JOINED,
    KIND_LEFT,
    KIND_TOPIC,
    LOBBY,
    MAX_PAGE,
    OWNER,
    PRIVATE,
    PUBLIC,
    Ack,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    Rooms,
)
from qtchat.protocol.names import NameProblemError, clean_room_name, clean_topic, fold
from qtchat.server.effects import AddMember, AddRoom, Append, Effect, Refuse, RemoveMember, Reply, SetTopic, ShowRoom
from qtchat.server.handlers.pages import fit
from qtchat.server.handlers.settings import name_taken
from qtchat.server.handlers.succession import handed_on
from qtchat.server.records import RoomRecord
from qtchat.server.state import State, User


def create(state: State, sender: User, request: CreateRoom, now: int) -> Iterable[Effect]:
    try:
        name = clean_room_name(request.name)
    except NameProblemError as problem:
        return (Refuse(ErrorCode.ROOM_INVALID, str(problem)),)
    # Private rooms may have any name: who is not in them must not find out what they are called.
    key = None if request.private else fold(name)
    taken = None if request.private else name_taken(state, name)
    if taken is not None:
        return (taken,)
    number = state.next_room
    kind = PRIVATE if request.private else PUBLIC
    record = RoomRecord(number, name, key, clean_topic(request.topic), now, 0, kind)
    return (
        AddRoom(record),
        AddMember(number, sender.id, OWNER),
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
        *handed_on(state, room, sender, request.id),
        Append(room.id, KIND_LEFT, request.id),
        RemoveMember(room.id, sender.id),
        ShowRoom(room.id, sender.id),
    )


def add(state: State, _sender: User, request: messages.AddMember, now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    person = state.somebody(request.user)
    if person is None:
        return (Refuse(ErrorCode.FORBIDDEN, "There is nobody with this number."),)
    if person.id >= FIRST_PLAIN_USER:
        return (Refuse(ErrorCode.FORBIDDEN, f"{person.nick} has a program that knows one room only."),)
    if person.id in room.members:
        return (Reply(Ack(request.id, room.id, room.head, now, duplicate=True)),)
    return (
        AddMember(room.id, person.id),
        ShowRoom(room.id, person.id),
        Append(room.id, KIND_ADDED, request.id, person.nick, person.id),
    )


def set_topic(_state: State, _sender: User, request: messages.SetTopic, _now: int) -> Iterable[Effect]:
    topic = clean_topic(request.topic)
    return (SetTopic(request.room, topic), Append(request.room, KIND_TOPIC, request.id, topic))


def directory(state: State, sender: User, request: ListRooms, _now: int) -> Iterable[Effect]:
    # Rooms are never deleted, so their numbers have no large gaps.
    rooms = (state.rooms.get(number) for number in range(request.after + 1, state.next_room))
    found = (state.describe(room, sender.id) for room in rooms if room is not None and state.visible(room, sender.id))
    page, more = fit(list(islice(found, MAX_PAGE + 1)), MAX_PAGE)
    return (Reply(Rooms(request.id, page, more)),)

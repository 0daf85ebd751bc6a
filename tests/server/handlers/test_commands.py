"""The COMMANDS table is complete, and its preconditions are checked before any handler runs."""

from typing import Any

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    ClientMessage,
    CreateRoom,
    GetHistory,
    JoinRoom,
    LeaveRoom,
    ListPeople,
    ListRooms,
    Post,
    Request,
)
from qtchat.protocol.session import TRANSITIONS, Role, State
from qtchat.server.effects import Refuse
from qtchat.server.handlers import COMMANDS, handle
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id

REQUESTS = [kind for kind in ClientMessage.__args__ if issubclass(kind, Request)]
IN_A_ROOM: list[Any] = [
    lambda room: Post(new_id(), room, "hello"),
    lambda room: JoinRoom(new_id(), room),
    lambda room: LeaveRoom(new_id(), room),
    lambda room: GetHistory(new_id(), room),
    lambda room: ListPeople(new_id(), room),
]


@pytest.mark.parametrize("kind", REQUESTS)
def test_every_request_has_an_entry(kind: type[Request]) -> None:
    assert kind in COMMANDS


def test_nothing_else_has_an_entry() -> None:
    assert set(COMMANDS) == set(REQUESTS)


def test_every_command_may_be_sent_in_an_open_session() -> None:
    assert set(COMMANDS) <= set(TRANSITIONS[Role.CLIENT, State.OPEN])


@pytest.mark.parametrize("kind", REQUESTS)
def test_the_table_knows_which_requests_name_a_room(kind: type[Request]) -> None:
    assert COMMANDS[kind].room == ("room" in kind.__struct_fields__)
    assert COMMANDS[kind].room or not COMMANDS[kind].member


def test_what_changes_the_log_is_marked() -> None:
    assert {kind for kind, command in COMMANDS.items() if command.mutates} == {Post, CreateRoom, JoinRoom, LeaveRoom}
    assert not COMMANDS[ListRooms].mutates


@pytest.mark.parametrize("make", IN_A_ROOM)
def test_an_unknown_room_is_refused(make: Any) -> None:
    state = make_state()
    (effect,) = handle(state, state.users[1], make(7), 5)
    assert effect == Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room.")


@pytest.mark.parametrize("make", [IN_A_ROOM[0], *IN_A_ROOM[3:]])
def test_a_stranger_to_the_room_is_refused(make: Any) -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1,)})
    (effect,) = handle(state, state.users[2], make(2), 5)
    assert effect == Refuse(ErrorCode.NOT_MEMBER, "You are not in the room Lab.")

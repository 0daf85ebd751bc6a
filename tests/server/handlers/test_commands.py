"""The COMMANDS table is complete, and its preconditions are checked before any handler runs."""

from typing import Any

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    DIRECT,
    PRIVATE,
    AddMember,
    Approve,
    Ban,
    Claim,
    ClientMessage,
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
from qtchat.protocol.session import TRANSITIONS, Role, State
from qtchat.server.effects import Refuse
from qtchat.server.handlers import COMMANDS, handle
from qtchat.server.targets import Target
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id

REQUESTS = [kind for kind in ClientMessage.__args__ if issubclass(kind, Request)]
IN_A_ROOM: list[Any] = [
    Post(new_id(), 2, "hello"),
    Edit(new_id(), 2, 1, "hello"),
    Delete(new_id(), 2, 1),
    React(new_id(), 2, 1, "👍"),
    MarkRead(new_id(), 2, 1),
    AddMember(new_id(), 2, 1),
    SetTopic(new_id(), 2, "things"),
    GetHistory(new_id(), 2),
    ListPeople(new_id(), 2),
    JoinRoom(new_id(), 2),
    LeaveRoom(new_id(), 2),
    SetRoom(new_id(), 2, "frozen", "1"),
    SetRole(new_id(), 2, 1, "moderator"),
    Kick(new_id(), 2, 1),
    Mute(new_id(), 2, 1),
    Unmute(new_id(), 2, 1),
]
FOR_MEMBERS = [request for request in IN_A_ROOM if COMMANDS[type(request)].member]
ABOUT_A_POST = [request for request in IN_A_ROOM if isinstance(request, Edit | Delete | React)]


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
    stored = {kind for kind, command in COMMANDS.items() if command.mutates}
    paced = {kind for kind, command in COMMANDS.items() if command.paced}
    assert stored == {
        *(Post, Edit, Delete, React),
        *(CreateRoom, OpenDirect, JoinRoom, LeaveRoom, AddMember, SetTopic),
        *(SetRoom, SetRole, Kick),
    }
    recorded = {kind for kind, command in COMMANDS.items() if command.recorded}
    assert paced == {SetPresence, SetNick}
    assert recorded == {
        *(Delete, SetRoom, SetRole, Kick),
        *(Mute, Unmute, Ban, Unban, Approve, ReleaseNick, RevokeKey, Claim),
    }
    assert set(REQUESTS) - stored - recorded - paced == {
        *(MarkRead, GetHistory, ListRooms, ListPeople),
        *(ListBans, ListWaiting, GetAudit),
    }


def test_the_list_of_this_test_is_complete() -> None:
    assert {type(request) for request in IN_A_ROOM} == {kind for kind, command in COMMANDS.items() if command.room}
    assert {type(request) for request in FOR_MEMBERS} == {kind for kind, command in COMMANDS.items() if command.member}
    assert {type(request) for request in ABOUT_A_POST} == {kind for kind, command in COMMANDS.items() if command.target}


@pytest.mark.parametrize("request_", IN_A_ROOM, ids=lambda request: type(request).__name__)
def test_an_unknown_room_is_refused(request_: Request) -> None:
    state = make_state()
    (effect,) = handle(state, state.users[1], request_, 5)
    assert effect == Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room.")


@pytest.mark.parametrize("kind", [PRIVATE, DIRECT])
@pytest.mark.parametrize("request_", IN_A_ROOM, ids=lambda request: type(request).__name__)
def test_a_hidden_room_is_refused_like_one_that_does_not_exist(request_: Request, kind: str) -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1,)}, kinds={2: kind})
    (effect,) = handle(state, state.users[2], request_, 5)
    assert effect == Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room.")


@pytest.mark.parametrize("request_", FOR_MEMBERS, ids=lambda request: type(request).__name__)
def test_a_stranger_to_the_room_is_refused(request_: Request) -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1,)})
    (effect,) = handle(state, state.users[2], request_, 5)
    assert effect == Refuse(ErrorCode.NOT_MEMBER, "You are not in the room Lab.")


@pytest.mark.parametrize(
    "request_",
    [request for request in IN_A_ROOM if COMMANDS[type(request)].shared],
    ids=lambda request: type(request).__name__,
)
def test_a_direct_room_stays_what_it_is(request_: Request) -> None:
    state = make_state(("Ada", "Bob", "Cy"), rooms={"lobby": (1, 2, 3), "": (1, 2)}, kinds={2: DIRECT})
    (effect,) = handle(state, state.users[1], request_, 5)
    assert effect == Refuse(ErrorCode.FORBIDDEN, "A conversation of two stays one of these two.")


@pytest.mark.parametrize("request_", ABOUT_A_POST, ids=lambda request: type(request).__name__)
def test_what_is_about_a_post_needs_one(request_: Request) -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1, 2)})
    (effect,) = handle(state, state.users[2], request_, 5, None)
    assert effect == Refuse(ErrorCode.FORBIDDEN, "There is no such message.")


@pytest.mark.parametrize("request_", ABOUT_A_POST, ids=lambda request: type(request).__name__)
def test_only_the_author_changes_a_post_and_everybody_reacts(request_: Request) -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1, 2)})
    effects = handle(state, state.users[2], request_, 5, Target(1))
    refusal = (Refuse(ErrorCode.FORBIDDEN, "That message is somebody else's."),)
    assert (effects == refusal) is not isinstance(request_, React)

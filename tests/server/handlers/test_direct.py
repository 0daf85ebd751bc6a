"""Direct rooms: state and request in, effects out."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, KIND_CREATED, Ack, OpenDirect
from qtchat.server.effects import AddMember, AddRoom, Append, Effect, Refuse, Reply, ShowRoom
from qtchat.server.handlers import handle
from qtchat.server.handlers.direct import shown_again
from qtchat.server.records import RoomRecord, UserRecord
from qtchat.server.state import State
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def ask(state: State, user: int, request: OpenDirect) -> list[Effect]:
    return list(handle(state, state.users[user], request, 5))


@pytest.mark.parametrize(("sender", "other"), [(1, 2), (2, 1)])
def test_the_first_to_open_it_makes_it_for_both(sender: int, other: int) -> None:
    request = OpenDirect(new_id(), other)
    assert ask(make_state(), sender, request) == [
        AddRoom(RoomRecord(2, "", None, "", 5, 0, DIRECT, "1:2")),
        AddMember(2, 1),
        AddMember(2, 2),
        ShowRoom(2, 1),
        ShowRoom(2, 2),
        Append(2, KIND_CREATED, request.id),
    ]


@pytest.mark.parametrize(("sender", "other"), [(1, 2), (2, 1)])
def test_there_is_one_for_each_pair(sender: int, other: int) -> None:
    state = make_state(rooms={"lobby": (1, 2), "": (1, 2)}, heads={2: 9}, kinds={2: DIRECT})
    request = OpenDirect(new_id(), other)
    assert ask(state, sender, request) == [ShowRoom(2, sender), Reply(Ack(request.id, 2, 1, 0, duplicate=True))]


def test_one_may_talk_to_oneself() -> None:
    request = OpenDirect(new_id(), 1)
    assert ask(make_state(), 1, request) == [
        AddRoom(RoomRecord(2, "", None, "", 5, 0, DIRECT, "1:1")),
        AddMember(2, 1),
        ShowRoom(2, 1),
        Append(2, KIND_CREATED, request.id),
    ]


def test_the_other_one_must_exist() -> None:
    assert ask(make_state(), 1, OpenDirect(new_id(), 7)) == [
        Refuse(ErrorCode.FORBIDDEN, "There is nobody with this number.")
    ]


def test_people_without_a_key_know_one_room_only() -> None:
    state = make_state()
    state.add_user(UserRecord(FIRST_PLAIN_USER, "old", None, 0))
    assert ask(state, 1, OpenDirect(new_id(), FIRST_PLAIN_USER)) == [
        Refuse(ErrorCode.FORBIDDEN, "old has a program that knows one room only.")
    ]


def test_a_new_nick_is_shown_to_those_who_see_a_room_under_it() -> None:
    state = make_state(
        ("Ada", "Bob", "Cy"),
        rooms={"lobby": (1, 2, 3), "a": (1, 2), "b": (2, 3), "c": (1, 3), "d": (1, 1)},
        kinds=dict.fromkeys((2, 3, 4, 5), DIRECT),
    )
    assert list(shown_again(state, 1)) == [ShowRoom(2, 2), ShowRoom(4, 3), ShowRoom(5, 1)]

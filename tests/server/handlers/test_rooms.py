"""Create, join, leave, and the directory: state and request in, effects out."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    DIRECT,
    FIRST_PLAIN_USER,
    KIND_ADDED,
    KIND_CREATED,
    KIND_JOINED,
    KIND_LEFT,
    KIND_TOPIC,
    LOBBY,
    MAX_FRAME,
    MAX_PAGE,
    OWNER,
    PRIVATE,
    PUBLIC,
    Ack,
    CreateRoom,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    Request,
    Room,
    Rooms,
)
from qtchat.protocol.messages import AddMember as AddMemberRequest
from qtchat.protocol.messages import SetTopic as SetTopicRequest
from qtchat.protocol.names import fold
from qtchat.protocol.session import encode_all
from qtchat.server.effects import AddMember, AddRoom, Append, Effect, Refuse, RemoveMember, Reply, SetTopic, ShowRoom
from qtchat.server.handlers import handle
from qtchat.server.records import RoomRecord, UserRecord
from qtchat.server.state import State
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def ask(state: State, user: int, request: Request) -> list[Effect]:
    return list(handle(state, state.users[user], request, 5))


# -- create -------------------------------------------------------------------------------------------


def test_creating_makes_the_sender_the_first_member() -> None:
    request = CreateRoom(new_id(), "#Lab  Notes", "what \u202ewe\nfound")
    assert ask(make_state(), 1, request) == [
        AddRoom(RoomRecord(2, "Lab Notes", "lab notes", "what we found", 5, 0)),
        AddMember(2, 1, OWNER),
        ShowRoom(2, 1),
        Append(2, KIND_CREATED, request.id, "Lab Notes"),
    ]


@pytest.mark.parametrize("name", ["Lobby", "#lobby", " LOBBY ", "ｌｏｂｂｙ", "l\u043ebby"])
def test_names_that_look_the_same_are_taken(name: str) -> None:
    (effect,) = ask(make_state(), 1, CreateRoom(new_id(), name))
    assert isinstance(effect, Refuse)
    assert effect.code is ErrorCode.ROOM_TAKEN


@pytest.mark.parametrize("name", [" ", "#", "a\u200bb", "x\ny\x07", "...", "x" * 65])
def test_forbidden_names_are_refused_in_words(name: str) -> None:
    (effect,) = ask(make_state(), 1, CreateRoom(new_id(), name))
    assert isinstance(effect, Refuse)
    assert effect.code is ErrorCode.ROOM_INVALID
    assert effect.text.startswith("A room name ")
    assert effect.text.endswith(".")


# -- join and leave -----------------------------------------------------------------------------------


def test_joining() -> None:
    request = JoinRoom(new_id(), 2)
    assert ask(make_state(rooms={"lobby": (1, 2), "Lab": (1,)}), 2, request) == [
        AddMember(2, 2),
        ShowRoom(2, 2),
        Append(2, KIND_JOINED, request.id),
    ]


def test_joining_again_changes_nothing() -> None:
    request = JoinRoom(new_id(), 1)
    assert ask(make_state(heads={1: 7}), 2, request) == [
        ShowRoom(1, 2),
        Reply(Ack(request.id, 1, 7, 5, duplicate=True)),
    ]


def test_leaving() -> None:
    request = LeaveRoom(new_id(), 2)
    assert ask(make_state(rooms={"lobby": (1, 2), "Lab": (1, 2)}), 2, request) == [
        Append(2, KIND_LEFT, request.id),
        RemoveMember(2, 2),
        ShowRoom(2, 2),
    ]


def test_leaving_a_room_one_is_not_in_changes_nothing() -> None:
    request = LeaveRoom(new_id(), 2)
    assert ask(make_state(rooms={"lobby": (1, 2), "Lab": (1,)}, heads={2: 3}), 2, request) == [
        Reply(Ack(request.id, 2, 3, 5, duplicate=True))
    ]


def test_nobody_leaves_the_lobby() -> None:
    assert ask(make_state(), 1, LeaveRoom(new_id(), LOBBY)) == [
        Refuse(ErrorCode.FORBIDDEN, "Everybody stays in lobby.")
    ]


# -- private rooms ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Lab", "lobby"])
def test_a_private_room_may_be_called_like_another(name: str) -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (2,)}, kinds={2: PRIVATE})
    request = CreateRoom(new_id(), name, private=True)
    assert ask(state, 1, request) == [
        AddRoom(RoomRecord(3, name, None, "", 5, 0, PRIVATE)),
        AddMember(3, 1, OWNER),
        ShowRoom(3, 1),
        Append(3, KIND_CREATED, request.id, name),
    ]


def test_a_public_room_may_be_called_like_a_private_one_so_that_it_cannot_be_found_out() -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (2,)}, kinds={2: PRIVATE})
    first, *_ = ask(state, 1, CreateRoom(new_id(), "Lab"))
    assert first == AddRoom(RoomRecord(3, "Lab", "lab", "", 5, 0))


def test_leaving_a_private_room() -> None:
    request = LeaveRoom(new_id(), 2)
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1, 2)}, kinds={2: PRIVATE})
    assert ask(state, 2, request) == [Append(2, KIND_LEFT, request.id), RemoveMember(2, 2), ShowRoom(2, 2)]


# -- adding people and topics -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [PUBLIC, PRIVATE])
def test_a_member_brings_somebody_in(kind: str) -> None:
    request = AddMemberRequest(new_id(), 2, 2)
    assert ask(make_state(rooms={"lobby": (1, 2), "Lab": (1,)}, kinds={2: kind}), 1, request) == [
        AddMember(2, 2),
        ShowRoom(2, 2),
        Append(2, KIND_ADDED, request.id, "Bob", 2),
    ]


def test_somebody_who_is_in_already_is_not_added() -> None:
    request = AddMemberRequest(new_id(), 2, 2)
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1, 2)}, heads={2: 4})
    assert ask(state, 1, request) == [Reply(Ack(request.id, 2, 4, 5, duplicate=True))]


def test_nobody_can_add_who_does_not_exist_or_knows_one_room_only() -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1,)})
    state.add_user(UserRecord(FIRST_PLAIN_USER, "old", None, 0))
    for user, text in (
        (9, "There is nobody with this number."),
        (FIRST_PLAIN_USER, "old has a program that knows one room only."),
    ):
        assert ask(state, 1, AddMemberRequest(new_id(), 2, user)) == [Refuse(ErrorCode.FORBIDDEN, text)]


def test_a_topic_is_one_line() -> None:
    request = SetTopicRequest(new_id(), 1, "what \u202ewe\nfound")
    assert ask(make_state(), 2, request) == [
        SetTopic(1, "what we found"),
        Append(1, KIND_TOPIC, request.id, "what we found"),
    ]


# -- directory ----------------------------------------------------------------------------------------


def rooms_of(effects: list[Effect]) -> Rooms:
    (effect,) = effects
    assert isinstance(effect, Reply)
    assert isinstance(effect.message, Rooms)
    return effect.message


def test_the_directory_tells_each_room_and_whether_one_is_in_it() -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1,)}, heads={1: 4})
    request = ListRooms(new_id())
    page = rooms_of(ask(state, 2, request))
    assert page == Rooms(
        request.id, (Room(1, "lobby", "", 4, 2, member=True), Room(2, "Lab", "", 0, 1, member=False)), more=False
    )


def test_the_directory_hides_rooms_of_others() -> None:
    state = make_state(
        ("Ada", "Bob", "Cy"),
        rooms={"lobby": (1, 2, 3), "Lab": (1, 2), "x": (1, 2), "y": (1, 1)},
        kinds={2: PRIVATE, 3: DIRECT, 4: DIRECT},
    )
    state.rooms[2].members[2] = 8

    def seen_by(user: int) -> list[tuple[int, str, str, int, int]]:
        page = rooms_of(ask(state, user, ListRooms(new_id())))
        return [(room.room, room.name, room.kind, room.read, room.other) for room in page.rooms]

    assert seen_by(1) == [
        (1, "lobby", PUBLIC, 0, 0),
        (2, "Lab", PRIVATE, 0, 0),
        (3, "Bob", DIRECT, 0, 2),
        (4, "Ada", DIRECT, 0, 1),
    ]
    assert seen_by(2) == [(1, "lobby", PUBLIC, 0, 0), (2, "Lab", PRIVATE, 8, 0), (3, "Ada", DIRECT, 0, 1)]
    assert seen_by(3) == [(1, "lobby", PUBLIC, 0, 0)]


def test_pages_lead_through_all_rooms_and_each_fits_a_frame() -> None:
    state = make_state()
    wide = "\U00020000"  # four bytes in UTF-8
    for number in range(2, MAX_PAGE + 100):
        name = f"{number} " + wide * 58
        state.add_room(RoomRecord(number, name, fold(name), wide * 256, 0, 0))
    seen: list[int] = []
    after, more = 0, True
    while more:
        page = rooms_of(ask(state, 1, ListRooms(new_id(), after)))
        assert len(encode_all([page])) <= MAX_FRAME
        assert len(page.rooms) <= MAX_PAGE
        seen += [room.room for room in page.rooms]
        after, more = seen[-1], page.more
    assert seen == sorted(state.rooms)


def test_a_page_has_at_most_max_page_rooms() -> None:
    state = make_state()
    for number in range(2, MAX_PAGE + 2):
        state.add_room(RoomRecord(number, f"r{number}", f"r{number}", "", 0, 0))
    page = rooms_of(ask(state, 1, ListRooms(new_id())))
    assert (len(page.rooms), page.more) == (MAX_PAGE, True)
    assert not rooms_of(ask(state, 1, ListRooms(new_id(), after=MAX_PAGE))).more

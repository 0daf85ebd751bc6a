"""State: what effects do to it, and who hears which room."""

from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, PRIVATE, Person, Room
from qtchat.server.doors.native import NativeCodec
from qtchat.server.records import RoomRecord, UserRecord
from qtchat.server.state import Peer, State
from tests.helpers.hubs import FakeLoop, FakePeer, key_of, make_state


def listeners(state: State, room: int) -> list[set[Peer]]:
    return list(state.rooms[room].audience.values())


def test_it_begins_with_what_was_stored() -> None:
    state = make_state(("Ada", "Bob"), rooms={"lobby": (1, 2), "Lab": (2,)}, heads={1: 7})
    assert state.rooms[1].head == 7
    assert state.rooms[2].members == {2: 0}
    assert state.users[2].rooms == {1, 2}
    assert state.by_key == {key_of(1): 1, key_of(2): 2}
    assert state.nicks == {"ada": 1, "bob": 2}
    assert state.room_names == {"lobby": 1, "lab": 2}
    assert (state.next_user, state.next_room) == (3, 3)
    assert state.online == 0


def test_an_empty_one_counts_from_one() -> None:
    state = make_state((), rooms={})
    assert (state.next_user, state.next_room) == (1, 1)


def test_a_room_as_somebody_is_told_of_it() -> None:
    state = make_state(rooms={"lobby": (1,)}, heads={1: 3})
    assert state.describe(state.rooms[1], 1) == Room(1, "lobby", "", 3, 1, member=True)
    assert state.describe(state.rooms[1], 2) == Room(1, "lobby", "", 3, 1, member=False)


def test_new_users_and_rooms_move_the_counters() -> None:
    state = make_state()
    state.add_user(UserRecord(3, "Cy", key_of(3), 0))
    state.claim_nick(3, "Cy")
    state.add_room(RoomRecord(2, "Lab", "lab", "", 0, 0))
    assert (state.next_user, state.next_room) == (4, 3)
    assert state.by_key[key_of(3)] == state.nicks["cy"] == 3
    assert state.room_names["lab"] == 2


def test_a_new_nick_leaves_the_old_one_ones_own() -> None:
    state = make_state()
    state.claim_nick(1, "Countess")
    assert state.users[1].nick == "Countess"
    assert state.nicks == {"ada": 1, "bob": 2, "countess": 1}


def test_somebody_is_here_while_any_device_is() -> None:
    state, loop, codec = make_state(), FakeLoop(), NativeCodec()
    phone, desk = FakePeer(loop, codec), FakePeer(loop, codec)
    state.attach(1, phone)
    state.attach(1, desk)
    assert state.online == 1
    assert state.users[1].person == Person(1, "Ada", online=True)
    state.detach(phone)
    assert state.users[1].person.online
    assert phone.user is None
    assert desk.user == 1
    state.detach(desk)
    assert state.users[1].person == Person(1, "Ada", online=False)


def test_devices_hear_the_rooms_of_their_user_grouped_by_loop_and_codec() -> None:
    state, codec = make_state(rooms={"lobby": (1, 2), "Lab": (1,)}), NativeCodec()
    one, other = FakeLoop(), FakeLoop()
    ada, bob, far = FakePeer(one, codec), FakePeer(one, codec), FakePeer(other, codec)
    state.attach(1, ada)
    state.attach(2, bob)
    state.attach(2, far)
    assert listeners(state, 1) == [{ada, bob}, {far}]
    assert listeners(state, 2) == [{ada}]
    state.add_member(2, 2)
    assert listeners(state, 2) == [{ada, bob}, {far}]
    state.remove_member(2, 2)
    assert listeners(state, 2) == [{ada}]
    assert state.users[2].rooms == {1}


def test_nothing_is_left_of_a_device_that_is_gone() -> None:
    state, peer = make_state(), FakePeer(FakeLoop(), NativeCodec())
    state.attach(1, peer)
    state.detach(peer)
    assert not state.rooms[1].audience
    assert not state.users[1].peers


def test_away_is_who_is_away_from_all_devices() -> None:
    state, loop, codec = make_state(), FakeLoop(), NativeCodec()
    phone, desk = FakePeer(loop, codec), FakePeer(loop, codec)
    state.users[1].status, state.users[1].seen = "out", 8
    assert state.users[1].person == Person(1, "Ada", online=False, away=False, status="out", seen=8)
    state.attach(1, phone)
    state.attach(1, desk)
    state.users[1].away.add(phone)
    assert state.users[1].person == Person(1, "Ada", online=True, away=False, status="out", seen=0)
    state.users[1].away.add(desk)
    assert state.users[1].person.away
    state.detach(desk)
    assert state.users[1].person.away
    state.detach(phone)
    assert not state.users[1].away


def test_a_direct_room_has_the_others_name() -> None:
    state = make_state(rooms={"lobby": (1, 2), "a": (1, 2), "b": (2, 2)}, heads={2: 3}, kinds={2: DIRECT, 3: DIRECT})
    assert state.direct_rooms == {"1:2": 2, "2:2": 3}
    assert state.room_names == {"lobby": 1}
    assert state.describe(state.rooms[2], 1) == Room(2, "Bob", "", 3, 2, kind=DIRECT, other=2)
    assert state.describe(state.rooms[2], 2) == Room(2, "Ada", "", 3, 2, kind=DIRECT, other=1)
    assert state.describe(state.rooms[3], 2) == Room(3, "Bob", "", 0, 1, kind=DIRECT, other=2)


def test_who_may_know_of_a_room() -> None:
    state = make_state(rooms={"lobby": (1,), "a": (1,), "b": (1,)}, kinds={2: PRIVATE, 3: DIRECT})
    assert [[state.visible(room, user) for room in state.rooms.values()] for user in (1, 2)] == [
        [True, True, True],
        [True, False, False],
    ]


def test_people_without_a_key_are_counted_for_themselves() -> None:
    state = make_state()
    assert state.next_plain_user == FIRST_PLAIN_USER
    state.add_user(UserRecord(FIRST_PLAIN_USER, "Old", None, 0))
    assert (state.next_user, state.next_plain_user) == (3, FIRST_PLAIN_USER + 1)
    assert state.plain == {"old": FIRST_PLAIN_USER}


def test_detaching_twice_does_nothing() -> None:
    state, peer = make_state(), FakePeer(FakeLoop(), NativeCodec())
    state.detach(peer)
    state.attach(1, peer)
    state.detach(peer)
    state.detach(peer)
    assert state.online == 0

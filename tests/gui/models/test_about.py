"""The facts of the room that is open."""

import pytest

from qtchat.client.state import ServerState
from qtchat.client.updates import ConnectionUpdate, MembersUpdate, Phase, RoomUpdate
from qtchat.gui.models.about import about_of
from qtchat.gui.settings import Level, RoomPrefs
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, PRIVATE, Person, Room
from tests.helpers.fake_account import OWN, SERVER, room


@pytest.fixture
def state() -> ServerState:
    state = ServerState()
    state.apply(SERVER)
    state.apply(ConnectionUpdate(Phase.ONLINE))
    return state


def test_a_room_tells_how_many_are_here(state: ServerState) -> None:
    state.apply(RoomUpdate(room(1, "lobby", "Lunch", members=5), 0))
    assert about_of(state.rooms[1], state).members == 5
    state.apply(MembersUpdate(1, (Person(2, "Anna", True), Person(3, "Ben", False))))
    about = about_of(state.rooms[1], state, RoomPrefs(level=Level.MENTIONS))
    assert (about.members, about.online, about.topic, about.server) == (2, 1, "Lunch", "Kitchen")
    assert about.prefs.level is Level.MENTIONS
    assert not about.may_leave
    state.apply(ConnectionUpdate(Phase.OFFLINE))
    assert about_of(state.rooms[1], state).online == 0


def test_a_direct_room_tells_of_the_other_one(state: ServerState) -> None:
    state.apply(RoomUpdate(Room(5, "Anna", "", 0, 2, True, DIRECT, 0, 2), 0))
    about = about_of(state.rooms[5], state)
    assert about.other == Person(2, "Anna", False)
    assert (about.direct, about.own, about.may_leave, about.color_key) == (True, False, False, 2)
    state.apply(MembersUpdate(5, (Person(2, "Anna", True, status="Here"), Person(OWN, "Me", True))))
    told = about_of(state.rooms[5], state).other
    assert told is not None
    assert told.status == "Here"


def test_a_direct_room_with_nobody_else_is_our_own(state: ServerState) -> None:
    state.apply(RoomUpdate(Room(5, "Me", "", 0, 1, True, DIRECT, 0, OWN), 0))
    assert about_of(state.rooms[5], state).own


def test_it_says_that_somebody_comes_without_encryption(state: ServerState) -> None:
    state.apply(RoomUpdate(Room(5, "plans", "", 0, 2, True, PRIVATE), 0))
    assert not about_of(state.rooms[5], state).plain
    state.apply(MembersUpdate(5, (Person(FIRST_PLAIN_USER + 1, "old", True),)))
    assert about_of(state.rooms[5], state).plain


def test_a_name_cannot_turn_our_words_around(state: ServerState) -> None:
    state.apply(RoomUpdate(Room(5, "\u202eAnna", "", 0, 2, True, DIRECT, 0, 2), 0))
    assert about_of(state.rooms[5], state).name == "Anna"

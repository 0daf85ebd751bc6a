"""People without a key: whose names they get, into which room, and what is left when they go."""

from collections.abc import Iterable

import pytest

from qtchat.protocol.messages import FIRST_PLAIN_USER, KIND_JOINED, KIND_LEFT, LOBBY, MAX_NICK, PRIVATE
from qtchat.server.effects import AddMember, AddRoom, AddUser, Append, Effect, RemoveMember
from qtchat.server.handlers.plain import PlainLogin, is_guest, left_over, plain_login, plain_logout, tidy_nick
from qtchat.server.records import RoomRecord, UserRecord
from qtchat.server.state import State
from tests.helpers.hubs import CountingCodec, FakeLoop, FakePeer, make_state

EVENT = bytes(range(16))


def ask(state: State, nick: str, room: str = "lobby") -> tuple[int, list[Effect]]:
    user, effects = plain_login(state, PlainLogin(nick, b"", EVENT, room), 5)
    return user, list(effects)


def come(state: State, nick: str) -> FakePeer:
    """Somebody who is in the lobby now."""
    user, effects = ask(state, nick)
    follow(state, effects)
    peer = FakePeer(FakeLoop(), CountingCodec())
    state.attach(user, peer)
    return peer


def follow(state: State, effects: Iterable[Effect]) -> None:
    for effect in effects:
        match effect:
            case AddUser():
                state.add_user(effect.record)
            case AddMember():
                state.add_member(effect.room, effect.user)
            case RemoveMember():
                state.remove_member(effect.room, effect.user)


def nick_of(state: State, peer: FakePeer) -> str:
    assert peer.user is not None
    return state.users[peer.user].nick


def test_the_first_of_a_name_becomes_a_user_without_a_key() -> None:
    assert ask(make_state(), " Cy ") == (
        FIRST_PLAIN_USER,
        [
            AddUser(UserRecord(FIRST_PLAIN_USER, "Cy", None, 5)),
            AddMember(LOBBY, FIRST_PLAIN_USER),
            Append(LOBBY, KIND_JOINED, EVENT, acknowledge=False),
        ],
    )


def test_who_comes_under_the_name_later_goes_on_as_that_user() -> None:
    state = make_state()
    peer = come(state, "Cy")
    user = peer.user
    assert user is not None
    follow(state, plain_logout(state, user, EVENT))
    state.detach(peer)
    assert ask(state, "CY") == (
        user,
        [AddMember(LOBBY, user), Append(LOBBY, KIND_JOINED, EVENT, acknowledge=False)],
    )


def test_names_of_keys_and_of_those_who_are_here_get_a_mark() -> None:
    state = make_state(("Ada", "Bob", "ada~"))
    assert [nick_of(state, come(state, nick)) for nick in ("ADA", "Cy", "cy", "cy", "Bob")] == [
        "ADA~2",
        "Cy",
        "cy~",
        "cy~2",
        "Bob~",
    ]


def test_the_mark_fits_into_a_long_name() -> None:
    state = make_state(("x" * MAX_NICK,))
    assert nick_of(state, come(state, "x" * MAX_NICK)) == "x" * (MAX_NICK - 1) + "~"
    assert nick_of(state, come(state, "x" * MAX_NICK)) == "x" * (MAX_NICK - 2) + "~2"


def test_those_without_a_name_are_numbered() -> None:
    state = make_state()
    assert [nick_of(state, come(state, nick)) for nick in ("", "", "guest-3", "Guest-1", "")] == [
        "guest-1",
        "guest-2",
        "guest-3~",
        "Guest-1~",
        "guest-3",
    ]
    assert is_guest("guest-3")
    assert not is_guest("guest-3~")


def test_native_numbers_stay_below() -> None:
    state = make_state()
    come(state, "Cy")
    assert state.next_user == 3
    assert state.next_plain_user == FIRST_PLAIN_USER + 1


def test_a_room_that_does_not_exist_is_made() -> None:
    user, effects = ask(make_state(), "Cy", "Old Times")
    assert effects[0] == AddRoom(RoomRecord(2, "Old Times", "old times", "", 5, 0))
    assert AddMember(2, user) in effects


def test_a_private_room_of_that_name_stays_closed() -> None:
    state = make_state(rooms={"lobby": (1, 2), "Club": (1,)}, kinds={2: PRIVATE})
    user, effects = ask(state, "Cy", "club")
    assert AddMember(3, user) in effects
    assert AddMember(2, user) not in effects


def test_leaving_is_one_event_and_no_membership() -> None:
    state = make_state()
    peer = come(state, "Cy")
    assert peer.user is not None
    assert list(plain_logout(state, peer.user, EVENT)) == [
        Append(LOBBY, KIND_LEFT, EVENT, acknowledge=False),
        RemoveMember(LOBBY, peer.user),
    ]


def test_whom_the_end_of_a_server_left_in_a_room() -> None:
    state = make_state()
    here, gone = come(state, "Cy"), come(state, "Di")
    left = gone.user
    state.detach(gone)
    assert left_over(state) == [left]
    assert here.user is not None


def test_two_events_of_one_change_of_name_have_two_ids() -> None:
    login = PlainLogin("Cy", b"", EVENT, "lobby")
    assert len({login.event_id, login.parting_id}) == 2
    assert len(login.parting_id) == 16


@pytest.mark.parametrize(
    ("text", "nick"),
    [("Аня", "Аня"), ("a:b", "a b"), ("@#/ab", "ab"), ("a\x00\u202eb", "ab"), ("x" * 99, "x" * MAX_NICK), ("::", "")],
)
def test_the_nearest_nick(text: str, nick: str) -> None:
    assert tidy_nick(text) == nick

"""Who somebody is: a key is a user, and the first key to take a nick owns it."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_JOINED, KIND_LEFT, LOBBY, MAX_NICK, MEMBER
from qtchat.protocol.names import clean_nick, fold
from qtchat.server.effects import AddMember, AddUser, Append, ClaimNick, RemoveMember, SetRole, TellWaiting
from qtchat.server.handlers.login import Login, LoginRefused, login
from qtchat.server.records import EVERYWHERE, WAITING, UserRecord
from qtchat.server.state import Rules
from tests.helpers.hubs import key_of, make_state
from tests.helpers.wire import new_id


def test_a_new_key_becomes_a_user_in_the_lobby() -> None:
    request = Login("  Cy ", key_of(3), new_id())
    assert login(make_state(), request, 5) == (
        3,
        (
            AddUser(UserRecord(3, "Cy", key_of(3), 5)),
            ClaimNick(3, "Cy"),
            AddMember(LOBBY, 3),
            Append(LOBBY, KIND_JOINED, request.event_id, acknowledge=False),
        ),
    )


def test_a_known_key_changes_nothing() -> None:
    assert login(make_state(), Login("Bob", key_of(2), new_id()), 5) == (2, ())


@pytest.mark.parametrize("nick", ["Robert", "BOB"])
def test_a_known_key_may_take_another_free_nick(nick: str) -> None:
    assert login(make_state(), Login(nick, key_of(2), new_id()), 5) == (2, (ClaimNick(2, nick),))


def test_an_earlier_nick_stays_ones_own() -> None:
    state = make_state()
    state.claim_nick(2, "Robert")
    assert login(state, Login("Bob", key_of(2), new_id()), 5) == (2, (ClaimNick(2, "Bob"),))
    assert isinstance(login(state, Login("Bob", key_of(3), new_id()), 5), LoginRefused)


@pytest.mark.parametrize("nick", ["Ada", "ADA", " ada ", "Ａｄａ"])
@pytest.mark.parametrize("key", [2, 3])
def test_somebody_elses_nick_is_refused_with_a_free_one(nick: str, key: int) -> None:
    outcome = login(make_state(), Login(nick, key_of(key), new_id()), 5)
    assert isinstance(outcome, LoginRefused)
    assert outcome.code is ErrorCode.NICK_TAKEN
    assert outcome.text == f"The name {clean_nick(nick)} belongs to somebody else here."
    assert outcome.suggestion == f"{clean_nick(nick)} 2"


def test_the_suggestion_is_itself_free_and_allowed() -> None:
    longest = "A" * MAX_NICK
    state = make_state((longest, f"{'A' * (MAX_NICK - 2)} 2", "Bob", "Bob 2"))
    for wanted in (longest, "Bob"):
        outcome = login(state, Login(wanted, key_of(9), new_id()), 5)
        assert isinstance(outcome, LoginRefused)
        assert clean_nick(outcome.suggestion) == outcome.suggestion
        assert fold(outcome.suggestion) not in state.nicks
        assert outcome.suggestion.endswith(" 3")


@pytest.mark.parametrize("nick", ["   ", "#room", "@all", "/quit", "a:b", "a\u200bb", "\u202eevil", "...", "tab\x00"])
def test_a_forbidden_nick_is_refused_in_words(nick: str) -> None:
    outcome = login(make_state(), Login(nick, key_of(3), new_id()), 5)
    assert isinstance(outcome, LoginRefused)
    assert outcome.code is ErrorCode.NICK_INVALID
    assert outcome.text.startswith("A name ")


DOCTOR = Rules(doctor_key=key_of(3), approve=True)


def test_the_doctor_is_in_no_room_with_others_who_would_wait_for_it_to_read() -> None:
    request = Login("doctor", key_of(3), new_id())
    assert login(make_state(rules=DOCTOR), request, 5) == (
        3,
        (AddUser(UserRecord(3, "doctor", key_of(3), 5)), ClaimNick(3, "doctor")),
    )
    people = ("Ada", "Bob", "doctor")
    assert login(make_state(people, rooms={"lobby": (1, 2)}, rules=DOCTOR), request, 5) == (3, ())


def test_a_doctor_who_came_into_the_lobby_once_leaves_it() -> None:
    request, people = Login("doctor", key_of(3), new_id()), ("Ada", "Bob", "doctor")
    leaves = (Append(LOBBY, KIND_LEFT, request.event_id, acknowledge=False), RemoveMember(LOBBY, 3))
    assert login(make_state(people, rules=DOCTOR), request, 5) == (3, leaves)
    waits = make_state(people, rooms={"lobby": (1, 2)}, roles={3: WAITING}, rules=DOCTOR)
    assert login(waits, request, 5) == (3, (SetRole(EVERYWHERE, 3, MEMBER), TellWaiting()))

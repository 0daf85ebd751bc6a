"""What one is called: state and request in, effects out."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import DIRECT, Done, SetNick
from qtchat.server.effects import ClaimNick, Effect, Refuse, Reply, ShowRoom
from qtchat.server.handlers import handle
from qtchat.server.state import State
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def ask(state: State, request: SetNick) -> list[Effect]:
    return list(handle(state, state.users[1], request, 5))


def test_a_free_nick_is_taken() -> None:
    request = SetNick(new_id(), " Countess  Ada ")
    assert ask(make_state(), request) == [ClaimNick(1, "Countess Ada"), Reply(Done(request.id))]


def test_the_nick_that_one_has_changes_nothing() -> None:
    request = SetNick(new_id(), "Ada")
    assert ask(make_state(), request) == [Reply(Done(request.id))]


def test_other_letters_of_ones_own_nick_are_a_change() -> None:
    request = SetNick(new_id(), "ADA")
    assert ask(make_state(), request) == [ClaimNick(1, "ADA"), Reply(Done(request.id))]


def test_a_nick_of_somebody_else_is_refused_with_a_free_one() -> None:
    assert ask(make_state(), SetNick(new_id(), "BOB")) == [
        Refuse(ErrorCode.NICK_TAKEN, "The name BOB belongs to somebody else here.", "BOB 2")
    ]


@pytest.mark.parametrize("nick", [" ", "#root", "a:b", "a\u200bb"])
def test_a_nick_that_is_not_allowed_is_refused_in_words(nick: str) -> None:
    (effect,) = ask(make_state(), SetNick(new_id(), nick))
    assert isinstance(effect, Refuse)
    assert effect.code is ErrorCode.NICK_INVALID
    assert effect.text.endswith(".")


def test_direct_rooms_get_a_new_name_for_the_other_one() -> None:
    request = SetNick(new_id(), "Countess")
    assert ask(make_state(rooms={"lobby": (1, 2), "": (1, 2)}, kinds={2: DIRECT}), request) == [
        ClaimNick(1, "Countess"),
        ShowRoom(2, 2),
        Reply(Done(request.id)),
    ]

"""Reactions: state, request and the post it is about in, effects out."""

from collections import Counter

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_REACTED, KIND_UNREACTED, MAX_REACTIONS, Ack, React
from qtchat.server.effects import Append, Effect, Refuse, Reply
from qtchat.server.handlers import handle
from qtchat.server.handlers.reactions import MAX_CHANGES
from qtchat.server.targets import Target
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def ask(request: React, target: Target) -> list[Effect]:
    state = make_state(heads={1: 9})
    state.last_ts = 4
    return list(handle(state, state.users[1], request, 5, target))


def test_a_reaction_to_a_message_of_anybody() -> None:
    request = React(new_id(), 1, 7, "👍")
    assert ask(request, Target(2)) == [Append(1, KIND_REACTED, request.id, "👍", 7)]


def test_a_reaction_that_others_have_is_still_ones_own() -> None:
    request = React(new_id(), 1, 7, "👍")
    assert ask(request, Target(2, reactions={(2, "👍")})) == [Append(1, KIND_REACTED, request.id, "👍", 7)]


def test_taking_it_back() -> None:
    request = React(new_id(), 1, 7, "👍", add=False)
    assert ask(request, Target(2, reactions={(1, "👍")})) == [Append(1, KIND_UNREACTED, request.id, "👍", 7)]


@pytest.mark.parametrize("add", [True, False])
def test_what_is_so_already_changes_nothing(add: bool) -> None:
    request = React(new_id(), 1, 7, "👍", add)
    there = Target(2, reactions={(1, "👍"), (1, "🎉")}) if add else Target(2, reactions={(1, "🎉"), (2, "👍")})
    assert ask(request, there) == [Reply(Ack(request.id, 1, 9, 4, duplicate=True))]


def test_not_to_a_deleted_message() -> None:
    assert ask(React(new_id(), 1, 7, "👍"), Target(2, deleted=True)) == [
        Refuse(ErrorCode.FORBIDDEN, "That message was deleted.")
    ]


def test_words_are_no_reaction() -> None:
    assert ask(React(new_id(), 1, 7, "lol"), Target(2)) == [Refuse(ErrorCode.TEXT_INVALID, "A reaction is one emoji.")]


def test_there_is_room_for_so_many_different_ones() -> None:
    full = Target(2, reactions={(2, chr(0x1F600 + number)) for number in range(MAX_REACTIONS)})
    assert ask(React(new_id(), 1, 7, "👍"), full) == [
        Refuse(ErrorCode.FORBIDDEN, f"There are {MAX_REACTIONS} different reactions to this message already.")
    ]
    (effect,) = ask(React(new_id(), 1, 7, "😀"), full)
    assert isinstance(effect, Append), "one that stands there already takes no room"


def test_a_reaction_is_not_for_playing_with() -> None:
    restless = Target(2, reactions={(1, "👍")}, changes=Counter({1: MAX_CHANGES, 2: 1}))
    assert ask(React(new_id(), 1, 7, "👍", add=False), restless) == [
        Refuse(ErrorCode.FORBIDDEN, "You have changed your reactions to this message too often.")
    ]
    (effect,) = ask(React(new_id(), 1, 7, "👍", add=False), Target(2, reactions={(1, "👍")}, changes=Counter({2: 500})))
    assert isinstance(effect, Append), "others are counted for themselves"

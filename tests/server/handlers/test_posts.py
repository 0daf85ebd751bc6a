"""Saying something: state and request in, effects out."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_POST, Post
from qtchat.server.effects import Append, Refuse
from qtchat.server.handlers import handle
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


@pytest.mark.parametrize("text", ["hello", " indented\n\ttoo ", "Привет", "👩‍🚀", "x" * 16_384])
def test_a_text_is_appended_as_it_is(text: str) -> None:
    state = make_state()
    request = Post(new_id(), 1, text)
    assert list(handle(state, state.users[1], request, 5)) == [Append(1, KIND_POST, request.id, text)]


@pytest.mark.parametrize("text", ["", " ", "\n\t  \r\n"])
def test_an_empty_text_is_refused(text: str) -> None:
    state = make_state()
    assert list(handle(state, state.users[1], Post(new_id(), 1, text), 5)) == [
        Refuse(ErrorCode.TEXT_INVALID, "A message cannot be empty.")
    ]


@pytest.mark.parametrize("reply_to", [1, 9])
def test_an_answer_names_what_it_answers(reply_to: int) -> None:
    state = make_state(heads={1: 9})
    request = Post(new_id(), 1, "yes", reply_to)
    assert list(handle(state, state.users[1], request, 5)) == [Append(1, KIND_POST, request.id, "yes", reply_to)]


def test_an_answer_to_what_was_not_said_is_refused() -> None:
    state = make_state(heads={1: 9})
    assert list(handle(state, state.users[1], Post(new_id(), 1, "yes", 10), 5)) == [
        Refuse(ErrorCode.FORBIDDEN, "There is no such message to answer.")
    ]


def test_only_members_may_post() -> None:
    state = make_state(rooms={"lobby": (1, 2), "Lab": (1,)})
    assert list(handle(state, state.users[2], Post(new_id(), 2, "let me in"), 5)) == [
        Refuse(ErrorCode.NOT_MEMBER, "You are not in the room Lab.")
    ]


def test_a_room_must_exist() -> None:
    state = make_state()
    assert list(handle(state, state.users[1], Post(new_id(), 99, "hello?"), 5)) == [
        Refuse(ErrorCode.ROOM_UNKNOWN, "There is no such room.")
    ]

"""Editing and deleting: state, request and the post it is about in, effects out."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_DELETED, KIND_EDITED, Ack, Delete, Edit
from qtchat.server.effects import Append, Effect, Erase, Refuse, Reply
from qtchat.server.handlers import handle
from qtchat.server.targets import Target
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def ask(request: Edit | Delete, target: Target) -> list[Effect]:
    state = make_state(heads={1: 9})
    state.last_ts = 4
    return list(handle(state, state.users[1], request, 5, target))


def test_an_edit_is_an_event_about_the_post() -> None:
    request = Edit(new_id(), 1, 7, "better")
    assert ask(request, Target(1)) == [Append(1, KIND_EDITED, request.id, "better", 7)]


@pytest.mark.parametrize("text", ["", " ", "\n\u200b"])
def test_an_edit_must_say_something(text: str) -> None:
    assert ask(Edit(new_id(), 1, 7, text), Target(1)) == [Refuse(ErrorCode.TEXT_INVALID, "A message cannot be empty.")]


def test_a_deleted_message_stays_deleted() -> None:
    assert ask(Edit(new_id(), 1, 7, "back again"), Target(1, deleted=True)) == [
        Refuse(ErrorCode.FORBIDDEN, "That message was deleted.")
    ]


def test_deleting_erases_the_text_and_says_so() -> None:
    request = Delete(new_id(), 1, 7)
    assert ask(request, Target(1)) == [Erase(1, 7), Append(1, KIND_DELETED, request.id, about=7)]


def test_deleting_twice_is_deleting_once() -> None:
    request = Delete(new_id(), 1, 7)
    assert ask(request, Target(1, deleted=True)) == [Reply(Ack(request.id, 1, 9, 4, duplicate=True))]

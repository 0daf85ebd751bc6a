"""Saying something."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_POST, Post
from qtchat.server.effects import Append, Effect, Refuse
from qtchat.server.state import State, User


def post(_state: State, _sender: User, request: Post, _now: int) -> Iterable[Effect]:
    # Spaces and invisible characters alone say nothing.
    if not any(character.isprintable() and not character.isspace() for character in request.text):
        return (Refuse(ErrorCode.TEXT_INVALID, "A message cannot be empty."),)
    return (Append(request.room, KIND_POST, request.id, request.text),)

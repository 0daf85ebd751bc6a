"""Saying something."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_POST, Post
from qtchat.server.effects import Append, Effect, Refuse
from qtchat.server.state import State, User


def post(state: State, _sender: User, request: Post, _now: int) -> Iterable[Effect]:
    if says_nothing(request.text):
        return (Refuse(ErrorCode.TEXT_INVALID, "A message cannot be empty."),)
    if request.reply_to > state.rooms[request.room].head:
        return (Refuse(ErrorCode.FORBIDDEN, "There is no such message to answer."),)
    return (Append(request.room, KIND_POST, request.id, request.text, request.reply_to),)


def says_nothing(text: str) -> bool:
    """Whether there are only spaces and invisible characters."""
    return not any(character.isprintable() and not character.isspace() for character in text)

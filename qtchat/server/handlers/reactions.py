"""Putting a reaction under a message, and taking it back."""

from collections.abc import Iterable
from typing import Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_REACTED, KIND_UNREACTED, MAX_REACTIONS, Ack, React
from qtchat.protocol.names import is_emoji
from qtchat.server.effects import Append, Effect, Refuse, Reply
from qtchat.server.state import State, User
from qtchat.server.targets import Target

MAX_CHANGES: Final = 100
"""How often one user may change the reactions under one message. All of them are looked up for the next one."""


def react(state: State, sender: User, request: React, target: Target) -> Iterable[Effect]:
    if target.deleted:
        return (Refuse(ErrorCode.FORBIDDEN, "That message was deleted."),)
    if not is_emoji(request.emoji):
        return (Refuse(ErrorCode.TEXT_INVALID, "A reaction is one emoji."),)
    if ((sender.id, request.emoji) in target.reactions) is request.add:
        room = state.rooms[request.room]
        return (Reply(Ack(request.id, room.id, room.head, state.last_ts, duplicate=True)),)
    if target.changes[sender.id] >= MAX_CHANGES:
        return (Refuse(ErrorCode.FORBIDDEN, "You have changed your reactions to this message too often."),)
    if request.add:
        shown = {emoji for _, emoji in target.reactions}
        if request.emoji not in shown and len(shown) >= MAX_REACTIONS:
            text = f"There are {MAX_REACTIONS} different reactions to this message already."
            return (Refuse(ErrorCode.FORBIDDEN, text),)
    kind = KIND_REACTED if request.add else KIND_UNREACTED
    return (Append(request.room, kind, request.id, request.emoji, request.seq),)

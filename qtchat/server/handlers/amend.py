"""Saying something else in a message of one's own, and taking a message back."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import KIND_DELETED, KIND_EDITED, Ack, Delete, Edit, Sanction
from qtchat.server.effects import Append, Effect, Erase, Refuse, Reply
from qtchat.server.handlers.acts import log_and_tell
from qtchat.server.handlers.posts import says_nothing
from qtchat.server.handlers.voice import frozen
from qtchat.server.state import State, User
from qtchat.server.targets import Target


def edit(_state: State, _sender: User, request: Edit, target: Target) -> Iterable[Effect]:
    if target.deleted:
        return (Refuse(ErrorCode.FORBIDDEN, "That message was deleted."),)
    if says_nothing(request.text):
        return (Refuse(ErrorCode.TEXT_INVALID, "A message cannot be empty."),)
    return (Append(request.room, KIND_EDITED, request.id, request.text, request.seq),)


def delete(state: State, sender: User, request: Delete, target: Target) -> Iterable[Effect]:
    if target.deleted:  # on another device, say
        room = state.rooms[request.room]
        return (Reply(Ack(request.id, room.id, room.head, state.last_ts, duplicate=True)),)
    refusal = frozen(sender, state.rooms[request.room])
    if refusal is not None:
        return (refusal,)
    author, seq = state.users[target.author], str(request.seq)
    told = Sanction("delete", request.room, sender.nick, "", detail=seq)
    return (
        Erase(request.room, request.seq),
        Append(request.room, KIND_DELETED, request.id, about=request.seq),
        *(log_and_tell(author, told, seq) if author is not sender else ()),
    )

"""How far somebody has read a room."""

from collections.abc import Iterable

from qtchat.protocol import messages
from qtchat.protocol.messages import Done
from qtchat.server.effects import Effect, MarkRead, Reply
from qtchat.server.state import State, User


def mark(state: State, sender: User, request: messages.MarkRead, _now: int) -> Iterable[Effect]:
    room = state.rooms[request.room]
    seq = min(request.seq, room.head)
    done = Reply(Done(request.id))
    return (MarkRead(room.id, seq), done) if seq > room.members[sender.id] else (done,)

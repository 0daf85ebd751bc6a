"""Reading a room's log, and the audit log."""

from collections.abc import Iterable

from qtchat.protocol.messages import GetAudit, GetHistory
from qtchat.server.effects import Effect, ReadPage
from qtchat.server.state import State, User


def get(state: State, _sender: User, request: GetHistory | GetAudit, _now: int) -> Iterable[Effect]:
    newest = state.rooms[request.room].head if isinstance(request, GetHistory) else state.last_act
    return (ReadPage(request, newest),)

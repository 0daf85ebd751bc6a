"""Reading a room's log."""

from collections.abc import Iterable

from qtchat.protocol.messages import GetHistory
from qtchat.server.effects import Effect, ReadHistory
from qtchat.server.state import State, User


def get(_state: State, _sender: User, request: GetHistory, _now: int) -> Iterable[Effect]:
    return (ReadHistory(request),)

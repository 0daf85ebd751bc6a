"""Whether somebody is at the computer, and what they say about themselves."""

from collections.abc import Iterable

from qtchat.protocol import messages
from qtchat.protocol.messages import Done
from qtchat.protocol.names import clean_status
from qtchat.server.effects import Effect, Reply, SetPresence
from qtchat.server.handlers.voice import silenced
from qtchat.server.state import State, User


def set_presence(state: State, sender: User, request: messages.SetPresence, _now: int) -> Iterable[Effect]:
    status = None if request.status is None else clean_status(request.status)
    refusal = silenced(state, sender, None) if status and status != sender.status else None
    if refusal is not None:  # being away says nothing
        return (SetPresence(request.away, None, request.color), refusal)
    return (SetPresence(request.away, status, request.color), Reply(Done(request.id)))

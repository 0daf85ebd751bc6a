"""Away and status: state and request in, effects out."""

from qtchat.protocol import messages
from qtchat.protocol.messages import Done
from qtchat.server.effects import Reply, SetPresence
from qtchat.server.handlers import handle
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def test_a_status_is_one_line() -> None:
    state = make_state()
    request = messages.SetPresence(new_id(), True, " at\nlunch\u202e ")
    assert list(handle(state, state.users[1], request, 5)) == [SetPresence(True, "at lunch"), Reply(Done(request.id))]


def test_a_colour() -> None:
    state = make_state()
    request = messages.SetPresence(new_id(), False, color=7)
    assert list(handle(state, state.users[1], request, 5)) == [SetPresence(False, None, 7), Reply(Done(request.id))]


def test_without_a_status_it_stays_what_it_is() -> None:
    state = make_state()
    request = messages.SetPresence(new_id(), True)
    assert list(handle(state, state.users[1], request, 5)) == [SetPresence(True, None), Reply(Done(request.id))]

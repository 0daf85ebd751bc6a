"""Reading a room's log is handed to the readers."""

from qtchat.protocol.messages import GetHistory
from qtchat.server.effects import ReadPage
from qtchat.server.handlers import handle
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def test_a_reader_answers() -> None:
    state = make_state(heads={1: 7})
    request = GetHistory(new_id(), 1, after=3)
    assert list(handle(state, state.users[1], request, 5)) == [ReadPage(request, 7)]

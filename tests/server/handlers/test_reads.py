"""Read marks: state and request in, effects out."""

from qtchat.protocol import messages
from qtchat.protocol.messages import Done
from qtchat.server.effects import Effect, MarkRead, Reply
from qtchat.server.handlers import handle
from tests.helpers.hubs import make_state
from tests.helpers.wire import new_id


def ask(seq: int, *, read: int = 3, head: int = 9) -> list[Effect]:
    state = make_state(heads={1: head})
    state.rooms[1].members[1] = read
    *effects, done = handle(state, state.users[1], messages.MarkRead(ID, 1, seq), 5)
    assert done == Reply(Done(ID))
    return effects


ID = new_id()


def test_a_mark_moves_on() -> None:
    assert ask(7) == [MarkRead(1, 7)]


def test_and_never_back() -> None:
    assert ask(2) == []
    assert ask(3) == []


def test_nobody_has_read_what_was_not_said() -> None:
    assert ask(99) == [MarkRead(1, 9)]
    assert ask(99, read=9) == []

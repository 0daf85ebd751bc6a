"""Letting newcomers in, and turning them away."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Approve
from qtchat.server.effects import Refuse
from qtchat.server.records import BanRecord
from tests.helpers.acts import ADA, DAN, ID, NOW, ask, refusal, world


def test_who_was_turned_away_waits_no_more_and_is_not_let_in_by_a_late_click() -> None:
    state = world()
    assert not isinstance(ask(state, Approve(ID, DAN))[0], Refuse)
    state.bans[DAN] = BanRecord(DAN, ADA, "You were not let in.", NOW, 0)
    for accept in (True, False):
        assert refusal(state, Approve(ID, DAN, accept=accept)).code == ErrorCode.FORBIDDEN

"""Newcomers who wait to be let in: not more than can be looked at, and not for ever."""

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Approve, Unban, Waiting
from qtchat.server.handlers import login
from qtchat.server.handlers.login import WAITING_LAPSE_MS, WAITING_NOTE_MS
from qtchat.server.state import Rules
from tests.helpers.hubs import key_of
from tests.helpers.moderation import ADA, BOB, CY, Serve, Time, ask, come, tries
from tests.helpers.wire import new_id

RULES = Rules(approve=True, owner_key=key_of(ADA))
DAN = 4
LAPSE = WAITING_LAPSE_MS / 1000


def test_no_more_wait_than_there_is_room_for(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "MAX_WAITING", 2)
    with serve(RULES) as bench:
        ada = come(bench, "Ada", ADA)
        codes = [tries(bench, number, nick).refused for number, nick in ((BOB, "Bob"), (CY, "Cy"), (DAN, "Dan"))]
        assert [refusal and refusal[0] for refusal in codes] == [ErrorCode.WAITING, ErrorCode.WAITING, ErrorCode.BUSY]
        assert bench.look(lambda state: (len(state.users), "dan" in state.nicks)) == (3, False)
        ask(bench, ada, Approve(new_id(), BOB))
        late = tries(bench, DAN, "Dan")
        assert late.refused is not None
        assert late.refused[0] == ErrorCode.WAITING
        assert late.retry_after_ms


def test_who_does_not_ask_again_is_forgotten_when_somebody_else_comes(serve: Serve, wall: Time) -> None:
    with serve(RULES) as bench:
        ada = come(bench, "Ada", ADA)
        for number, nick in ((BOB, "Bob"), (CY, "Cy")):
            tries(bench, number, nick)
        wall.now += LAPSE - 10
        tries(bench, CY, "Cy")
        wall.now += 20
        ada.told()
        refusal = tries(bench, DAN, "Bob").refused
        assert refusal is not None
        assert refusal[0] == ErrorCode.NICK_TAKEN
        tries(bench, DAN, "Bob")
        assert [message for message in ada.told() if isinstance(message, Waiting)] == [Waiting(2)]
        names = bench.look(lambda state: sorted(user.nick for user in state.users.values()))
        assert names == ["Ada", "Bob", "Cy"]
        assert bench.look(lambda state: (state.nicks["bob"], key_of(BOB) in state.by_key)) == (DAN, False)
    with serve(RULES) as bench:
        assert bench.look(lambda state: sorted(state.users)) == [ADA, CY, DAN]


def test_it_is_noted_now_and_then_that_somebody_still_waits(serve: Serve, wall: Time) -> None:
    with serve(RULES) as bench:
        tries(bench, BOB, "Bob")
        commits = len(bench.log.commits)
        wall.now += WAITING_NOTE_MS / 1000
        tries(bench, BOB, "Bob")
        assert len(bench.log.commits) == commits, "not each time"
        wall.now += 1
        tries(bench, BOB, "Bob")
        assert len(bench.log.commits) == commits + 1


def test_who_was_turned_away_and_waits_again_can_be_forgotten(serve: Serve, wall: Time) -> None:
    with serve(RULES) as bench:
        ada = come(bench, "Ada", ADA)
        bob = bench.look(lambda state: state.next_user)
        tries(bench, BOB, "Bob")
        ask(bench, ada, Approve(new_id(), bob, accept=False))  # type: ignore[arg-type]
        ask(bench, ada, Unban(new_id(), bob))  # type: ignore[arg-type]
        assert bench.look(lambda state: bool(state.notices)), "of which the disk knows"
        wall.now += LAPSE + 10
        tries(bench, CY, "Cy")
        assert bench.look(lambda state: (sorted(state.users), state.notices)) == ([1, 3], {})
    with serve(RULES) as bench:
        assert bench.look(lambda state: (sorted(state.users), state.notices)) == ([1, 3], {})

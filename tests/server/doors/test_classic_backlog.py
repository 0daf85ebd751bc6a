"""What a plain-text peer said and was not asked for yet."""

from qtchat.protocol.messages import MAX_TEXT
from qtchat.server.doors.classic_backlog import BYTES_AT_ONCE, BYTES_PER_SECOND, HOLD_ABOVE, Backlog


def test_it_keeps_the_order_and_drops_what_says_nothing() -> None:
    backlog = Backlog()
    for text in ("one", " \n", "", "two"):
        backlog.say(text)
    backlog.leave()
    assert [backlog.take() for _ in range(3)] == ["one", "two", None]
    assert not backlog


def test_what_is_longer_than_a_message_becomes_several() -> None:
    backlog = Backlog()
    backlog.say("я" * MAX_TEXT)
    assert [backlog.take(), backlog.take()] == ["я" * (MAX_TEXT // 2)] * 2
    assert not backlog


def test_it_says_when_to_hold_the_peer_and_when_to_go_on() -> None:
    backlog = Backlog()
    told = []
    for text in ("x" * HOLD_ABOVE, "y"):
        backlog.say(text)
        told.append((backlog.full, backlog.low))
    while backlog:
        backlog.take()
        told.append((backlog.full, backlog.low))
    assert told[:2] == [(False, False), (True, False)]
    assert told[2] == (False, False)
    assert told[-1] == (False, True)


def test_what_is_cleared_counts_no_more() -> None:
    backlog = Backlog()
    backlog.say("x" * HOLD_ABOVE)
    backlog.clear()
    assert backlog.low
    assert not backlog


def test_who_says_much_has_to_wait() -> None:
    backlog = Backlog()
    now = 1000.0
    assert backlog.wait(now) == 0.0
    said = 0
    while not backlog.wait(now):
        backlog.say("x" * 1000)
        backlog.take()
        said += 1000
    assert BYTES_AT_ONCE < said <= BYTES_AT_ONCE + 1000
    wait = backlog.wait(now)
    assert 0 < wait <= 1000 / BYTES_PER_SECOND
    assert backlog.wait(now + wait) == 0.0
    assert backlog.wait(now + 3600) == 0.0
    backlog.say("short")
    backlog.take()
    assert backlog.wait(now + 3600) == 0.0  # but what was not used is not saved up for ever

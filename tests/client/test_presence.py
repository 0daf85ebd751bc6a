"""What we let the others know of ourselves."""

import pytest

from qtchat.client import presence as module
from qtchat.client.presence import TYPING_INTERVAL, OwnPresence
from qtchat.protocol.messages import MAX_STATUS, Error, SetPresence, Typing
from tests.client.test_marks import Clock
from tests.helpers.lines import FakeLine


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def presence(line: FakeLine, clock: Clock) -> OwnPresence:
    return OwnPresence(line)


def sent(line: FakeLine) -> list[tuple[bool, str | None]]:
    requests = line.take_sent()
    assert all(isinstance(request, SetPresence) for request in requests)
    return [(request.away, request.status) for request in requests]


def test_typing_is_told_now_and_then(line: FakeLine, presence: OwnPresence, clock: Clock) -> None:
    for _ in range(5):
        presence.typing(1)
    presence.typing(2)
    assert line.said == [Typing(1), Typing(2)]
    clock.now += TYPING_INTERVAL - 0.01
    presence.typing(1)
    assert len(line.said) == 2
    clock.now += 0.01
    presence.typing(1)
    assert len(line.said) == 3


def test_after_a_message_typing_is_news_again(line: FakeLine, presence: OwnPresence) -> None:
    presence.typing(1)
    presence.said(1)
    presence.said(2)
    presence.typing(1)
    assert line.said == [Typing(1), Typing(1)]


def test_nobody_is_told_without_a_connection_or_by_an_older_server(line: FakeLine, presence: OwnPresence) -> None:
    line.online = False
    presence.typing(1)
    presence.set(True, "")
    line.online, line.capabilities = True, frozenset()
    presence.typing(1)
    presence.ready()
    assert (line.said, line.sent) == ([], [])


def test_presence_is_said_at_once_and_after_each_reconnect(line: FakeLine, presence: OwnPresence) -> None:
    presence.ready()
    assert sent(line) == []
    presence.set(False, "x" * (MAX_STATUS + 1))
    presence.set(True, "at lunch")
    assert sent(line) == [(False, "x" * MAX_STATUS), (True, "at lunch")]
    presence.ready()
    assert sent(line) == [(True, "at lunch")]


def test_a_status_of_another_device_is_not_undone(line: FakeLine, presence: OwnPresence) -> None:
    presence.set(False, "at work")
    presence.answered(line.take_sent()[0])
    presence.set(True)  # whatever another device has said meanwhile
    presence.ready()
    assert sent(line) == [(True, None), (True, None)]
    presence.set(False)
    assert sent(line) == [(False, None)]
    presence.ready()
    assert sent(line) == []  # just what the server thinks of somebody who comes


def test_a_status_is_said_until_the_server_has_it(line: FakeLine, presence: OwnPresence) -> None:
    presence.set(False, "old")
    (old,) = line.take_sent()
    presence.set(False, "new")
    line.take_sent()
    presence.answered(old)
    presence.set(True)
    (request,) = line.take_sent()
    assert (request.away, request.status) == (True, "new")
    presence.ready()  # the connection was lost before the answer
    (request,) = line.take_sent()
    assert request.status == "new"
    presence.answered(request)
    presence.set(False, "")
    assert sent(line) == [(False, "")]


def test_a_colour_is_said_until_the_server_has_it(line: FakeLine, presence: OwnPresence) -> None:
    presence.set(False, color=3)
    presence.ready()  # the connection was lost before the answer
    first, again = line.take_sent()
    assert (first.color, first.status, again.color) == (3, None, 3)
    presence.answered(again)
    presence.set(True)
    (request,) = line.take_sent()
    assert request.color is None


def test_a_status_is_cleaned_before_it_is_sent(line: FakeLine, presence: OwnPresence) -> None:
    presence.set(False, " at\nlunch \ud83d")
    assert sent(line) == [(False, "at lunch")]


def test_what_was_refused_for_a_while_is_said_later(line: FakeLine, presence: OwnPresence) -> None:
    presence.set(True, "at lunch")
    (request,) = line.take_sent()
    presence.refused(request, Error(bytes(16), "busy", "Later.", retry_after_ms=3000))
    assert [delay for delay, _ in line.timers] == [3.0]
    line.run_timers()
    assert sent(line) == [(True, "at lunch")]


def test_a_status_that_is_refused_for_good_is_given_up(line: FakeLine, presence: OwnPresence) -> None:
    presence.set(True, "at lunch")
    (request,) = line.take_sent()
    presence.refused(request, Error(bytes(16), "text_invalid", "Never."))
    assert line.timers == []
    presence.ready()
    assert sent(line) == [(True, None)]

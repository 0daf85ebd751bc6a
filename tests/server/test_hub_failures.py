"""The hub when the disk fails, or a handler does: nothing of the batch is announced, everybody is answered."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    OWNER,
    PING_INTERVAL_MS,
    Ack,
    CreateRoom,
    Error,
    Event,
    Person,
    Ping,
    Post,
    Request,
    Room,
    SetPresence,
    SetTopic,
)
from qtchat.server.effects import Effect
from qtchat.server.handlers import COMMANDS, Command
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Gone, Overrun
from qtchat.server.state import State, User
from qtchat.server.store import StoreDamaged, StoreFailed, StoreFull
from tests.helpers.hubs import Bench, Clock, key_of, only, seqs
from tests.helpers.wire import new_id

LOBBY = 1


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (StoreFull(Path("x")), "The server's disk is full."),
        (StoreFailed(Path("x"), "disk I/O error"), "The server cannot write to its disk."),
        (StoreDamaged(Path("x"), "torn"), "The server cannot write to its disk."),
    ],
)
def test_a_failed_commit_is_announced_to_nobody_and_answered_to_all(
    bench: Bench, failure: Exception, text: str
) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    loads = bench.log.loads
    bench.log.failures = [failure]
    first, second = Post(new_id(), LOBBY, "lost?"), CreateRoom(new_id(), "Lab")
    newcomer = bench.peer()
    bench.post((ada, first), (bob, second), (newcomer, Login("Cy", key_of(9), new_id())))
    for peer, request in ((ada, first), (bob, second)):
        (error,) = peer.told()
        assert isinstance(error, Error)
        assert (error.re, error.code, error.text) == (request.id, ErrorCode.STORAGE, text)
        assert error.retry_after_ms is not None
        assert peer.answered == 1
        assert not peer.news_told()
    assert newcomer.refused == (ErrorCode.STORAGE, text, "")
    assert newcomer.admitted is None
    assert newcomer.user is None

    bench.post((ada, first), (bob, second))  # and now the disk works
    assert bench.log.loads == loads + 1
    assert ada.told() == [Ack(first.id, LOBBY, 3, 7000)]
    assert bob.told() == [Room(2, "Lab", "", 0, 1, role=OWNER), Ack(second.id, 2, 1, 7000)]
    assert seqs(ada) == [3]
    assert bench.look(lambda state: (sorted(state.users), state.online)) == ([1, 2], 2)


def test_what_was_stored_after_all_is_found_when_it_is_repeated(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    bench.log.failures, bench.log.half = [StoreFailed(Path("x"), "disk I/O error")], True
    request = Post(new_id(), LOBBY, "in doubt")
    bench.post((ada, request))
    assert isinstance(ada.told()[0], Error)
    bench.post((ada, request), (bob, Post(new_id(), LOBBY, "next")))
    assert ada.told() == [Ack(request.id, LOBBY, 3, 7000, duplicate=True)]
    assert [event.seq for event in bob.news_told() if isinstance(event, Event)] == [4]


def test_it_keeps_trying_while_the_disk_cannot_even_be_read(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.log.load_failures = [StoreFailed(Path("x"), "gone")]
    request = Post(new_id(), LOBBY, "patient")
    for _ in range(2):
        bench.post((ada, request))
        (error,) = ada.told()
        assert isinstance(error, Error)
    bench.post((ada, request))
    assert ada.told() == [Ack(request.id, LOBBY, 2, 7000)]


def test_a_fault_of_the_program_is_answered_too(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    bench.log.failures = [ZeroDivisionError()]
    request = Post(new_id(), LOBBY, "hello")
    bench.post_and_wait_for_a_call((ada, request))
    (error,) = ada.told()
    assert isinstance(error, Error)
    assert error.code == ErrorCode.STORAGE
    bench.post((ada, request))
    assert ada.told() == [Ack(request.id, LOBBY, 2, 7000)]
    assert "internal error in the hub" in caplog.text


def test_a_fault_of_the_program_swallows_nothing_that_was_posted_behind_it(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.log.failures = [ZeroDivisionError()]
    bench.post_and_wait_for_a_call((ada, Post(new_id(), LOBBY, "hello")), Gone(bob))
    bench.settle()
    assert bob.user is None
    bench.post((ada, Post(new_id(), LOBBY, "hello again")))
    assert bench.look(lambda state: state.online) == 1


def stumble(_state: State, _sender: User, _request: Request, _now: int) -> Iterable[Effect]:
    raise ZeroDivisionError


@pytest.mark.parametrize("break_it", ["a handler that raises", "no entry in the table"])
def test_only_the_culprit_of_a_fault_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, break_it: str, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    if break_it == "no entry in the table":
        monkeypatch.delitem(COMMANDS, SetTopic)  # type: ignore[misc]
    else:
        monkeypatch.setitem(COMMANDS, SetTopic, Command(stumble, mutates=True))  # type: ignore[misc]
    poison = SetTopic(new_id(), LOBBY, "boo")
    for number in range(2):  # it comes again, and again harms nobody
        post, newcomer = Post(new_id(), LOBBY, "hello"), bench.peer()
        bench.post(
            (newcomer, Login(f"N{number}", key_of(90 + number), new_id())),
            (bob, poison),
            (ada, post),
        )
        assert newcomer.admitted == (3 + number, f"N{number}")
        assert [message.re for message in only(ada.told(), Ack)] == [post.id]
        (error,) = bob.told()
        assert isinstance(error, Error)
        assert (error.re, error.code, error.retry_after_ms) == (poison.id, ErrorCode.STORAGE, None)
    assert "ZeroDivisionError" in caplog.text or "KeyError" in caplog.text
    assert ada.answered == bob.answered == 2


def test_behind_a_culprit_that_will_not_come_again_nothing_is_held(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(state: State, sender: User, request: Post, now: int) -> Iterable[Effect]:
        return stumble(state, sender, request, now) if request.text == "boo" else handler(state, sender, request, now)

    ada = bench.login("Ada")
    bench.quiet(ada)
    handler = COMMANDS[Post].handler
    monkeypatch.setitem(COMMANDS, Post, Command(post, mutates=True))  # type: ignore[misc]
    poison = Post(new_id(), LOBBY, "boo")
    bench.post((ada, Overrun(poison)))
    bench.post((ada, poison), (ada, Post(new_id(), LOBBY, "held")))
    bench.post((ada, Post(new_id(), LOBBY, "goes on")))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)][-1] == "goes on"


def test_who_could_not_be_let_in_is_nobody_afterwards(bench: Bench) -> None:
    ada = bench.login("Ada")
    first, second = bench.peer(), bench.peer()
    bench.log.failures = [ZeroDivisionError()] * 2  # of the batch, and of the first alone
    bench.post_and_wait_for_a_call(
        (first, Login("First", key_of(91), new_id())), (second, Login("Second", key_of(92), new_id()))
    )
    bench.settle()
    assert first.user is None
    assert first.refused is not None
    assert (second.user, second.admitted) == (2, (2, "Second"))
    bench.post((ada, Post(new_id(), LOBBY, "hello")))
    assert not first.heard
    assert bench.look(lambda state: state.online) == 2


def test_being_away_is_not_kept_if_it_was_refused(bench: Bench) -> None:
    ada = bench.login("Ada")
    for away in (True, False):
        bench.log.failures = [StoreFull(Path("x"))]
        bench.post((ada, SetPresence(new_id(), away, f"{away}")))
        bench.post((ada, Post(new_id(), LOBBY, "hello")))
        person = bench.look(lambda state: state.users[1].person)
        assert isinstance(person, Person)
        assert person.away is not away
        bench.post((ada, SetPresence(new_id(), away, f"{away}")))
        person = bench.look(lambda state: state.users[1].person)
        assert isinstance(person, Person)
        assert (person.away, person.status) == (away, str(away))


def test_heads_of_a_state_in_doubt_are_not_told(bench: Bench, clock: Clock) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, Post(new_id(), LOBBY, "lost")))
    ada.told()
    clock.now += PING_INTERVAL_MS / 1000
    bench.post()
    assert ada.told() == [Ping()]


def test_one_line_is_logged_for_a_failing_disk_and_one_when_it_works_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    ada = bench.login("Ada")
    bench.log.failures = [StoreFull(Path("x"))] * 3
    request = Post(new_id(), LOBBY, "hello")
    for _ in range(5):
        bench.post((ada, request))
    assert len([record for record in caplog.records if "could not be written" in record.message]) == 1
    assert len([record for record in caplog.records if record.message == "writing works again"]) == 1

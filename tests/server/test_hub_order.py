"""The hub keeps the order of what a sender posts in a room, also behind a post that was refused for now."""

from pathlib import Path

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    MAX_IN_FLIGHT,
    CreateRoom,
    Error,
    Event,
    JoinRoom,
    ListRooms,
    Post,
    Rooms,
    SetRoom,
)
from qtchat.server.letters import Overrun
from qtchat.server.refusals import BUSY_RETRY_MS
from qtchat.server.store import StoreFull
from tests.helpers.hubs import Bench
from tests.helpers.wire import new_id

LOBBY = 1


# -- order behind a refusal ------------------------------------------------------------------------------


def test_behind_a_refused_post_nothing_may_pass(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    first, second = Post(new_id(), LOBBY, "1"), Post(new_id(), LOBBY, "2")
    bench.post((ada, Overrun(first)), (ada, second), (bob, Post(new_id(), LOBBY, "b")))
    errors = ada.told()
    assert [(error.re, error.code) for error in errors if isinstance(error, Error)] == [
        (first.id, ErrorCode.BUSY),
        (second.id, ErrorCode.BUSY),
    ]
    assert all(isinstance(error, Error) and error.retry_after_ms for error in errors)
    assert str(MAX_IN_FLIGHT) in str(errors[0])
    assert [event.text for event in bob.news_told() if isinstance(event, Event)] == ["b"]
    bench.post((ada, first), (ada, second))
    assert [event.text for event in bob.news_told() if isinstance(event, Event)] == ["1", "2"]


def test_other_requests_do_not_wait_behind_a_refused_post(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, rooms = Post(new_id(), LOBBY, "1"), ListRooms(new_id())
    bench.post((ada, Overrun(first)), (ada, rooms))
    assert [type(message) for message in ada.told()] == [Error, Rooms]


def test_a_question_in_between_does_not_let_a_post_pass(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, second = Post(new_id(), LOBBY, "1"), Post(new_id(), LOBBY, "2")
    bench.post((ada, Overrun(first)), (ada, ListRooms(new_id())), (ada, second))
    assert not ada.news_told()
    bench.post((ada, first), (ada, second))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["1", "2"]


def test_a_post_that_is_refused_in_one_room_holds_none_back_in_another(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.post((ada, CreateRoom(new_id(), "Lab")), (bob, JoinRoom(new_id(), 2)))
    bench.post((ada, SetRoom(new_id(), 2, "slow_ms", "3600000")), (bob, Post(new_id(), 2, "1")))
    bench.quiet(ada, bob)
    slow, behind, elsewhere = Post(new_id(), 2, "2"), Post(new_id(), 2, "3"), Post(new_id(), LOBBY, "help")
    bench.post((bob, slow), (bob, behind), (bob, elsewhere))
    waits = [(told.re, told.retry_after_ms or 0) for told in bob.told() if isinstance(told, Error)]
    (first, long), (second, short) = waits
    assert (first, second, short) == (slow.id, behind.id, BUSY_RETRY_MS)
    assert 3_500_000 < long <= 3_600_000
    bench.post((bob, Post(new_id(), LOBBY, "me")))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["help", "me"]
    bench.post((ada, SetRoom(new_id(), 2, "slow_ms", "0")), (bob, behind), (bob, slow), (bob, behind))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)][1:] == ["2", "3"]


def test_who_is_not_in_a_room_is_refused_there_and_nothing_is_kept_of_it(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.post((ada, CreateRoom(new_id(), "Lab")))
    bench.quiet(bob)
    first, second = Post(new_id(), 2, "1"), Post(new_id(), 2, "2")
    bench.post((bob, Overrun(first)), (bob, second), (bob, first))
    assert [told.code for told in bob.told() if isinstance(told, Error)] == [
        ErrorCode.BUSY,
        ErrorCode.NOT_MEMBER,
        ErrorCode.NOT_MEMBER,
    ]


def test_a_failed_batch_holds_its_senders_back(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, second = Post(new_id(), LOBBY, "1"), Post(new_id(), LOBBY, "2")
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, first))
    bench.post((ada, second))
    assert [error.code for error in ada.told() if isinstance(error, Error)] == [ErrorCode.STORAGE, ErrorCode.BUSY]
    bench.post((ada, first), (ada, second))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["1", "2"]


# -- coming and going ------------------------------------------------------------------------------------


def test_a_hold_outlives_a_batch_that_was_not_written(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, second = Post(new_id(), LOBBY, "first"), Post(new_id(), LOBBY, "second")
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, first))
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, second), (ada, first))
    bench.post((ada, first), (ada, second))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["first", "second"]

"""The way back: from the disk, else from the server, until what is wanted is there."""

import pytest

from qtchat.client.catchup import Cursor
from qtchat.client.errors import ProfileError
from qtchat.client.older import CONTEXT, PAGE, Older
from qtchat.client.updates import OlderUpdate
from qtchat.protocol.messages import KIND_EDITED, KIND_POST, KIND_REACTED, MAX_PAGE, Event, GetHistory, History
from tests.helpers.lines import FakeLine


def event(seq: int, kind: str = KIND_POST, about: int = 0) -> Event:
    return Event(1, seq, seq.to_bytes(16, "big"), 0, 2, "Bob", kind, f"text {seq}", about)


def events(first: int, last: int) -> tuple[Event, ...]:
    return tuple(map(event, range(first, last + 1)))


@pytest.fixture
def cursor() -> Cursor:
    return Cursor(low=2001, high=3000, head=3000)


@pytest.fixture
def older(line: FakeLine, cursor: Cursor) -> Older:
    """Of a room of which the disk holds 2001 to 3000."""
    line.disk.cache.append(1, events(2001, 3000))
    return Older(line, {1: cursor})


def answer(line: FakeLine, older: Older, first: int, last: int, *, more: bool = True, oldest: int = 1) -> GetHistory:
    """The server answers the one request that was sent."""
    (request,) = line.take_sent()
    assert isinstance(request, GetHistory)
    assert request.before == last + 1
    older.page(History(request.id, 1, events(first, last), more, 3000, oldest), request)
    line.run_disk()
    return request


def test_the_disk_is_asked_first(line: FakeLine, older: Older) -> None:
    older.load(1, 2600)
    line.run_disk()
    assert line.told == [OlderUpdate(1, events(2500, 2599), at_start=False)]
    assert line.sent == []


def test_the_first_event_is_the_start(line: FakeLine) -> None:
    older = Older(line, {1: Cursor(low=1, high=9, head=9)})
    line.disk.cache.append(1, events(1, 9))
    older.load(1, 6)
    line.run_disk()
    older.load(1, 1)
    older.load(99, 5)
    assert line.told == [OlderUpdate(1, events(1, 5), at_start=True), OlderUpdate(1, (), at_start=True)]


@pytest.mark.parametrize("broken", [None, ProfileError("The disk is broken.")])
def test_what_the_disk_has_not_comes_from_the_server(
    line: FakeLine, older: Older, cursor: Cursor, broken: ProfileError | None
) -> None:
    older.load(1, 2001)
    line.broken = broken
    line.run_disk()
    line.broken = None
    assert answer(line, older, 1901, 2000).limit == PAGE
    assert line.told == [OlderUpdate(1, events(1901, 2000), at_start=False)]
    assert line.disk.cache.range(1) == (1901, 3000)
    assert cursor.low == 1901


def test_the_end_of_what_the_server_keeps_is_a_gap(line: FakeLine, older: Older) -> None:
    older.load(1, 2001)
    line.run_disk()
    answer(line, older, 1990, 2000, more=False, oldest=1990)
    assert line.told == [OlderUpdate(1, events(1990, 2000), at_start=True, gap=True)]


def test_what_does_not_join_is_told_but_not_written_down(line: FakeLine, older: Older, cursor: Cursor) -> None:
    older.load(1, 51)
    line.run_disk()
    answer(line, older, 41, 50)
    assert line.told == [OlderUpdate(1, events(41, 50), at_start=False)]
    assert (line.disk.cache.range(1), cursor.low) == ((2001, 3000), 2001)


def test_what_will_not_come_is_answered_with_none(line: FakeLine, older: Older) -> None:
    older.load(1, 2001)
    line.run_disk()
    (request,) = line.take_sent()
    older.not_answered(request)
    assert line.told == [OlderUpdate(1, (), at_start=False)]


def test_what_changed_the_messages_later_comes_with_them(line: FakeLine) -> None:
    edit, reaction = event(3001, KIND_EDITED, 1950), event(3002, KIND_REACTED, 2500)
    line.disk.cache.append(1, (*events(2001, 3000), edit, reaction))
    older = Older(line, {1: Cursor(low=2001, high=3002, head=3002)})
    older.load(1, 2600)
    line.run_disk()
    assert line.take_told() == [OlderUpdate(1, events(2500, 2599), at_start=False, amendments=(reaction,))]
    older.load(1, 2001)
    line.run_disk()
    answer(line, older, 1901, 2000)
    (update,) = line.told
    assert isinstance(update, OlderUpdate)
    assert update.amendments == (edit,)
    assert next(post.text for post in update.events if post.seq == 1950) == "text 1950"
    (kept,) = line.disk.cache.before(1, 1951, 1)
    assert kept.text == "text 3001"  # as it reads now


def test_pages_without_a_row_are_followed_by_the_next(line: FakeLine) -> None:
    older = Older(line, {1: Cursor(low=1, high=500, head=500)})
    reactions = tuple(event(seq, KIND_REACTED, 3) for seq in range(51, 501))
    line.disk.cache.append(1, events(1, 50) + reactions)
    older.load(1, 401)
    line.run_disk()
    told = [update for update in line.told if isinstance(update, OlderUpdate)]
    assert [(update.events[0].seq, update.events[-1].seq) for update in told] == [
        (301, 400),
        (201, 300),
        (101, 200),
        (1, 100),
    ]
    assert told[-1].at_start


def test_to_jump_far_back_all_between_is_brought(line: FakeLine, older: Older) -> None:
    older.load_around(1, 1800)
    line.run_disk()
    assert answer(line, older, 1501, 2000).limit == MAX_PAGE
    told = [update for update in line.told if isinstance(update, OlderUpdate)]
    assert [(update.events[0].seq, update.events[-1].seq) for update in told] == [
        (2501, 3000),
        (2001, 2500),
        (1501, 2000),
    ]
    assert line.sent == []


def test_a_jump_brings_something_above_it_too(line: FakeLine, older: Older) -> None:
    older.load_around(1, 2501 + CONTEXT - 1)
    line.run_disk()
    assert [update.events[0].seq for update in line.told if isinstance(update, OlderUpdate)] == [2501, 2001]


def test_a_jump_that_cannot_be_made_is_answered_with_none(line: FakeLine, older: Older) -> None:
    older.load_around(1, 5)
    line.run_disk()
    (request,) = line.take_sent()
    older.not_answered(request)
    assert line.told[-1] == OlderUpdate(1, (), at_start=False)
    older.load_around(99, 5)
    line.run_disk()
    assert len(line.told) == 3


def test_before_anything_is_known_of_a_room_no_jump_can_be_made(line: FakeLine) -> None:
    Older(line, {1: Cursor(head=9)}).load_around(1, 5)
    assert line.told == [OlderUpdate(1, (), at_start=False)]


def test_to_look_back_quietly_tells_only_that_it_is_done(line: FakeLine, older: Older, cursor: Cursor) -> None:
    done: list[int] = []
    older.deepen(1, 1400, lambda: done.append(cursor.low))
    line.run_disk()
    answer(line, older, 1501, 2000)
    assert done == []
    answer(line, older, 1001, 1500)
    assert done == [1001]
    older.deepen(1, 1, lambda: done.append(cursor.low))
    line.run_disk()
    (request,) = line.take_sent()
    older.not_answered(request)
    assert done == [1001, 1001]
    assert line.told == []


def test_a_page_of_a_room_that_was_left_is_dropped(line: FakeLine, cursor: Cursor) -> None:
    older = Older(line, {1: cursor})
    older.load(1, 2001)
    line.run_disk()
    (request,) = line.take_sent()
    older.forget(request)
    older.forget(request)
    assert (line.told, older._wishes) == ([], {})


def test_what_another_window_wrote_down_already_is_not_written_twice(line: FakeLine, older: Older) -> None:
    older.load(1, 2001)
    line.run_disk()
    line.disk.cache.prepend(1, events(1901, 2000))
    answer(line, older, 1901, 2000)
    assert line.disk.cache.range(1) == (1901, 3000)

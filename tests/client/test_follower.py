"""Keeping up with rooms: what is told, what is written down, what is asked for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qtchat.client.cache import CachedRoom
from qtchat.client.errors import ProfileError
from qtchat.client.follower import PAGE, PAGES_AT_ONCE, Follower
from qtchat.client.updates import EventsUpdate, OlderUpdate, RoomGoneUpdate, RoomUpdate
from qtchat.protocol.messages import KIND_POST, MAX_PAGE, Event, GetHistory, History, Room
from tests.helpers.lines import FakeLine


def event(seq: int, room: int = 1) -> Event:
    return Event(room, seq, seq.to_bytes(16, "big"), 0, 2, "Bob", KIND_POST, f"text {seq}")


def events(first: int, last: int, room: int = 1) -> tuple[Event, ...]:
    return tuple(event(seq, room) for seq in range(first, last + 1))


def lobby(head: int, number: int = 1, *, member: bool = True) -> Room:
    return Room(number, f"room {number}", "", head, 2, member)


def page(request: GetHistory, first: int, last: int, head: int, *, oldest: int = 1) -> History:
    return History(request.id, request.room, events(first, last, request.room), last < head, head, oldest)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[FakeLine]:
    with closing(FakeLine(tmp_path)) as line:
        yield line


@pytest.fixture
def shown() -> list[Room]:
    return []


@pytest.fixture
def follower(line: FakeLine, shown: list[Room]) -> Follower:
    follower = Follower(line, shown.append)
    line.on_pump = follower.pump
    return follower


@pytest.fixture
def at_10(line: FakeLine, follower: Follower) -> Follower:
    """We hold 1 to 10 of room 1, on the disk too."""
    follower.room(lobby(10))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 1, 10, 10), request)
    line.run_disk()
    line.take_told()
    return follower


def held(line: FakeLine, room: int = 1) -> tuple[int, int] | None:
    line.run_disk()
    return line.disk.cache.range(room)


def asked(line: FakeLine) -> list[tuple[int, int | None, int, int]]:
    requests = line.take_sent()
    assert all(isinstance(request, GetHistory) for request in requests)
    return [(request.room, request.after, request.before, request.limit) for request in requests]


# -- catching up ------------------------------------------------------------------------------------------


def test_of_a_new_room_the_newest_page_is_fetched_and_nothing_in_it_is_unread(
    line: FakeLine, follower: Follower, shown: list[Room]
) -> None:
    follower.room(lobby(300))
    follower.pump()
    (request,) = line.take_sent()
    assert request == GetHistory(request.id, 1, None, limit=PAGE)
    assert follower.history(page(request, 201, 300, 300), request) == events(201, 300)
    assert line.told == [RoomUpdate(lobby(300), 300), EventsUpdate(1, events(201, 300), live=False)]
    assert held(line) == (201, 300)
    assert line.disk.cache.rooms()[0].read == 300
    assert [room.room for room in shown] == [1]
    follower.pump()
    assert asked(line) == []


def test_an_empty_room_is_asked_for_once(line: FakeLine, follower: Follower) -> None:
    follower.room(lobby(0))
    follower.pump()
    assert asked(line) == []
    follower.head(1, 5)  # it was told so, but there is nothing
    follower.pump()
    (request,) = line.take_sent()
    follower.history(History(request.id, 1, (), True, 2**53), request)
    follower.pump()
    assert asked(line) == []


def test_live_events_are_told_once_and_written_down(line: FakeLine, at_10: Follower) -> None:
    assert at_10.events(1, events(11, 12)) == events(11, 12)
    assert at_10.events(1, events(11, 12)) == ()
    assert at_10.events(99, (event(1, 99),)) == ()
    assert line.told == [EventsUpdate(1, events(11, 12))]
    assert held(line) == (1, 12)


def test_a_gap_is_closed_in_pages(line: FakeLine, at_10: Follower) -> None:
    assert at_10.events(1, (event(1000),)) == ()
    at_10.pump()
    at_10.pump()
    (request,) = line.take_sent()
    assert request == GetHistory(request.id, 1, 10, limit=MAX_PAGE)
    at_10.history(page(request, 11, 510, 1000), request)
    at_10.pump()
    (request,) = line.take_sent()
    assert request.after == 510
    at_10.history(page(request, 511, 1000, 1000), request)
    at_10.pump()
    assert asked(line) == []
    assert line.told == [EventsUpdate(1, events(11, 510)), EventsUpdate(1, events(511, 1000))]
    assert held(line) == (1, 1000)


def test_events_that_come_live_while_a_page_is_under_way_are_told_once(line: FakeLine, at_10: Follower) -> None:
    at_10.head(1, 12)
    at_10.pump()
    (request,) = line.take_sent()
    at_10.events(1, events(11, 13))
    assert at_10.history(page(request, 11, 12, 12), request) == ()
    at_10.pump()
    assert asked(line) == []
    assert line.told == [EventsUpdate(1, events(11, 13))]


def test_a_few_rooms_at_a_time_and_never_more_than_the_window(line: FakeLine, follower: Follower) -> None:
    for number in range(1, 10):
        follower.room(lobby(5, number))
    line.free = 1
    follower.pump()
    assert len(line.sent) == 1
    line.free = 32
    follower.pump()
    assert len(line.sent) == PAGES_AT_ONCE


def test_what_never_came_to_be_is_not_asked_for_again_and_again(line: FakeLine, at_10: Follower) -> None:
    at_10.head(1, 2**53)
    at_10.pump()
    (request,) = line.take_sent()
    at_10.history(History(request.id, 1, (), True, 2**53), request)
    at_10.pump()
    assert asked(line) == []


def test_after_a_lost_connection_the_page_is_asked_for_again(line: FakeLine, at_10: Follower) -> None:
    at_10.head(1, 20)
    at_10.pump()
    (old,) = line.take_sent()
    at_10.lost()
    at_10.not_answered(old)
    at_10.pump()
    assert len(line.take_sent()) == 1
    line.run_timers()
    assert asked(line) == []  # the old request's timer does not free the new one


def test_a_page_that_was_refused_is_asked_for_again_when_the_server_says(line: FakeLine, at_10: Follower) -> None:
    at_10.head(1, 20)
    at_10.pump()
    (request,) = line.take_sent()
    at_10.not_answered(request, 3.0)
    at_10.pump()
    assert asked(line) == []
    assert [delay for delay, _ in line.timers] == [3.0]
    line.run_timers()
    assert asked(line) == [(1, 10, 0, MAX_PAGE)]


def test_where_the_server_no_longer_has_what_follows_the_room_is_begun_anew(
    line: FakeLine, at_10: Follower, shown: list[Room]
) -> None:
    at_10.head(1, 300)
    at_10.pump()
    (request,) = line.take_sent()
    at_10.history(page(request, 50, 300, 300, oldest=50), request)
    at_10.pump()
    (newest,) = line.take_sent()
    assert newest.after is None
    at_10.history(page(newest, 201, 300, 300, oldest=50), newest)
    assert [type(update) for update in line.told] == [RoomGoneUpdate, RoomUpdate, EventsUpdate]
    assert held(line) == (201, 300)
    assert [room.room for room in shown] == [1, 1]


def test_a_late_page_of_a_room_that_was_begun_anew_is_dropped(line: FakeLine, at_10: Follower) -> None:
    at_10.head(1, 20)
    at_10.pump()
    (late,) = line.take_sent()
    at_10.room(lobby(0, member=False))
    assert at_10.history(page(late, 11, 20, 20), late) == ()
    at_10.room(lobby(20))
    at_10.pump()
    (request,) = line.take_sent()
    assert at_10.history(page(late, 11, 20, 20), late) == ()
    assert at_10.history(page(request, 1, 20, 20), request) == events(1, 20)


def hole(request: GetHistory) -> History:
    return History(request.id, 1, (event(11), event(13)), False, 13)


def backwards(request: GetHistory) -> History:
    return History(request.id, 1, (event(12), event(11)), False, 12)


def too_early(request: GetHistory) -> History:
    return History(request.id, 1, events(5, 12), False, 12)


def too_late(request: GetHistory) -> History:
    return History(request.id, 1, events(15, 20), False, 20)


def other_room(request: GetHistory) -> History:
    return History(request.id, 2, events(11, 12, 2), False, 12)


def mixed(request: GetHistory) -> History:
    return History(request.id, 1, (event(11), event(12, 2)), False, 12)


@pytest.mark.parametrize("lie", [hole, backwards, too_early, too_late, other_room, mixed])
def test_a_page_that_does_not_fit_ends_the_connection_and_is_not_believed(
    line: FakeLine, at_10: Follower, lie: Any
) -> None:
    at_10.head(1, 20)
    at_10.pump()
    (request,) = line.take_sent()
    assert at_10.history(lie(request), request) == ()
    assert len(line.given_up) == 1
    assert line.told == []
    assert held(line) == (1, 10)


def test_a_newest_page_with_a_hole_is_not_believed(line: FakeLine, follower: Follower) -> None:
    follower.room(lobby(9))
    follower.pump()
    (request,) = line.take_sent()
    line.take_told()
    follower.history(History(request.id, 1, (event(1), event(3)), False, 3), request)
    assert (len(line.given_up), line.told, held(line)) == (1, [], None)


# -- rooms ------------------------------------------------------------------------------------------------


def test_rooms_that_are_not_told_at_the_login_were_left_elsewhere(line: FakeLine, at_10: Follower) -> None:
    at_10.room(lobby(5, 2))
    line.take_told()
    at_10.authenticated()
    at_10.room(lobby(10))
    at_10.ready()
    assert line.told == [RoomUpdate(lobby(10)), RoomGoneUpdate(2)]
    line.run_disk()
    assert [cached.room.room for cached in line.disk.cache.rooms()] == [1]


def test_a_room_that_was_left_is_forgotten(line: FakeLine, at_10: Follower) -> None:
    at_10.room(lobby(11, member=False))
    at_10.room(lobby(11, member=False))
    assert line.told == [RoomGoneUpdate(1)]
    assert held(line) is None
    assert at_10.events(1, events(11, 11)) == ()


def test_a_server_that_knows_less_than_we_do_is_believed_and_the_room_begun_anew(
    line: FakeLine, at_10: Follower
) -> None:
    at_10.room(lobby(4))
    assert line.told == [RoomGoneUpdate(1), RoomUpdate(lobby(4), 4)]
    at_10.pump()
    assert asked(line) == [(1, None, 0, PAGE)]
    assert held(line) is None


def test_what_was_known_last_time_is_shown_and_followed_up(line: FakeLine, follower: Follower) -> None:
    follower.restore(CachedRoom(lobby(10), 7), (1, 10), events(1, 10))
    assert line.told == [RoomUpdate(lobby(10), 7), EventsUpdate(1, events(1, 10), live=False)]
    follower.room(lobby(12))
    assert line.told[2:] == [RoomUpdate(lobby(12), None)]
    follower.pump()
    assert asked(line) == [(1, 9, 0, MAX_PAGE)]


def test_a_new_connection_is_asked_for_the_newest_event_once_more(line: FakeLine, at_10: Follower) -> None:
    at_10.lost()
    at_10.room(lobby(12))
    line.take_told()
    at_10.pump()
    (request,) = line.take_sent()
    assert request == GetHistory(request.id, 1, 9, limit=MAX_PAGE)
    assert at_10.history(page(request, 10, 12, 12), request) == events(11, 12)
    assert line.told == [EventsUpdate(1, events(11, 12))]
    at_10.pump()
    assert asked(line) == []


def test_another_log_under_the_same_numbers_is_noticed(line: FakeLine, at_10: Follower) -> None:
    """A backup was restored, and nobody raised the epoch."""
    at_10.lost()
    at_10.room(lobby(12))
    at_10.pump()
    (request,) = line.take_sent()
    line.take_told()
    other = tuple(msgspec.structs.replace(one, id=b"another log" + one.id[-5:]) for one in events(10, 12))
    assert at_10.history(History(request.id, 1, other, False, 12), request) == ()
    assert line.told == [RoomGoneUpdate(1), RoomUpdate(lobby(12), 12)]
    assert held(line) is None
    at_10.pump()
    assert asked(line) == [(1, None, 0, PAGE)]


def test_a_reset_forgets_all(line: FakeLine, at_10: Follower) -> None:
    at_10.reset()
    at_10.pump()
    assert at_10.events(1, events(11, 11)) == ()
    assert (line.told, line.sent) == ([], [])


# -- older events -----------------------------------------------------------------------------------------


def test_older_events_come_from_the_disk_where_it_has_them(line: FakeLine, at_10: Follower) -> None:
    at_10.load_older(1, 6)
    line.run_disk()
    assert line.told == [OlderUpdate(1, events(1, 5), at_start=True)]
    assert line.sent == []


def test_before_the_first_event_there_is_nothing(line: FakeLine, at_10: Follower) -> None:
    at_10.load_older(1, 1)
    at_10.load_older(99, 5)
    assert line.told == [OlderUpdate(1, (), at_start=True)]


@pytest.mark.parametrize("broken", [None, ProfileError("The disk is broken.")])
def test_older_events_that_the_disk_has_not_come_from_the_server(
    line: FakeLine, follower: Follower, broken: ProfileError | None
) -> None:
    follower.restore(CachedRoom(lobby(300), 300), (201, 300), events(201, 300))
    line.disk.cache.append(1, events(201, 300))
    line.take_told()
    follower.load_older(1, 201)
    line.broken = broken
    line.run_disk()
    line.broken = None
    (request,) = line.take_sent()
    assert request == GetHistory(request.id, 1, None, 201, PAGE)
    assert follower.history(History(request.id, 1, events(101, 200), True, 300), request) == ()
    assert line.told == [OlderUpdate(1, events(101, 200), at_start=False)]
    assert held(line) == (101, 300)


def test_the_start_and_a_gap_are_told(line: FakeLine, at_10: Follower) -> None:
    request = GetHistory(bytes(16), 1, None, 51, PAGE)
    at_10.history(History(request.id, 1, events(41, 50), False, 300, first=41), request)
    assert line.told == [OlderUpdate(1, events(41, 50), at_start=True, gap=True)]
    assert held(line) == (1, 10)  # what does not join is not written down


def test_older_events_that_do_not_fit_are_not_believed_but_answered(line: FakeLine, at_10: Follower) -> None:
    request = GetHistory(bytes(16), 1, None, 51, PAGE)
    at_10.history(History(request.id, 1, events(40, 49), False, 300), request)
    assert line.told == [OlderUpdate(1, (), at_start=False)]
    assert len(line.given_up) == 1


def test_older_events_that_will_not_come_are_answered_with_none(line: FakeLine, at_10: Follower) -> None:
    at_10.not_answered(GetHistory(bytes(16), 1, None, 51, PAGE))
    assert line.told == [OlderUpdate(1, (), at_start=False)]


# -- two windows on one profile ---------------------------------------------------------------------------


def test_what_another_window_wrote_down_already_is_not_written_twice(line: FakeLine, at_10: Follower) -> None:
    line.disk.cache.append(1, events(11, 12))
    at_10.events(1, events(11, 13))
    assert held(line) == (1, 13)


def test_where_another_window_began_anew_the_disk_holds_one_stretch(line: FakeLine, at_10: Follower) -> None:
    line.disk.cache.clear_events(1)
    line.disk.cache.append(1, events(3, 5))
    at_10.events(1, events(11, 13))
    assert held(line) == (11, 13)

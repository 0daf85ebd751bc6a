"""Keeping up with rooms: what is told, what is written down, what is asked for."""

from typing import Any

import pytest

from qtchat.client.cache import CachedRoom
from qtchat.client.follower import PAGES_AT_ONCE, Follower, StoredRoom
from qtchat.client.older import PAGE
from qtchat.client.updates import EventsUpdate, OlderUpdate, QuotedUpdate, RoomGoneUpdate, RoomUpdate
from qtchat.protocol.messages import KIND_POST, MAX_PAGE, Event, GetHistory, History, Room
from tests.client.following import asked, event, events, held, lobby, page
from tests.helpers.lines import FakeLine


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


# -- older events -----------------------------------------------------------------------------------------


def test_older_pages_are_taken_to_whom_asked_for_them(line: FakeLine, follower: Follower) -> None:
    follower.restore(StoredRoom(CachedRoom(lobby(300), 300), (201, 300), events(201, 300), ()))
    line.disk.cache.append(1, events(201, 300))
    line.take_told()
    follower.older.load(1, 201)
    line.run_disk()
    (request,) = line.take_sent()
    assert follower.history(History(request.id, 1, events(101, 200), True, 300), request) == ()
    line.run_disk()
    assert line.told == [OlderUpdate(1, events(101, 200), at_start=False)]
    assert held(line) == (101, 300)


def test_older_events_that_do_not_fit_are_not_believed_but_answered(line: FakeLine, at_10: Follower) -> None:
    at_10.older.load(1, 51)
    line.run_disk()
    (request,) = line.take_sent()
    at_10.history(History(request.id, 1, events(40, 49), False, 300), request)
    assert line.told == [OlderUpdate(1, (), at_start=False)]
    assert len(line.given_up) == 1


def test_an_older_page_of_a_room_that_was_left_leaves_nothing_behind(line: FakeLine, at_10: Follower) -> None:
    at_10._cursors[1].low = 5
    at_10.older.load(1, 1000)
    line.run_disk()
    (request,) = line.take_sent()
    at_10.room(lobby(10, member=False))
    line.take_told()
    assert at_10.history(page(request, 900, 999, 1000), request) == ()
    assert (line.told, at_10.older._wishes) == ([], {})


# -- quotes -----------------------------------------------------------------------------------------------


def test_what_a_message_answers_is_looked_up_where_it_did_not_come_with_it(line: FakeLine, at_10: Follower) -> None:
    near = Event(1, 11, event(11).id, 0, 2, "Bob", KIND_POST, "to the next", 12)
    far = Event(1, 13, event(13).id, 0, 2, "Bob", KIND_POST, "to an old one", 4)
    unknown = Event(1, 14, event(14).id, 0, 2, "Bob", KIND_POST, "to what we have not", 99)
    at_10.events(1, (near, event(12)))
    line.run_disk()
    assert not any(isinstance(update, QuotedUpdate) for update in line.take_told())
    at_10.events(1, (far, unknown))
    line.run_disk()
    assert line.told[1:] == [QuotedUpdate(1, (event(4),))]

"""Keeping up with rooms: what is told, what is written down, what is asked for."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from qtchat.client.cache import CachedRoom
from qtchat.client.follower import PAGES_AT_ONCE, ROOMS_AT_ONCE, Follower, StoredRoom, read_rooms
from qtchat.client.marks import ReadMarks
from qtchat.client.older import PAGE
from qtchat.client.updates import EventsUpdate, OlderUpdate, QuotedUpdate, RoomGoneUpdate, RoomUpdate, UnreadUpdate
from qtchat.protocol.messages import KIND_POST, KIND_REACTED, MAX_PAGE, Event, GetHistory, History, Room
from tests.helpers.lines import FakeLine


def event(seq: int, room: int = 1) -> Event:
    return Event(room, seq, seq.to_bytes(16, "big"), 0, 2, "Bob", KIND_POST, f"text {seq}")


def events(first: int, last: int, room: int = 1) -> tuple[Event, ...]:
    return tuple(event(seq, room) for seq in range(first, last + 1))


def lobby(head: int, number: int = 1, *, member: bool = True, read: int | None = None) -> Room:
    """`read`: everything, unless told."""
    return Room(number, f"room {number}", "", head, 2, member, read=head if read is None else read)


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
    follower = Follower(line, ReadMarks(line), shown.append)
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
    assert line.told == [RoomUpdate(lobby(10), 10), RoomGoneUpdate(2)]
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
    follower.restore(StoredRoom(CachedRoom(lobby(10), 7), (1, 10), events(1, 10), ((3, True),)))
    assert line.take_told() == [
        RoomUpdate(lobby(10), 7),
        EventsUpdate(1, events(1, 10), live=False),
        UnreadUpdate(1, ((3, True),)),
    ]
    follower.room(lobby(12, read=8))
    assert line.told == [RoomUpdate(lobby(12, read=8), 8)]
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


def test_more_rooms_than_anybody_is_in_are_not_kept(
    line: FakeLine, follower: Follower, shown: list[Room], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtchat.client.follower.MAX_ROOMS", 2)
    for number in range(1, 5):
        follower.room(lobby(0, number))
    follower.room(lobby(5, 2))
    line.run_disk()
    assert [cached.room.room for cached in line.disk.cache.rooms()] == [1, 2]
    assert [room.room for room in shown] == [1, 2]
    assert {update.room.room for update in line.told if isinstance(update, RoomUpdate)} == {1, 2}
    follower.pump()
    assert asked(line) == [(2, None, 0, PAGE)]
    follower.ready()
    assert follower.rooms().keys() == {1, 2}


def test_a_reset_forgets_all(line: FakeLine, at_10: Follower) -> None:
    at_10.reset()
    at_10.pump()
    assert at_10.events(1, events(11, 11)) == ()
    assert (line.told, line.sent) == ([], [])


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


# -- what was not read ------------------------------------------------------------------------------------


def test_what_is_unread_before_the_newest_page_is_fetched_and_counted(line: FakeLine, follower: Follower) -> None:
    follower.room(lobby(1000, read=150))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 901, 1000, 1000), request)
    follower.pump()
    line.run_disk()
    for first, last in ((401, 900), (1, 400)):
        (request,) = line.take_sent()
        assert request == GetHistory(request.id, 1, None, last + 1, MAX_PAGE)
        follower.history(History(request.id, 1, events(first, last), first > 1, 1000), request)
        line.run_disk()
    assert line.sent == []
    assert line.told[-1] == UnreadUpdate(1, tuple((seq, False) for seq in range(151, 901)))
    assert not any(isinstance(update, OlderUpdate) for update in line.told)
    assert held(line) == (1, 1000)
    follower.ready()  # once is enough
    follower.pump()
    line.run_disk()
    assert line.sent == []


def test_when_the_connection_breaks_while_it_looks_back_it_counts_what_it_has_and_begins_again(
    line: FakeLine, follower: Follower
) -> None:
    follower.room(lobby(1000, read=150))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 901, 1000, 1000), request)
    follower.pump()
    line.run_disk()
    (request,) = line.take_sent()
    follower.lost()
    follower.not_answered(request)
    line.run_disk()
    assert line.told[-1] == UnreadUpdate(1, ())
    follower.room(lobby(1000, read=950))  # read elsewhere meanwhile
    follower.ready()
    follower.pump()
    line.run_disk()
    assert looked_back(line) == []
    follower.lost()
    follower.reset()
    follower.room(lobby(1000, read=800))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 901, 1000, 1000), request)
    follower.pump()
    line.run_disk()
    assert asked(line) == [(1, None, 901, MAX_PAGE)]


def test_of_many_rooms_with_something_unread_a_few_are_looked_at_at_a_time(line: FakeLine, follower: Follower) -> None:
    for number in range(1, 6):
        stored = lobby(300, number, read=9)
        follower.restore(StoredRoom(CachedRoom(stored, 9), (201, 300), events(201, 300, number), ()))
    line.online = False
    follower.authenticated()
    for number in range(1, 6):
        follower.room(lobby(300, number, read=9))
    follower.ready()
    follower.pump()
    line.run_disk()
    assert looked_back(line) == []
    line.online = True
    follower.pump()
    line.run_disk()
    assert len(looked_back(line)) == ROOMS_AT_ONCE


def looked_back(line: FakeLine) -> list[GetHistory]:
    return [request for request in line.take_sent() if request.before]


def test_the_disk_tells_what_is_unread_though_only_the_newest_page_is_shown(line: FakeLine) -> None:
    line.disk.cache.put_room(lobby(400))
    line.disk.cache.set_read(1, 100)
    line.disk.cache.append(1, events(1, 400))
    (stored,) = read_rooms(line.disk, 7, "Me")
    assert stored.newest == events(301, 400)
    assert stored.unread == tuple((seq, False) for seq in range(101, 301))
    assert (stored.held, stored.cached.read) == ((1, 400), 100)


def test_where_the_newest_events_have_no_rows_more_are_shown(line: FakeLine) -> None:
    line.disk.cache.put_room(lobby(400))
    reactions = tuple(Event(1, seq, event(seq).id, 0, 2, "Bob", KIND_REACTED, "+", 3) for seq in range(51, 401))
    line.disk.cache.append(1, events(1, 50) + reactions)
    (stored,) = read_rooms(line.disk, 7, "Me")
    assert stored.newest == events(1, 50) + reactions
    assert stored.unread == ()


def test_a_newest_page_without_a_row_is_followed_by_older_ones(line: FakeLine, follower: Follower) -> None:
    follower.room(lobby(200))
    follower.pump()
    (request,) = line.take_sent()
    reactions = tuple(Event(1, seq, event(seq).id, 0, 2, "Bob", KIND_REACTED, "+", 3) for seq in range(101, 201))
    follower.history(History(request.id, 1, reactions, True, 200), request)
    line.run_disk()
    assert asked(line) == [(1, None, 101, PAGE)]


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


def test_a_room_that_is_begun_anew_keeps_what_was_read_since_the_login(line: FakeLine, at_10: Follower) -> None:
    at_10.events(1, events(11, 12))
    at_10._marks.mark(1, 12)
    at_10.head(1, 40)
    at_10.pump()
    line.take_told()
    (request,) = (one for one in line.take_sent() if isinstance(one, GetHistory))
    at_10.history(page(request, 31, 40, 40, oldest=31), request)
    assert line.told == [RoomGoneUpdate(1), RoomUpdate(lobby(10), 12)]
    line.run_disk()
    assert line.disk.cache.rooms()[0].read == 12


def test_an_older_page_of_a_room_that_was_left_leaves_nothing_behind(line: FakeLine, at_10: Follower) -> None:
    at_10._cursors[1].low = 5
    at_10.older.load(1, 1000)
    line.run_disk()
    (request,) = line.take_sent()
    at_10.room(lobby(10, member=False))
    line.take_told()
    assert at_10.history(page(request, 900, 999, 1000), request) == ()
    assert (line.told, at_10.older._wishes) == ([], {})

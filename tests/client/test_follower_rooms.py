"""Rooms that come, go, and are begun anew, also by another window of the same profile."""

import msgspec
import pytest

from qtchat.client.cache import CachedRoom
from qtchat.client.follower import Follower, StoredRoom
from qtchat.client.older import PAGE
from qtchat.client.updates import EventsUpdate, RoomGoneUpdate, RoomUpdate, UnreadUpdate
from qtchat.protocol.messages import MAX_PAGE, GetHistory, History, Room
from tests.client.following import asked, events, held, lobby, page
from tests.helpers.lines import FakeLine


def test_rooms_that_are_not_told_at_the_login_were_left_elsewhere(
    line: FakeLine, at_10: Follower, left: list[Room]
) -> None:
    at_10.room(lobby(5, 2))
    line.take_told()
    at_10.authenticated()
    at_10.room(lobby(10))
    at_10.ready()
    assert line.told == [RoomUpdate(lobby(10), 10), RoomGoneUpdate(2)]
    assert left == [lobby(5, 2)]
    line.run_disk()
    assert [cached.room.room for cached in line.disk.cache.rooms()] == [1]


def test_a_room_that_was_left_is_forgotten(line: FakeLine, at_10: Follower, left: list[Room]) -> None:
    at_10.room(lobby(11, member=False))
    at_10.room(lobby(11, member=False))
    assert line.told == [RoomGoneUpdate(1)]
    assert left == [lobby(10)]
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

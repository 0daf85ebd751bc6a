"""Counting what was not read."""

import pytest

from qtchat.client.state import RoomChanged, unread
from qtchat.client.state.unread import Unread
from qtchat.client.updates import ReadsUpdate, RoomUpdate, UnreadUpdate
from qtchat.protocol.messages import DIRECT, KIND_JOINED, Room
from tests.helpers.states import BOB, ME, Watched, deleted, edited, event, posts, reacted


def counts(watched: Watched) -> tuple[int, int, int]:
    return watched.room.unread, watched.room.mentions, watched.room.first_unread


def test_posts_of_others_beyond_what_was_read_are_unread_until_they_are_deleted() -> None:
    watched = Watched(read=3)
    watched.told(*posts(1, 5), live=False)
    assert counts(watched) == (2, 0, 4)
    watched.told(event(6, ME), event(7, kind=KIND_JOINED), event(8), reacted(9, 8), event(10, text=""))
    assert counts(watched) == (3, 0, 4)
    watched.told(deleted(11, 4), deleted(12, 2), deleted(13, 4))
    assert counts(watched) == (2, 0, 5)


def test_messages_that_name_us_are_counted_as_they_read_now() -> None:
    watched = Watched()
    watched.told(event(1, text="@ADA!"), event(2, text="@bob"), event(3))
    assert counts(watched) == (3, 1, 1)
    watched.told(edited(4, 3, "and @ada"), edited(5, 1, "nobody"), edited(6, 2, "@bob and @Ada"), edited(7, 99, "@Ada"))
    assert counts(watched) == (3, 2, 1)
    watched.told(deleted(8, 3))
    assert counts(watched) == (2, 1, 1)


def test_between_two_everything_is_unread_only() -> None:
    watched = Watched()
    watched.state.apply(RoomUpdate(Room(1, "Bob", "", 0, 2, kind=DIRECT, other=BOB)))
    watched.told(event(1, text="@Ada"))
    assert counts(watched) == (1, 0, 1)


def test_what_was_read_elsewhere_is_read_here() -> None:
    watched = Watched()
    watched.told(*posts(1, 5), event(6, text="@Ada"))
    assert watched.see(watched.state.apply(ReadsUpdate(1, ((BOB, 6), (ME, 3)))))[-1] == RoomChanged(1)
    assert (counts(watched), watched.room.read) == ((3, 1, 4), 3)
    assert RoomChanged(1) not in watched.state.apply(ReadsUpdate(1, ((ME, 2),)))
    watched.state.apply(RoomUpdate(Room(1, "lobby", "", 6, 2), 5))
    assert (counts(watched), watched.room.read) == ((1, 1, 6), 5)
    watched.state.mark_read(1)
    assert (counts(watched), watched.room.read) == ((0, 0, 0), 6)
    watched.told(event(7))
    assert counts(watched) == (1, 0, 7)


def test_what_lies_before_the_rows_counts_too() -> None:
    watched = Watched(read=2)
    watched.told(event(10), event(11), deleted(12, 5))
    told = UnreadUpdate(1, ((1, False), (2, False), (3, True), (5, False), (9, False), (10, False)))
    assert watched.state.apply(told) == (RoomChanged(1),)
    assert counts(watched) == (4, 1, 3)  # 5 was deleted while the disk was being asked
    watched.told(deleted(13, 3))
    assert counts(watched) == (3, 0, 9)


def test_trimmed_rows_stay_unread() -> None:
    watched = Watched()
    watched.told(*posts(1, 5))
    watched.see(watched.state.trim(1, 2))
    assert counts(watched) == (5, 0, 1)


def test_the_count_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "MAX_UNREAD", 10)
    monkeypatch.setattr(unread, "_SLACK", 2)
    found = Unread()
    for seq in range(1, 14):
        found.add(seq, named=seq % 2 == 0)
    assert (len(found), found.first, found.mentions) == (10, 4, 5)
    found.add_older((seq, True) for seq in (1, 2, 3))
    assert (len(found), found.first, found.mentions) == (10, 4, 5)

"""The local history."""

import queue
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qtchat.client.cache import Cache, CachedRoom, KnownAs
from qtchat.client.database import open_database
from qtchat.client.outbox import Outbox
from qtchat.protocol.messages import DIRECT, KIND_DELETED, KIND_EDITED, KIND_POST, KIND_REACTED, Event, Room


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "server.db")[0]) as connection:
        yield connection


@pytest.fixture
def cache(database: sqlite3.Connection) -> Cache:
    return Cache(database)


def events(room: int, first: int, last: int) -> list[Event]:
    return [
        Event(room, seq, seq.to_bytes(16, "big"), 1000 + seq, seq % 3, f"nick {seq % 3}", KIND_POST, f"text {seq} é")
        for seq in range(first, last + 1)
    ]


# -- the server ---------------------------------------------------------------------------------------


def test_a_new_cache_knows_nothing(cache: Cache) -> None:
    assert cache.identity() is None
    assert cache.known_as() is None
    assert cache.rooms() == []
    assert cache.range(1) is None
    assert cache.newest(1, 10) == []


def test_who_the_server_is_and_who_we_are_there(cache: Cache, tmp_path: Path) -> None:
    cache.set_identity(b"i" * 16, 3)
    cache.set_known_as(KnownAs(7, "Zoë", "Küche"))
    with closing(open_database(tmp_path / "server.db")[0]) as other:
        assert Cache(other).identity() == (b"i" * 16, 3)
        assert Cache(other).known_as() == KnownAs(7, "Zoë", "Küche")
    cache.set_identity(b"j" * 16, 0)
    assert cache.identity() == (b"j" * 16, 0)
    assert cache.known_as() == KnownAs(7, "Zoë", "Küche")


def test_colours_are_kept_until_they_are_told_anew(cache: Cache) -> None:
    cache.put_colors(((2, 5), (7, 1)), anew=True)
    cache.put_colors(((7, 0), (9, 8)), anew=False)
    assert cache.colors() == [(2, 5), (9, 8)]
    cache.put_colors(((3, 1),), anew=True)
    assert cache.colors() == [(3, 1)]
    cache.reset()
    assert cache.colors() == []


def test_reset_keeps_the_outbox_and_the_identity(cache: Cache, database: sqlite3.Connection) -> None:
    Outbox(database).add(bytes(16), 1, "waits", 2)
    cache.set_identity(b"i" * 16, 3)
    cache.put_room(Room(1, "lobby", "", 3, 1))
    cache.append(1, events(1, 1, 3))
    cache.reset()
    assert cache.rooms() == []
    assert cache.range(1) is None
    assert cache.identity() == (b"i" * 16, 3)
    assert [item.text for item in Outbox(database).items()] == ["waits"]


# -- rooms --------------------------------------------------------------------------------------------


def test_rooms_are_kept_and_described_anew(cache: Cache) -> None:
    lobby, garden = Room(1, "lobby", "all", 5, 2), Room(2, "Garten", "", 0, 1, kind=DIRECT, other=7)
    cache.put_room(garden)
    cache.put_room(lobby)
    assert cache.rooms() == [CachedRoom(lobby, 0), CachedRoom(garden, 0)]
    cache.set_read(1, 4)
    renamed = Room(1, "hall", "everybody", 9, 3)
    cache.put_room(renamed)
    assert cache.room(1) == CachedRoom(renamed, 4)
    assert cache.room(3) is None


def test_what_was_read_never_goes_back(cache: Cache) -> None:
    cache.put_room(Room(1, "lobby", "", 5, 1))
    for seq, read in ((4, 4), (2, 4), (5, 5)):
        cache.set_read(1, seq)
        assert cache.rooms()[0].read == read
    cache.set_read(9, 5)
    assert len(cache.rooms()) == 1


def test_a_forgotten_room_takes_only_its_own_events_along(cache: Cache) -> None:
    for number in (1, 2):
        cache.put_room(Room(number, f"room {number}", "", 3, 1))
        cache.append(number, events(number, 1, 3))
    cache.forget_room(1)
    cache.forget_room(9)
    assert [cached.room.room for cached in cache.rooms()] == [2]
    assert cache.range(1) is None
    assert cache.range(2) == (1, 3)


def test_cleared_events_leave_the_room(cache: Cache) -> None:
    cache.put_room(Room(1, "lobby", "", 3, 1))
    cache.set_read(1, 2)
    cache.append(1, events(1, 1, 3))
    cache.clear_events(1)
    assert cache.range(1) is None
    assert cache.rooms()[0].read == 2
    cache.append(1, events(1, 100, 101))
    assert cache.range(1) == (100, 101)


# -- events -------------------------------------------------------------------------------------------


def test_events_grow_at_both_ends_and_come_back_whole(cache: Cache, tmp_path: Path) -> None:
    cache.append(1, events(1, 10, 12))
    cache.append(1, events(1, 13, 13))
    cache.prepend(1, events(1, 5, 9))
    cache.append(2, events(2, 1, 1))
    with closing(open_database(tmp_path / "server.db")[0]) as other:
        assert Cache(other).range(1) == (5, 13)
        assert Cache(other).newest(1, 100) == events(1, 5, 13)
        assert Cache(other).newest(2, 100) == events(2, 1, 1)


def test_pages(cache: Cache) -> None:
    cache.append(1, events(1, 1, 10))
    assert cache.newest(1, 3) == events(1, 8, 10)
    assert cache.before(1, 8, 3) == events(1, 5, 7)
    assert cache.before(1, 3, 10) == events(1, 1, 2)
    assert cache.before(1, 1, 10) == []
    assert cache.before(2, 5, 10) == []
    assert cache.before(1, 5, 0) == []
    assert cache.before(1, 5, -1) == []


def test_the_first_events_may_also_be_prepended(cache: Cache) -> None:
    cache.prepend(1, events(1, 5, 6))
    assert cache.range(1) == (5, 6)


def test_no_events_change_nothing(cache: Cache) -> None:
    cache.append(1, [])
    cache.prepend(1, [])
    assert cache.range(1) is None


@pytest.mark.parametrize("bounds", [(8, 9), (10, 11), (11, 12), (13, 14), (3, 3), (5, 10)])
def test_a_gap_or_an_overlap_is_refused_at_either_end(cache: Cache, bounds: tuple[int, int]) -> None:
    cache.append(1, events(1, 5, 10))
    if bounds[0] != 11:
        with pytest.raises(ValueError, match="do not join 5 to 10"):
            cache.append(1, events(1, *bounds))
    with pytest.raises(ValueError, match="do not join 5 to 10"):
        cache.prepend(1, events(1, *bounds))
    assert cache.newest(1, 100) == events(1, 5, 10)


@pytest.mark.parametrize(
    "run",
    [
        events(1, 1, 2) + events(1, 4, 5),
        events(1, 1, 2) + events(1, 2, 3),
        events(1, 1, 3)[::-1],
        events(2, 1, 1),
        events(1, 1, 1) + events(2, 2, 2),
    ],
    ids=["gap", "twice", "falling", "other room", "mixed rooms"],
)
def test_what_is_no_run_is_refused_and_nothing_of_it_kept(cache: Cache, run: list[Event]) -> None:
    for method in (cache.append, cache.prepend):
        with pytest.raises(ValueError, match="not a run"):
            method(1, run)
    assert cache.range(1) is None


# -- what is changed later ------------------------------------------------------------------------------


def amendment(seq: int, kind: str, about: int, text: str = "") -> Event:
    return Event(1, seq, seq.to_bytes(16, "big"), 1000 + seq, 1, "nick 1", kind, text, about)


def text_of(cache: Cache, seq: int) -> str:
    return next(event.text for event in cache.newest(1, 100) if event.seq == seq)


@pytest.mark.parametrize("targets_first", [True, False])
def test_posts_say_what_they_say_now_and_deleted_ones_nothing(cache: Cache, targets_first: bool) -> None:
    amendments = [
        amendment(11, KIND_EDITED, 1, "older"),
        amendment(12, KIND_EDITED, 2, "secret"),
        amendment(13, KIND_EDITED, 1, "newer"),
        amendment(14, KIND_REACTED, 1, "+"),
        amendment(15, KIND_DELETED, 2),
    ]
    if targets_first:
        cache.append(1, events(1, 1, 10))
        cache.append(1, amendments)
    else:
        cache.append(1, [*events(1, 4, 10), *amendments])
        cache.prepend(1, events(1, 1, 3))
    assert [text_of(cache, seq) for seq in (1, 2, 3, 11, 12, 13)] == ["newer", "", "text 3 é", "older", "", "newer"]
    assert cache.range(1) == (1, 15)
    assert [event.seq for event in cache.amendments(1, 1, 1)] == [11, 13, 14]
    assert cache.amendments(1, 3, 15) == []
    assert [(event.seq, event.text) for event in cache.posts(1, (2, 1, 11, 99))] == [(2, ""), (1, "newer")]


def test_an_edit_that_was_erased_or_comes_after_the_end_changes_nothing(cache: Cache) -> None:
    cache.append(1, [*events(1, 1, 2), amendment(3, KIND_EDITED, 1), amendment(4, KIND_DELETED, 2)])
    cache.append(1, [amendment(5, KIND_EDITED, 2, "again"), amendment(6, KIND_EDITED, 5, "not a post")])
    assert [text_of(cache, seq) for seq in (1, 2, 5)] == ["text 1 é", "", "again"]


def test_what_is_unread_is_counted_as_it_is_now(cache: Cache) -> None:
    cache.put_room(Room(1, "lobby", "", 9, 2))
    cache.set_read(1, 2)
    mention = Event(1, 10, bytes(16), 0, 5, "x", KIND_POST, "@Zoë!")
    cache.append(1, [*events(1, 1, 9), mention, amendment(11, KIND_DELETED, 4), amendment(12, KIND_EDITED, 5, "@zoë")])
    assert cache.unread(1, 0, "Zoë", 99) == [(5, True), (7, False), (8, False), (10, True)]  # 3, 6 and 9 are our own
    assert cache.unread(1, 0, "Zoë", 8) == [(5, True), (7, False)]
    cache.put_room(Room(1, "Zoë", "", 9, 2, kind=DIRECT, other=5))
    assert cache.unread(1, 0, "Zoë", 6) == [(5, False)]
    assert cache.unread(2, 0, "Zoë", 99) == []


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 20)), max_size=20))
@settings(max_examples=30)
def test_the_stretch_never_has_a_gap(runs: list[tuple[bool, int]]) -> None:
    with closing(open_database(Path(":memory:"))[0]) as database:
        cache = Cache(database)
        low, high = 1000, 999
        for at_end, count in runs:
            if at_end:
                cache.append(1, events(1, high + 1, high + count))
                high += count
            else:
                cache.prepend(1, events(1, low - count, low - 1))
                low -= count
            assert cache.range(1) == (low, high)
        assert cache.newest(1, 1000) == events(1, low, high)


def test_two_programs_on_one_profile_extend_it_together(tmp_path: Path) -> None:
    path, faults = tmp_path / "server.db", queue.SimpleQueue[BaseException]()
    with closing(open_database(path)[0]) as database:
        Cache(database).put_room(Room(1, "lobby", "", 200, 2))

    def follow() -> None:
        try:
            with closing(open_database(path)[0]) as own:
                for first in range(1, 200, 2):
                    Cache(own).extend(1, events(1, first, first + 3))
        except BaseException as error:  # shown by the test
            faults.put(error)

    threads = [threading.Thread(target=follow) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults.empty(), faults.get()
    with closing(open_database(path)[0]) as database:
        assert [event.seq for event in Cache(database).newest(1, 500)] == list(range(1, 203))

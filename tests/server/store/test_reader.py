"""Reader: pages of history."""

import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from qtchat.server.records import EventRecord
from qtchat.server.store import Reader, Store, StoreReadOnly, Writes

MakeEvent = Callable[..., EventRecord]


@pytest.fixture
def reader(store: Store, make_event: MakeEvent) -> Iterator[Reader]:
    """Room 1 has the events 1 to 10, by Ada and Ørsted in turn; room 2 has none."""
    store.log.commit(Writes(events=[make_event(seq, author=1 + seq % 2) for seq in range(1, 11)]))
    reader = store.reader()
    yield reader
    reader.close()


def seqs(page: list[tuple[EventRecord, str]]) -> list[int]:
    return [event.seq for event, _ in page]


@pytest.mark.parametrize(
    ("seq", "limit", "expected"),
    [
        (0, 3, [1, 2, 3]),
        (0, 10, list(range(1, 11))),
        (0, 500, list(range(1, 11))),
        (8, 3, [9, 10]),
        (9, 1, [10]),
        (10, 5, []),
        (99, 5, []),
    ],
)
def test_after(reader: Reader, seq: int, limit: int, expected: list[int]) -> None:
    assert seqs(reader.after(1, seq, limit)) == expected


@pytest.mark.parametrize(
    ("seq", "limit", "expected"),
    [
        (0, 3, [8, 9, 10]),
        (0, 500, list(range(1, 11))),
        (4, 2, [2, 3]),
        (4, 3, [1, 2, 3]),
        (4, 9, [1, 2, 3]),
        (2, 5, [1]),
        (1, 5, []),
        (99, 1, [10]),
    ],
)
def test_before(reader: Reader, seq: int, limit: int, expected: list[int]) -> None:
    assert seqs(reader.before(1, seq, limit)) == expected


def test_pages_join_without_gap_or_overlap(reader: Reader) -> None:
    collected: list[int] = []
    while page := reader.after(1, collected[-1] if collected else 0, 3):
        collected += seqs(page)
    assert collected == list(range(1, 11))


def test_an_event_comes_whole_with_the_current_nick(store: Store, reader: Reader, make_event: MakeEvent) -> None:
    assert reader.after(1, 0, 2) == [(make_event(1, author=2), "Ørsted"), (make_event(2), "Ada")]
    store.log.commit(Writes(renames=[(1, "Countess")]))
    assert reader.after(1, 1, 1) == [(make_event(2), "Countess")]


def test_ends_of_the_log(reader: Reader) -> None:
    assert (reader.first(1), reader.head(1)) == (1, 10)


@pytest.mark.parametrize("room", [2, 99])
def test_an_empty_and_an_unknown_room(reader: Reader, room: int) -> None:
    assert reader.after(room, 0, 10) == []
    assert reader.before(room, 0, 10) == []
    assert (reader.first(room), reader.head(room)) == (0, 0)


def test_a_page_without_room_for_anything_is_a_fault(reader: Reader) -> None:
    with pytest.raises(ValueError, match="at least one"):
        reader.after(1, 0, 0)


def test_only_what_was_committed_is_seen(store: Store, reader: Reader) -> None:
    with closing(sqlite3.connect(store.path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("INSERT INTO events VALUES (1, 11, x'00112233445566778899aabbccddeeff', 1, 1, 'post', 'new', 0)")
        writer.execute("UPDATE rooms SET head = 11 WHERE id = 1")
        assert reader.head(1) == 10
        assert seqs(reader.before(1, 0, 1)) == [10]
        writer.execute("COMMIT")
    assert reader.head(1) == 11
    assert seqs(reader.before(1, 0, 1)) == [11]


def test_a_reader_holds_nothing_between_calls(store: Store, reader: Reader) -> None:
    reader.before(1, 0, 5)
    with closing(sqlite3.connect(store.path, isolation_level=None, timeout=0)) as other:
        assert other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0  # 1: somebody still reads


def test_a_reader_cannot_write(reader: Reader) -> None:
    reader.head(1)
    assert reader._connection is not None
    raw = reader._connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        raw.execute("UPDATE rooms SET head = 0")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not rename an open file")
def test_a_reader_opens_the_database_again_after_an_error(store: Store, reader: Reader) -> None:
    assert reader.head(1) == 10
    reader.close()
    moved = store.path.rename(store.path.with_name("away"))
    with pytest.raises(StoreReadOnly, match="unable to open"):
        reader.head(1)
    moved.rename(store.path)
    assert reader.head(1) == 10


def test_a_reader_belongs_to_one_thread(reader: Reader) -> None:
    reader.head(1)
    caught: list[BaseException] = []

    def use() -> None:
        try:
            reader.head(1)
        except AssertionError as error:
            caught.append(error)

    thread = threading.Thread(target=use)
    thread.start()
    thread.join()
    assert len(caught) == 1

"""Opening, upgrading and setting aside the profile's database."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.client import database as module
from qtchat.client.cache import Cache, CachedRoom
from qtchat.client.database import STEPS, open_database, plain_errors, transaction
from qtchat.client.errors import ProfileError
from qtchat.client.outbox import Outbox, OutboxItem
from qtchat.protocol.messages import KIND_JOINED, KIND_POST, Event, Room


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "profile" / "server.db"


@pytest.fixture
def database(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(path)[0]) as connection:
        yield connection


def pragma(database: sqlite3.Connection, name: str) -> object:
    return database.execute(f"PRAGMA {name}").fetchone()[0]


def filled(path: Path, count: int = 200) -> list[OutboxItem]:
    """Make a database of many pages with `count` messages in the outbox."""
    with closing(open_database(path)[0]) as connection, transaction(connection, durable=True):
        connection.executemany(
            "INSERT INTO outbox (id, room, text, created) VALUES (?, 1, ?, 2)",
            [(number.to_bytes(16, "big"), "x" * 1000) for number in range(count)],
        )
    with closing(open_database(path)[0]) as connection:
        items = Outbox(connection).items()
    assert len(items) == count
    return items


def test_a_new_database_is_durable_and_of_the_newest_version(database: sqlite3.Connection) -> None:
    assert pragma(database, "journal_mode") == "wal"
    assert pragma(database, "synchronous") == 2
    assert pragma(database, "user_version") == len(STEPS)


def test_what_was_written_is_there_when_opened_again(path: Path) -> None:
    items = filled(path)
    connection, moved = open_database(path)
    with closing(connection):
        assert moved is None
        assert Outbox(connection).items() == items
    assert [file.name for file in path.parent.iterdir()] == ["server.db"]


def test_a_step_is_applied_to_an_older_database(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = filled(path)
    monkeypatch.setattr(module, "STEPS", (*STEPS, ("CREATE TABLE more (x)", "INSERT INTO more VALUES (7)")))
    for _ in range(2):  # the second time there is nothing to do
        with closing(open_database(path)[0]) as connection:
            assert connection.execute("SELECT x FROM more").fetchall() == [(7,)]
            assert Outbox(connection).items() == items
            assert pragma(connection, "user_version") == len(STEPS) + 1


def test_a_step_that_fails_half_way_leaves_the_old_version(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    items = filled(path)
    with monkeypatch.context() as patch:
        patch.setattr(module, "STEPS", (*STEPS, ("CREATE TABLE more (x)", "nonsense")))
        with pytest.raises(sqlite3.OperationalError, match="nonsense"):
            open_database(path)
    with closing(open_database(path)[0]) as connection:
        assert pragma(connection, "user_version") == len(STEPS)
        assert Outbox(connection).items() == items
        assert connection.execute("SELECT name FROM sqlite_schema WHERE name = 'more'").fetchall() == []


def test_a_newer_database_is_refused_and_untouched(path: Path) -> None:
    with closing(open_database(path)[0]) as connection:
        connection.execute(f"PRAGMA user_version = {len(STEPS) + 1}")
    content = path.read_bytes()
    with pytest.raises(ProfileError, match=r"server\.db was written by a newer version"):
        open_database(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("damage", [b"garbage", b"garbage" * 1000], ids=["short", "long"])
def test_a_file_that_is_no_database_is_set_aside(path: Path, damage: bytes) -> None:
    path.parent.mkdir()
    for number in (1, 2):
        path.write_bytes(damage)
        connection, moved = open_database(path)
        with closing(connection):
            assert moved == path.with_name(f"server.db.damaged-{number}")
            assert moved.read_bytes() == damage
            assert Outbox(connection).items() == []
            Outbox(connection).add(bytes(16), 1, "works", 2)


def test_a_truncated_database_is_set_aside(path: Path) -> None:
    filled(path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    connection, moved = open_database(path)
    with closing(connection):
        assert moved is not None
        assert pragma(connection, "quick_check") == "ok"


def test_what_can_be_read_of_a_damaged_outbox_is_taken_over(path: Path) -> None:
    items = filled(path)
    content = bytearray(path.read_bytes())
    page = int.from_bytes(content[16:18], "big")
    content[-page:] = b"\xff" * page  # the last page: the newest messages, or an index
    path.write_bytes(content)
    connection, moved = open_database(path)
    with closing(connection):
        assert moved is not None
        rescued = Outbox(connection).items()
    assert len(rescued) >= len(items) - 5
    assert rescued == items[: len(rescued)]


def test_the_write_ahead_log_moves_with_a_damaged_database(path: Path) -> None:
    filled(path)
    with closing(open_database(path)[0]) as connection:
        Outbox(connection).add(b"i" * 16, 1, "only in the log", 2)
        log = path.with_name("server.db-wal").read_bytes()
    path.write_bytes(b"garbage" * 1000)
    path.with_name("server.db-wal").write_bytes(log)
    connection, moved = open_database(path)
    with closing(connection):
        assert moved is not None
        assert Outbox(connection).items() == []
        Outbox(connection).add(bytes(16), 1, "works", 2)
    assert moved.read_bytes() == b"garbage" * 1000
    assert moved.with_name(f"{moved.name}-wal").read_bytes() == log


def test_a_place_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="file"):
        open_database(tmp_path / "file" / "server.db")
    (tmp_path / "server.db").mkdir()
    with pytest.raises(ProfileError, match=r"server\.db cannot be used: it cannot be opened"):
        open_database(tmp_path / "server.db")
    assert (tmp_path / "server.db").is_dir()


def test_a_database_that_another_program_locks_is_not_taken_for_damaged(
    path: Path, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: connect(path, timeout=0, **options))
    database.execute("BEGIN IMMEDIATE")
    with pytest.raises(ProfileError, match="another program is using it"):
        open_database(path)
    database.execute("ROLLBACK")
    assert path.exists()


def test_a_full_disk_is_explained_and_writing_works_again_later(database: sqlite3.Connection) -> None:
    outbox = Outbox(database)
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(ProfileError, match="the disk is full"):
        outbox.add(bytes(16), 1, "x" * 100_000, 2)
    assert outbox.items() == []
    database.execute("PRAGMA max_page_count = 100000")
    outbox.add(bytes(16), 1, "x" * 100_000, 2)
    assert len(outbox.items()) == 1


def test_a_transaction_is_whole_or_nothing(database: sqlite3.Connection) -> None:
    def interrupted() -> None:
        with transaction(database, durable=False):
            database.execute("INSERT INTO rooms VALUES (1, 'a', '', 0, 0, 0, 'public', 0)")
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        interrupted()
    assert database.execute("SELECT * FROM rooms").fetchall() == []
    assert not database.in_transaction


def test_each_transaction_is_as_durable_as_asked(database: sqlite3.Connection) -> None:
    for durable, level in ((False, 1), (True, 2), (False, 1)):
        with transaction(database, durable=durable):
            assert pragma(database, "synchronous") == level


def test_our_own_bugs_are_not_taken_for_a_broken_disk(database: sqlite3.Connection) -> None:
    with pytest.raises(sqlite3.OperationalError, match="syntax"), plain_errors():
        database.execute("nonsense")


# -- profiles of older versions ---------------------------------------------------------------------------


def first_version(path: Path) -> None:
    """A profile as the first version left it, with something in it."""
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as database:
        for statement in STEPS[0]:
            database.execute(statement)
        database.execute("PRAGMA user_version = 1")
        database.execute("INSERT INTO outbox (id, room, text, created) VALUES (zeroblob(16), 1, 'waits', 2)")
        database.execute("INSERT INTO rooms VALUES (1, 'lobby', 'all', 2, 3, 1)")
        database.execute("INSERT INTO events VALUES (1, 1, zeroblob(16), 5, 7, 'Ada', 'joined', '')")
        database.execute("INSERT INTO events VALUES (1, 2, zeroblob(16), 6, 7, 'Ada', 'post', 'an apple')")
        database.commit()


def test_a_profile_of_the_first_version_is_intact_and_can_be_searched(path: Path) -> None:
    first_version(path)
    for _ in range(2):
        with closing(open_database(path)[0]) as connection:
            cache = Cache(connection)
            assert Outbox(connection).items() == [OutboxItem(bytes(16), 1, "waits", 2)]
            assert cache.rooms() == [CachedRoom(Room(1, "lobby", "all", 2, 3), 1)]
            said = Event(1, 2, bytes(16), 6, 7, "Ada", KIND_POST, "an apple")
            assert cache.newest(1, 9) == [Event(1, 1, bytes(16), 5, 7, "Ada", KIND_JOINED), said]
            assert cache.find(None, "app", 9) == [said]


def test_the_outbox_of_a_damaged_profile_of_the_first_version_is_taken_over(path: Path) -> None:
    first_version(path)
    with closing(sqlite3.connect(path)) as database:
        (page,) = database.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'events'").fetchone()
        (size,) = database.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size : page * size] = b"\xff" * size
    path.write_bytes(content)
    connection, moved = open_database(path)
    with closing(connection):
        assert moved is not None
        assert Outbox(connection).items() == [OutboxItem(bytes(16), 1, "waits", 2)]

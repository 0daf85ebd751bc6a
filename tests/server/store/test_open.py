"""Opening: new, damaged, read-only, locked, newer; a refused database is left as it was."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from qtchat.server.records import EventRecord
from qtchat.server.store import (
    Store,
    StoreDamaged,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
    Writes,
    open_store,
    schema,
    sqlite,
)

MakeEvent = Callable[..., EventRecord]
NAME = "qtchat.sqlite3"


@pytest.fixture
def database(tmp_path: Path, people: Writes, make_event: MakeEvent) -> Path:
    """A database of some 100 pages, closed."""
    with open_store(tmp_path) as store:
        people.events = [make_event(seq, text=f"{seq} " + "x" * 500) for seq in range(1, 500)]
        store.log.commit(people)
    return tmp_path / NAME


def refused(path: Path, kind: type[Exception] = StoreDamaged) -> str:
    """The sentence with which `path` is refused; checks that the file is untouched and the folder free."""
    before = path.read_bytes()
    with pytest.raises(kind) as caught:
        open_store(path.parent)
    assert path.read_bytes() == before
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_folder_is_made_for_a_new_store(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "yet"
    with open_store(folder) as store:
        assert store.path == folder / NAME
        identity = store.log.load().server_id
    if os.name == "posix":
        assert store.path.stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700
    with open_store(folder) as store:
        assert store.log.load().server_id == identity
    with open_store(tmp_path) as store:
        assert store.log.load().server_id != identity


def test_a_folder_with_any_name(tmp_path: Path, people: Writes) -> None:
    with open_store(tmp_path / ("50% ünï #1" if sys.platform == "win32" else "50% ünï #1?")) as store:
        store.log.commit(people)
        reader = store.reader()
        assert reader.head(1) == 0
        reader.close()


def test_an_empty_file_is_new(tmp_path: Path) -> None:
    (tmp_path / NAME).touch()
    with open_store(tmp_path) as store:
        assert store.log.load().rooms == []


def test_closing_leaves_one_file_and_may_be_done_twice(database: Path) -> None:
    store = open_store(database.parent)
    store.log.load()
    store.close()
    store.close()
    assert sorted(file.name for file in database.parent.iterdir()) == ["qtchat.lock", "qtchat.mark", NAME]


# -- damage -----------------------------------------------------------------------------------------


def test_damage_says_which_file_and_how_to_restore(database: Path) -> None:
    database.write_bytes(b"garbage" * 1000)
    sentence = refused(database)
    assert "not an SQLite database" in sentence
    assert "put a backup" in sentence


@pytest.mark.parametrize("offset", [0, 5, 16, 18, 19, 47, 68])
def test_flipped_bytes_in_the_header(database: Path, offset: int) -> None:
    content = bytearray(database.read_bytes())
    content[offset] ^= 0x55
    database.write_bytes(content)
    refused(database)


def test_flipped_bytes_in_the_schema(database: Path) -> None:
    content = bytearray(database.read_bytes())
    content[100:110] = bytes(byte ^ 0x55 for byte in content[100:110])
    database.write_bytes(content)
    refused(database)


def test_a_broken_page_in_a_small_database(database: Path) -> None:
    content = bytearray(database.read_bytes())
    page = len(content) // 2 // 4096 * 4096
    content[page : page + 64] = os.urandom(64)
    database.write_bytes(content)
    refused(database)


@pytest.mark.parametrize("keep", [50, 1000, 4096, 6000, 100 * 1024])
@pytest.mark.parametrize("limit", [sqlite.QUICK_CHECK_LIMIT, 0])
def test_a_truncated_file(database: Path, keep: int, limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "QUICK_CHECK_LIMIT", limit)  # 0: as for a large database
    database.write_bytes(database.read_bytes()[:keep])
    refused(database)


def test_the_database_of_another_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as other:
        other.execute("CREATE TABLE recipes (name)")
    assert "another program" in refused(tmp_path / NAME)


@pytest.mark.parametrize(
    ("statement", "complaint"),
    [
        ("UPDATE rooms SET head = 7 WHERE id = 1", "lobby"),
        ("DROP TABLE alembic_version", "missing"),
        ("UPDATE alembic_version SET version_num = 'x'", "unknown version"),
        ("DELETE FROM alembic_version", "unknown version"),
    ],
)
def test_contents_that_cannot_be(database: Path, statement: str, complaint: str) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute(statement)
    assert complaint in refused(database)


def test_a_database_without_identity(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("DELETE FROM meta")
    with open_store(database.parent) as store, pytest.raises(StoreDamaged, match="which server"):
        store.log.load()


def test_messages_in_the_log_beside_an_empty_file_are_not_thrown_away(database: Path) -> None:
    wal = database.with_name(NAME + "-wal")
    wal.write_bytes(b"\x37\x7f\x06\x82" + bytes(5000))
    database.write_bytes(b"")
    assert "-wal" in refused(database)
    assert wal.stat().st_size == 5004
    database.unlink()
    with pytest.raises(StoreDamaged):
        open_store(database.parent)
    assert wal.stat().st_size == 5004


def test_a_write_ahead_log_that_is_none(database: Path) -> None:
    database.with_name(NAME + "-wal").write_bytes(b"garbage" * 1000)
    assert "write-ahead log" in refused(database)


# -- no right, no room ------------------------------------------------------------------------------


@contextmanager
def ordinary_user() -> Iterator[None]:
    """For root, whom no file mode stops: as nobody for a while."""
    with ExitStack() as restore:
        if sys.platform != "win32" and os.geteuid() == 0:
            os.seteuid(65534)
            restore.callback(os.seteuid, 0)
        yield


@pytest.fixture
def public_folder() -> Iterator[Path]:
    """A folder outside pytest's own, which nobody but its owner may enter."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    for file in folder.iterdir():
        file.chmod(0o644)
    shutil.rmtree(folder)


def test_a_database_that_may_not_be_written(database: Path, public_folder: Path) -> None:
    path = Path(shutil.copy(database, public_folder))
    lock = public_folder / "qtchat.lock"
    lock.touch()
    lock.chmod(0o666)
    path.chmod(0o444)
    with ordinary_user():
        assert "cannot be written" in refused(path, StoreReadOnly)


def test_a_folder_that_may_not_be_written(public_folder: Path) -> None:
    lock = public_folder / "qtchat.lock"
    lock.touch()
    lock.chmod(0o444)
    with ordinary_user(), pytest.raises(StoreReadOnly) as caught:
        open_store(public_folder)
    assert str(lock) in str(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreReadOnly, match="cannot be written"):
        open_store(tmp_path / "file")
    with pytest.raises(StoreReadOnly, match="cannot be written"):
        open_store(tmp_path / "file" / "below")


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounting a small disk needs root on Linux")
def test_a_full_disk(tmp_path: Path, people: Writes, make_event: MakeEvent) -> None:
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True)
    if mounted.returncode:
        pytest.skip(f"no mount here: {mounted.stderr.decode()}")
    try:
        filler = tmp_path / "filler"
        with open_store(tmp_path) as store:
            store.log.commit(people)
            filler.write_bytes(bytes(512 * 1024))
            stored = fill(store, make_event)
            filler.unlink()
            store.log.commit(Writes(events=[make_event(stored + 1, text="room again")]))
            assert store.log.load().rooms[0].head == stored + 1
        with open_store(tmp_path) as store:
            assert store.log.load().rooms[0].head == stored + 1
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def fill(store: Store, make_event: MakeEvent) -> int:
    """Commit until the disk is full; the seq of the last event that was stored."""
    for seq in range(1, 1000):
        try:
            store.log.commit(Writes(events=[make_event(seq, text="x" * 8000)]))
        except StoreFull:
            assert store.log.load().rooms[0].head == seq - 1
            return seq - 1
    raise AssertionError("the disk never became full")


# -- others -----------------------------------------------------------------------------------------


def test_a_newer_database_is_refused_with_both_versions(database: Path) -> None:
    with closing(sqlite3.connect(database, isolation_level=None)) as other:
        other.execute("UPDATE alembic_version SET version_num = '0042'")
    sentence = refused(database, StoreTooNew)
    assert "0042" in sentence
    assert schema.REVISION in sentence


def test_a_second_opener_is_refused(tmp_path: Path) -> None:
    with open_store(tmp_path), pytest.raises(StoreLocked, match="Another qtchat-server"):
        open_store(tmp_path)
    open_store(tmp_path).close()


def test_a_refused_database_does_not_keep_the_folder_locked(database: Path) -> None:
    content = database.read_bytes()
    database.write_bytes(b"garbage")
    refused(database)
    database.write_bytes(content)
    open_store(database.parent).close()


LOADER = """
import itertools, os, sys
from pathlib import Path
from qtchat.server.records import EventRecord, RoomRecord, UserRecord
from qtchat.server.store import Writes, open_store

log = open_store(Path(sys.argv[1])).log
log.commit(Writes(users=[UserRecord(1, "Ada", None, 1)], rooms=[RoomRecord(1, "lobby", "lobby", "", 1, 0)]))
for start in itertools.count(1, 20):
    seqs = range(start, start + 20)
    events = [EventRecord(1, seq, seq.to_bytes(16, "big"), 1, seq, "post", "x" * 2000) for seq in seqs]
    log.commit(Writes(events=events))
    os.write(1, b"%d\\n" % events[-1].seq)
"""


def test_nothing_committed_is_lost_by_kill_9(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", LOADER, tmp_path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            for _ in range(150):  # past one checkpoint
                assert process.stdout.readline()
            with pytest.raises(StoreLocked):
                open_store(tmp_path)
        finally:
            process.kill()
        said = [int(line) for line in process.stdout.read().split(b"\n")[:-1]]
    assert (tmp_path / (NAME + "-wal")).stat().st_size > 0
    with open_store(tmp_path) as store:
        head = store.log.load().rooms[0].head
        reader = store.reader()
        seqs = [event.seq for event, _ in reader.after(1, 0, 1_000_000)]
        reader.close()
    assert head >= said[-1] if said else head >= 3000
    assert seqs == list(range(1, head + 1))


def test_after_an_orderly_end_the_database_is_whole_in_its_one_file(
    tmp_path: Path, people: Writes, make_event: MakeEvent
) -> None:
    with open_store(tmp_path) as store:
        store.log.load()
        store.log.commit(people)
        store.log.commit(Writes(events=[make_event(1)]))
        reader = store.reader()
        assert reader.after(1, 0, 10)
        reader.close()
    assert not (tmp_path / f"{NAME}-wal").exists()

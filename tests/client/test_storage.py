"""The storage thread of an account."""

import queue
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from qtchat.client import database as database_module
from qtchat.client import search
from qtchat.client import storage as storage_module
from qtchat.client.errors import ProfileError
from qtchat.client.storage import Disk, Storage
from qtchat.protocol.messages import KIND_DELETED, KIND_EDITED, KIND_POST, Event

PATIENCE = 20.0
A = bytes(15) + b"A"


class Mailbox:
    """What was delivered, run by the test's thread."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[tuple[Callable[..., None], Any]] = queue.SimpleQueue()

    def deliver(self, callback: Callable[..., None], argument: Any) -> None:
        self._queue.put((callback, argument))

    def next(self) -> Any:
        """What the next callback appended to the list it was made for."""
        callback, argument = self._queue.get(timeout=PATIENCE)
        callback(argument)
        return argument

    @property
    def empty(self) -> bool:
        return self._queue.empty()


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


def add(disk: Disk) -> None:
    disk.outbox.add(A, 1, "text", 0)


def test_jobs_are_done_in_order_in_one_thread_and_answers_are_delivered(tmp_path: Path, mailbox: Mailbox) -> None:
    storage = Storage(tmp_path / "sub" / "chat.sqlite3", mailbox.deliver)
    got: list[Any] = []
    storage.submit(add)
    storage.submit(lambda disk: [item.id for item in disk.outbox.items()], got.append)
    storage.submit(lambda _: threading.current_thread().name, got.append)
    mailbox.next()
    mailbox.next()
    assert got == [[A], "qtchat-storage"]
    assert storage.stop(PATIENCE)


def test_all_that_was_submitted_is_done_before_it_stops(tmp_path: Path, mailbox: Mailbox) -> None:
    path = tmp_path / "chat.sqlite3"
    storage = Storage(path, mailbox.deliver)
    for number in range(50):
        storage.submit(lambda disk, number=number: disk.outbox.add(number.to_bytes(16, "big"), 1, "", 0))  # type: ignore[misc]
    assert storage.stop(PATIENCE)
    disk = Disk(path)
    assert len(disk.outbox.items()) == 50
    disk.database.close()
    assert not path.with_name(path.name + "-wal").exists(), "the database was not closed in order"


def test_stop_says_when_it_takes_too_long(tmp_path: Path, mailbox: Mailbox) -> None:
    storage = Storage(tmp_path / "chat.sqlite3", mailbox.deliver)
    goes_on = threading.Event()
    storage.submit(lambda _: goes_on.wait(PATIENCE))
    assert not storage.stop(0.0)
    goes_on.set()
    assert storage.stop(PATIENCE)


def test_a_disk_that_cannot_be_used_fails_each_job_and_is_tried_again(tmp_path: Path, mailbox: Mailbox) -> None:
    blocker = tmp_path / "servers"
    blocker.write_text("a file where a folder should be")
    storage = Storage(blocker / "chat.sqlite3", mailbox.deliver)
    errors: list[ProfileError] = []
    storage.submit(add, failed=errors.append)
    mailbox.next()
    assert str(blocker) in str(errors[0])
    blocker.unlink()
    got: list[Any] = []
    storage.submit(add, got.append, errors.append)
    mailbox.next()
    assert (got, len(errors)) == ([None], 1)
    assert storage.stop(PATIENCE)


def test_a_bug_in_a_job_is_logged_and_told_and_the_next_job_runs(
    tmp_path: Path, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    storage = Storage(tmp_path / "chat.sqlite3", mailbox.deliver)
    errors: list[ProfileError] = []
    storage.submit(add)
    storage.submit(add, failed=errors.append)  # the same id twice: sqlite3.IntegrityError
    others: list[Any] = []
    storage.submit(lambda disk: len(disk.outbox.items()), others.append)
    mailbox.next()
    mailbox.next()
    assert isinstance(errors[0], ProfileError)
    assert others == [1]
    assert storage.stop(PATIENCE)
    assert any(record.exc_info and record.exc_info[0] is sqlite3.IntegrityError for record in caplog.records)


def test_a_failure_that_nobody_wants_is_logged(
    tmp_path: Path, mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "servers").write_text("")
    storage = Storage(tmp_path / "servers" / "chat.sqlite3", mailbox.deliver)
    storage.submit(add)
    assert storage.stop(PATIENCE)
    assert mailbox.empty
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_damaged_database_is_put_aside_and_said(tmp_path: Path, mailbox: Mailbox) -> None:
    path = tmp_path / "chat.sqlite3"
    path.write_bytes(b"no database" * 100)
    storage = Storage(path, mailbox.deliver)
    moved: list[Path | None] = []
    storage.submit(lambda disk: disk.moved, moved.append)
    mailbox.next()
    assert moved[0] is not None
    assert moved[0].read_bytes() == b"no database" * 100
    assert storage.stop(PATIENCE)


def test_what_has_gathered_is_one_transaction_of_which_each_part_may_fail(tmp_path: Path) -> None:
    results: queue.SimpleQueue[object] = queue.SimpleQueue()
    storage = Storage(tmp_path / "chat.sqlite3", lambda callback, argument: callback(argument))
    begin, inside = threading.Event(), []

    def add(number: int) -> Callable[[Disk], None]:
        def job(disk: Disk) -> None:
            inside.append(disk.database.in_transaction)
            disk.outbox.add(bytes([number]) * 16, 1, "hello", number)

        return job

    storage.submit(lambda _: begin.wait(30))  # the disk works, and three more gather
    for number in (1, 1, 2):
        storage.submit(add(number), lambda _, number=number: results.put(number), lambda error: results.put(error))  # type: ignore[misc]
    begin.set()
    assert results.get(timeout=30) == 1
    assert isinstance(results.get(timeout=30), ProfileError)
    assert results.get(timeout=30) == 2
    assert inside == [True, True, True]
    assert storage.stop(30)


def test_a_disk_that_fails_in_an_unknown_way_is_told_and_not_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_path: Path) -> None:
        raise sqlite3.OperationalError("locking protocol")

    told: queue.SimpleQueue[ProfileError] = queue.SimpleQueue()
    storage = Storage(tmp_path / "chat.sqlite3", lambda callback, argument: callback(argument))
    with monkeypatch.context() as patched:
        patched.setattr("qtchat.client.storage.open_database", fail)
        storage.submit(lambda _: None, failed=told.put)
        assert "internal error" in str(told.get(timeout=PATIENCE))
    done: queue.SimpleQueue[str] = queue.SimpleQueue()
    storage.submit(lambda _: "works", done.put)
    assert done.get(timeout=PATIENCE) == "works"
    assert storage.stop(PATIENCE)


def files_with(folder: Path, word: bytes) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if word in path.read_bytes().lower())


def said(seq: int, text: str, kind: str = KIND_POST, about: int = 0) -> Event:
    return Event(1, seq, seq.to_bytes(16, "big"), seq, 2, "Bob", kind, text, about)


@pytest.mark.parametrize("indexed", [True, False])
def test_of_what_was_deleted_nothing_stays_in_the_files(
    tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, indexed: bool
) -> None:
    connect = sqlite3.connect

    def forgetful(path: Path, **options: Any) -> sqlite3.Connection:
        """As SQLite is by itself; some systems build it otherwise."""
        database: sqlite3.Connection = connect(path, **options)
        database.execute("PRAGMA secure_delete = OFF")
        return database

    monkeypatch.setattr(sqlite3, "connect", forgetful)
    if not indexed:
        monkeypatch.setattr(search, "_has_fts5", lambda _: False)
    storage = Storage(tmp_path / "chat.sqlite3", mailbox.deliver)
    got: list[Any] = []
    history = [said(1, "the Xylophone is here"), said(2, "Xylophones", KIND_EDITED, 1), said(3, "it stays")]
    storage.submit(lambda disk: disk.cache.append(1, history), got.append)
    mailbox.next()
    assert files_with(tmp_path, b"xylophone")
    storage.submit(lambda disk: disk.cache.append(2, [one_in(2)]))
    storage.submit(lambda disk: disk.cache.forget_room(2), got.append)
    mailbox.next()  # that is wiped at once, and nothing more for a while
    storage.submit(lambda disk: disk.cache.append(1, [said(4, "", KIND_DELETED, 1)]), got.append)
    mailbox.next()
    assert storage.stop(PATIENCE)
    assert files_with(tmp_path, b"xylophone") == []
    assert files_with(tmp_path, b"it stays") == ["chat.sqlite3"]


def test_what_was_deleted_is_wiped_while_the_program_runs(
    tmp_path: Path, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storage_module, "WIPE_INTERVAL", 0.02)
    wiped: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def wipe(database: sqlite3.Connection) -> bool:
        done = database_module.wipe(database)
        wiped.put(done)
        return done

    monkeypatch.setattr(storage_module, "wipe", wipe)
    storage = Storage(tmp_path / "chat.sqlite3", mailbox.deliver)
    for seq in (1, 2):  # the second one while the wiping rests, so it is wiped without another job
        storage.submit(lambda disk, seq=seq: disk.cache.append(seq, [one_in(seq)]))  # type: ignore[misc]
        storage.submit(lambda disk, seq=seq: disk.cache.forget_room(seq))  # type: ignore[misc]
        assert wiped.get(timeout=PATIENCE)
        assert files_with(tmp_path, b"xylophone") == []
    reader = sqlite3.connect(tmp_path / "chat.sqlite3", isolation_level=None)
    with closing(reader):
        storage.submit(lambda disk: disk.database.execute("PRAGMA busy_timeout = 0"))
        got: list[Any] = []
        storage.submit(lambda disk: disk.cache.append(3, [one_in(3)]), got.append)
        mailbox.next()
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM events").fetchone()
        storage.submit(lambda disk: disk.cache.forget_room(3))
        assert not wiped.get(timeout=PATIENCE)  # somebody still reads it, so it is tried again
        reader.execute("ROLLBACK")
        while not wiped.get(timeout=PATIENCE):
            pass
    assert files_with(tmp_path, b"xylophone") == []
    assert storage.stop(PATIENCE)


def one_in(room: int) -> Event:
    return Event(room, 1, bytes([room]) * 16, 1, 2, "Bob", KIND_POST, f"xylophone {room}")

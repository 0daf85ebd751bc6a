"""All that only holds for SQLite: engines and their settings, what its errors mean, and the check of a file."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from qtchat.server.store.errors import (
    StoreBusy,
    StoreConflict,
    StoreDamaged,
    StoreError,
    StoreFailed,
    StoreFull,
    StoreReadOnly,
)
from qtchat.server.store.schema import APPLICATION_ID

DatabaseError = (DBAPIError, sqlite3.Error)
"""What may come out of an engine's connection; `explain` turns it into a StoreError."""

BUSY_TIMEOUT: Final = 2.0
"""Seconds to wait for another program that holds the database, before StoreBusy."""
CHECKPOINT_PAGES: Final = 4000
"""Pages (of 4 KiB) in the write-ahead log before a commit moves them to the database.

Larger means fewer but longer pauses: with 1000, 4000 and 10 000 pages, 50 events a commit reached 86 000, 94 000
and 114 000 a second, and the longest commit took 2.6, 3.3 and 4.3 ms. The log of 16 MiB is also read at a start
after kill -9.
"""
WAL_SIZE_LIMIT: Final = 64 * 1024 * 1024
"""Bytes the write-ahead log keeps on the disk after a long reader made it grow."""
CACHE_KIB: Final = 16 * 1024
"""KiB of page cache of the writing connection."""
QUICK_CHECK_LIMIT: Final = 32 * 1024 * 1024
"""Bytes up to which a database is read through at start; see `check`."""

_HEADER: Final = b"SQLite format 3\0"
_WAL_MAGIC: Final = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83")


def write_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    """An engine whose connections write: every transaction is BEGIN IMMEDIATE, every commit is synced.

    `foreign_keys` is off for migrations only: SQLite changes a table by making it anew.
    """
    engine = _engine(path, "rw")

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",
            "fullfsync = ON",  # macOS: a plain fsync there leaves the data in the disk's own cache
            f"wal_autocheckpoint = {CHECKPOINT_PAGES}",
            f"journal_size_limit = {WAL_SIZE_LIMIT}",
            f"cache_size = -{CACHE_KIB}",
            "secure_delete = ON",  # the text of a deleted message is overwritten, not just let go
            f"foreign_keys = {foreign_keys:d}",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def read_engine(path: Path) -> Engine:
    """An engine whose connections cannot write. Each statement sees what was committed before it began."""
    engine = _engine(path, "ro")

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON").close()

    return engine


def _engine(path: Path, mode: str) -> Engine:
    # mode=rw, never rwc: SQLite must not make an empty database where there should be one with messages.
    uri = f"{path.absolute().as_uri()}?mode={mode}"

    def connect() -> sqlite3.Connection:
        # isolation_level=None: without it the sqlite3 module begins transactions by itself, deferred ones, and
        # only before some statements. RoomLog and Reader see to it that a connection stays with one thread.
        return sqlite3.connect(uri, uri=True, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)

    # NullPool: closing a connection closes it, and reopening after an error opens the file anew.
    return create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool)


def settle(connection: Connection, path: Path) -> None:
    """After a failed sync: move what counts as committed from the write-ahead log into the database.

    A failed fsync marks pages clean that never reached the disk, so the log cannot be trusted to survive power loss.
    Writing its contents anew and emptying it leaves one state, on the disk, that everybody sees.
    """
    raw: Any = connection.connection.driver_connection  # PRAGMA wal_checkpoint does not work in a transaction
    busy, _, _ = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise StoreBusy(path)


def explain(error: Exception, path: Path) -> StoreError:
    """The StoreError for what SQLite said about `path`."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if getattr(original, "sqlite_errorcode", 0) == sqlite3.SQLITE_IOERR_SHMSIZE:
        return StoreFull(path)  # no room for the shared memory file beside the database, when it is opened
    match _code(error):
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(path)
        case sqlite3.SQLITE_FULL:
            return StoreFull(path)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN:
            return StoreReadOnly(path, original)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreDamaged(path, original)
        case sqlite3.SQLITE_CONSTRAINT:
            return StoreConflict(path, original)
        case _:
            return StoreFailed(path, original)


def _code(error: Exception) -> int:
    original = error.orig if isinstance(error, DBAPIError) else error
    code: int = getattr(original, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF  # above it: the extended code


def prepare_file(path: Path) -> bool:
    """Look at the file before SQLite does; True if there is a database in it, False if it is new and empty.

    SQLite would quietly take an empty file for a new database and throw a log beside it away, so that is looked for
    here. Must not be called while this process has the database open: closing any descriptor of a file gives up
    SQLite's locks on it (POSIX). Raises StoreDamaged, StoreReadOnly.
    """
    wal = path.with_name(path.name + "-wal")
    try:
        with contextlib.suppress(FileExistsError):
            # Made here and not by SQLite: messages are not for the other users of this machine.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with path.open("r+b") as file:
            header = file.read(100)
        wal_header = b""
        if wal.exists():
            with wal.open("r+b") as file:
                wal_header = file.read(32)
    except OSError as error:
        raise StoreReadOnly(path, error.strerror or error) from error
    if not header and wal_header:
        raise StoreDamaged(path, f"it is empty, but messages wait beside it in {wal.name}")
    if header and not header.startswith(_HEADER):
        raise StoreDamaged(path, "it is not an SQLite database")
    if header and not {*header[18:20]} <= {1, 2}:  # others make SQLite open it for reading only, without a word
        raise StoreDamaged(path, "its header is broken")
    # All zeros is what power loss may leave of a log that was never synced.
    if any(wal_header) and not wal_header.startswith(_WAL_MAGIC):
        raise StoreDamaged(path, f"its write-ahead log {wal.name} is not one")
    return bool(header)


def check(connection: Connection, path: Path) -> bool:
    """Check the database through a read-only connection; False if nothing was ever stored in it.

    A full integrity_check reads every row and is out of the question at start; even quick_check reads every page,
    1 ms for each MiB when the system has them in memory, but 50 on a memory card. So it is run on small databases
    only, where a start stays well under a second or two; that covers most servers. For larger ones: SQLite itself
    checks the header, the schema and that no page is missing at the end; every small table is read by RoomLog.load;
    and here both ends of each room's log are looked up. What lies between is checked by SQLite page by page
    when it is read, and then reported as damaged. Whether the last stop was clean makes no difference:
    kill -9 does not damage a database with a write-ahead log, bad disks and half-finished copies do.
    Raises StoreDamaged, or one of DatabaseError.
    """
    try:
        tables = {row[0] for row in connection.exec_driver_sql("SELECT name FROM sqlite_master")}
    except DBAPIError as error:
        if _code(error) == sqlite3.SQLITE_ERROR:  # SQLite's word for a header or schema it does not understand
            raise StoreDamaged(path, error.orig) from error
        raise
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    if application != APPLICATION_ID:
        if tables or application:
            raise StoreDamaged(path, "it belongs to another program")
        return False
    if not {"alembic_version", "meta"} <= tables:
        raise StoreDamaged(path, "some of its tables are missing")
    if path.stat().st_size <= QUICK_CHECK_LIMIT:
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
        if verdict != "ok":
            raise StoreDamaged(path, " ".join(str(verdict).split()))
    if {"rooms", "events"} <= tables:
        broken = connection.exec_driver_sql(
            "SELECT name FROM rooms WHERE coalesce((SELECT max(seq) FROM events WHERE room = rooms.id), head) <> head"
            " OR (SELECT min(seq) FROM events WHERE room = rooms.id) < 1"
        ).first()
        if broken is not None:
            raise StoreDamaged(path, f"the log of the room {broken[0]} does not end where it should")
    return True

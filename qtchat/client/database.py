"""The database of one server in a profile: the outbox and the local history, in one SQLite file.

One connection, used by the one storage thread that opened it. It commits only where it is told to, by
`transaction`. Durable transactions wait for the disk (synchronous=FULL). Relaxed ones do not: in WAL mode power loss
can then undo the newest of them, whole and in order, but never damages the file. That is right for what can be
fetched from the server again.

What is deleted is overwritten at once (secure_delete), and after `wipe` nothing of it is left in any of the files.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from qtchat.client.errors import ProfileError
from qtchat.client.search import prepare_index, wipe_index
from qtchat.net.files import free_damaged_name

STEPS: Final[tuple[tuple[str, ...], ...]] = (
    (
        """CREATE TABLE outbox (
            position INTEGER PRIMARY KEY,
            id BLOB NOT NULL UNIQUE,
            room INTEGER NOT NULL,
            text TEXT NOT NULL,
            created INTEGER NOT NULL,
            problem_code TEXT,
            problem_text TEXT
        )""",
        """CREATE TABLE server (
            one INTEGER PRIMARY KEY CHECK (one = 1),
            server_id BLOB,
            epoch INTEGER,
            user INTEGER,
            nick TEXT,
            name TEXT
        )""",
        "INSERT INTO server (one) VALUES (1)",
        """CREATE TABLE rooms (
            room INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            topic TEXT NOT NULL,
            head INTEGER NOT NULL,
            members INTEGER NOT NULL,
            read INTEGER NOT NULL DEFAULT 0
        )""",
        """CREATE TABLE events (
            room INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            id BLOB NOT NULL,
            ts INTEGER NOT NULL,
            author INTEGER NOT NULL,
            nick TEXT NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            PRIMARY KEY (room, seq)
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE outbox ADD COLUMN reply_to INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE rooms ADD COLUMN kind TEXT NOT NULL DEFAULT 'public'",
        "ALTER TABLE rooms ADD COLUMN other INTEGER NOT NULL DEFAULT 0",
        "ALTER TABLE events ADD COLUMN about INTEGER NOT NULL DEFAULT 0",
        "CREATE INDEX events_about ON events (room, about) WHERE about > 0",
    ),
    ("CREATE TABLE colors (user INTEGER PRIMARY KEY, color INTEGER NOT NULL)",),
)
"""The schema: entry n leads from PRAGMA user_version n to n + 1. Released entries are never changed."""

_COMPANIONS = ("-wal", "-shm")
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_WORDS = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is write-protected",
    sqlite3.SQLITE_PERM: "this user may not write it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened, or this user may not write in its folder",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
    sqlite3.SQLITE_BUSY: "another program is using it",
    sqlite3.SQLITE_LOCKED: "another program is using it",
    sqlite3.SQLITE_CORRUPT: "it is damaged; it is set aside at the next start",
    sqlite3.SQLITE_NOTADB: "it is damaged; it is set aside at the next start",
}


def open_database(path: Path) -> tuple[sqlite3.Connection, Path | None]:
    """Open the database at `path`, for use by the calling thread only; make or upgrade it where needed.

    A damaged one is moved aside, a fresh one is made, and where the damaged one went is returned, so that the user
    can be told. What can still be read of its outbox is taken over: nothing that was written may get lost, and
    what the server already has it recognises by the id. Raises ProfileError if there cannot be a database here, or
    if it was written by a newer version.
    """
    moved = None
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        database = _try_open(path)
        if database is None:
            moved = _move_aside(path)
            database = _try_open(path)
            if database is None:
                raise ProfileError(f"A new database {path} is damaged at once: the disk seems to be broken.")
            _rescue_outbox(moved, database)
    except sqlite3.DatabaseError as error:
        _explain(error, f"database {path}")
        raise
    except OSError as error:
        raise ProfileError(f"The database {path} cannot be used: {error.strerror or error}.") from error
    return database, moved


@contextmanager
def plain_errors() -> Iterator[None]:
    """Around reads, also as a decorator: a full, broken or vanished disk becomes a ProfileError in plain words."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        _explain(error, "database of this profile")
        raise


@contextmanager
def transaction(database: sqlite3.Connection, *, durable: bool) -> Iterator[None]:
    """Everything inside is committed at the end, or nothing if something is raised.

    `durable`: only leave when it survives power loss. Raises ProfileError if the disk does not take it. Inside
    another one it is a part that succeeds or fails by itself; how durable it is, the outer one says.
    """
    with plain_errors(), _part(database) if database.in_transaction else _whole(database, durable):
        yield


@plain_errors()
def wipe(database: sqlite3.Connection) -> bool:
    """Take what was deleted out of the search index, and out of the write-ahead log, where it stays otherwise until
    others overwrite it. False if another program was reading, so that it is still there."""
    with transaction(database, durable=False):
        wipe_index(database)
    (busy, _pages, _done) = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


@contextmanager
def _whole(database: sqlite3.Connection, durable: bool) -> Iterator[None]:
    # Once a transaction has begun SQLite no longer lets us choose. Setting it costs no disk access.
    database.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        if not database.in_transaction:  # a part of it found the disk full, and SQLite rolled all of it back
            raise ProfileError("The database of this profile cannot be used: the disk is full.")
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


@contextmanager
def _part(database: sqlite3.Connection) -> Iterator[None]:
    database.execute("SAVEPOINT part")
    try:
        yield
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK TO part")
            database.execute("RELEASE part")
        raise
    database.execute("RELEASE part")


def _try_open(path: Path) -> sqlite3.Connection | None:
    """None if the file is damaged."""
    database = sqlite3.connect(path, isolation_level=None)  # None: Python begins no transaction of its own
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        database.execute("PRAGMA secure_delete = ON")
        database.execute("PRAGMA fullfsync = ON")  # macOS: a mere fsync leaves the data in the disk's own cache
        if database.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            database.close()
            return None
        _upgrade(database, path)
    except sqlite3.DatabaseError as error:
        database.close()
        if _primary_code(error) in _DAMAGE:
            return None
        raise
    except BaseException:
        database.close()
        raise
    return database


def _upgrade(database: sqlite3.Connection, path: Path) -> None:
    database.execute("BEGIN IMMEDIATE")  # of two windows that start together, one upgrades
    try:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > len(STEPS):
            raise ProfileError(f"The database {path} was written by a newer version of qtchat. Please update this one.")
        for step in STEPS[version:]:
            for statement in step:
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {len(STEPS)}")
        prepare_index(database)
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:
            database.execute("ROLLBACK")
        raise


def _move_aside(path: Path) -> Path:
    target = free_damaged_name(path, *_COMPANIONS)
    for suffix in (*_COMPANIONS, ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(target.with_name(target.name + suffix))
    return target


def _rescue_outbox(damaged: Path, database: sqlite3.Connection) -> None:
    columns = "id, room, text, created, problem_code, problem_text, reply_to"
    rows: list[tuple[object, ...]] = []
    with suppress(sqlite3.DatabaseError):  # as many rows as can be read: the rest stays in the damaged file
        source = sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)
        try:
            known = {row[1] for row in source.execute("PRAGMA table_info(outbox)")}
            reply_to = "reply_to" if "reply_to" in known else "0"  # an older version wrote it
            for row in source.execute(
                f"SELECT {columns.replace('reply_to', reply_to)} FROM outbox"  # noqa: S608
                " WHERE typeof(id) = 'blob' AND length(id) = 16"
                " AND typeof(room) = 'integer' AND typeof(text) = 'text' AND typeof(created) = 'integer'"
                " ORDER BY position"
            ):
                rows.append(row)
        finally:
            source.close()
    with transaction(database, durable=True):
        # OR IGNORE: in a damaged table even an id can stand twice.
        query = f"INSERT OR IGNORE INTO outbox ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        database.executemany(query, rows)


def _primary_code(error: sqlite3.DatabaseError) -> int:
    """SQLite puts details into the upper bits. Errors of the sqlite3 module itself have no code: SQLITE_OK."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK) & 0xFF


def _explain(error: sqlite3.DatabaseError, database: str) -> None:
    """Raise the error in plain words if it comes from the disk; do nothing if it is a bug of ours."""
    words = _WORDS.get(_primary_code(error))
    if words is not None:
        raise ProfileError(f"The {database} cannot be used: {words}.") from error

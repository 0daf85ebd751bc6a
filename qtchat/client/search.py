"""Full-text search in the local history: SQLite's FTS5 where it is there, else a look at every message.

The index holds the words only (contentless); triggers keep it in step with `events`, so that what was edited or erased
is found by what it says now, or not at all. An FTS5 index by itself only notes that something was dropped, and keeps
its words; so it is told to erase them (SQLite 3.42), or rewritten after that (`wipe_index`).
"""

import sqlite3
from collections import deque
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from qtchat.protocol.messages import KIND_POST, Event
from qtchat.protocol.names import fold

COLUMNS: Final = "room, seq, id, ts, author, nick, kind, text, about"
"""Of the table `events`, in the order of the fields of Event."""

_ERASES: Final = sqlite3.sqlite_version_info >= (3, 42)
_OLD_FORMAT: Final = 4
_SEQ_BITS: Final = 32
_SEQ_MASK: Final = (1 << _SEQ_BITS) - 1

_TRIGGERS: Final = {
    "found_insert": "AFTER INSERT ON events WHEN new.kind = 'post' AND new.text <> '' BEGIN {add} END",
    "found_update": "AFTER UPDATE OF text ON events WHEN new.kind = 'post' AND new.text <> old.text BEGIN {drop} {add}"
    " END",
    "found_delete": "AFTER DELETE ON events WHEN old.kind = 'post' AND old.text <> '' BEGIN {drop} END",
}
_ADD: Final = (
    f"INSERT INTO found (rowid, text) SELECT new.room << {_SEQ_BITS} | new.seq, new.text WHERE new.text <> '';"
)
_DROP: Final = (
    "INSERT INTO found (found, rowid, text)"
    f" SELECT 'delete', old.room << {_SEQ_BITS} | old.seq, old.text WHERE old.text <> '';"
)


def prepare_index(database: sqlite3.Connection) -> None:
    """Make the index where it is missing and can be; inside a transaction. A program without FTS5 that once opens the
    profile leaves no index behind, so the next one with it makes it anew."""
    if not _has_fts5(database):
        _drop_triggers(database)
        return
    if not _is_readable(database):
        _drop_triggers(database)
        _drop_unreadable(database)
    if not is_indexed(database):
        database.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS found"
            " USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2')"
        )
        database.execute("INSERT INTO found (found) VALUES ('delete-all')")
        database.execute(
            f"INSERT INTO found (rowid, text) SELECT room << {_SEQ_BITS} | seq, text FROM events"  # noqa: S608
            " WHERE kind = 'post' AND text <> ''"
        )
        for name, body in _TRIGGERS.items():
            database.execute(f"CREATE TRIGGER {name} {body.format(add=_ADD, drop=_DROP)}")
    if _ERASES:
        database.execute("INSERT INTO found (found, rank) VALUES ('secure-delete', 1)")


def wipe_index(database: sqlite3.Connection) -> None:
    """Let no word stay in the index that was dropped from it; inside a transaction. Costs a look at all of it where
    SQLite is too old to have erased it at once: 0.13 s for 200,000 messages."""
    if is_indexed(database) and not _ERASES:
        database.execute("INSERT INTO found (found) VALUES ('optimize')")


def drop_index(database: sqlite3.Connection) -> None:
    """Before everything is deleted: that is much faster without it. `prepare_index` afterwards."""
    _drop_triggers(database)


def is_indexed(database: sqlite3.Connection) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'found_%'"
    return bool(database.execute(query).fetchone()[0] == len(_TRIGGERS))


def find(database: sqlite3.Connection, room: int | None, text: str, limit: int) -> list[Event]:
    """Posts of one room, or of all, that have all words of `text`, in whatever case; the newest first, at most
    `limit`. With the index each word may be the beginning of one, without it any part of the text."""
    words = text.replace("\0", " ").split()
    spoken = [word for word in words if any(character.isalnum() for character in word)]
    if not words:
        return []
    if spoken and is_indexed(database):
        found = _look_up(database, room, spoken, limit)
    else:
        found = _scan(database, room, words, limit)
    return sorted(found, key=lambda event: (event.ts, event.room, event.seq), reverse=True)[:limit]


def _look_up(database: sqlite3.Connection, room: int | None, words: list[str], limit: int) -> list[Event]:
    match = " AND ".join('"' + word.replace('"', '""') + '"*' for word in words)
    low, high = (0, 2**63 - 1) if room is None else (room << _SEQ_BITS, room << _SEQ_BITS | _SEQ_MASK)
    rows = database.execute(
        "SELECT rowid FROM found WHERE found MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rowid", (match, low, high)
    )
    numbers = (row[0] for row in rows)
    found: list[Event] = []
    for number, hits in groupby(numbers, lambda number: number >> _SEQ_BITS):
        seqs = [hit & _SEQ_MASK for hit in deque(hits, maxlen=limit)]
        found += posts(database, number, seqs)
    return found


def posts(database: sqlite3.Connection, room: int, seqs: Iterable[int]) -> list[Event]:
    """Those of these events that are there and posts."""
    query = f"SELECT {COLUMNS} FROM events WHERE room = ? AND seq = ? AND kind = ?"  # noqa: S608
    rows = (database.execute(query, (room, seq, KIND_POST)).fetchone() for seq in seqs)
    return [Event(*row) for row in rows if row is not None]


def _scan(database: sqlite3.Connection, room: int | None, words: list[str], limit: int) -> list[Event]:
    folded = [fold(word) for word in words]
    rooms = [row[0] for row in database.execute("SELECT DISTINCT room FROM events")] if room is None else [room]
    found: list[Event] = []
    for number in rooms:
        rows = database.execute(
            f"SELECT {COLUMNS} FROM events WHERE room = ? AND kind = ? ORDER BY seq DESC",  # noqa: S608
            (number, KIND_POST),
        )
        hits = (event for event in (Event(*row) for row in rows) if _has_all(fold(event.text), folded))
        found += [event for _, event in zip(range(limit), hits, strict=False)]
    return found


def _has_all(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)


def _has_fts5(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").fetchone() is not None


def _is_readable(database: sqlite3.Connection) -> bool:
    """False if a newer SQLite has written the index in its own way."""
    if not _has_index(database):
        return True
    try:
        database.execute("SELECT rowid FROM found WHERE found MATCH 'a' LIMIT 1").fetchone()
    except sqlite3.OperationalError as error:
        if "fts5 file format" in str(error):
            return False
        raise
    return True


def _drop_unreadable(database: sqlite3.Connection) -> None:
    """Such an index can only be dropped if it says that it is an old one."""
    database.execute("UPDATE found_config SET v = ? WHERE k = 'version'", (_OLD_FORMAT,))
    database.execute("DROP TABLE found")


def _has_index(database: sqlite3.Connection) -> bool:
    return database.execute("SELECT 1 FROM sqlite_master WHERE name = 'found'").fetchone() is not None


def _drop_triggers(database: sqlite3.Connection) -> None:
    for name in _TRIGGERS:
        database.execute(f"DROP TRIGGER IF EXISTS {name}")

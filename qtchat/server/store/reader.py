"""The read side of the store."""

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, Select, bindparam, func, select

from qtchat.server.records import ActRecord, EventRecord
from qtchat.server.store import schema, sqlite

_NEWEST: Final = 2**62  # above every seq

_PAGE = (
    select(schema.events, schema.users.c.nick)
    .join(schema.users, schema.users.c.id == schema.events.c.author)
    .where(schema.events.c.room == bindparam("in_room"))
    .limit(bindparam("at_most"))
)
_AFTER = _PAGE.where(schema.events.c.seq > bindparam("from_seq")).order_by(schema.events.c.seq)
_BEFORE = _PAGE.where(schema.events.c.seq < bindparam("from_seq")).order_by(schema.events.c.seq.desc())
_FIRST = select(func.min(schema.events.c.seq)).where(schema.events.c.room == bindparam("in_room"))
_HEAD = select(schema.rooms.c.head).where(schema.rooms.c.id == bindparam("in_room"))
_BY, _CONCERNED = schema.users.alias(), schema.users.alias()
_ACTS = (
    select(schema.acts, _BY.c.nick, func.coalesce(_CONCERNED.c.nick, ""))
    .join(_BY, _BY.c.id == schema.acts.c.by)
    .outerjoin(_CONCERNED, _CONCERNED.c.id == schema.acts.c.user)
    .where(schema.acts.c.number < bindparam("below"), schema.acts.c.local == 0)
    .order_by(schema.acts.c.number.desc())
    .limit(bindparam("at_most"))
)


class Reader:
    """A read-only connection: belongs to one thread, the first that uses it. Sees only what was committed.

    Every method may raise a StoreError; the next call then opens a new connection.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        self._connection: Connection | None = None
        self._owner: threading.Thread | None = None

    def after(self, room: int, seq: int, limit: int) -> list[tuple[EventRecord, str]]:
        """At most `limit` events above `seq`, by rising seq, each with its author's current nick."""
        return self._page(_AFTER, room, seq, limit)

    def before(self, room: int, seq: int, limit: int) -> list[tuple[EventRecord, str]]:
        """The newest `limit` events below `seq` (0: the newest of all), by rising seq, each with the nick."""
        page = self._page(_BEFORE, room, seq or _NEWEST, limit)
        page.reverse()
        return page

    def first(self, room: int) -> int:
        """The oldest seq that is still stored; 0 if there is none."""
        return self._read(_FIRST, {"in_room": room})[0][0] or 0

    def head(self, room: int) -> int:
        """The highest seq of the room so far; 0 if it is empty or unknown."""
        rows = self._read(_HEAD, {"in_room": room})
        return int(rows[0][0]) if rows else 0

    def acts(self, before: int, limit: int) -> list[tuple[ActRecord, str, str]]:
        """The newest `limit` acts of moderation below `before` (0: of all), the newest first, each with the nicks of
        whoever did it and of the user concerned. Without what the staff of rooms did there."""
        rows = self._read(_ACTS, {"below": before or _NEWEST, "at_most": limit})
        return [(ActRecord(*row[:-2]), row[-2], row[-1]) for row in rows]

    def close(self) -> None:
        """Close the connection, from the thread that used the reader or after that thread has ended."""
        assert self._owner in (None, threading.current_thread()) or not self._owner.is_alive()
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    def _page(self, statement: Select[Any], room: int, seq: int, limit: int) -> list[tuple[EventRecord, str]]:
        if limit < 1:
            raise ValueError("a page has at least one event")
        rows = self._read(statement, {"in_room": room, "from_seq": seq, "at_most": limit})
        return [(EventRecord(*row[:-1]), row[-1]) for row in rows]

    def _read(self, statement: Select[Any], parameters: Mapping[str, int]) -> Sequence[Sequence[Any]]:
        if self._owner is None:
            self._owner = threading.current_thread()
        assert self._owner is threading.current_thread(), "a reader belongs to one thread"
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():  # no transaction in SQLite: each statement is one by itself
                return self._connection.execute(statement, parameters).all()
        except sqlite.DatabaseError as error:
            self.close()
            raise sqlite.explain(error, self._path) from error

"""The write side of the store."""

import threading
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec.structs import asdict, astuple
from sqlalchemy import Connection, Engine, Table, bindparam, delete, func, insert, select, update

from qtchat.server.records import Contents, EventRecord, MemberRecord, NickRecord, Record, RoomRecord, UserRecord
from qtchat.server.store import schema, sqlite
from qtchat.server.store.errors import StoreBehind, StoreConflict, StoreDamaged, StoreError, StoreFailed
from qtchat.server.store.mark import Mark

FIND_CHUNK: Final = 400
"""Requests in one look-up, two parameters each; old SQLite takes 999 parameters in a statement."""

AnyRecord = TypeVar("AnyRecord", bound=Record)
Result = TypeVar("Result")


@dataclass(slots=True)
class Writes:
    """What one transaction stores. Empty is false."""

    users: list[UserRecord] = field(default_factory=list)
    nicks: list[NickRecord] = field(default_factory=list)
    renames: list[tuple[int, str]] = field(default_factory=list)
    """(user, new current nick)"""
    rooms: list[RoomRecord] = field(default_factory=list)
    """New rooms. Their `head` is not looked at: a room starts at 0, and its events below raise it."""
    topics: list[tuple[int, str]] = field(default_factory=list)
    """(room, new topic)"""
    members_added: list[MemberRecord] = field(default_factory=list)
    members_removed: list[MemberRecord] = field(default_factory=list)
    events: list[EventRecord] = field(default_factory=list)
    """Per room without a gap from its head on; commit checks it."""

    def __bool__(self) -> bool:
        return bool(self.events) or self._others

    @property
    def only_events(self) -> bool:
        return bool(self.events) and not self._others

    @property
    def _others(self) -> bool:
        return bool(
            self.users
            or self.nicks
            or self.renames
            or self.rooms
            or self.topics
            or self.members_added
            or self.members_removed
        )

    def add_member(self, member: MemberRecord) -> None:
        """Add, or undo a removal of the same transaction: the two lists have no order between them."""
        if member in self.members_removed:
            self.members_removed.remove(member)
        else:
            self.members_added.append(member)

    def remove_member(self, member: MemberRecord) -> None:
        """Remove, or undo an addition of the same transaction."""
        if member in self.members_added:
            self.members_added.remove(member)
        else:
            self.members_removed.append(member)


_RENAME = update(schema.users).where(schema.users.c.id == bindparam("key_id")).values(nick=bindparam("new_nick"))
_TOPIC = update(schema.rooms).where(schema.rooms.c.id == bindparam("key_id")).values(topic=bindparam("new_topic"))
_HEAD = (
    update(schema.rooms)
    .where(schema.rooms.c.id == bindparam("key_id"), schema.rooms.c.head == bindparam("old_head"))
    .values(head=bindparam("new_head"))
)
_REMOVE_MEMBER = delete(schema.members).where(
    schema.members.c.room == bindparam("old_room"), schema.members.c.user == bindparam("old_user")
)
# CROSS JOIN: SQLite then keeps the order, and looks each value up in the index.
_FIND = (
    "WITH wanted (author, id) AS (VALUES ?) "  # noqa: S608 (our own column names)
    f"SELECT {', '.join(f'events.{column.name}' for column in schema.events.columns)} "
    "FROM wanted CROSS JOIN events ON events.author = wanted.author AND events.id = wanted.id"
)
# A subquery for each room, and not a join: SQLite would walk through all events to join them. This way the newest
# of each room is found through the primary key, at a cost that does not grow with the logs.
_LAST_TIMES = select(
    select(schema.events.c.ts)
    .where(schema.events.c.room == schema.rooms.c.id, schema.events.c.seq == schema.rooms.c.head)
    .scalar_subquery()
).select_from(schema.rooms)


class RoomLog:
    """The write side: belongs to one thread, the first that uses it. Every method may raise a StoreError.

    After an error the transaction was rolled back and the log is usable again. Only after StoreFailed (and where
    even the roll-back failed) the connection is given up, and the next call opens a new one.
    """

    def __init__(self, engine: Engine, path: Path, mark: Mark) -> None:
        self._engine = engine
        self._mark = mark
        self._total = 0
        self._path = path
        self._connection: Connection | None = None
        self._owner: threading.Thread | None = None
        self._unsettled = False
        # Tuples and a ready statement: building a dict for every row and processing it takes longer than SQLite does.
        self._raise_head = str(_HEAD.compile(dialect=engine.dialect))  # (new_head, key_id, old_head)
        self._insert_events = str(insert(schema.events).compile(dialect=engine.dialect))

    def load(self) -> Contents:
        """Everything but the events. Takes time with the users and rooms, not with the length of the logs.

        Raises StoreBehind if events are missing that were committed.
        """
        contents = self._in_transaction(self._load)
        self._total = sum(room.head for room in contents.rooms)
        missing = self._mark.read() - self._total
        if missing > 0:
            raise StoreBehind(self._path, missing)
        self._mark.write(self._total)
        return contents

    def find(self, requests: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], EventRecord]:
        """Which of these requests, each an (author, id), are stored already, and as what."""
        if not requests:
            return {}
        try:
            with closing(self._cursor()) as cursor:
                return self._find(cursor, requests)  # one statement after the other, so no transaction is needed
        except sqlite.DatabaseError as error:
            explained = sqlite.explain(error, self._path)
            self._recover(explained)
            raise explained from error

    def commit(self, writes: Writes) -> None:
        """Store all of it in one transaction, or nothing. On return it survives kill -9 and power loss.

        Raises StoreBusy, StoreFull, StoreReadOnly, StoreDamaged, StoreConflict: nothing was stored. StoreFailed: the
        outcome is unknown, look the ids up with `find`.
        """
        if writes.only_events:
            self._write_events_alone(writes.events)
        elif writes:
            self._in_transaction(lambda connection: self._write(connection, writes))
        if writes.events:
            self._total += len(writes.events)
            self._mark.write(self._total)

    def close(self) -> None:
        """Close it, from the thread that used the log or after that thread has ended. May be called twice."""
        assert self._owner in (None, threading.current_thread()) or not self._owner.is_alive()
        self._disconnect()
        self._mark.close()

    # -- transactions -------------------------------------------------------------------------------

    def _in_transaction(self, work: Callable[[Connection], Result]) -> Result:
        if self._owner is None:
            self._owner = threading.current_thread()
        assert self._owner is threading.current_thread(), "the room log belongs to one thread"
        try:
            connection = self._connect()
            with connection.begin():
                return work(connection)
        except sqlite.DatabaseError as error:
            explained = sqlite.explain(error, self._path)
            self._recover(explained)
            raise explained from error

    def _connect(self) -> Connection:
        if self._connection is None:
            self._connection = self._engine.connect()
        if self._unsettled:
            sqlite.settle(self._connection, self._path)
            self._unsettled = False
        return self._connection

    def _recover(self, error: StoreError) -> None:
        if isinstance(error, StoreFailed):
            self._unsettled = True
        if self._unsettled or (self._connection is not None and self._connection.in_transaction()):
            self._disconnect()

    def _disconnect(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.close()

    # -- inside a transaction -----------------------------------------------------------------------

    def _load(self, connection: Connection) -> Contents:
        def records(kind: type[AnyRecord], table: Table) -> list[AnyRecord]:
            return [kind(*row) for row in connection.execute(select(table).order_by(*table.primary_key))]

        identity = connection.execute(select(schema.meta.c.server_id, schema.meta.c.epoch)).first()
        if identity is None:
            raise StoreDamaged(self._path, "it does not say which server it belongs to")
        # Times never run backwards, so the newest event of a room is its latest.
        times = (
            *connection.scalars(_LAST_TIMES),
            connection.scalar(select(func.max(schema.users.c.created))),
            connection.scalar(select(func.max(schema.rooms.c.created))),
        )
        return Contents(
            server_id=identity.server_id,
            epoch=identity.epoch,
            last_ts=max((time for time in times if time is not None), default=0),
            users=records(UserRecord, schema.users),
            nicks=records(NickRecord, schema.nicks),
            rooms=records(RoomRecord, schema.rooms),
            members=records(MemberRecord, schema.members),
        )

    def _cursor(self) -> Any:
        """A cursor of the database's own: SQLAlchemy's way takes 20 us more for each statement, the statement 5."""
        if self._owner is None:
            self._owner = threading.current_thread()
        assert self._owner is threading.current_thread(), "the room log belongs to one thread"
        return self._connect().connection.cursor()

    def _write_events_alone(self, events: Sequence[EventRecord]) -> None:
        """The usual batch, without SQLAlchemy's way round: it is on the path of every message."""
        try:
            with closing(self._cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    self._write_events(cursor, events)
                    cursor.execute("COMMIT")
                except BaseException:
                    if cursor.connection.in_transaction:
                        cursor.execute("ROLLBACK")
                    raise
        except sqlite.DatabaseError as error:
            explained = sqlite.explain(error, self._path)
            self._recover(explained)
            raise explained from error

    def _find(self, connection: Any, requests: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], EventRecord]:
        found: dict[tuple[int, bytes], EventRecord] = {}
        for start in range(0, len(requests), FIND_CHUNK):
            chunk = requests[start : start + FIND_CHUNK]
            # A joined list of values: with `(author, id) IN (VALUES ...)` SQLite reads the whole table. Measured 1.4 us
            # a request, where one statement for each author costs 50 us.
            statement = _FIND.replace("?", ", ".join(["(?, ?)"] * len(chunk)))
            for row in connection.execute(statement, tuple(value for request in chunk for value in request)):
                event = EventRecord(*row)
                found[event.author, event.id] = event
        return found

    def _write(self, connection: Connection, writes: Writes) -> None:
        def add(table: Table, records: Sequence[Record]) -> None:
            if records:
                connection.execute(insert(table), [asdict(record) for record in records])

        add(schema.users, writes.users)
        add(schema.nicks, writes.nicks)
        if writes.renames:
            connection.execute(_RENAME, [{"key_id": user, "new_nick": nick} for user, nick in writes.renames])
        if writes.rooms:
            connection.execute(insert(schema.rooms), [asdict(room) | {"head": 0} for room in writes.rooms])
        if writes.topics:
            connection.execute(_TOPIC, [{"key_id": room, "new_topic": topic} for room, topic in writes.topics])
        add(schema.members, writes.members_added)
        if writes.members_removed:
            connection.execute(
                _REMOVE_MEMBER,
                [{"old_room": member.room, "old_user": member.user} for member in writes.members_removed],
            )
        if writes.events:
            with closing(connection.connection.cursor()) as cursor:
                self._write_events(cursor, writes.events)

    def _write_events(self, cursor: Any, events: Sequence[EventRecord]) -> None:
        self._raise_heads(cursor, events)
        if len(events) == 1:
            cursor.execute(self._insert_events, astuple(events[0]))
        else:
            cursor.executemany(self._insert_events, map(astuple, events))

    def _raise_heads(self, cursor: Any, events: Sequence[EventRecord]) -> None:
        """Set the head of each room, and make sure that its events go on from the old one without a gap."""
        heads: dict[int, int] = {}
        counts: dict[int, int] = {}
        for event in events:
            expected = heads.get(event.room, event.seq - 1) + 1
            if event.seq != expected:
                raise StoreConflict(self._path, f"event {event.seq} of room {event.room} should be {expected}")
            heads[event.room] = event.seq
            counts[event.room] = counts.get(event.room, 0) + 1
        changes = [(head, room, head - counts[room]) for room, head in heads.items()]
        if cursor.executemany(self._raise_head, changes).rowcount != len(changes):
            raise StoreConflict(self._path, "the events of a room do not go on from its head")

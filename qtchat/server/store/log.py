"""The write side of the store."""

import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec.structs import astuple, replace
from sqlalchemy import Connection, Engine, Table, bindparam, func, insert, select, update

from qtchat.protocol.messages import KIND_EDITED, KIND_POST, KIND_REACTED, KIND_UNREACTED, MAX_TIME
from qtchat.server.records import (
    BanRecord,
    Contents,
    EventRecord,
    LostNickRecord,
    MemberRecord,
    MuteRecord,
    NickRecord,
    NoticeRecord,
    Record,
    RoomRecord,
    UserRecord,
)
from qtchat.server.store import schema, sqlite
from qtchat.server.store.errors import StoreBehind, StoreConflict, StoreDamaged, StoreError, StoreFailed
from qtchat.server.store.mark import Mark
from qtchat.server.store.people import write_people
from qtchat.server.store.writes import Writes
from qtchat.server.targets import Place, Target

FIND_CHUNK: Final = 400
"""Requests or messages in one look-up, two parameters each; old SQLite takes 999 parameters in a statement."""

AnyRecord = TypeVar("AnyRecord", bound=Record)
Keys = TypeVar("Keys")
Result = TypeVar("Result")


_TIMES: Final = ("ts", "created", "seen", "since", "until")
_HEAD = (
    update(schema.rooms)
    .where(schema.rooms.c.id == bindparam("key_id"), schema.rooms.c.head == bindparam("old_head"))
    .values(head=bindparam("new_head"))
)
_READ = "UPDATE members SET read = ? WHERE room = ? AND user = ?"
_ERASE = "UPDATE events SET text = '' WHERE room = ? AND seq = ?"
# "about <> 0" lets SQLite use the index, which has only those. With "> 0" it would take that for a range to search.
_ERASE_EDITS = f"UPDATE events SET text = '' WHERE room = ? AND about = ? AND about <> 0 AND kind = '{KIND_EDITED}'"  # noqa: S608
# CROSS JOIN: SQLite then keeps the order, and looks each value up in the index.
_FIND = (
    "WITH wanted (author, id) AS (VALUES ?) "  # noqa: S608 (our own column names)
    f"SELECT {', '.join(f'events.{column.name}' for column in schema.events.columns)} "
    "FROM wanted CROSS JOIN events ON events.author = wanted.author AND events.id = wanted.id"
)
_FIND_ACTS = (
    "WITH wanted (author, id) AS (VALUES ?) "
    'SELECT acts."by", acts.request FROM wanted CROSS JOIN acts '
    'ON acts."by" = wanted.author AND acts.request = wanted.id'
)
_TARGETS = (
    "WITH wanted (room, seq) AS (VALUES ?) "  # noqa: S608
    "SELECT events.room, events.seq, events.author, events.text = '' FROM wanted CROSS JOIN events "
    f"ON events.room = wanted.room AND events.seq = wanted.seq AND events.kind = '{KIND_POST}'"
)
_REACTIONS = (
    "WITH wanted (room, seq) AS (VALUES ?) "  # noqa: S608
    "SELECT events.room, events.about, events.kind, events.author, events.text FROM wanted CROSS JOIN events "
    "ON events.room = wanted.room AND events.about = wanted.seq AND events.about <> 0 "
    f"AND events.kind IN ('{KIND_REACTED}', '{KIND_UNREACTED}') ORDER BY events.room, events.seq"
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
        return self._look_up(self._find, requests) if requests else {}

    def acted(self, requests: Sequence[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
        """Which of these requests, each a (user, id), stand in the audit log already."""
        return self._look_up(self._find_acts, requests) if requests else set()

    def targets(self, places: Collection[Place]) -> dict[Place, Target]:
        """The posts at these places, as they are now. Places without a post are left out."""
        return self._look_up(self._targets, tuple(places)) if places else {}

    def commit(self, writes: Writes) -> None:
        """Store all of it in one transaction, or nothing. On return it survives kill -9 and power loss.

        Raises StoreBusy, StoreFull, StoreReadOnly, StoreDamaged, StoreConflict: nothing was stored. StoreFailed: the
        outcome is unknown, look the ids up with `find`.
        """
        if writes.any_people:
            self._in_transaction(lambda connection: self._write(connection, writes))
        elif writes.any_conversation:
            self._write_conversation_alone(writes)
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
            return [bounded(kind(*row)) for row in connection.execute(select(table).order_by(*table.primary_key))]

        identity = connection.execute(select(schema.meta.c.server_id, schema.meta.c.epoch)).first()
        if identity is None:
            raise StoreDamaged(self._path, "it does not say which server it belongs to")
        # Times never run backwards, so the newest event of a room is its latest.
        times = (
            *connection.scalars(_LAST_TIMES),
            connection.scalar(select(func.max(schema.users.c.created))),
            connection.scalar(select(func.max(schema.rooms.c.created))),
            connection.scalar(select(func.max(schema.acts.c.ts))),
        )
        return Contents(
            server_id=identity.server_id,
            epoch=identity.epoch,
            last_ts=min(MAX_TIME, max((time for time in times if time is not None), default=0)),
            users=records(UserRecord, schema.users),
            nicks=records(NickRecord, schema.nicks),
            rooms=records(RoomRecord, schema.rooms),
            members=records(MemberRecord, schema.members),
            bans=records(BanRecord, schema.bans),
            mutes=records(MuteRecord, schema.mutes),
            notices=records(NoticeRecord, schema.notices),
            last_act=connection.scalar(select(func.max(schema.acts.c.number))) or 0,
            lost_nicks=records(LostNickRecord, schema.lost_nicks),
        )

    def _cursor(self) -> Any:
        """A cursor of the database's own: SQLAlchemy's way takes 20 us more for each statement, the statement 5."""
        if self._owner is None:
            self._owner = threading.current_thread()
        assert self._owner is threading.current_thread(), "the room log belongs to one thread"
        return self._connect().connection.cursor()

    def _look_up(self, work: Callable[[Any, Keys], Result], keys: Keys) -> Result:
        try:
            with closing(self._cursor()) as cursor:
                return work(cursor, keys)  # one statement after the other, so no transaction is needed
        except sqlite.DatabaseError as error:
            explained = sqlite.explain(error, self._path)
            self._recover(explained)
            raise explained from error

    def _write_conversation_alone(self, writes: Writes) -> None:
        """The usual batch, without SQLAlchemy's way round: it is on the path of every message."""
        try:
            with closing(self._cursor()) as cursor:
                cursor.execute("BEGIN IMMEDIATE")
                try:
                    self._write_conversation(cursor, writes)
                    cursor.execute("COMMIT")
                except BaseException:
                    if cursor.connection.in_transaction:
                        cursor.execute("ROLLBACK")
                    raise
        except sqlite.DatabaseError as error:
            explained = sqlite.explain(error, self._path)
            self._recover(explained)
            raise explained from error

    def _find(self, cursor: Any, requests: Sequence[tuple[int, bytes]]) -> dict[tuple[int, bytes], EventRecord]:
        found: dict[tuple[int, bytes], EventRecord] = {}
        for start in range(0, len(requests), FIND_CHUNK):
            chunk = requests[start : start + FIND_CHUNK]
            # A joined list of values: with `(author, id) IN (VALUES ...)` SQLite reads the whole table. Measured 1.4 us
            # a request, where one statement for each author costs 50 us.
            for row in cursor.execute(*_wanted(_FIND, chunk)):
                event = bounded(EventRecord(*row))
                found[event.author, event.id] = event
        return found

    def _find_acts(self, cursor: Any, requests: Sequence[tuple[int, bytes]]) -> set[tuple[int, bytes]]:
        found: set[tuple[int, bytes]] = set()
        for start in range(0, len(requests), FIND_CHUNK):
            found.update(cursor.execute(*_wanted(_FIND_ACTS, requests[start : start + FIND_CHUNK])))
        return found

    def _targets(self, cursor: Any, places: Sequence[Place]) -> dict[Place, Target]:
        found: dict[Place, Target] = {}
        for start in range(0, len(places), FIND_CHUNK):
            chunk = places[start : start + FIND_CHUNK]
            for room, seq, author, deleted in cursor.execute(*_wanted(_TARGETS, chunk)):
                found[room, seq] = Target(author, bool(deleted))
            for room, seq, kind, author, text in cursor.execute(*_wanted(_REACTIONS, chunk)):
                if (room, seq) in found:
                    found[room, seq].follow(kind, author, text)
        return found

    def _write(self, connection: Connection, writes: Writes) -> None:
        write_people(connection, writes)
        if writes.any_conversation:
            with closing(connection.connection.cursor()) as cursor:
                self._write_conversation(cursor, writes)

    def _write_conversation(self, cursor: Any, writes: Writes) -> None:
        if writes.events:
            self._write_events(cursor, writes.events)
        if writes.reads:
            cursor.executemany(_READ, [(seq, room, user) for (room, user), seq in writes.reads.items()])
        if writes.erased:
            cursor.executemany(_ERASE, writes.erased)
            cursor.executemany(_ERASE_EDITS, writes.erased)

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


def bounded(record: AnyRecord) -> AnyRecord:
    """The record without the times that nobody takes: a clock that was wrong may have left them."""
    late = [name for name in _TIMES if getattr(record, name, 0) > MAX_TIME]
    return replace(record, **dict.fromkeys(late, MAX_TIME)) if late else record


def _wanted(statement: str, keys: Sequence[tuple[Any, Any]]) -> tuple[str, tuple[Any, ...]]:
    """The statement with a pair of parameters for each key, and the parameters."""
    return statement.replace("?", ", ".join(["(?, ?)"] * len(keys))), tuple(value for key in keys for value in key)

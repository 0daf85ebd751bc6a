"""What we have seen of one server: its rooms, and of each room one stretch of its log without gaps.

All of it can be fetched again, so no write here waits for the disk (see client/database.py): after power loss the
stretch may end earlier, and the rest is fetched as after any other absence.

The text of a post is what it says now: when it is edited, its row follows, and when it is deleted, its text and those
of its edits are erased, whichever of them is stored first.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from qtchat.client.database import plain_errors, transaction
from qtchat.client.mentions import mentions
from qtchat.client.search import COLUMNS, drop_index, find, posts, prepare_index
from qtchat.client.state.unread import MAX_UNREAD
from qtchat.client.updates import MAX_PEOPLE
from qtchat.protocol.messages import DIRECT, KIND_DELETED, KIND_EDITED, KIND_POST, Event, Room

_ROOM_COLUMNS = "room, name, topic, head, members, kind, other, read"


class KnownAs(Struct, frozen=True):
    """Who we were on the server when it was met last: our user number and nick, and the server's name."""

    user: int
    nick: str
    server_name: str


class CachedRoom(Struct, frozen=True):
    """A room as the server described it last, and the newest seq that was read in it (0: none)."""

    room: Room
    read: int


class Cache:
    """The local history of one server. Used by the thread that opened the database.

    Every method raises ProfileError if the disk does not do it; then nothing has changed.
    """

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.erased = False
        """Something was deleted that must not stay in the files: `database.wipe` is due."""

    # -- the server -----------------------------------------------------------------------------------

    @plain_errors()
    def identity(self) -> tuple[bytes, int] | None:
        """(server_id, epoch) that all of this belongs to; None before the first login."""
        server_id, epoch = self._database.execute("SELECT server_id, epoch FROM server").fetchone()
        return None if server_id is None else (server_id, epoch)

    def set_identity(self, server_id: bytes, epoch: int) -> None:
        """Call `reset` before, if another one was set: what is here belongs to that one."""
        with transaction(self._database, durable=False):
            self._database.execute("UPDATE server SET server_id = ?, epoch = ?", (server_id, epoch))

    @plain_errors()
    def known_as(self) -> KnownAs | None:
        """None before the first login."""
        user, nick, name = self._database.execute("SELECT user, nick, name FROM server").fetchone()
        return None if user is None else KnownAs(user, nick, name)

    def set_known_as(self, known_as: KnownAs) -> None:
        with transaction(self._database, durable=False):
            self._database.execute(
                "UPDATE server SET user = ?, nick = ?, name = ?", (known_as.user, known_as.nick, known_as.server_name)
            )

    def reset(self) -> None:
        """Forget all rooms and events, but neither the identity nor the outbox."""
        with transaction(self._database, durable=False):
            drop_index(self._database)
            self._erase("DELETE FROM events", ())
            self._database.execute("DELETE FROM rooms")
            self._database.execute("DELETE FROM colors")
            prepare_index(self._database)

    @plain_errors()
    def colors(self) -> list[tuple[int, int]]:
        """Pairs of user number and colour."""
        return self._database.execute("SELECT user, color FROM colors ORDER BY user").fetchall()

    def put_colors(self, colors: Sequence[tuple[int, int]], *, anew: bool) -> None:
        """Pairs of user number and colour, 0: none any more. `anew`: forget what was told before."""
        with transaction(self._database, durable=False):
            if anew:
                self._database.execute("DELETE FROM colors")
            self._database.executemany("INSERT OR REPLACE INTO colors VALUES (?, ?)", colors)
            self._database.execute("DELETE FROM colors WHERE color = 0")
            self._database.execute(
                "DELETE FROM colors WHERE user IN (SELECT user FROM colors ORDER BY user LIMIT -1 OFFSET ?)",
                (MAX_PEOPLE,),
            )

    # -- rooms ----------------------------------------------------------------------------------------

    @plain_errors()
    def rooms(self) -> list[CachedRoom]:
        """All rooms, by number."""
        rows = self._database.execute(f"SELECT {_ROOM_COLUMNS} FROM rooms ORDER BY room")  # noqa: S608
        return [_cached_room(row) for row in rows]

    @plain_errors()
    def room(self, room: int) -> CachedRoom | None:
        """None if it is not known."""
        query = f"SELECT {_ROOM_COLUMNS} FROM rooms WHERE room = ?"  # noqa: S608
        row = self._database.execute(query, (room,)).fetchone()
        return _cached_room(row) if row else None

    def put_room(self, room: Room) -> None:
        """Add a room, or take over how it is described now; what was read in it stays."""
        with transaction(self._database, durable=False):
            self._database.execute(
                "INSERT INTO rooms (room, name, topic, head, members, kind, other) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (room) DO UPDATE SET name = excluded.name, topic = excluded.topic,"
                " head = excluded.head, members = excluded.members, kind = excluded.kind, other = excluded.other",
                (room.room, room.name, room.topic, room.head, room.members, room.kind, room.other),
            )

    def set_read(self, room: int, seq: int) -> None:
        """Everything up to `seq` was on the screen. Never goes back; ignored for a room that is not known."""
        with transaction(self._database, durable=False):
            self._database.execute("UPDATE rooms SET read = max(read, ?) WHERE room = ?", (seq, room))

    def forget_room(self, room: int) -> None:
        """Drop a room and its events, if it is known."""
        with transaction(self._database, durable=False):
            self._erase("DELETE FROM events WHERE room = ?", (room,))
            self._database.execute("DELETE FROM rooms WHERE room = ?", (room,))

    # -- events ---------------------------------------------------------------------------------------

    @plain_errors()
    def range(self, room: int) -> tuple[int, int] | None:
        """(lowest, highest) seq held of a room; all between are held too. None if no event is."""
        return self._range(room)

    def append(self, room: int, events: Sequence[Event]) -> None:
        """Add the events right after the highest held, or any run of events if none is held.

        Raises ValueError if they would leave a gap or overlap.
        """
        self._insert(room, events, at_end=True)

    def extend(self, room: int, events: Sequence[Event]) -> None:
        """Add those of the events, a run by rising seq, that are not held yet; without a join all before is dropped.

        Another program on the same profile may have written some or all of them, or be just about to.
        """
        with transaction(self._database, durable=False):  # one: nobody else writes between the look and the insertion
            held = self._range(room)
            if held is None or held[1] < events[0].seq - 1:
                self.clear_events(room)
                self.append(room, events)
            else:
                self.append(room, [event for event in events if event.seq > held[1]])

    def extend_down(self, room: int, events: Sequence[Event]) -> None:
        """Add the events, by rising seq, if they come right before the lowest held; see `extend`."""
        with transaction(self._database, durable=False):
            held = self._range(room)
            if held is not None and held[0] == events[-1].seq + 1:
                self.prepend(room, events)

    def prepend(self, room: int, events: Sequence[Event]) -> None:
        """Add the events, by rising seq, right before the lowest held, or any run of events if none is held.

        Raises ValueError if they would leave a gap or overlap.
        """
        self._insert(room, events, at_end=False)

    def clear_events(self, room: int) -> None:
        """Drop a room's events and keep the room: for when the server no longer has what follows ours."""
        with transaction(self._database, durable=False):
            self._erase("DELETE FROM events WHERE room = ?", (room,))

    @plain_errors()
    def before(self, room: int, seq: int, limit: int) -> list[Event]:
        """The newest events below `seq`, at most `limit`, by rising seq."""
        rows = self._database.execute(
            f"SELECT {COLUMNS} FROM events WHERE room = ? AND seq < ? ORDER BY seq DESC LIMIT ?",  # noqa: S608
            (room, seq, max(0, limit)),
        ).fetchall()
        return [Event(*row) for row in reversed(rows)]

    def newest(self, room: int, limit: int) -> list[Event]:
        """The newest events, at most `limit`, by rising seq."""
        return self.before(room, 2**63 - 1, limit)

    @plain_errors()
    def amendments(self, room: int, first: int, last: int) -> list[Event]:
        """The events behind `last` that edited, deleted or reacted to the events `first` to `last`, by rising seq."""
        return self._amendments(room, first, last)

    @plain_errors()
    def posts(self, room: int, seqs: Iterable[int]) -> list[Event]:
        """Those of these events that are held and posts; without a text where they were deleted."""
        return posts(self._database, room, seqs)

    @plain_errors()
    def unread(self, room: int, own: int, nick: str, before: int) -> list[tuple[int, bool]]:
        """The posts of others behind what was read and below seq `before`, by rising seq, the newest MAX_UNREAD; and
        whether they name `nick`. `own`: our user number."""
        rows = self._database.execute(
            "SELECT seq, text, rooms.kind <> ? FROM events JOIN rooms USING (room)"
            " WHERE room = ? AND seq > rooms.read AND seq < ? AND events.kind = ? AND author <> ? AND text <> ''"
            " ORDER BY seq DESC LIMIT ?",
            (DIRECT, room, before, KIND_POST, own, MAX_UNREAD),
        ).fetchall()
        return [(seq, bool(shared) and mentions(text, nick)) for seq, text, shared in reversed(rows)]

    @plain_errors()
    def find(self, room: int | None, text: str, limit: int) -> list[Event]:
        """Posts of one room, or of all, that have all words of `text` (see client/search.py), the newest first."""
        return find(self._database, room, text, limit)

    def _range(self, room: int) -> tuple[int, int] | None:
        # Two questions in one: SELECT min(seq), max(seq) would read every row in between.
        low, high = self._database.execute(
            "SELECT (SELECT min(seq) FROM events WHERE room = ?1), (SELECT max(seq) FROM events WHERE room = ?1)",
            (room,),
        ).fetchone()
        return None if low is None else (low, high)

    def _insert(self, room: int, events: Sequence[Event], *, at_end: bool) -> None:
        if not events:
            return
        first, last = events[0].seq, events[-1].seq
        if any(event.room != room or event.seq != first + index for index, event in enumerate(events)):
            raise ValueError(f"not a run of events of room {room} without gaps")
        with transaction(self._database, durable=False):
            held = self._range(room)
            if held is not None:
                low, high = held
                if first != high + 1 if at_end else last != low - 1:
                    raise ValueError(f"events {first} to {last} of room {room} do not join {low} to {high}")
            self._database.executemany(
                f"INSERT INTO events ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                [(e.room, e.seq, e.id, e.ts, e.author, e.nick, e.kind, e.text, e.about) for e in events],
            )
            later = () if at_end else self._amendments(room, first, last)
            for event in (*events, *later):
                self._follow(event)

    def _follow(self, event: Event) -> None:
        """Let what is stored say what it says after `event`."""
        place = (event.room, event.about)
        if event.kind == KIND_EDITED and event.text:
            self._database.execute(
                "UPDATE events SET text = ? WHERE room = ? AND seq = ? AND kind = 'post' AND text <> ''",
                (event.text, *place),
            )
        elif event.kind == KIND_DELETED:
            self._erase("UPDATE events SET text = '' WHERE room = ? AND seq = ? AND kind = 'post'", place)
            self._erase(
                "UPDATE events SET text = '' WHERE room = ? AND about = ? AND about > 0 AND kind = 'edited'", place
            )

    def _erase(self, statement: str, values: tuple[int, ...]) -> None:
        if self._database.execute(statement, values).rowcount:
            self.erased = True

    def _amendments(self, room: int, first: int, last: int) -> list[Event]:
        rows = self._database.execute(
            f"SELECT {COLUMNS} FROM events WHERE room = ? AND about BETWEEN ? AND ? AND about > 0"  # noqa: S608
            " AND kind IN ('edited', 'deleted', 'reacted', 'unreacted') AND seq > ? ORDER BY seq",
            (room, first, last, last),
        )
        return [Event(*row) for row in rows]


def _cached_room(row: Sequence[Any]) -> CachedRoom:
    number, name, topic, head, members, kind, other, read = row
    return CachedRoom(Room(number, name, topic, head, members, kind=kind, other=other), read)

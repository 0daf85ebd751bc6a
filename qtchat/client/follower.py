"""Follower: keeps up with the rooms. Whatever made a gap (absence, a slow link, a lost tail), it is closed by the
same request for history, and the owner is told each event once, in order."""

from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from qtchat.client.cache import CachedRoom
from qtchat.client.catchup import Cursor
from qtchat.client.line import RETRY_AFTER, Line, request_id
from qtchat.client.marks import ReadMarks
from qtchat.client.older import PAGE, Older
from qtchat.client.quotes import answered_by, tell_quoted
from qtchat.client.state.rows import ROW_KINDS
from qtchat.client.state.unread import MAX_UNREAD
from qtchat.client.storage import Disk
from qtchat.client.updates import MAX_ROOMS, EventsUpdate, RoomGoneUpdate, RoomUpdate, UnreadUpdate
from qtchat.protocol.messages import MAX_PAGE, Event, GetHistory, History, Room

PAGES_AT_ONCE: Final = 4
"""History requests under way at one time."""
ROOMS_AT_ONCE: Final = 2
"""Rooms in which unread messages are fetched to be counted at one time."""

FEW_ROWS: Final = 30
"""Rows that are told at the start if there are as many..."""
MOST_TOLD: Final = 1_000
"""...among so many events."""


class StoredRoom(Struct, frozen=True):
    """What the disk knows of a room. `held`: lowest and highest seq. `unread`: before `newest`, as in UnreadUpdate."""

    cached: CachedRoom
    held: tuple[int, int] | None
    newest: tuple[Event, ...]
    unread: tuple[tuple[int, bool], ...]


class Follower:
    """The rooms of one account: where we are in each, and what to ask for."""

    def __init__(
        self, line: Line, marks: ReadMarks, room_told: Callable[[Room], None], room_left: Callable[[Room], None]
    ) -> None:
        """`room_told`: called when the owner has just been told of a room that it did not know; `room_left`: of one
        that we are not in any more."""
        self._line = line
        self._marks = marks
        self._room_told = room_told
        self._room_left = room_left
        self._rooms: dict[int, Room] = {}
        self._cursors: dict[int, Cursor] = {}
        self._present: set[int] = set()
        self._uncounted: set[int] = set()
        self._looking_back: set[int] = set()
        self.older = Older(line, self._cursors)

    # -- beginning and ending -----------------------------------------------------------------------------

    def restore(self, stored: StoredRoom) -> None:
        """Show a room as it was known last time."""
        cached, events = stored.cached, stored.newest
        number = cached.room.room
        self._rooms[number] = cached.room
        self._marks.restore(number, cached.read)
        self._line.emit(RoomUpdate(cached.room, cached.read))
        cursor = self._cursors[number] = Cursor(head=cached.room.head)
        if stored.held is not None:
            cursor.low, cursor.high = stored.held
            cursor.newest = events[-1].id
            self._line.emit(EventsUpdate(number, events, live=False))
            self._line.emit(UnreadUpdate(number, stored.unread))
            tell_quoted(self._line, number, answered_by(events))

    def rooms(self) -> dict[int, Room]:
        """All that we are in, by number, as they were told last."""
        return dict(self._rooms)

    def complete(self, room: int | None) -> bool:
        """Do we hold all that was said in this room, or in all of them (None)?"""
        return all(cursor.low == 1 or not cursor.head for _, cursor in self._searched(room))

    def deepen(self, room: int | None, events: int, done: Callable[[], None]) -> None:
        """Fetch so many older events of this room, or of each (None), to the disk; `done` is called in any case."""
        rooms = [(number, cursor.low) for number, cursor in self._searched(room) if cursor.low > 1]
        left = len(rooms)

        def one_done() -> None:
            nonlocal left
            left -= 1
            if not left:
                done()

        if not rooms:
            done()
        for number, low in rooms:
            self.older.deepen(number, max(1, low - events), one_done)

    def _searched(self, room: int | None) -> list[tuple[int, Cursor]]:
        return [(number, cursor) for number, cursor in self._cursors.items() if room in (None, number)]

    def reset(self) -> None:
        """The server's history is another one now: our numbers mean nothing there."""
        self._rooms.clear()
        self._cursors.clear()
        self._uncounted.clear()
        self._looking_back.clear()
        self._marks.reset()

    def authenticated(self) -> None:
        """The server now tells all our rooms."""
        self._present.clear()

    def ready(self) -> None:
        """It has told them all: those it did not name were left on another device."""
        for number in self._rooms.keys() - self._present:
            self._leave(number)
        self._uncounted.update(number for number, cursor in self._cursors.items() if cursor.high)

    def lost(self) -> None:
        """The connection is gone, and with it every page that was under way."""
        for cursor in self._cursors.values():
            cursor.fetching = b""
            cursor.checked = False

    # -- what the server says -----------------------------------------------------------------------------

    def room(self, room: Room) -> None:
        """A room is told: at the login, or because we entered or left it."""
        number = room.room
        if not room.member:
            self._leave(number)
            return
        if number not in self._rooms and len(self._rooms) >= MAX_ROOMS:
            return
        self._present.add(number)
        known = self._cursors.get(number)
        if known is not None and known.high > room.head:
            # It knows less than we do, in the same epoch: nothing of ours can be trusted.
            self._forget(number)
        first_time = number not in self._rooms
        self._rooms[number] = room
        self.head(number, room.head, known=False)
        read = self._marks.room_told(room)
        self._line.write(lambda disk: _put_room(disk, room, read))
        self._line.emit(RoomUpdate(room, read))
        if first_time:
            self._room_told(room)

    def head(self, number: int, head: int, *, known: bool = True) -> None:
        """Somebody said how far a room's log goes. `known`: only if we are in that room."""
        if not known:
            self._cursors.setdefault(number, Cursor())
        cursor = self._cursors.get(number)
        if cursor is not None:
            cursor.head = max(cursor.head, head)

    def events(self, number: int, events: Iterable[Event]) -> tuple[Event, ...]:
        """Events came, live or in a page. Returns those that were passed on."""
        cursor = self._cursors.get(number)
        fresh = cursor.take(events) if cursor is not None else ()
        if fresh:
            self._line.write(lambda disk: disk.cache.extend(number, fresh))
            self._line.emit(EventsUpdate(number, fresh))
            tell_quoted(self._line, number, answered_by(fresh))
        return fresh

    def history(self, page: History, request: GetHistory) -> tuple[Event, ...]:
        """A page came. Returns the events that were passed on as new ones."""
        cursor = self._cursors.get(request.room)
        if cursor is None:  # we have left the room meanwhile
            self.older.forget(request)
            return ()
        if not _fits(page, request):
            self.not_answered(request)
            self._line.give_up("the server sent another part of the history than was asked for")
            return ()
        if request.before:
            self.older.page(page, request)
            return ()
        if cursor.fetching != request.id:  # the room was begun anew meanwhile
            return ()
        cursor.fetching = b""
        if request.after is None:
            return self._newest_page(page, cursor)
        if page.first > request.after + 1 or not (cursor.checked or _begins_with(page, cursor.expected)):
            # What lies between is gone for good, or a backup took the place of the log that we know and nobody said
            # so: begin anew with what there is.
            self._begin_anew(page.room)
            return ()
        cursor.checked = True
        fresh = self.events(page.room, page.events)
        # Without events, what we had been told of never came to be; a head that says otherwise would have us ask
        # for ever.
        cursor.head = max(cursor.head, page.head) if page.events else cursor.high
        return fresh

    def not_answered(self, request: GetHistory, retry_after: float = RETRY_AFTER) -> None:
        """A page will not come. `retry_after`: seconds until it may be asked for again."""
        if request.before:
            self.older.not_answered(request)
        else:
            self._line.call_later(retry_after, lambda: self._ask_again(request))

    # -- what we ask --------------------------------------------------------------------------------------

    def pump(self) -> None:
        """Ask for the next page of each room in which we are behind; then look what else is unread."""
        under_way = sum(bool(cursor.fetching) for cursor in self._cursors.values())
        for number, cursor in self._cursors.items():
            if under_way >= PAGES_AT_ONCE or not self._line.free:
                break
            if cursor.behind:
                cursor.fetching = request_id()
                under_way += 1
                self._line.send(_next_page(cursor, number))
        while self._uncounted and len(self._looking_back) < ROOMS_AT_ONCE and self._line.online:
            self._look_back(self._uncounted.pop())

    # -- steps --------------------------------------------------------------------------------------------

    def _newest_page(self, page: History, cursor: Cursor) -> tuple[Event, ...]:
        events = page.events
        cursor.begin(events)
        cursor.head = max(cursor.head, page.head) if events else 0
        if events:
            self._line.write(lambda disk: _start(disk, page.room, events))
            self._line.emit(EventsUpdate(page.room, events, live=False))
            tell_quoted(self._line, page.room, answered_by(events))
            self._uncounted.add(page.room)
            if not any(event.kind in ROW_KINDS for event in events):  # nothing of it can be seen
                self.older.load(page.room, events[0].seq)
        return events

    def _look_back(self, number: int) -> None:
        """Fetch what is unread and lies before what we hold, so that it can be counted."""
        low, goal = self._cursors[number].low, self._marks.read(number) + 1
        if goal >= low or number in self._looking_back:
            return

        def done() -> None:
            self._looking_back.discard(number)
            self._line.read(lambda disk: _unread(disk, number, self._line.user, self._line.nick, low), tell, ignore)
            self._line.pump()

        def tell(posts: tuple[tuple[int, bool], ...]) -> None:
            self._line.emit(UnreadUpdate(number, posts))

        def ignore(_: object) -> None:
            """What cannot be read is not counted."""

        self._looking_back.add(number)
        self.older.deepen(number, max(goal, low - MAX_UNREAD), done)

    def _ask_again(self, request: GetHistory) -> None:
        cursor = self._cursors.get(request.room)
        if cursor is not None and cursor.fetching == request.id:
            cursor.fetching = b""
            self._line.pump()

    def _begin_anew(self, number: int) -> None:
        # What we know of the room is as old as the login: we may have read further since.
        room, read = self._rooms[number], self._marks.read(number)
        self._forget(number)
        self._marks.restore(number, read)
        self.room(room)

    def _leave(self, number: int) -> None:
        left = self._rooms.get(number)
        self._forget(number)
        if left is not None:
            self._room_left(left)

    def _forget(self, number: int) -> None:
        self._cursors.pop(number, None)
        self._uncounted.discard(number)
        self._looking_back.discard(number)
        self._marks.forget(number)
        if self._rooms.pop(number, None) is not None:
            self._line.write(lambda disk: disk.cache.forget_room(number))
            self._line.emit(RoomGoneUpdate(number))


def _next_page(cursor: Cursor, number: int) -> GetHistory:
    if not cursor.high:
        return GetHistory(cursor.fetching, number, limit=PAGE)
    if cursor.checked:
        return GetHistory(cursor.fetching, number, cursor.high, limit=MAX_PAGE)
    # The first page of a connection overlaps with the newest event we hold, so that another log is noticed.
    cursor.expected = (cursor.high, cursor.newest)
    return GetHistory(cursor.fetching, number, cursor.high - 1, limit=MAX_PAGE)


def _begins_with(page: History, expected: tuple[int, bytes]) -> bool:
    return bool(page.events) and (page.events[0].seq, page.events[0].id) == expected


def _fits(page: History, request: GetHistory) -> bool:
    """Whether this is the part of the log that was asked for, without holes."""
    if page.room != request.room:
        return False
    if not page.events:
        return True
    first, last = page.events[0].seq, page.events[-1].seq
    if first < 1 or any(e.room != page.room or e.seq != first + index for index, e in enumerate(page.events)):
        return False
    if request.before:
        return last == request.before - 1
    # The oldest events may be gone for good.
    return request.after is None or first == request.after + 1 or page.first > request.after + 1


# -- jobs of the storage thread ---------------------------------------------------------------------------


def read_rooms(disk: Disk, user: int, nick: str) -> list[StoredRoom]:
    """All that is known of the rooms. `user`, `nick`: who we are there."""
    rooms = []
    for cached in disk.cache.rooms():
        number = cached.room.room
        newest = _newest(disk, number)
        unread = _unread(disk, number, user, nick, newest[0].seq) if newest else ()
        rooms.append(StoredRoom(cached, disk.cache.range(number), newest, unread))
    return rooms


def _newest(disk: Disk, number: int) -> tuple[Event, ...]:
    """The newest events; more than a page if there is hardly anything in it that can be seen."""
    events = disk.cache.newest(number, PAGE)
    while events and len(events) < MOST_TOLD and sum(event.kind in ROW_KINDS for event in events) < FEW_ROWS:
        older = disk.cache.before(number, events[0].seq, PAGE)
        if not older:
            break
        events[:0] = older
    return tuple(events)


def _unread(disk: Disk, number: int, user: int, nick: str, before: int) -> tuple[tuple[int, bool], ...]:
    return tuple(disk.cache.unread(number, user, nick, before))


def _put_room(disk: Disk, room: Room, read: int) -> None:
    disk.cache.put_room(room)
    disk.cache.set_read(room.room, read)


def _start(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    disk.cache.clear_events(number)
    disk.cache.append(number, events)

"""Follower: keeps up with the rooms. Whatever made a gap (absence, a slow link, a lost tail), it is closed by the
same request for history, and the owner is told each event once, in order."""

from collections.abc import Iterable
from typing import Final

from qtchat.client.cache import CachedRoom
from qtchat.client.catchup import Cursor
from qtchat.client.line import Line, request_id
from qtchat.client.storage import Disk
from qtchat.client.updates import EventsUpdate, OlderUpdate, RoomGoneUpdate, RoomUpdate
from qtchat.protocol.messages import MAX_PAGE, Event, GetHistory, History, Room

PAGE: Final = 100
"""Events asked for at once when somebody reads back, and told at the start."""
PAGES_AT_ONCE: Final = 4
"""History requests under way at one time."""


class Follower:
    """The rooms of one account: where we are in each, and what to ask for."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._rooms: dict[int, Room] = {}
        self._cursors: dict[int, Cursor] = {}
        self._present: set[int] = set()

    # -- beginning and ending -----------------------------------------------------------------------------

    def restore(self, cached: CachedRoom, held: tuple[int, int] | None, newest: Iterable[Event]) -> None:
        """Show a room as it was known last time. `held`: lowest and highest seq on disk."""
        number = cached.room.room
        self._rooms[number] = cached.room
        self._line.emit(RoomUpdate(cached.room, cached.read))
        cursor = self._cursors[number] = Cursor(head=cached.room.head)
        if held is not None:
            cursor.low, cursor.high = held
            self._line.emit(EventsUpdate(number, tuple(newest), live=False))

    def reset(self) -> None:
        """The server's history is another one now: our numbers mean nothing there."""
        self._rooms.clear()
        self._cursors.clear()

    def authenticated(self) -> None:
        """The server now tells all our rooms."""
        self._present.clear()

    def ready(self) -> None:
        """It has told them all: those it did not name were left on another device."""
        for number in self._rooms.keys() - self._present:
            self._forget(number)

    def lost(self) -> None:
        """The connection is gone, and with it every page that was under way."""
        for cursor in self._cursors.values():
            cursor.fetching = False

    # -- what the server says -----------------------------------------------------------------------------

    def room(self, room: Room) -> None:
        """A room is told: at the login, or because we entered or left it."""
        number = room.room
        if not room.member:
            self._forget(number)
            return
        self._present.add(number)
        known = self._cursors.get(number)
        if known is not None and known.high > room.head:
            # It knows less than we do, in the same epoch: nothing of ours can be trusted.
            self._forget(number)
        first_time = number not in self._rooms
        self._rooms[number] = room
        self.head(number, room.head, known=False)
        # What was said before we were here is not unread.
        read = room.head if first_time else None
        self._line.write(lambda disk: _put_room(disk, room, read))
        self._line.emit(RoomUpdate(room, read))

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
            self._line.write(lambda disk: _append(disk, number, fresh))
            self._line.emit(EventsUpdate(number, fresh))
        return fresh

    def history(self, page: History, request: GetHistory) -> tuple[Event, ...]:
        """A page came. Returns the events that were passed on as new ones."""
        cursor = self._cursors.get(page.room)
        if cursor is None:  # we have left the room meanwhile
            return ()
        if request.before:
            self._older_page(page, request, cursor)
            return ()
        cursor.fetching = False
        if request.after is None:
            return self._newest_page(page, cursor)
        if page.first > request.after + 1:
            # What lies between is gone for good: begin anew with what there is.
            room = self._rooms[page.room]
            self._forget(page.room)
            self.room(room)
            return ()
        fresh = self.events(page.room, page.events)
        if not page.events:
            cursor.head = cursor.high  # what we had been told of never came to be
        cursor.head = max(cursor.head, page.head)
        return fresh

    def not_answered(self, request: GetHistory) -> None:
        """A page will not come."""
        cursor = self._cursors.get(request.room)
        if request.before:
            self._line.emit(OlderUpdate(request.room, (), at_start=False))
        elif cursor is not None:
            cursor.fetching = False

    # -- what we ask --------------------------------------------------------------------------------------

    def pump(self) -> None:
        """Ask for the next page of each room in which we are behind."""
        under_way = sum(cursor.fetching for cursor in self._cursors.values())
        for number, cursor in self._cursors.items():
            if under_way >= PAGES_AT_ONCE or not self._line.free:
                return
            if cursor.behind:
                cursor.fetching = True
                under_way += 1
                after, limit = (cursor.high, MAX_PAGE) if cursor.high else (None, PAGE)
                self._line.send(GetHistory(request_id(), number, after, limit=limit))

    def load_older(self, number: int, before: int) -> None:
        """What lies right below seq `before`: from the disk, else from the server."""
        cursor = self._cursors.get(number)
        if cursor is None:
            return
        if before <= 1:
            self._line.emit(OlderUpdate(number, (), at_start=True))
            return

        def found(events: tuple[Event, ...]) -> None:
            if events and events[-1].seq == before - 1:
                self._line.emit(OlderUpdate(number, events, at_start=events[0].seq == 1))
            else:
                self._line.submit(GetHistory(request_id(), number, before=before, limit=PAGE))

        self._line.read(lambda disk: tuple(disk.cache.before(number, before, PAGE)), found, lambda _: found(()))

    # -- steps --------------------------------------------------------------------------------------------

    def _newest_page(self, page: History, cursor: Cursor) -> tuple[Event, ...]:
        events = page.events
        cursor.head = max(cursor.head, page.head)
        cursor.begin(events)
        if events:
            self._line.write(lambda disk: _start(disk, page.room, events))
            self._line.emit(EventsUpdate(page.room, events, live=False))
        return events

    def _older_page(self, page: History, request: GetHistory, cursor: Cursor) -> None:
        events = page.events
        if events and events[-1].seq != request.before - 1:
            self._line.give_up("the server sent another part of the history than was asked for")
            return
        if events and events[-1].seq == cursor.low - 1:
            cursor.low = events[0].seq
            self._line.write(lambda disk: _prepend(disk, page.room, events))
        at_start = not page.more
        self._line.emit(OlderUpdate(page.room, events, at_start, gap=at_start and page.first > 1))

    def _forget(self, number: int) -> None:
        self._cursors.pop(number, None)
        if self._rooms.pop(number, None) is not None:
            self._line.write(lambda disk: disk.cache.forget_room(number))
            self._line.emit(RoomGoneUpdate(number))


# -- jobs of the storage thread ---------------------------------------------------------------------------


def _put_room(disk: Disk, room: Room, read: int | None) -> None:
    disk.cache.put_room(room)
    if read is not None:
        disk.cache.set_read(room.room, read)


def _append(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    """Another window on the same profile may have written some or all of these before us."""
    held = disk.cache.range(number)
    if held is None or held[1] < events[0].seq - 1:
        _start(disk, number, events)
    else:
        disk.cache.append(number, [event for event in events if event.seq > held[1]])


def _start(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    disk.cache.clear_events(number)
    disk.cache.append(number, events)


def _prepend(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    held = disk.cache.range(number)
    if held is not None and held[0] == events[-1].seq + 1:
        disk.cache.prepend(number, events)

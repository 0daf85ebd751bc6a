"""What one server looks like from here: rooms, people, timelines. Plain data; no thread, no lock, no clock.

One thread owns a ServerState (in the desktop app the GUI thread). It calls `apply` with each update of the
account and shows the changes that come back; a change says exactly which rows moved.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from msgspec import structs

from qtchat.client.updates import (
    AckedUpdate,
    ConnectionUpdate,
    DirectoryUpdate,
    DiscardedUpdate,
    EventsUpdate,
    FailedUpdate,
    HeldUpdate,
    MembersUpdate,
    OlderUpdate,
    PendingUpdate,
    Phase,
    PresenceUpdate,
    Problem,
    RequestDoneUpdate,
    ResetUpdate,
    RoomGoneUpdate,
    RoomUpdate,
    ServerUpdate,
    StorageUpdate,
    Update,
)
from qtchat.protocol.messages import KIND_JOINED, KIND_LEFT, KIND_POST, Event, Person, Room

MAX_ROWS = 5_000
"""Rows of a timeline that `RoomState.excess` leaves in memory; older ones are read again when somebody scrolls up."""


class Delivery(Enum):
    """How far a message has come. Those of others are always SENT."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a timeline. `seq` is None until the server has numbered it. `ts`: ms since 1970, UTC."""

    id: bytes
    seq: int | None
    ts: int
    author: int
    nick: str
    kind: str
    text: str
    own: bool
    delivery: Delivery = Delivery.SENT
    problem: Problem | None = None


@dataclass(slots=True)
class RoomState:
    """One room. `entries`: numbered ones by rising seq, then our own that wait, in the order they were written."""

    number: int
    name: str
    topic: str = ""
    head: int = 0
    member_count: int = 0
    read: int = 0
    unread: int = 0
    at_start: bool = False
    gap: bool = False
    entries: list[Entry] = field(default_factory=list)
    numbered: int = 0
    members: dict[int, Person] = field(default_factory=dict)

    @property
    def newest(self) -> int:
        """The highest seq held, 0 when none is."""
        seq = self.entries[self.numbered - 1].seq if self.numbered else 0
        return seq or 0

    @property
    def oldest(self) -> int:
        """The lowest seq held, 0 when none is."""
        seq = self.entries[0].seq if self.numbered else 0
        return seq or 0

    @property
    def last_post(self) -> Entry | None:
        """The newest message, for the conversation list."""
        return next((entry for entry in reversed(self.entries) if entry.kind == KIND_POST), None)

    @property
    def excess(self) -> int:
        """How many rows may be dropped at the top."""
        return max(0, min(self.numbered, len(self.entries) - MAX_ROWS))


# -- changes: what apply() says has moved --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """`ServerState.phase`, `.problem`, `.retry_in`, `.storage_problem` or `.held_problem` changed."""


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """`ServerState.server` (name, code, our nick) changed."""


@dataclass(frozen=True, slots=True)
class RoomAdded:
    room: int


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Name, topic, counts, unread or last message of a room changed."""

    room: int


@dataclass(frozen=True, slots=True)
class RoomRemoved:
    room: int


@dataclass(frozen=True, slots=True)
class RowsInserted:
    """`entries` now stand at rows first, first + 1, ... `live`: new messages, not older history."""

    room: int
    first: int
    entries: tuple[Entry, ...]
    live: bool = False


@dataclass(frozen=True, slots=True)
class RowsRemoved:
    room: int
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class RowsReplaced:
    """The rows from `first` on are now these; as many as before."""

    room: int
    first: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class TimelineEndsChanged:
    """`at_start` or `gap` of a room changed, or a request for older rows was answered with none."""

    room: int


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """The members of a room, or their presence, changed."""

    room: int


@dataclass(frozen=True, slots=True)
class DirectoryChanged:
    """`ServerState.directory` holds the answer to list_rooms."""


@dataclass(frozen=True, slots=True)
class RequestDone:
    """A request by its id (from Account.create_room and so on) was answered."""

    id: bytes
    room: int
    problem: Problem | None


Change = (
    ConnectionChanged
    | ServerChanged
    | RoomAdded
    | RoomChanged
    | RoomRemoved
    | RowsInserted
    | RowsRemoved
    | RowsReplaced
    | TimelineEndsChanged
    | PeopleChanged
    | DirectoryChanged
    | RequestDone
)


class ServerState:
    """Everything known of one server. Owned by one thread; see the module's docstring."""

    def __init__(self) -> None:
        self.phase = Phase.OFFLINE
        self.problem: Problem | None = None
        self.retry_in: float | None = None
        self.storage_problem: Problem | None = None
        self.held_problem: Problem | None = None
        self.server: ServerUpdate | None = None
        self.rooms: dict[int, RoomState] = {}
        self.people: dict[int, Person] = {}
        self.directory: tuple[Room, ...] = ()

    def apply(self, update: Update) -> tuple[Change, ...]:
        """Take one update in; return what changed, in the order in which a view must follow it."""
        match update:
            case ConnectionUpdate():
                gone = self.phase is Phase.ONLINE and update.phase is not Phase.ONLINE
                self.phase, self.problem, self.retry_in = update.phase, update.problem, update.retry_in
                return (ConnectionChanged(), *(self._nobody_known() if gone else ()))
            case StorageUpdate():
                self.storage_problem = update.problem
                return (ConnectionChanged(),)
            case HeldUpdate():
                self.held_problem = update.problem
                return (ConnectionChanged(),)
            case ServerUpdate():
                self.server = update
                return (ServerChanged(),)
            case RoomUpdate():
                return self._room(update)
            case RoomGoneUpdate():
                return (RoomRemoved(update.room),) if self.rooms.pop(update.room, None) else ()
            case EventsUpdate() | OlderUpdate() | MembersUpdate():
                room = self.rooms.get(update.room)
                if room is None:  # we have left it while this was on its way
                    return ()
                if isinstance(update, EventsUpdate):
                    return self._events(room, update)
                return self._older(room, update) if isinstance(update, OlderUpdate) else self._members(room, update)
            case PendingUpdate() | AckedUpdate() | FailedUpdate() | DiscardedUpdate():
                room = self.rooms.get(update.room)
                return self._outgoing(room, update) if room else ()
            case PresenceUpdate():
                return self._presence(update.people)
            case DirectoryUpdate():
                self.directory = update.rooms
                return (DirectoryChanged(),)
            case RequestDoneUpdate():
                return (RequestDone(update.id, update.room, update.problem),)
            case ResetUpdate():
                removed = tuple(RoomRemoved(number) for number in self.rooms)
                self.rooms.clear()
                self.people.clear()
                return removed

    def mark_read(self, number: int) -> tuple[Change, ...]:
        """Somebody looks at the end of this room: nothing in it is unread any more."""
        room = self.rooms.get(number)
        if room is None or (room.read >= room.newest and not room.unread):
            return ()
        room.read, room.unread = max(room.read, room.newest), 0
        return (RoomChanged(number),)

    def trim(self, number: int) -> tuple[Change, ...]:
        """Drop the oldest rows beyond MAX_ROWS. Call it only while nobody looks at them."""
        room = self.rooms.get(number)
        count = room.excess if room else 0
        if room is None or not count:
            return ()
        del room.entries[:count]
        room.numbered -= count
        room.at_start = False
        return (RowsRemoved(number, 0, count), TimelineEndsChanged(number))

    # -- one update each ------------------------------------------------------------------------------

    def _room(self, update: RoomUpdate) -> tuple[Change, ...]:
        told = update.room
        known = self.rooms.get(told.room)
        room = known or RoomState(told.room, told.name)
        room.name, room.topic, room.head, room.member_count = told.name, told.topic, told.head, told.members
        if update.read is not None:
            room.read = max(room.read, update.read)
        self.rooms[told.room] = room
        return (RoomChanged(told.room) if known else RoomAdded(told.room),)

    def _events(self, room: RoomState, update: EventsUpdate) -> tuple[Change, ...]:
        changes: list[Change] = []
        run: list[Entry] = []
        for event in update.events:
            entry = self._entry(event)
            waiting = self._waiting_row(room, event.id, len(run)) if entry.own else None
            if waiting is None:
                run.append(entry)
                continue
            changes += self._insert(room, run, update.live)
            run = []
            changes += self._confirm(room, waiting, entry)
        changes += self._insert(room, run, update.live)
        room.head = max(room.head, room.newest)
        for event in update.events:
            changes += self._membership(room, event)
            fresh = event.kind == KIND_POST and event.seq > room.read
            if fresh and self.server and event.author != self.server.user:
                room.unread += 1
        changes.append(RoomChanged(room.number))
        return tuple(changes)

    def _waiting_row(self, room: RoomState, message_id: bytes, shift: int) -> int | None:
        """Where, once `shift` more rows were inserted before the waiting ones, our message `message_id` waits."""
        for row in range(room.numbered, len(room.entries)):
            if room.entries[row].id == message_id:
                return row + shift
        return None

    def _insert(self, room: RoomState, entries: Sequence[Entry], live: bool) -> Iterable[Change]:
        if not entries:
            return ()
        first = room.numbered
        room.entries[first:first] = entries
        room.numbered += len(entries)
        return (RowsInserted(room.number, first, tuple(entries), live),)

    def _confirm(self, room: RoomState, row: int, entry: Entry) -> Iterable[Change]:
        """Our own waiting message got its place in the log: just behind everything that is numbered."""
        first = room.numbered
        room.numbered += 1
        if row == first:
            room.entries[row] = entry
            return (RowsReplaced(room.number, row, (entry,)),)
        del room.entries[row]
        room.entries.insert(first, entry)
        return (RowsRemoved(room.number, row, 1), RowsInserted(room.number, first, (entry,)))

    def _older(self, room: RoomState, update: OlderUpdate) -> tuple[Change, ...]:
        ends = TimelineEndsChanged(room.number)
        if update.events and room.numbered and update.events[-1].seq != room.oldest - 1:
            return (ends,)  # asked for twice, or asked for before rows were trimmed
        entries = tuple(self._entry(event) for event in update.events)
        room.entries[:0] = entries
        room.numbered += len(entries)
        room.at_start, room.gap = update.at_start, update.gap
        return (RowsInserted(room.number, 0, entries), ends) if entries else (ends,)

    def _outgoing(
        self, room: RoomState, update: PendingUpdate | AckedUpdate | FailedUpdate | DiscardedUpdate
    ) -> tuple[Change, ...]:
        row = self._waiting_row(room, update.id, 0)
        if isinstance(update, PendingUpdate):
            return self._pending(room, row, update)
        if row is None:  # its event has already come
            return ()
        if isinstance(update, DiscardedUpdate) or (isinstance(update, AckedUpdate) and update.seq <= room.newest):
            # Taken back; or the server had it long ago, and its event is not told again.
            del room.entries[row]
            return (RowsRemoved(room.number, row, 1), RoomChanged(room.number))
        if isinstance(update, AckedUpdate):
            entry = replace(room.entries[row], ts=update.ts, delivery=Delivery.SENT, problem=None)
        else:
            entry = replace(room.entries[row], delivery=Delivery.FAILED, problem=update.problem)
        room.entries[row] = entry
        return (RowsReplaced(room.number, row, (entry,)), RoomChanged(room.number))

    def _pending(self, room: RoomState, row: int | None, update: PendingUpdate) -> tuple[Change, ...]:
        author, nick = (self.server.user, self.server.nick) if self.server else (0, "")
        entry = Entry(
            update.id, None, update.ts, author, nick, KIND_POST, update.text, own=True, delivery=Delivery.WAITING
        )
        if row is not None:  # a retry
            room.entries[row] = entry
            return (RowsReplaced(room.number, row, (entry,)),)
        room.entries.append(entry)
        row = len(room.entries) - 1
        return (RowsInserted(room.number, row, (entry,), live=True), RoomChanged(room.number))

    def _members(self, room: RoomState, update: MembersUpdate) -> tuple[Change, ...]:
        room.members = {person.user: person for person in update.people}
        room.member_count = len(room.members)
        self.people.update(room.members)
        return (PeopleChanged(room.number), RoomChanged(room.number))

    def _membership(self, room: RoomState, event: Event) -> Iterable[Change]:
        """Keep the member list, once it is known, in step with `joined` and `left` events."""
        if not room.members:
            return ()
        if event.kind == KIND_JOINED and event.author not in room.members:
            person = self.people.get(event.author) or Person(event.author, event.nick, online=True)
            self.people[event.author] = room.members[event.author] = person
        elif event.kind == KIND_LEFT and event.author in room.members:
            del room.members[event.author]
        else:
            return ()
        room.member_count = len(room.members)
        return (PeopleChanged(room.number),)

    def _nobody_known(self) -> tuple[Change, ...]:
        """Without a connection nobody can tell who is online."""
        return self._presence([structs.replace(person, online=False) for person in self.people.values()])

    def _presence(self, people: Iterable[Person]) -> tuple[Change, ...]:
        touched: set[int] = set()
        for person in people:
            self.people[person.user] = person
            for room in self.rooms.values():
                if person.user in room.members:
                    room.members[person.user] = person
                    touched.add(room.number)
        return tuple(PeopleChanged(number) for number in sorted(touched))

    def _entry(self, event: Event) -> Entry:
        own = self.server is not None and event.author == self.server.user
        return Entry(event.id, event.seq, event.ts, event.author, event.nick, event.kind, event.text, own)

"""ServerState: everything known of one server, moved by updates."""

from itertools import islice

from msgspec import structs

from qtchat.client.mentions import mentions
from qtchat.client.state import people, power, timeline
from qtchat.client.state.changes import (
    AuditTold,
    BansTold,
    Change,
    ColorsChanged,
    ConnectionChanged,
    DirectoryChanged,
    RequestDone,
    RoomAdded,
    RoomChanged,
    RoomRemoved,
    SanctionTold,
    SearchDone,
    ServerChanged,
    UnsentTold,
    WaitingChanged,
    WaitingTold,
)
from qtchat.client.state.power import Power, Silence, power_of
from qtchat.client.state.rows import MAX_ROWS, RoomState
from qtchat.client.updates import (
    MAX_PEOPLE,
    MAX_ROOMS,
    AckedUpdate,
    AuditUpdate,
    BansUpdate,
    ColorsUpdate,
    ConnectionUpdate,
    DirectoryUpdate,
    DiscardedUpdate,
    EventsUpdate,
    FailedUpdate,
    HeldUpdate,
    MembersUpdate,
    NewcomersUpdate,
    OlderUpdate,
    PendingUpdate,
    Phase,
    PresenceUpdate,
    Problem,
    QuotedUpdate,
    ReadsUpdate,
    RequestDoneUpdate,
    ResetUpdate,
    RoomGoneUpdate,
    RoomUpdate,
    SanctionUpdate,
    SearchUpdate,
    ServerUpdate,
    StorageUpdate,
    TypingUpdate,
    UnreadUpdate,
    UnsentUpdate,
    Update,
    WaitingUpdate,
)
from qtchat.protocol.messages import (
    DIRECT,
    KIND_DELETED,
    KIND_EDITED,
    KIND_LEFT,
    KIND_POST,
    KIND_TOPIC,
    MEMBER,
    Event,
    Person,
    Room,
)

_RoomNews = (
    EventsUpdate
    | OlderUpdate
    | QuotedUpdate
    | UnreadUpdate
    | ReadsUpdate
    | TypingUpdate
    | MembersUpdate
    | PendingUpdate
    | AckedUpdate
    | FailedUpdate
    | DiscardedUpdate
)


class ServerState:
    """Everything known of one server. Owned by one thread; see the package's docstring."""

    def __init__(self) -> None:
        self.phase = Phase.OFFLINE
        self.problem: Problem | None = None
        self.retry_in: float | None = None
        self.storage_problem: Problem | None = None
        self.held_problem: Problem | None = None
        self.server: ServerUpdate | None = None
        self.rooms: dict[int, RoomState] = {}
        self.people: dict[int, Person] = {}
        self.colors: dict[int, int] = {}
        """User number -> the colour that they chose, 1 to MAX_COLOR."""
        self.directory: tuple[Room, ...] = ()
        self.waiting = 0
        """Newcomers who wait to be let in, as far as we are told."""

    @property
    def own(self) -> int:
        """Our user number, 0 while it is not known."""
        return self.server.user if self.server else 0

    @property
    def role(self) -> str:
        """Ours on the server."""
        return self.server.role if self.server else MEMBER

    def apply(self, update: Update) -> tuple[Change, ...]:
        """Take one update in; return what changed, in the order in which a view must follow it."""
        match update:
            case ConnectionUpdate():
                return self._connection(update)
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
            case PresenceUpdate():
                return people.take_presence(self.rooms.values(), self.people, update.people)
            case ColorsUpdate():
                known = {} if update.anew else self.colors
                colors = {user: color for user, color in (known | dict(update.colors)).items() if color}
                self.colors = dict(islice(colors.items(), MAX_PEOPLE))  # no server has so many
                return (ColorsChanged(),)
            case DirectoryUpdate():
                self.directory = update.rooms
                return (DirectoryChanged(),)
            case RequestDoneUpdate():
                return (RequestDone(update.id, update.room, update.problem),)
            case UnsentUpdate():
                return (UnsentTold(update.name, update.texts),)
            case SearchUpdate():
                return (SearchDone(update.id, update.events, update.complete),)
            case SanctionUpdate() | NewcomersUpdate() | WaitingUpdate() | BansUpdate() | AuditUpdate():
                return self._moderation(update)
            case ResetUpdate():
                removed = tuple(RoomRemoved(number) for number in self.rooms)
                self.rooms.clear()
                self.people.clear()
                self.colors.clear()
                return (*removed, ColorsChanged())
            case _:
                room = self.rooms.get(update.room)
                return self._news(room, update) if room else ()  # else we have left it meanwhile

    def mark_read(self, number: int) -> tuple[Change, ...]:
        """Somebody looks at the end of this room: nothing in it is unread any more."""
        room = self.rooms.get(number)
        if room is None or not people.mark_read(room, room.newest):
            return ()
        return (RoomChanged(number),)

    def trim(self, number: int, keep: int = MAX_ROWS) -> tuple[Change, ...]:
        """Drop the oldest rows of this room until `keep` are left. Call it only while nobody looks at them."""
        room = self.rooms.get(number)
        return timeline.trim(room, keep) if room else ()

    def expire_typing(self, now: float) -> tuple[Change, ...]:
        """Forget who has not typed for a while. `now`: time.monotonic()."""
        changes: list[Change] = []
        for room in self.rooms.values():
            changes += people.stop_typing(room, [user for user, until in room.typing.items() if until <= now])
        return tuple(changes)

    def readers(self, number: int, seq: int) -> list[Person]:
        """The others in the room who have read the message `seq`, without its author, as far as this is told."""
        room = self.rooms.get(number)
        return people.readers(room, seq, self.own) if room else []

    # -- what may be done ---------------------------------------------------------------------------------

    def silence(self, number: int, now: int) -> Silence | None:
        """Why we may not write in this room; None: we may. `now`: ms since 1970, UTC."""
        room = self.rooms.get(number)
        return power.silence(self.role, room, now) if room else None

    def power(self, number: int = 0) -> Power:
        """How much we may do, in a room or on the whole server (0)."""
        room = self.rooms.get(number)
        return power_of(self.role, room, room.role if room else MEMBER)

    def may_act_on(self, user: int, number: int = 0) -> bool:
        """Whether somebody is below us, in a room or on the whole server (0), as far as their role was told."""
        room, person = self.rooms.get(number), self.people.get(user)
        theirs = power_of(person.role if person else MEMBER, room, room.role_of(user) if room else MEMBER)
        return user != self.own and theirs < self.power(number)

    def assignable_roles(self, number: int = 0) -> tuple[str, ...]:
        """The roles that we may give, in a room or on the whole server (0), by falling power."""
        return power.assignable(self.power(number), self.rooms.get(number))

    # -- one update each ------------------------------------------------------------------------------

    def _connection(self, update: ConnectionUpdate) -> tuple[Change, ...]:
        gone = self.phase is Phase.ONLINE and update.phase is not Phase.ONLINE
        self.phase, self.problem, self.retry_in = update.phase, update.problem, update.retry_in
        changes: list[Change] = [ConnectionChanged()]
        if gone:  # without a connection nobody can tell who is there
            unknown = [structs.replace(person, online=False, away=False) for person in self.people.values()]
            changes += people.take_presence(self.rooms.values(), self.people, unknown)
            for room in self.rooms.values():
                changes += people.stop_typing(room, list(room.typing))
            if self.waiting:
                self.waiting = 0
                changes.append(WaitingChanged())
        return tuple(changes)

    def _room(self, update: RoomUpdate) -> tuple[Change, ...]:
        told = update.room
        known = self.rooms.get(told.room)
        if known is None and len(self.rooms) >= MAX_ROOMS:
            return ()
        room = known or RoomState(told.room, told.name)
        room.name, room.topic, room.kind, room.other = told.name, told.topic, told.kind, told.other
        room.head, room.member_count = max(told.head, room.newest), told.members
        room.role, room.announcement, room.frozen = told.role, told.announcement, told.frozen
        room.slow_ms, room.muted_until = told.slow_ms, told.muted_until
        if update.read is not None:
            people.mark_read(room, update.read)
        self.rooms[told.room] = room
        return (RoomChanged(told.room) if known else RoomAdded(told.room),)

    def _moderation(
        self, update: SanctionUpdate | NewcomersUpdate | WaitingUpdate | BansUpdate | AuditUpdate
    ) -> tuple[Change, ...]:
        match update:
            case SanctionUpdate():
                return (SanctionTold(update.sanction),)
            case NewcomersUpdate():
                self.waiting = update.count
                return (WaitingChanged(),)
            case WaitingUpdate():
                return (WaitingTold(update.id, update.people),)
            case BansUpdate():
                return (BansTold(update.id, update.bans),)
            case AuditUpdate():
                return (AuditTold(update.id, update.entries, update.more),)

    def _news(self, room: RoomState, update: _RoomNews) -> tuple[Change, ...]:
        match update:
            case EventsUpdate():
                return self._events(room, update)
            case OlderUpdate():
                return timeline.take_older(room, update, self.own)
            case QuotedUpdate():
                return timeline.take_quoted(room, update)
            case UnreadUpdate():
                return self._unread(room, update)
            case ReadsUpdate():
                return people.take_reads(room, update, self.own)
            case TypingUpdate():
                return people.take_typing(room, self.people, update, self.own)
            case MembersUpdate():
                return people.set_members(room, self.people, update, self.own)
            case _:
                nick = self.server.nick if self.server else ""
                return timeline.take_outgoing(room, update, self.own, nick)

    def _events(self, room: RoomState, update: EventsUpdate) -> tuple[Change, ...]:
        changes: list[Change] = [*timeline.take_events(room, update, self.own)]
        changes += people.follow_membership(room, self.people, update.events, self.own)
        quiet: set[int] = set()
        for event in update.events:
            self._count(room, event)
            if event.kind == KIND_TOPIC:
                room.topic = event.text
            elif event.kind in (KIND_POST, KIND_LEFT):
                quiet.add(event.author)
        return (*changes, *people.stop_typing(room, quiet), RoomChanged(room.number))

    def _count(self, room: RoomState, event: Event) -> None:
        """Keep the unread messages in step with the log."""
        fresh = room.fresh
        if event.kind == KIND_POST and event.text and event.seq > room.read and event.author != self.own:
            fresh.add(event.seq, self._named(room, event.text))
        elif event.kind == KIND_EDITED and event.text and event.about in fresh:
            fresh.add(event.about, self._named(room, event.text))
        elif event.kind == KIND_DELETED:
            fresh.drop(event.about)

    def _named(self, room: RoomState, text: str) -> bool:
        """In a direct room everything is for us; there it is only unread."""
        return room.kind != DIRECT and self.server is not None and mentions(text, self.server.nick)

    def _unread(self, room: RoomState, update: UnreadUpdate) -> tuple[Change, ...]:
        deleted = {seq for seq, events in room.kept.items() if any(event.kind == KIND_DELETED for event in events)}
        room.fresh.add_older(post for post in update.posts if post[0] > room.read and post[0] not in deleted)
        return (RoomChanged(room.number),)

"""Changes: what `ServerState.apply` says has moved, in the order in which a view must follow."""

from dataclasses import dataclass

from qtchat.client.state.rows import Entry
from qtchat.client.updates import Problem
from qtchat.protocol.messages import AuditEntry, BanEntry, Event, Person, Sanction


@dataclass(frozen=True, slots=True)
class ConnectionChanged:
    """`ServerState.phase`, `.problem`, `.retry_in`, `.storage_problem` or `.held_problem` changed."""


@dataclass(frozen=True, slots=True)
class ServerChanged:
    """`ServerState.server` (name, code, our nick, our role) changed."""


@dataclass(frozen=True, slots=True)
class RoomAdded:
    room: int


@dataclass(frozen=True, slots=True)
class RoomChanged:
    """Name, topic, counts, unread or last message of a room changed, or what we may do there."""

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
    """The members of a room, their roles, or their presence, changed."""

    room: int


@dataclass(frozen=True, slots=True)
class TypingChanged:
    """`RoomState.typing` changed. Whoever shows it calls `ServerState.expire_typing` when the next one is over."""

    room: int


@dataclass(frozen=True, slots=True)
class ReadsChanged:
    """`RoomState.reads` changed: who has read how far. Rows that look different now are told by RowsReplaced."""

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


@dataclass(frozen=True, slots=True)
class SearchDone:
    """Account.search was answered: posts as they read now, the newest first."""

    id: bytes
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class SanctionTold:
    """Somebody who may has put us out of a room, muted us, given us a role..."""

    sanction: Sanction


@dataclass(frozen=True, slots=True)
class WaitingChanged:
    """`ServerState.waiting`, the count of newcomers who wait to be let in, changed."""


@dataclass(frozen=True, slots=True)
class WaitingTold:
    """Account.list_waiting was answered: who waits to be let in."""

    id: bytes
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class BansTold:
    """Account.list_bans was answered."""

    id: bytes
    bans: tuple[BanEntry, ...]


@dataclass(frozen=True, slots=True)
class AuditTold:
    """Account.get_audit was answered: the newest entries first. `more`: ask again below the last one's number."""

    id: bytes
    entries: tuple[AuditEntry, ...]
    more: bool


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
    | TypingChanged
    | ReadsChanged
    | DirectoryChanged
    | RequestDone
    | SearchDone
    | SanctionTold
    | WaitingChanged
    | WaitingTold
    | BansTold
    | AuditTold
)

"""Changes: what `ServerState.apply` says has moved, in the order in which a view must follow."""

from msgspec import Struct

from qtchat.client.state.rows import Entry
from qtchat.client.updates import Problem
from qtchat.protocol.messages import AuditEntry, BanEntry, Event, Person, Sanction


class ConnectionChanged(Struct, frozen=True):
    """`ServerState.phase`, `.problem`, `.retry_in`, `.storage_problem` or `.held_problem` changed."""


class ServerChanged(Struct, frozen=True):
    """`ServerState.server` (name, code, our nick, our role) changed."""


class RoomAdded(Struct, frozen=True):
    room: int


class RoomChanged(Struct, frozen=True):
    """Name, topic, counts, unread or last message of a room changed, or what we may do there."""

    room: int


class RoomRemoved(Struct, frozen=True):
    room: int


class RowsInserted(Struct, frozen=True):
    """`entries` now stand at rows first, first + 1, ... `live`: new messages, not older history."""

    room: int
    first: int
    entries: tuple[Entry, ...]
    live: bool = False


class RowsRemoved(Struct, frozen=True):
    room: int
    first: int
    count: int


class RowsReplaced(Struct, frozen=True):
    """The rows from `first` on are now these; as many as before."""

    room: int
    first: int
    entries: tuple[Entry, ...]


class TimelineEndsChanged(Struct, frozen=True):
    """`at_start` or `gap` of a room changed, or a request for older rows was answered with none."""

    room: int


class ColorsChanged(Struct, frozen=True):
    """`ServerState.colors` changed."""


class PeopleChanged(Struct, frozen=True):
    """The members of a room, their roles, or their presence, changed."""

    room: int


class TypingChanged(Struct, frozen=True):
    """`RoomState.typing` changed. Whoever shows it calls `ServerState.expire_typing` when the next one is over."""

    room: int


class ReadsChanged(Struct, frozen=True):
    """`RoomState.reads` changed: who has read how far. Rows that look different now are told by RowsReplaced."""

    room: int


class DirectoryChanged(Struct, frozen=True):
    """`ServerState.directory` holds the answer to list_rooms."""


class RequestDone(Struct, frozen=True):
    """A request by its id (from Account.create_room and so on) was answered."""

    id: bytes
    room: int
    problem: Problem | None


class UnsentTold(Struct, frozen=True):
    """We are no longer in the room `name`, and these messages of ours were not sent there."""

    name: str
    texts: tuple[str, ...]


class SearchDone(Struct, frozen=True):
    """Account.search was answered, see SearchUpdate."""

    id: bytes
    events: tuple[Event, ...]
    complete: bool


class SanctionTold(Struct, frozen=True):
    """Somebody who may has put us out of a room, muted us, given us a role..."""

    sanction: Sanction


class WaitingChanged(Struct, frozen=True):
    """`ServerState.waiting`, the count of newcomers who wait to be let in, changed."""


class WaitingTold(Struct, frozen=True):
    """Account.list_waiting was answered: who waits to be let in."""

    id: bytes
    people: tuple[Person, ...]


class BansTold(Struct, frozen=True):
    """Account.list_bans was answered."""

    id: bytes
    bans: tuple[BanEntry, ...]


class AuditTold(Struct, frozen=True):
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
    | ColorsChanged
    | TypingChanged
    | ReadsChanged
    | DirectoryChanged
    | RequestDone
    | UnsentTold
    | SearchDone
    | SanctionTold
    | WaitingChanged
    | WaitingTold
    | BansTold
    | AuditTold
)

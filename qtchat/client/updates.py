"""What an account tells its owner: one frozen record for each thing that can happen.

An account calls its callback with these, from its own threads; the owner queues them to the thread that owns
a `client.state.ServerState` and applies them there, in the order they came.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from qtchat.net.invitation import Invitation
from qtchat.protocol.messages import Event, Person, Room


class Phase(Enum):
    """How an account stands with its server."""

    OFFLINE = "offline"  # not connected; it tries again by itself, see ConnectionUpdate.retry_in
    CONNECTING = "connecting"
    ONLINE = "online"  # authenticated, and all rooms have been told
    REFUSED = "refused"  # somebody must decide first: another nick, another address, a changed server key


class ProblemCode(StrEnum):
    """What can go wrong on this side; what the server refuses has an ErrorCode of the protocol."""

    BAD_LINK = "bad_link"
    PROFILE = "profile"
    """A file of the profile cannot be used."""
    NAME_UNKNOWN = "name_unknown"
    CONNECTION_REFUSED = "connection_refused"
    UNREACHABLE = "unreachable"
    NOT_QTCHAT = "not_qtchat"
    UNVERIFIED = "unverified"
    """A server is met for the first time without an invitation: `Problem.suggestion` is its code, to be compared."""
    SERVER_CHANGED = "server_changed"
    WRONG_CODE = "wrong_code"
    ROOM_REPLACED = "room_replaced"
    """The server's history was replaced, and the room that a message waits for is another one now."""
    LOST = "lost"
    """The list of known servers was damaged, so nobody can tell whether this one has changed."""
    OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why something did not work. `code` is for programs (a ProblemCode, or an ErrorCode of the protocol), `text` is
    English detail, `suggestion` what may help: a free nick, or the code that the server showed."""

    code: str
    text: str
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionUpdate:
    """The connection's phase changed. `retry_in`: seconds from now until the next attempt, if one is planned."""

    phase: Phase
    problem: Problem | None = None
    retry_in: float | None = None


@dataclass(frozen=True, slots=True)
class ServerUpdate:
    """Who the server is, and who we are there. `code` is its server code, in groups, to compare by eye."""

    server_id: bytes
    name: str
    code: str
    user: int
    nick: str
    host: str
    port: int

    @property
    def link(self) -> str:
        """An invitation to it, at the address where it was met."""
        return str(Invitation(((self.host, self.port),), self.code or None))


@dataclass(frozen=True, slots=True)
class RoomUpdate:
    """A room became known or changed. `read`: the newest seq this profile has seen on the screen, if known."""

    room: Room
    read: int | None = None


@dataclass(frozen=True, slots=True)
class RoomGoneUpdate:
    """We are no longer a member of this room."""

    room: int


@dataclass(frozen=True, slots=True)
class EventsUpdate:
    """The next events of a room: rising seq, right after the last ones told, never one twice.

    `live`: they happened just now or while we were away; otherwise they were told at an earlier start, or are the
    newest page of a room that is seen for the first time, and nobody wants to be alerted to them.
    """

    room: int
    events: tuple[Event, ...]
    live: bool = True


@dataclass(frozen=True, slots=True)
class OlderUpdate:
    """Events right before the oldest told so far, by rising seq. `at_start`: nothing lies before them.

    `gap`: older ones existed, but the server no longer keeps them."""

    room: int
    events: tuple[Event, ...]
    at_start: bool
    gap: bool = False


@dataclass(frozen=True, slots=True)
class PendingUpdate:
    """A message of ours is safe in the outbox and waits for the server. `ts`: when it was composed, ms."""

    id: bytes
    room: int
    text: str
    ts: int


@dataclass(frozen=True, slots=True)
class AckedUpdate:
    """The server has stored a message of ours; its event is on the way or has already come."""

    id: bytes
    room: int
    seq: int
    ts: int


@dataclass(frozen=True, slots=True)
class FailedUpdate:
    """A message of ours was refused for good. It stays in the outbox until it is retried or discarded."""

    id: bytes
    room: int
    problem: Problem


@dataclass(frozen=True, slots=True)
class HeldUpdate:
    """The server cannot store anything for now, so what we write waits (problem); or it can again (None)."""

    problem: Problem | None


@dataclass(frozen=True, slots=True)
class DiscardedUpdate:
    """A message of ours was taken out of the outbox, as asked."""

    id: bytes
    room: int


@dataclass(frozen=True, slots=True)
class RequestDoneUpdate:
    """A request other than a post was answered. `problem` is None if it was done; `room`: the room it was about."""

    id: bytes
    room: int
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class DirectoryUpdate:
    """All rooms of the server that one may join; answers `Account.list_rooms`."""

    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class MembersUpdate:
    """All members of a room; answers `Account.load_people`."""

    room: int
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class PresenceUpdate:
    """Some people came, went or changed their nick."""

    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class ResetUpdate:
    """The server's history is not the one we knew (a backup was restored): forget all rooms and events."""


@dataclass(frozen=True, slots=True)
class StorageUpdate:
    """The profile's disk does not take what we write (problem), or takes it again (None)."""

    problem: Problem | None


Update = (
    ConnectionUpdate
    | ServerUpdate
    | RoomUpdate
    | RoomGoneUpdate
    | EventsUpdate
    | OlderUpdate
    | PendingUpdate
    | AckedUpdate
    | FailedUpdate
    | HeldUpdate
    | DiscardedUpdate
    | RequestDoneUpdate
    | DirectoryUpdate
    | MembersUpdate
    | PresenceUpdate
    | ResetUpdate
    | StorageUpdate
)

"""What an account tells its owner: one frozen record for each thing that can happen.

An account calls its callback with these, from its own threads; the owner queues them to the thread that owns
a `client.state.ServerState` and applies them there, in the order they came.
"""

from enum import Enum, StrEnum
from typing import Final

from msgspec import Struct

from qtchat.client.classic_link import ClassicLink
from qtchat.net.invitation import Invitation
from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import MEMBER, AuditEntry, BanEntry, Event, Person, Room, Sanction

MAX_PEOPLE: Final = 100_000
"""Of how many people of one server something is remembered; no server has so many."""
MAX_ROOMS: Final = 10_000
"""Rooms of one server that one is in, conversations with one person included; what is told of more is ignored."""
MAX_TYPING: Final = 64
"""People who write in one room at the same time."""
MAX_REACTORS: Final = 5_000
"""People who have put the same reaction under one message."""


class Phase(Enum):
    """How an account stands with its server."""

    OFFLINE = "offline"  # not connected; it tries again by itself, see ConnectionUpdate.retry_in
    CONNECTING = "connecting"
    ONLINE = "online"  # authenticated, and all rooms have been told
    REFUSED = "refused"  # somebody must decide first: another nick, a password, a changed server key; or let us in


class ProblemCode(StrEnum):
    """What can go wrong on this side; what the server refuses has an ErrorCode of the protocol."""

    BAD_LINK = "bad_link"
    BAD_CLASSIC_LINK = "bad_classic_link"
    """It was meant for a plain chat, see client.classic_link."""
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
    UNSUPPORTED = "unsupported"
    """A plain chat cannot do that, see ServerUpdate.dialect."""


class Problem(Struct, frozen=True):
    """Why something did not work. `code` is for programs (a ProblemCode, or an ErrorCode of the protocol), `text` is
    English detail, `suggestion` what may help: a free nick, or the code that the server showed."""

    code: str
    text: str
    suggestion: str = ""


class ConnectionUpdate(Struct, frozen=True):
    """The connection's phase changed. `retry_in`: seconds from now until the next attempt, if one is planned; in
    Phase.REFUSED only where others decide, ErrorCode.WAITING."""

    phase: Phase
    problem: Problem | None = None
    retry_in: float | None = None


class ServerUpdate(Struct, frozen=True):
    """Who the server is, and who we are there. `code` is its server code, in groups, to compare by eye. `role`: ours on
    the server, one of messages.SERVER_ROLES.

    `dialect`: empty for a qtchat server; of a plain chat what it speaks, see protocol.dialects. There messages are only
    written, unencrypted, and all else (edits, reactions, rooms, files...) is refused with ProblemCode.UNSUPPORTED.

    `ahead`: how many milliseconds its clock was before ours at the login; negative if behind, 0 if it does not tell.
    """

    server_id: bytes
    name: str
    code: str
    user: int
    nick: str
    host: str
    port: int
    dialect: str = ""
    role: str = MEMBER
    ahead: int = 0

    @property
    def link(self) -> str:
        """An invitation to it, at the address where it was met."""
        if self.dialect:
            return str(ClassicLink(self.host, self.port, DIALECTS.get(self.dialect)))
        return str(Invitation(((self.host, self.port),), self.code or None))


class RoomUpdate(Struct, frozen=True):
    """A room became known or changed. `read`: the newest seq that was read in it, on whatever device, if known."""

    room: Room
    read: int | None = None


class RoomGoneUpdate(Struct, frozen=True):
    """We are no longer a member of this room."""

    room: int


class EventsUpdate(Struct, frozen=True):
    """The next events of a room: rising seq, right after the last ones told, never one twice.

    `live`: they happened just now or while we were away; otherwise they were told at an earlier start, or are the
    newest page of a room that is seen for the first time, and nobody wants to be alerted to them.
    """

    room: int
    events: tuple[Event, ...]
    live: bool = True


class OlderUpdate(Struct, frozen=True):
    """Events right before the oldest told so far, by rising seq. `at_start`: nothing lies before them.

    Posts are as the local history knows them now. `gap`: older ones existed, but the server no longer keeps them.
    `amendments`: later events that changed some of these, by rising seq; some may have been told before.
    """

    room: int
    events: tuple[Event, ...]
    at_start: bool
    gap: bool = False
    amendments: tuple[Event, ...] = ()


class QuotedUpdate(Struct, frozen=True):
    """Posts that told ones answer, as they read now; without a text where they were deleted."""

    room: int
    events: tuple[Event, ...]


class UnreadUpdate(Struct, frozen=True):
    """Posts of others that were not read and lie before the events told so far: (seq, whether it names us), by rising
    seq."""

    room: int
    posts: tuple[tuple[int, bool], ...]


class ReadsUpdate(Struct, frozen=True):
    """Pairs of user number and seq: how far they have read a room now. Ourselves too, on whatever device."""

    room: int
    reads: tuple[tuple[int, int], ...]


class PendingUpdate(Struct, frozen=True):
    """A message of ours is safe in the outbox and waits for the server. `ts`: when it was composed, ms."""

    id: bytes
    room: int
    text: str
    ts: int
    reply_to: int = 0


class AckedUpdate(Struct, frozen=True):
    """The server has stored a message of ours; its event is on the way or has already come."""

    id: bytes
    room: int
    seq: int
    ts: int


class FailedUpdate(Struct, frozen=True):
    """A message of ours was refused for good. It stays in the outbox until it is retried or discarded."""

    id: bytes
    room: int
    problem: Problem


class HeldUpdate(Struct, frozen=True):
    """The server cannot store anything for now, so what we write waits (problem); or it can again (None)."""

    problem: Problem | None


class DiscardedUpdate(Struct, frozen=True):
    """A message of ours was taken out of the outbox, as asked."""

    id: bytes
    room: int


class UnsentUpdate(Struct, frozen=True):
    """We are no longer in the room `name`, and these messages of ours were not sent there. They stay in the outbox, and
    are shown as refused should we be in that room again."""

    name: str
    texts: tuple[str, ...]


class RequestDoneUpdate(Struct, frozen=True):
    """A request other than a post was answered. `problem` is None if it was done; `room`: the room it was about."""

    id: bytes
    room: int
    problem: Problem | None = None


class DirectoryUpdate(Struct, frozen=True):
    """All rooms of the server that one may join; answers `Account.list_rooms`."""

    rooms: tuple[Room, ...]


class MembersUpdate(Struct, frozen=True):
    """All members of a room; answers `Account.load_people`. `reads`: how far each of them has read it, `roles`: what
    each of them is in the room; both empty where that is not told."""

    room: int
    people: tuple[Person, ...]
    reads: tuple[int, ...] = ()
    roles: tuple[str, ...] = ()


class TypingUpdate(Struct, frozen=True):
    """`user` is typing in a room. `until`: when that is over if nothing more is heard, as time.monotonic() tells it."""

    room: int
    user: int
    until: float


class SearchUpdate(Struct, frozen=True):
    """What was found in the local history: posts as they read now, the newest first; answers `Account.search`.
    `complete`: nothing lacks there of what was said where it was searched."""

    id: bytes
    events: tuple[Event, ...]
    complete: bool


class PresenceUpdate(Struct, frozen=True):
    """Some people came, went, are away, or changed their nick or status."""

    people: tuple[Person, ...]


class ColorsUpdate(Struct, frozen=True):
    """Pairs of user number and colour, 1 to MAX_COLOR, that people chose for name and avatar; 0: none any more. `anew`:
    what was told before is over."""

    colors: tuple[tuple[int, int], ...]
    anew: bool


class SanctionUpdate(Struct, frozen=True):
    """Something was done about us, by somebody who may."""

    sanction: Sanction


class NewcomersUpdate(Struct, frozen=True):
    """So many newcomers wait to be let in, and we may do that."""

    count: int


class WaitingUpdate(Struct, frozen=True):
    """Who waits to be let in; answers `Account.list_waiting`."""

    id: bytes
    people: tuple[Person, ...]


class BansUpdate(Struct, frozen=True):
    """Who is banned; answers `Account.list_bans`."""

    id: bytes
    bans: tuple[BanEntry, ...]


class AuditUpdate(Struct, frozen=True):
    """Acts of moderation, the newest first; answers `Account.get_audit`. `more`: ask again below the last one's
    number."""

    id: bytes
    entries: tuple[AuditEntry, ...]
    more: bool


class ResetUpdate(Struct, frozen=True):
    """The server's history is not the one we knew (a backup was restored): forget all rooms and events."""


class StorageUpdate(Struct, frozen=True):
    """The profile's disk does not take what we write (problem), or takes it again (None)."""

    problem: Problem | None


Update = (
    ConnectionUpdate
    | ServerUpdate
    | RoomUpdate
    | RoomGoneUpdate
    | EventsUpdate
    | OlderUpdate
    | QuotedUpdate
    | UnreadUpdate
    | ReadsUpdate
    | PendingUpdate
    | AckedUpdate
    | FailedUpdate
    | HeldUpdate
    | DiscardedUpdate
    | UnsentUpdate
    | RequestDoneUpdate
    | DirectoryUpdate
    | MembersUpdate
    | TypingUpdate
    | SearchUpdate
    | PresenceUpdate
    | ColorsUpdate
    | SanctionUpdate
    | NewcomersUpdate
    | WaitingUpdate
    | BansUpdate
    | AuditUpdate
    | ResetUpdate
    | StorageUpdate
)

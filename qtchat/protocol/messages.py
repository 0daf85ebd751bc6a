"""Every message on the wire: one frozen struct each, in one tagged union, and the limits they keep.

A message travels as a MessagePack array: its tag, then its fields in the order written here. Arrays, not
maps: an event of 64 bytes of text is 125 bytes instead of 167, and encodes and decodes faster. So a later
version may only append fields, each with a default; a receiver skips what it does not know.
Units: times are integer milliseconds since 1970-01-01 UTC, durations integer milliseconds, sizes bytes.
"""

from typing import Annotated, Final

import msgspec

PROTOCOL_VERSION: Final = 1
"""The newest version this code speaks."""
OLDEST_VERSION: Final = 1
"""The oldest version this code still speaks."""
DEFAULT_PORT: Final = 47300
"""TCP port of the native door, where nothing else was chosen."""

MAX_HANDSHAKE_FRAME: Final = 4 * 1024
"""Bytes in one frame before the session is open."""
MAX_FRAME: Final = 64 * 1024
"""Bytes in one frame of an open session."""
MAX_TEXT: Final = 16 * 1024
"""Bytes of UTF-8 in one message text."""
LOBBY: Final = 1
"""Number of the room that everybody is in and nobody can leave."""
MAX_NICK: Final = 32
"""Characters in a nick."""
MAX_ROOM_NAME: Final = 64
"""Characters in a room name."""
MAX_TOPIC: Final = 256
"""Characters in a room topic."""
MAX_IN_FLIGHT: Final = 32
"""Requests a client may have unanswered on one connection."""
MAX_PAGE: Final = 500
"""Items in one page of history, rooms or people. A page also never exceeds MAX_FRAME."""
PING_INTERVAL_MS: Final = 15_000
"""How often the server pings an open session."""
NONCE_SIZE: Final = 32
MAX_STATUS: Final = 80
"""Characters in the line that people say about themselves."""
MAX_TIME: Final = 253_402_214_400_000
"""Milliseconds from 1970 to the last day of the year 9999."""
MAX_COLOR: Final = 8
"""Users choose one of so many colours for their name and avatar."""
COLORS_PAGE: Final = 4096
"""Users in one `colors`."""
MAX_PASSWORD: Final = 128
"""Characters in a server's password."""
MAX_REASON: Final = 200
"""Characters in the reason that is given for an act of moderation."""
MAX_EMOJI: Final = 16
"""Characters (code points) in a reaction; a family of four with skin tones has eleven."""
MAX_REACTIONS: Final = 32
"""Different reactions under one message."""
MAX_READERS: Final = 64
"""Members up to which a room is told who has read how far."""
TYPING_INTERVAL_MS: Final = 4_000
"""How often a client says that somebody is typing, at most. It is over when nothing was said for twice as long."""
FIRST_PLAIN_USER: Final = 2**40
"""User numbers from here on: people without a key, who came by a plain-text door; anybody may use such a name."""

PRESENCE: Final = "presence"
"""Capability: the client wants to be told who comes, goes, is away, and changes the nick or status."""
TYPING: Final = "typing"
"""Capability: the client wants to be told who is typing."""
READS: Final = "reads"
"""Capability: the client wants to be told who has read how far."""
MODERATION: Final = "moderation"
"""Capability: the client wants to be told of acts of moderation that concern its user."""
COLORS: Final = "colors"
"""Capability: the client wants to be told who chose which colour; the server lets users choose one."""
CAPABILITIES: Final = frozenset({PRESENCE, TYPING, READS, MODERATION, COLORS})
"""All that this code knows."""

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
"""128 bits, made by whoever sends a request; a repeated request carries the same id."""
Nonce = Annotated[bytes, msgspec.Meta(min_length=NONCE_SIZE, max_length=NONCE_SIZE)]
Nick = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NICK)]
RoomName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ROOM_NAME)]
Topic = Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Status = Annotated[str, msgspec.Meta(max_length=MAX_STATUS)]
Color = Annotated[int, msgspec.Meta(ge=0, le=MAX_COLOR)]
Reason = Annotated[str, msgspec.Meta(max_length=MAX_REASON)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_EMOJI)]
Sentence = Annotated[str, msgspec.Meta(max_length=1024)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=64)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""An identifier, or a place in a log; small enough for every language's numbers."""
Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_TIME)]
"""Milliseconds since 1970, UTC. The last one is a day in every calendar, in every time zone."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A number of things, or of milliseconds; small enough for whatever puts it into words."""
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)]


class Message(msgspec.Struct, frozen=True, array_like=True, tag_field="type", gc=False):
    """Base of everything on the wire."""


class Request(Message, frozen=True):
    """Base of what an open client asks. Exactly one reply carries `re` = this `id`."""

    id: Id


# -- becoming acquainted ----------------------------------------------------------------------------


class Hello(Message, frozen=True, tag="hello"):
    """Client, first message."""

    oldest: Number
    newest: Number
    capabilities: Words
    agent: Word
    nonce: Nonce


class Welcome(Message, frozen=True, tag="welcome"):
    """Server's answer: the version both speak from here on, and which server and which history this is.

    `password`: a newcomer needs the server's password. `time`: the server's clock, ms since 1970, UTC; 0: it does not
    tell. For finding clocks that are wrong, and for making the ends of bans and mutes.
    """

    version: Number
    capabilities: Words
    server_id: Id
    epoch: Number
    name: Word
    nonce: Nonce
    time: Time = 0
    password: bool = False


class Authenticate(Message, frozen=True, tag="authenticate"):
    """Client: the nick it wants, its Ed25519 public key, and the signature over `signed_content`.

    `password`: the server's, where `Welcome.password` asks for one; TLS to a verified key protects it.
    """

    nick: Nick
    key: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD)] = ""


class Authenticated(Message, frozen=True, tag="authenticated"):
    """Server: the session is open. Room messages follow, one for each room the user is in, then Ready.

    `role`: the user's on this server; a change is told by Sanction, with the act `set_role`.
    """

    user: Number
    nick: Nick
    role: Word = "member"


class Ready(Message, frozen=True, tag="ready"):
    """Server: all rooms have been told; from the Room messages on nothing of theirs was left out."""


# -- requests ---------------------------------------------------------------------------------------


class CreateRoom(Request, frozen=True, tag="create_room"):
    """Make a room and be its first member. Reply: Ack of the room's first event.

    `private`: only members see it, and only a member can add others.
    """

    name: RoomName
    topic: Topic = ""
    private: bool = False


class OpenDirect(Request, frozen=True, tag="open_direct"):
    """Make the direct room of the sender and `user`. Reply: Ack of its first event, duplicate=true if there was one."""

    user: Number


class AddMember(Request, frozen=True, tag="add_member"):
    """Bring `user` into a room that the sender is in; not into a direct one. Reply: Ack of the `added` event."""

    room: Number
    user: Number


class SetTopic(Request, frozen=True, tag="set_topic"):
    """Change a room's topic. Reply: Ack of the `topic` event."""

    room: Number
    topic: Topic


class JoinRoom(Request, frozen=True, tag="join_room"):
    """Become a member. Reply: Ack of the `joined` event (duplicate=true for somebody who already is one)."""

    room: Number


class LeaveRoom(Request, frozen=True, tag="leave_room"):
    """Stop being a member. Reply: Ack of the `left` event (duplicate=true for somebody who is none)."""

    room: Number


class Post(Request, frozen=True, tag="post"):
    """Say something in a room. Reply: Ack, sent only after the message is on the server's disk."""

    room: Number
    text: str
    reply_to: Number = 0
    """The seq of the message that this one answers; 0: none."""

    def __post_init__(self) -> None:
        _check_text(self.text)


class Edit(Request, frozen=True, tag="edit"):
    """Say something else in a message of one's own. Reply: Ack of the `edited` event."""

    room: Number
    seq: Number
    text: str

    def __post_init__(self) -> None:
        _check_text(self.text)


class Delete(Request, frozen=True, tag="delete"):
    """Take a message of one's own back; its text is erased. Reply: Ack of the `deleted` event."""

    room: Number
    seq: Number


class React(Request, frozen=True, tag="react"):
    """Put a reaction under a message, or take it back (`add` = false). Reply: Ack of the `reacted` or `unreacted` event
    (duplicate=true if it stands there already, or does not)."""

    room: Number
    seq: Number
    emoji: Emoji
    add: bool = True


class MarkRead(Request, frozen=True, tag="mark_read"):
    """Everything up to `seq` was on the sender's screen. Never goes back. Reply: Done."""

    room: Number
    seq: Number


class SetPresence(Request, frozen=True, tag="set_presence"):
    """Whether this device is left alone, and what its user says of himself. Reply: Done.

    A user is away if all connected devices are. Status and colour stay until they are changed, also over a restart;
    None: as it is now.
    """

    away: bool
    status: Status | None = None
    color: Color | None = None


class SetNick(Request, frozen=True, tag="set_nick"):
    """Be called otherwise from now on. Reply: Done."""

    nick: Nick


def _check_text(text: str) -> None:
    # One character is at most four bytes, so most texts need no encoding to be measured.
    if len(text) * 4 > MAX_TEXT and len(text.encode()) > MAX_TEXT:
        raise ValueError(f"a message text may have at most {MAX_TEXT} bytes")


class SetRole(Request, frozen=True, tag="set_role"):
    """Give `user` a role: in `room` (Reply: Ack of the `changed` event), or on the whole server, `room` 0 (Done)."""

    room: Number
    user: Number
    role: Word


class SetRoom(Request, frozen=True, tag="set_room"):
    """Change one setting of a room, see SETTINGS; the value is written as text. Reply: Ack of the `changed` event
    (duplicate=true if it is so already)."""

    room: Number
    setting: Word
    value: Annotated[str, msgspec.Meta(max_length=MAX_ROOM_NAME)]


class Kick(Request, frozen=True, tag="kick"):
    """Put `user` out of `room` (Reply: Ack of the `kicked` event), or end all connections, where `room` is 0 (Done)."""

    room: Number
    user: Number
    reason: Reason = ""


class Ban(Request, frozen=True, tag="ban"):
    """Keep `user`'s key away from this server, and the addresses as well where `address` is true. Reply: Done.

    `until`: ms since 1970, UTC; 0: until somebody lifts it.
    """

    user: Number
    until: Time = 0
    reason: Reason = ""
    address: bool = False


class Unban(Request, frozen=True, tag="unban"):
    """Lift a ban. Reply: Done."""

    user: Number


class Mute(Request, frozen=True, tag="mute"):
    """Let `user` read only: in `room`, or everywhere where `room` is 0. `until` as in Ban. Reply: Done."""

    room: Number
    user: Number
    until: Time = 0
    reason: Reason = ""


class Unmute(Request, frozen=True, tag="unmute"):
    """Let `user` speak again. Reply: Done."""

    room: Number
    user: Number


class Approve(Request, frozen=True, tag="approve"):
    """Let a newcomer in who waits, or turn them away (`accept` = false). Reply: Done."""

    user: Number
    accept: bool = True


class ReleaseNick(Request, frozen=True, tag="release_nick"):
    """Let a nick be taken by anybody again. Reply: Done."""

    nick: Nick


class RevokeKey(Request, frozen=True, tag="revoke_key"):
    """Never accept `user`'s key again, and release the nicks: for a stolen profile. Reply: Done."""

    user: Number
    reason: Reason = ""


class Claim(Request, frozen=True, tag="claim"):
    """Become the server's owner by the token that it printed. Works once. Reply: Done."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class ListBans(Request, frozen=True, tag="list_bans"):
    """Who is banned, by rising user number after `after`. Reply: Bans."""

    after: Number = 0


class ListWaiting(Request, frozen=True, tag="list_waiting"):
    """Newcomers who wait to be let in, by rising user number after `after`. Reply: People, of room 0."""

    after: Number = 0


class GetAudit(Request, frozen=True, tag="get_audit"):
    """The newest acts of moderation below number `before` (0: of all). Reply: Audit."""

    before: Number = 0
    limit: Limit = 100


class GetHistory(Request, frozen=True, tag="get_history"):
    """Read a room's log. Reply: History.

    With `after` = n: the events n+1, n+2, ... upwards. Without it: the newest events below `before`, or the
    newest of all when `before` is 0.
    """

    room: Number
    after: Number | None = None
    before: Number = 0
    limit: Limit = 100


class ListRooms(Request, frozen=True, tag="list_rooms"):
    """All public rooms and those the user is in, by rising room number after `after`. Reply: Rooms."""

    after: Number = 0


class ListPeople(Request, frozen=True, tag="list_people"):
    """The members of a room, by rising user number after `after`. Reply: People."""

    room: Number
    after: Number = 0


class Typing(Message, frozen=True, tag="typing"):
    """Client: its user is writing in `room`; no reply. Server: `user` is writing there. Needs capability `typing`."""

    room: Number
    user: Number = 0


# -- replies and news -------------------------------------------------------------------------------


class Ack(Message, frozen=True, tag="ack"):
    """The request `re` was carried out and stored as event `seq` of `room`; it survives power loss.

    `duplicate`: it had been stored before; `seq` and `ts` are those of the first time.
    """

    re: Id
    room: Number
    seq: Number
    ts: Time
    duplicate: bool = False


class Done(Message, frozen=True, tag="done"):
    """The request `re` was carried out; it stands in no log."""

    re: Id


class Event(Message, frozen=True, tag="event"):
    """One entry of a room's log. `seq` counts from 1 without gaps and is the same for everybody.

    `kind`: one of KIND_*; whoever does not know a kind still counts its seq. `about`: the seq of the event that this
    one answers or changes, or the user number of whom it concerns; 0: none.
    """

    room: Number
    seq: Number
    id: Id
    ts: Time
    author: Number
    nick: Nick
    kind: Word
    text: str = ""
    about: Number = 0


KIND_POST: Final = "post"
KIND_CREATED: Final = "created"
KIND_JOINED: Final = "joined"
KIND_LEFT: Final = "left"
KIND_ADDED: Final = "added"
KIND_TOPIC: Final = "topic"
KIND_EDITED: Final = "edited"
KIND_DELETED: Final = "deleted"
KIND_REACTED: Final = "reacted"
KIND_UNREACTED: Final = "unreacted"
KIND_KICKED: Final = "kicked"
KIND_CHANGED: Final = "changed"

OWNER: Final = "owner"
ADMIN: Final = "admin"
MODERATOR: Final = "moderator"
MEMBER: Final = "member"
GUEST: Final = "guest"
SERVER_ROLES: Final = (OWNER, ADMIN, MODERATOR, MEMBER, GUEST)
"""Of the whole server, by falling power. A guest reads only."""
ROOM_ROLES: Final = (OWNER, MODERATOR, MEMBER)
"""Within one room."""

SETTINGS: Final = ("name", "private", "announcement", "frozen", "slow_ms")
"""What SetRoom may change: the name; "0" or "1" for the next three; milliseconds between two posts of one member."""

PUBLIC: Final = "public"
PRIVATE: Final = "private"
DIRECT: Final = "direct"


class Room(Message, frozen=True, tag="room"):
    """What a room is now. Sent for each room after Authenticated, whenever the user enters one, and when it changes.

    `kind`: PUBLIC, PRIVATE or DIRECT. `read`: how far the user has read it, on whatever device. `other`: in a direct
    room the number of the other one, whose nick `name` is. `role`: the user's in this room. In an `announcement` room
    only its owner and moderators speak, in a `frozen` one nobody does. `muted_until`: the user may only read; None: may
    speak, as after a time that has passed; 0: until somebody lifts it.
    """

    room: Number
    name: RoomName
    topic: Topic
    head: Number
    members: Count
    member: bool = True
    kind: Word = PUBLIC
    read: Number = 0
    other: Number = 0
    role: Word = MEMBER
    announcement: bool = False
    frozen: bool = False
    slow_ms: Count = 0
    muted_until: Time | None = None


class History(Message, frozen=True, tag="history"):
    """A page of a room's log, by rising seq, without gaps.

    `more`: there is more in the direction asked. `head`: the room's newest seq when the page was read.
    `first`: the oldest seq the server still has; a client that asked for what lies below it must show the
    gap, never hide it.
    """

    re: Id
    room: Number
    events: tuple[Event, ...]
    more: bool
    head: Number
    first: Number = 1


class Rooms(Message, frozen=True, tag="rooms"):
    """A page of rooms; `more`: ask again after the last one's number."""

    re: Id
    rooms: tuple[Room, ...]
    more: bool


class Person(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody on this server. `away`: connected, but not at the computer. `seen`: when the last device left, 0 if
    one is connected or nobody knows."""

    user: Number
    nick: Nick
    online: bool
    away: bool = False
    status: Status = ""
    seen: Time = 0
    role: Word = MEMBER


class People(Message, frozen=True, tag="people"):
    """A page of a room's members; `more`: ask again after the last one's number."""

    re: Id
    room: Number
    people: tuple[Person, ...]
    more: bool
    reads: tuple[Number, ...] = ()
    """How far each of `people` has read the room; empty in a room of more than MAX_READERS and where nobody asked."""
    roles: tuple[Word, ...] = ()
    """The role in the room of each of `people`; empty: all are members."""


class Presence(Message, frozen=True, tag="presence"):
    """Who came, went, is away, or changed the nick or status. Has no seq and may be dropped. Needs capability
    `presence`."""

    people: tuple[Person, ...]


class Colors(Message, frozen=True, tag="colors"):
    """Pairs of user number and colour: after a login of all who chose one, COLORS_PAGE in each, and then of those who
    choose another. 0: none any more. `anew`: what was told before is over. Has no seq. Needs capability `colors`."""

    colors: tuple[tuple[Number, Color], ...]
    anew: bool = False


class Reads(Message, frozen=True, tag="reads"):
    """Pairs of user number and seq: how far they have read `room`. A user's own devices are always told of the user,
    the others in rooms up to MAX_READERS. Has no seq and may be dropped. Needs capability `reads`."""

    room: Number
    reads: tuple[tuple[Number, Number], ...]


class BanEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who is kept away: by whom, why, since when and until when (0: for ever), and whether the addresses are too."""

    user: Number
    nick: Nick
    by: Nick
    reason: Reason
    since: Time
    until: Time
    address: bool


class Bans(Message, frozen=True, tag="bans"):
    """A page of bans; `more`: ask again after the last one's user number."""

    re: Id
    bans: tuple[BanEntry, ...]
    more: bool


class AuditEntry(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An act of moderation: `act` is the tag of its request; `room`, `user` and `until` are 0 where they say nothing.
    `nick`: the user's."""

    number: Number
    ts: Time
    by: Nick
    act: Word
    room: Number
    user: Number
    nick: Annotated[str, msgspec.Meta(max_length=MAX_NICK)]
    detail: Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)]
    until: Time


class Audit(Message, frozen=True, tag="audit"):
    """A page of the audit log, the newest first; `more`: ask again below the last one's number."""

    re: Id
    entries: tuple[AuditEntry, ...]
    more: bool


class Sanction(Message, frozen=True, tag="sanction"):
    """To the person concerned: what was done, by whom, why, until when. Needs capability `moderation`.

    Whoever was not here is told once, at the next login. `act`: the tag of the request. `room`: 0 for the whole server.
    `detail`: the new role, for instance. `ts`: when it was done, ms since 1970, UTC; 0: just now.
    """

    act: Word
    room: Number
    by: Nick
    reason: Reason
    until: Time = 0
    detail: Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)] = ""
    ts: Time = 0


class Waiting(Message, frozen=True, tag="waiting"):
    """To those who may let newcomers in: so many wait. Needs capability `moderation`."""

    count: Count


class Ping(Message, frozen=True, tag="ping"):
    """Are you there? The server's also carries (room, head seq) pairs, so that a lost tail is seen."""

    heads: tuple[tuple[Number, Number], ...] = ()


class Pong(Message, frozen=True, tag="pong"):
    """Answer to Ping."""


class Error(Message, frozen=True, tag="error"):
    """A request was refused (`re` is its id) or the connection ends (`re` is empty).

    `code`: an ErrorCode, for programs. `text`: for people. `retry_after_ms`: try again after that; None:
    repeating it will not help. `suggestion`: a free nick, where the nick was the trouble.
    """

    re: Annotated[bytes, msgspec.Meta(max_length=16)]
    code: Word
    text: Sentence
    retry_after_ms: Count | None = None
    suggestion: Annotated[str, msgspec.Meta(max_length=MAX_NICK)] = ""


ClientMessage = (
    Hello
    | Authenticate
    | CreateRoom
    | OpenDirect
    | AddMember
    | JoinRoom
    | LeaveRoom
    | SetTopic
    | Post
    | Edit
    | Delete
    | React
    | MarkRead
    | SetPresence
    | SetNick
    | SetRole
    | SetRoom
    | Kick
    | Ban
    | Unban
    | Mute
    | Unmute
    | Approve
    | ReleaseNick
    | RevokeKey
    | Claim
    | ListBans
    | ListWaiting
    | GetAudit
    | GetHistory
    | ListRooms
    | ListPeople
    | Typing
    | Ping
    | Pong
)
"""All that a client may send."""
ServerMessage = (
    Welcome
    | Authenticated
    | Ready
    | Ack
    | Done
    | Event
    | Room
    | History
    | Rooms
    | People
    | Presence
    | Colors
    | Typing
    | Reads
    | Bans
    | Audit
    | Sanction
    | Waiting
    | Ping
    | Pong
    | Error
)
"""All that a server may send."""

REQUIRES: Final[dict[type[Message], str]] = {
    Presence: PRESENCE,
    Typing: TYPING,
    Reads: READS,
    Sanction: MODERATION,
    Waiting: MODERATION,
    Colors: COLORS,
}
"""Messages that may be sent only to a peer that announced the capability."""


def signed_content(server_key: bytes, client_nonce: bytes, server_nonce: bytes, nick: str) -> bytes:
    """The bytes an Authenticate signs.

    `server_key`: the DER SubjectPublicKeyInfo of the certificate the client saw in this TLS connection. With
    it in the signature, a man in the middle, who must show a key of his own, cannot relay the login.
    """
    parts = (b"qtchat authenticate 1", server_key, client_nonce, server_nonce, nick.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

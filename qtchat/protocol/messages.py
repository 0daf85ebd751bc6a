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

PRESENCE: Final = "presence"
"""Capability: the client wants to be told who comes and goes."""
CAPABILITIES: Final = frozenset({PRESENCE})
"""All that this code knows."""

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
"""128 bits, made by whoever sends a request; a repeated request carries the same id."""
Nonce = Annotated[bytes, msgspec.Meta(min_length=NONCE_SIZE, max_length=NONCE_SIZE)]
Nick = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NICK)]
RoomName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ROOM_NAME)]
Topic = Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Sentence = Annotated[str, msgspec.Meta(max_length=1024)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=64)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""A count, an identifier or a time; small enough for every language's numbers."""
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
    """Server's answer: the version both speak from here on, and which server and which history this is."""

    version: Number
    capabilities: Words
    server_id: Id
    epoch: Number
    name: Word
    nonce: Nonce


class Authenticate(Message, frozen=True, tag="authenticate"):
    """Client: the nick it wants, its Ed25519 public key, and the signature over `signed_content`."""

    nick: Nick
    key: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]


class Authenticated(Message, frozen=True, tag="authenticated"):
    """Server: the session is open. Room messages follow, one for each room the user is in, then Ready."""

    user: Number
    nick: Nick


class Ready(Message, frozen=True, tag="ready"):
    """Server: all rooms have been told; from the Room messages on nothing of theirs was left out."""


# -- requests ---------------------------------------------------------------------------------------


class CreateRoom(Request, frozen=True, tag="create_room"):
    """Make a room and be its first member. Reply: Ack of the room's first event."""

    name: RoomName
    topic: Topic = ""


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

    def __post_init__(self) -> None:
        # One character is at most four bytes, so most texts need no encoding to be measured.
        if len(self.text) * 4 > MAX_TEXT and len(self.text.encode()) > MAX_TEXT:
            raise ValueError(f"a message text may have at most {MAX_TEXT} bytes")


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
    """All rooms one may join, by rising room number after `after`. Reply: Rooms."""

    after: Number = 0


class ListPeople(Request, frozen=True, tag="list_people"):
    """The members of a room, by rising user number after `after`. Reply: People."""

    room: Number
    after: Number = 0


# -- replies and news -------------------------------------------------------------------------------


class Ack(Message, frozen=True, tag="ack"):
    """The request `re` was carried out and stored as event `seq` of `room`; it survives power loss.

    `duplicate`: it had been stored before; `seq` and `ts` are those of the first time.
    """

    re: Id
    room: Number
    seq: Number
    ts: Number
    duplicate: bool = False


class Event(Message, frozen=True, tag="event"):
    """One entry of a room's log. `seq` counts from 1 without gaps and is the same for everybody.

    `kind`: one of KIND_*; whoever does not know a kind still counts its seq.
    """

    room: Number
    seq: Number
    id: Id
    ts: Number
    author: Number
    nick: Nick
    kind: Word
    text: str = ""


KIND_POST: Final = "post"
KIND_CREATED: Final = "created"
KIND_JOINED: Final = "joined"
KIND_LEFT: Final = "left"


class Room(Message, frozen=True, tag="room"):
    """What a room is now. Sent for each room after Authenticated, and whenever the user enters one."""

    room: Number
    name: RoomName
    topic: Topic
    head: Number
    members: Number
    member: bool = True


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
    """Somebody on this server."""

    user: Number
    nick: Nick
    online: bool


class People(Message, frozen=True, tag="people"):
    """A page of a room's members; `more`: ask again after the last one's number."""

    re: Id
    room: Number
    people: tuple[Person, ...]
    more: bool


class Presence(Message, frozen=True, tag="presence"):
    """Who came, went or changed the nick. Has no seq and may be dropped. Needs capability `presence`."""

    people: tuple[Person, ...]


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
    retry_after_ms: Number | None = None
    suggestion: str = ""


ClientMessage = (
    Hello | Authenticate | CreateRoom | JoinRoom | LeaveRoom | Post | GetHistory | ListRooms | ListPeople | Ping | Pong
)
"""All that a client may send."""
ServerMessage = (
    Welcome | Authenticated | Ready | Ack | Event | Room | History | Rooms | People | Presence | Ping | Pong | Error
)
"""All that a server may send."""

REQUIRES: Final[dict[type[Message], str]] = {Presence: PRESENCE}
"""Messages that may be sent only to a peer that announced the capability."""


def signed_content(server_key: bytes, client_nonce: bytes, server_nonce: bytes, nick: str) -> bytes:
    """The bytes an Authenticate signs.

    `server_key`: the DER SubjectPublicKeyInfo of the certificate the client saw in this TLS connection. With
    it in the signature, a man in the middle, who must show a key of his own, cannot relay the login.
    """
    parts = (b"qtchat authenticate 1", server_key, client_nonce, server_nonce, nick.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

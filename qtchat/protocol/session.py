"""One connection's conversation, without I/O: bytes in, messages out; messages in, bytes out.

The states, in the order in which a connection passes through them, and who may speak in each::

    HELLO          the client: Hello            -> WELCOME
    WELCOME        the server: Welcome          -> AUTHENTICATE
    AUTHENTICATE   the client: Authenticate     -> VERIFY
    VERIFY         the server: Authenticated    -> OPEN
    OPEN           the client: requests, Ping, Pong; the server: replies, news, Ping, Pong, Error
    CLOSING        nobody; what still comes is discarded

In every state the server may send an Error without `re`; it ends the connection (-> CLOSING on both sides).
TRANSITIONS below is this table for the program, and the only place where a transition stands. A violation is
recorded in `error`, answered once, and followed by CLOSING; nothing is raised into the I/O loop.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from qtchat.protocol.errors import ErrorCode, LocalProtocolError, RemoteProtocolError
from qtchat.protocol.framing import FrameReader, encode_frame
from qtchat.protocol.messages import (
    MAX_FRAME,
    MAX_HANDSHAKE_FRAME,
    OLDEST_VERSION,
    PING_INTERVAL_MS,
    PROTOCOL_VERSION,
    REQUIRES,
    Ack,
    AddMember,
    Approve,
    Audit,
    Authenticate,
    Authenticated,
    Ban,
    Bans,
    Claim,
    ClientMessage,
    Colors,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    Event,
    GetAudit,
    GetHistory,
    Hello,
    History,
    JoinRoom,
    Kick,
    LeaveRoom,
    ListBans,
    ListPeople,
    ListRooms,
    ListWaiting,
    MarkRead,
    Message,
    Mute,
    OpenDirect,
    People,
    Ping,
    Pong,
    Post,
    Presence,
    React,
    Reads,
    Ready,
    ReleaseNick,
    RevokeKey,
    Room,
    Rooms,
    Sanction,
    ServerMessage,
    SetNick,
    SetPresence,
    SetRole,
    SetRoom,
    SetTopic,
    Typing,
    Unban,
    Unmute,
    Waiting,
    Welcome,
)

HANDSHAKE_TIMEOUT: Final = 10.0
"""Seconds from the connection to an open session."""
SILENCE_TIMEOUT: Final = 3 * PING_INTERVAL_MS / 1000
"""Seconds without a byte from the peer of an open session until it counts as dead."""


class Role(StrEnum):  # a StrEnum hashes as fast as its text; an Enum does so in Python
    CLIENT = "client"
    SERVER = "server"


class State(StrEnum):
    HELLO = "hello"
    WELCOME = "welcome"
    AUTHENTICATE = "authenticate"
    VERIFY = "verify"
    OPEN = "open"
    CLOSING = "closing"


_KEEP: Final = None
_Moves = dict[type[Message], State | None]

_OPEN_CLIENT: Final[_Moves] = dict.fromkeys(
    (
        *(CreateRoom, OpenDirect, AddMember, JoinRoom, LeaveRoom, SetTopic),
        *(Post, Edit, Delete, React, MarkRead, SetPresence, SetNick),
        *(SetRole, SetRoom, Kick, Ban, Unban, Mute, Unmute, Approve, ReleaseNick, RevokeKey, Claim),
        *(GetHistory, ListRooms, ListPeople, ListBans, ListWaiting, GetAudit, Typing, Ping, Pong),
    ),
    _KEEP,
)
_OPEN_SERVER: Final[_Moves] = dict.fromkeys(
    (
        *(Ready, Ack, Done, Event, Room, History, Rooms, People, Presence, Colors, Typing, Reads),
        *(Bans, Audit, Sanction, Waiting, Ping, Pong, Error),
    ),
    _KEEP,
)
# What may travel from each side in each state, and the state both sides are in afterwards.
TRANSITIONS: Final[dict[tuple[Role, State], _Moves]] = {
    (Role.CLIENT, State.HELLO): {Hello: State.WELCOME},
    (Role.SERVER, State.HELLO): {Error: _KEEP},
    (Role.CLIENT, State.WELCOME): {},
    (Role.SERVER, State.WELCOME): {Welcome: State.AUTHENTICATE, Error: _KEEP},
    (Role.CLIENT, State.AUTHENTICATE): {Authenticate: State.VERIFY},
    (Role.SERVER, State.AUTHENTICATE): {Error: _KEEP},
    (Role.CLIENT, State.VERIFY): {},
    (Role.SERVER, State.VERIFY): {Authenticated: State.OPEN, Error: _KEEP},
    (Role.CLIENT, State.OPEN): _OPEN_CLIENT,
    (Role.SERVER, State.OPEN): _OPEN_SERVER,
    (Role.CLIENT, State.CLOSING): {},
    (Role.SERVER, State.CLOSING): {},
}


class _Tag(msgspec.Struct, array_like=True, gc=False):
    """Only the first element of a message."""

    type: str


_DECODERS: Final[dict[Role, msgspec.msgpack.Decoder[Message]]] = {
    Role.SERVER: msgspec.msgpack.Decoder(ClientMessage),
    Role.CLIENT: msgspec.msgpack.Decoder(ServerMessage),
}
_TAG_DECODER: Final = msgspec.msgpack.Decoder(_Tag)
_KNOWN_TAGS: Final = {
    Role.SERVER: {str(kind.__struct_config__.tag) for kind in ClientMessage.__args__},
    Role.CLIENT: {str(kind.__struct_config__.tag) for kind in ServerMessage.__args__},
}


def decode(role: Role, frame: bytes) -> Message | None:
    """Decode what a `role` received. None: a message this version does not know, to be skipped.

    RemoteProtocolError(BAD_MESSAGE) for anything else that does not fit, in words that show nothing internal.
    """
    try:
        return _DECODERS[role].decode(frame)
    except (msgspec.ValidationError, RecursionError) as error:
        try:
            tag = _TAG_DECODER.decode(frame).type
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise RemoteProtocolError(ErrorCode.BAD_MESSAGE, "a frame that is not a message") from error
        if tag not in _KNOWN_TAGS[role]:
            return None
        raise RemoteProtocolError(ErrorCode.BAD_MESSAGE, f"a malformed {tag} message: {error}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RemoteProtocolError(ErrorCode.BAD_MESSAGE, "a frame that is not MessagePack") from error


def negotiate_version(hello: Hello) -> int:
    """The newest version both sides speak. RemoteProtocolError(VERSION) if there is none."""
    version = min(hello.newest, PROTOCOL_VERSION)
    if version < max(hello.oldest, OLDEST_VERSION):
        raise RemoteProtocolError(
            ErrorCode.VERSION,
            f"this server speaks versions {OLDEST_VERSION} to {PROTOCOL_VERSION}, "
            f"the client {hello.oldest} to {hello.newest}: the older of the two programs needs an update",
        )
    return version


class Session:
    """One side of one connection. Not thread-safe: it belongs to the loop of its connection.

    `now` is monotonic seconds, always given by the caller. After each call that may produce output, take
    `data_to_send()`; when `state` is CLOSING, send that and close.
    """

    def __init__(
        self,
        role: Role,
        now: float,
        *,
        handshake_timeout: float = HANDSHAKE_TIMEOUT,
        silence_timeout: float = SILENCE_TIMEOUT,
    ) -> None:
        """The time-outs are seconds, as below; a server may have its own."""
        self.role = role
        self._handshake_timeout, self._silence_timeout = handshake_timeout, silence_timeout
        self.state = State.HELLO
        self.error: RemoteProtocolError | None = None
        self.peer_capabilities: frozenset[str] = frozenset()
        self.skipped = 0
        self._peer = Role.SERVER if role is Role.CLIENT else Role.CLIENT
        self._reader = FrameReader(MAX_HANDSHAKE_FRAME)
        self._started = self._heard = now
        self._outgoing: list[bytes] = []

    @property
    def unfinished(self) -> bool:
        """The peer has begun a frame and not ended it."""
        return self._reader.buffered > 0

    def receive_data(self, data: bytes, now: float) -> list[Message]:
        """Take in received bytes; return the messages they complete, in order. Pings are answered here."""
        self._heard = now
        messages: list[Message] = []
        if self.state is State.CLOSING:
            return messages
        for frame in self._reader.feed(data):
            try:
                message = decode(self.role, frame)
                if message is None:
                    self.skipped += 1
                    continue
                self._move(self._peer, message)
            except RemoteProtocolError as error:
                self.fail(error)
                return messages
            if isinstance(message, Ping):
                self.send(Pong())
            messages.append(message)
        if self._reader.error is not None:
            self.fail(self._reader.error)
        return messages

    def send(self, message: Message) -> None:
        """Queue a message. LocalProtocolError if this side may not send it now.

        Dropped in CLOSING: the peer may bring that about at any moment, so it is nobody's bug.
        """
        if self.state is State.CLOSING:
            return
        if type(message) not in TRANSITIONS[self.role, self.state]:
            raise LocalProtocolError(f"{self.role.value} may not send {type(message).__name__} in {self.state.value}")
        needed = REQUIRES.get(type(message))
        if needed is not None and needed not in self.peer_capabilities:
            raise LocalProtocolError(f"the peer lacks the capability {needed}")
        self._outgoing.append(encode_frame(message))
        self._move(self.role, message)

    def data_to_send(self) -> bytes:
        """All queued bytes, once."""
        data = b"".join(self._outgoing)
        self._outgoing.clear()
        return data

    def fail(self, error: RemoteProtocolError) -> None:
        """End the session because of `error`; a server says why. Idempotent."""
        if self.state is State.CLOSING:
            return
        self.error = error
        if self.role is Role.SERVER:
            self._outgoing.append(encode_frame(Error(b"", error.code, error.text[:1024])))
        self.state = State.CLOSING

    def excuse(self, now: float) -> None:
        """The peer is not asked whether it is there, since it has much to read: until now its silence means nothing."""
        self._heard = now

    def check(self, now: float) -> None:
        """Notice a peer that takes too long to log in, or that has fallen silent."""
        if self.state not in (State.OPEN, State.CLOSING) and now - self._started > self._handshake_timeout:
            self.fail(RemoteProtocolError(ErrorCode.TIMEOUT, f"no login within {self._handshake_timeout:.0f} s"))
        elif self.state is State.OPEN and now - self._heard > self._silence_timeout:
            self.fail(RemoteProtocolError(ErrorCode.TIMEOUT, f"no sign of life for {self._silence_timeout:.0f} s"))

    def _move(self, sender: Role, message: Message) -> None:
        """Follow the table for a message that travels from `sender`."""
        kind = type(message)
        moves = TRANSITIONS[sender, self.state]
        if kind not in moves:
            raise RemoteProtocolError(
                ErrorCode.UNEXPECTED, f"a {kind.__struct_config__.tag} message has no place in state {self.state.value}"
            )
        if isinstance(message, Hello | Welcome) and sender is not self.role:
            if isinstance(message, Welcome) and not OLDEST_VERSION <= message.version <= PROTOCOL_VERSION:
                text = f"the server chose version {message.version}, which was not offered"
                raise RemoteProtocolError(ErrorCode.VERSION, text)
            self.peer_capabilities = frozenset(message.capabilities)
        if isinstance(message, Error) and not message.re:
            self.error = RemoteProtocolError(known_code(message.code), message.text)
            self.state = State.CLOSING
            return
        following = moves[kind]
        if following is not None:
            self.state = following
            self._reader.limit = MAX_FRAME if following is State.OPEN else MAX_HANDSHAKE_FRAME


def known_code(code: str) -> ErrorCode:
    """The ErrorCode of a received word; CLOSING stands for one that a newer server made up."""
    try:
        return ErrorCode(code)
    except ValueError:
        return ErrorCode.CLOSING


def encode_all(messages: Sequence[Message]) -> bytes:
    """Several messages as one piece of bytes, for peers that all get the same."""
    return b"".join(map(encode_frame, messages))

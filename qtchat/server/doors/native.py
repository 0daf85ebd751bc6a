"""The native door: TLS 1.3, frames, sessions, logins by signature. Runs in the I/O loops."""

import logging
import os
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from qtchat.net.connection import Connection
from qtchat.net.loop import IoLoop
from qtchat.net.signature import verify
from qtchat.protocol.errors import ErrorCode, RemoteProtocolError
from qtchat.protocol.messages import (
    CAPABILITIES,
    MAX_IN_FLIGHT,
    NONCE_SIZE,
    Authenticate,
    Authenticated,
    Error,
    Event,
    Hello,
    Message,
    Ping,
    Pong,
    Request,
    Typing,
    Welcome,
    signed_content,
)
from qtchat.protocol.session import Role, Session, State, encode_all, negotiate_version
from qtchat.server.doors.door import Door, DoorLimits
from qtchat.server.doors.quiet import QuietPace
from qtchat.server.handlers.login import Login
from qtchat.server.letters import CaughtUp, Gone, Heard, Letter, Overrun, Typed
from qtchat.server.state import Codec

logger = logging.getLogger(__name__)

_PING: Final = encode_all([Ping()])


class NativeCodec:
    """Messages as frames."""

    def encode(self, messages: list[Message]) -> bytes:
        return encode_all(messages)

    def encode_events(self, events: list[Event]) -> bytes:
        return encode_all(events)


@dataclass(frozen=True, slots=True)
class Introduction:
    """What every client is told first, and what its login is checked against."""

    server_id: bytes
    epoch: int
    name: str
    public_key: bytes
    password: Callable[[], bool]
    """Whether newcomers need one now. Called in the loops."""


class NativeDoor(Door["NativePeer"]):
    """The native peers of one loop: gathers their requests into one post to the hub for each tick."""

    def __init__(
        self,
        loop: IoLoop,
        introduction: Introduction,
        codec: NativeCodec,
        post: Callable[[list[Letter]], None],
        limits: DoorLimits,
        left: Callable[[str], None],
    ) -> None:
        super().__init__(loop, limits, left)
        self.introduction = introduction
        self.codec = codec
        self._post = post
        self._gathered: list[Letter] = []
        self._unflushed: list[Connection] = []

    def welcome(self, sock: socket.socket, address: str, context: ssl.SSLContext) -> None:
        """Take over an accepted socket. In the loop's thread."""
        peer = NativePeer(self, address)
        peer.connection = Connection(
            self.loop, sock, address, peer, context=context, server_side=True, limits=self.limits.connection
        )
        if self.closing:
            peer.connection.abort("the server is shutting down")

    def post(self, post: Letter) -> None:
        """To the hub, at the end of this tick."""
        if not self._gathered:
            self.loop.after_tick(self._hand_over)
        self._gathered.append(post)

    def flush_later(self, connection: Connection) -> None:
        """At the end of this tick: however much is queued for a peer until then, it is one write."""
        if not self._unflushed:
            self.loop.after_tick(self._flush)
        self._unflushed.append(connection)

    def _flush(self) -> None:
        connections, self._unflushed = self._unflushed, []
        for connection in connections:
            connection.flush()

    def _hand_over(self) -> None:
        gathered, self._gathered = self._gathered, []
        self._post(gathered)


class NativePeer:
    """One native client. Everything here runs in its loop's thread; the hub calls through `loop.call_soon`."""

    __slots__ = (
        "_door",
        "_in_flight",
        "_lagging",
        "_nonce",
        "_pace",
        "_pings",
        "_pongs",
        "_receipts",
        "_session",
        "_theirs",
        "address",
        "capabilities",
        "codec",
        "connection",
        "loop",
        "nick",
        "user",
    )

    def __init__(self, door: NativeDoor, address: str) -> None:
        self.loop = door.loop
        self.codec: Codec = door.codec
        self.address = address
        self.capabilities: frozenset[str] = frozenset()
        self.user: int | None = None
        self.nick = ""
        self._door = door
        limits = door.limits
        self._session = Session(
            Role.SERVER,
            time.monotonic(),
            handshake_timeout=limits.login_timeout,
            silence_timeout=limits.silence_timeout,
        )
        self.connection: Connection | None = None
        self._nonce = b""
        self._theirs = b""
        self._in_flight = 0
        self._lagging = False
        self._pace = QuietPace()
        self._pings = self._pongs = 0
        self._receipts: list[tuple[int, int]] = []
        """Which ping, counted from 1, is answered when everything was read up to which act."""
        door.peers.add(self)

    # -- from the connection --------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        self.connection = connection

    def received(self, connection: Connection, data: bytes) -> None:
        self.connection = connection
        now, unanswered = time.monotonic(), -self._session.skipped
        for message in self._session.receive_data(data, now):
            if isinstance(message, Request):
                self._request(message)
            elif isinstance(message, Hello):
                self._welcome(message)
            elif isinstance(message, Authenticate):
                self._authenticate(message)
            else:
                unanswered += 1
                if isinstance(message, Pong):
                    self._ponged()
                elif isinstance(message, Typing) and self._pace.passes(message.room, now):
                    self._door.post(Typed(self, message.room))
        self._flush()
        unanswered += self._session.skipped
        wait = self._pace.wait(unanswered, now) if unanswered else 0.0
        if wait:
            connection.hold(True)
            self.loop.call_later(wait, partial(connection.hold, False))

    def drained(self, _connection: Connection) -> None:
        if self._lagging:
            self._lagging = False
            self._door.post(CaughtUp(self))

    def closed(self, connection: Connection, reason: str) -> None:
        session = self._session
        # Whoever looks around on the network shakes hands to see the key, and goes again.
        only_looked = session.state is State.HELLO and connection.ready and not session.unfinished
        session.state = State.CLOSING
        self._door.forget(self)
        self._door.post(Gone(self))
        if session.unfinished:
            reason = f"{reason} in the middle of a message"
        who = f"{self.nick} from {self.address}" if self.nick else self.address
        logger.log(logging.DEBUG if only_looked else logging.INFO, "%s left: %s", who, reason)

    # -- from the hub, through loop.call_soon -----------------------------------------------------------

    def admit(self, user: int, nick: str, role: str) -> None:
        """The login was accepted and is on disk. Its rooms follow as the first reply."""
        if self._session.state is State.VERIFY and self.connection is not None:
            self.nick = nick
            logger.info("%s joined from %s", nick, self.address)
            self._session.send(Authenticated(user, nick, role))
            self._queue(self.connection, self._session.data_to_send())

    def refuse(self, code: str, text: str, suggestion: str, retry_after_ms: int | None) -> None:
        """The login was not accepted; the client may connect again with another nick."""
        if self._session.state is State.VERIFY:
            logger.info("%s was not let in: %s", self.address, code)
            self._session.send(Error(b"", code, text, retry_after_ms, suggestion))
            self._flush()

    def end(self, code: str, text: str) -> None:
        """Somebody put the user out."""
        self.fail(RemoteProtocolError(ErrorCode(code), text))

    def reply(self, data: bytes, answered: int) -> None:
        """Bytes meant for this peer alone, with the answers to `answered` of its requests. Never dropped: a peer
        that does not read is not read from either, so there are at most MAX_IN_FLIGHT. Only what it did not ask for
        could pile up: there it is cut off, and finds everything when it comes back."""
        self._in_flight -= answered
        if self._session.state is not State.OPEN or self.connection is None:
            return
        limits = self._door.limits
        if not answered and self.connection.outbox_size > limits.soft_outbox + limits.connection.hard_outbox:
            self.fail(RemoteProtocolError(ErrorCode.SLOW_CONSUMER, "took too little of what was sent"))
        else:
            self._queue(self.connection, data)

    def news(self, data: bytes) -> None:
        """Bytes that all members get. A slow reader misses them here, and fetches them from the log when it has
        caught up: the heads it is told then show that something is missing."""
        if self._session.state is not State.OPEN or self.connection is None:
            return
        self._lagging = self._lagging or self._behind(self.connection)
        if not self._lagging:
            self._queue(self.connection, data)

    def ping(self, data: bytes, count: int) -> None:
        """A slow reader is not asked: it could not answer before it has read the rest. It hears of its rooms then."""
        if self.connection is not None and self._behind(self.connection):
            self._lagging = True
            self._session.excuse(time.monotonic())
        else:
            self._pings += count
            self.reply(data, 0)

    def ask_receipt(self, act: int) -> None:
        """By a ping of its own: who answers it has read all that came before."""
        self._pings += 1
        self._receipts.append((self._pings, act))
        self.reply(_PING, 0)

    def _ponged(self) -> None:
        """Pongs come in the order of the pings."""
        self._pongs += 1
        while self._receipts and self._receipts[0][0] <= self._pongs:
            self._door.post(Heard(self, self._receipts.pop(0)[1]))

    def _behind(self, connection: Connection) -> bool:
        """Whether the socket refuses more than may wait. What only waits for the end of the tick is given to it now:
        nobody would ever hear that it was taken."""
        if connection.outbox_size > self._door.limits.soft_outbox:
            connection.flush()
        return connection.outbox_size > self._door.limits.soft_outbox

    def _queue(self, connection: Connection, data: bytes) -> None:
        if not connection.outbox_size:
            self._door.flush_later(connection)
        connection.queue(data)

    # -- from the door ----------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        if self.connection is None or not self.connection.paused:  # what is not read cannot be heard
            self._session.check(now)
            self._flush()
        reason = self.connection.stalled(now) if self.connection is not None else ""
        if reason:  # it may still take these last words while the connection lingers
            self.fail(RemoteProtocolError(ErrorCode.SLOW_CONSUMER, reason))

    def see_off(self) -> None:
        self.fail(RemoteProtocolError(ErrorCode.CLOSING, "the server is shutting down"))

    def fail(self, error: RemoteProtocolError) -> None:
        self._session.fail(error)
        self._flush()

    # -- steps of a session -----------------------------------------------------------------------------

    def _welcome(self, hello: Hello) -> None:
        try:
            version = negotiate_version(hello)
        except RemoteProtocolError as error:
            self._session.fail(error)
            return
        shown = self._door.introduction
        self._theirs = hello.nonce
        self._nonce = os.urandom(NONCE_SIZE)
        capabilities, now = tuple(sorted(CAPABILITIES)), int(time.time() * 1000)
        self._session.send(
            Welcome(
                version,
                capabilities,
                shown.server_id,
                shown.epoch,
                shown.name,
                self._nonce,
                now,
                shown.password(),
            )
        )

    def _authenticate(self, claim: Authenticate) -> None:
        content = signed_content(self._door.introduction.public_key, self._theirs, self._nonce, claim.nick)
        if not verify(claim.key, content, claim.signature):
            self._session.fail(RemoteProtocolError(ErrorCode.AUTH_FAILED, "the signature does not fit this connection"))
            return
        self.capabilities = self._session.peer_capabilities
        event_id = int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10)
        self._door.post((self, Login(claim.nick, claim.key, event_id, password=claim.password)))

    def _request(self, request: Request) -> None:
        self._in_flight += 1
        if self._in_flight > self._door.limits.hard_window:
            text = f"more than {self._door.limits.hard_window} requests are unanswered"
            self._session.fail(RemoteProtocolError(ErrorCode.UNEXPECTED, text))
            return
        self._door.post((self, request if self._in_flight <= MAX_IN_FLIGHT else Overrun(request)))

    def _flush(self) -> None:
        if self.connection is None:
            return
        data = self._session.data_to_send()
        if data:
            self.connection.send(data)
        if self._session.state is State.CLOSING and self.connection.open:
            error = self._session.error
            self.connection.close(error.text if error else "the session ended")

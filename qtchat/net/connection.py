"""Connection: one non-blocking socket, owned by one loop for life; TLS, a bounded outbox, close in order.

No TLS object is ever used by two threads: every method runs in the loop's thread and asserts it. Other threads
use `loop.call_soon(connection.send, data)`.
"""

import contextlib
import errno
import logging
import socket
import ssl
import sys
import time
from collections import deque
from typing import Final, Protocol

from msgspec import Struct

from qtchat.net.loop import READ, WRITE, IoLoop, Timer

logger = logging.getLogger(__name__)

READ_SIZE: Final = 64 * 1024
"""Bytes asked of the socket at once."""
READS_PER_TICK: Final = 4
"""Reads of one connection before the others have their turn."""
RECORD_SIZE: Final = 16 * 1024
"""Bytes that TLS puts into one record at most: it takes these whole or not at all, and a read gives no more."""
WRITE_SIZE: Final = 64 * 1024
"""Small pieces are joined up to this many bytes, and given to the socket at once."""


class Limits(Struct, frozen=True):
    """What one connection is allowed; shared by all that are served alike.

    `hard_outbox`: bytes in a server's outbox above which nothing more is read from that client, until it takes what it
    asked for. Only on the server's side: if both sides did this, each could wait for the other to read.
    `stall_timeout`: seconds a peer may take no byte while the outbox holds some; also the TCP_USER_TIMEOUT.
    `linger`: seconds a closed connection has to deliver what is queued and to see the peer's end, so that our last
    words are not cut off by a reset.
    """

    hard_outbox: int = 256 * 1024
    stall_timeout: float = 30.0
    linger: float = 2.0


DEFAULT_LIMITS: Final = Limits()


class Handler(Protocol):
    """What a connection tells its owner; always in the loop's thread."""

    def connected(self, connection: "Connection") -> None:
        """The socket, and TLS where used, is ready: bytes may be sent."""

    def received(self, connection: "Connection", data: bytes) -> None: ...

    def drained(self, connection: "Connection") -> None:
        """The outbox has become empty after the socket had refused to take more."""

    def closed(self, connection: "Connection", reason: str) -> None:
        """Called exactly once, last. `reason`: plain words for the log."""


class Connection:
    """One peer. Construct and use it in the loop's thread."""

    __slots__ = (
        "_closing",
        "_deadline",
        "_encrypted",
        "_events",
        "_finished",
        "_flushing",
        "_handler",
        "_held",
        "_limits",
        "_linger",
        "_outbox",
        "_pauses",
        "_progress",
        "_reason",
        "_sock",
        "_stalled",
        "loop",
        "outbox_size",
        "peer",
    )

    def __init__(
        self,
        loop: IoLoop,
        sock: socket.socket,
        peer: str,
        handler: Handler,
        *,
        context: ssl.SSLContext | None,
        server_side: bool,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """`sock`: a connected socket, ours from now on. `peer`: its name for the log. `context`: None = plain."""
        assert loop.inside, "a connection belongs to its loop's thread"
        self.loop = loop
        self.peer = peer
        self.outbox_size = 0
        self._handler = handler
        self._outbox: deque[bytes] = deque()
        self._flushing: bytes | memoryview | None = None
        self._pauses = server_side
        self._held = False
        self._limits = limits
        self._closing = False
        self._finished = False
        self._stalled = False
        self._reason = ""
        self._linger: Timer | None = None
        self._progress = time.monotonic()
        self._encrypted = context is None
        self._events = READ
        self._sock: socket.socket | None = None
        try:
            prepare(sock, limits.stall_timeout)
            if context is not None:
                sock = context.wrap_socket(sock, server_side=server_side, do_handshake_on_connect=False)
        except OSError as error:  # the peer was gone before TLS began
            sock.close()
            _close_half_made(error)
            self._closing = True
            handler.closed(self, explain(error))
            return
        self._sock = sock
        loop.register(self._sock, READ, self._ready)
        if context is None:
            handler.connected(self)
        else:
            self._shake_hands()

    # -- for the owner --------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Whether bytes given to `send` still have a chance to arrive."""
        return self._sock is not None and not self._closing

    @property
    def ready(self) -> bool:
        """Whether the handshake, where there is one, was finished."""
        return self._encrypted

    @property
    def paused(self) -> bool:
        """Whether nothing is read from the peer: its owner holds it, or it does not take what it asked for."""
        full = self._pauses and self.outbox_size > self._limits.hard_outbox
        return (self._held or full) and not self._closing

    @property
    def peer_certificate(self) -> bytes:
        """DER of what the peer showed in the handshake; empty if it showed none."""
        if isinstance(self._sock, ssl.SSLSocket):
            return self._sock.getpeercert(binary_form=True) or b""
        return b""

    def send(self, data: bytes) -> None:
        """Queue bytes and give the socket what it takes now. Without effect once closing."""
        self.queue(data)
        self.flush()

    def queue(self, data: bytes) -> None:
        """Queue bytes; a `flush` must follow in the same callback, so that several pieces make one write."""
        assert self.loop.inside, "send belongs to the loop's thread"
        if self.open and data:
            self._outbox.append(data)
            self.outbox_size += len(data)

    def flush(self) -> None:
        """Give the socket what it takes now."""
        assert self.loop.inside, "flush belongs to the loop's thread"
        sock = self._sock
        if sock is None or not self._encrypted:
            return
        waiting = self.outbox_size
        try:
            while self.outbox_size:
                piece = self._flushing or self._next_piece()
                sent = sock.send(piece)
                self.outbox_size -= sent
                self._flushing = memoryview(piece)[sent:] if sent < len(piece) else None
        except (ssl.SSLWantWriteError, ssl.SSLWantReadError, BlockingIOError):
            # The very same bytes must be offered again: TLS has sealed them already.
            self._flushing = piece
            if not self._stalled or self.outbox_size < waiting:
                self._progress = time.monotonic()
            self._stalled = True
        except OSError as error:
            self._lost(error)
            return
        if not self.outbox_size:
            if self._closing:
                if not self._finished:
                    self._finish()
                return
            if self._stalled:
                self._stalled = False
                self._handler.drained(self)
            if self._events == READ:  # as nearly always
                return
        self._watch()

    def hold(self, held: bool) -> None:
        """Read nothing more for now, so that the peer has to wait, or go on. A held peer's end is not noticed."""
        assert self.loop.inside, "hold belongs to the loop's thread"
        if held != self._held:
            self._held = held
            if self._encrypted:
                self._watch()

    def close(self, reason: str) -> None:
        """Send what is queued, then close. `reason` is handed to `Handler.closed`. Idempotent."""
        assert self.loop.inside, "close belongs to the loop's thread"
        if self._sock is None or self._closing:
            return
        self._closing = True
        self._reason = reason
        if not self._encrypted:
            self.abort(reason)
        else:
            self._linger = self.loop.call_later(self._limits.linger, lambda: self.abort(reason))
            self.flush()

    def abort(self, reason: str) -> None:
        """Close at once; what is queued is dropped. Idempotent."""
        assert self.loop.inside, "abort belongs to the loop's thread"
        if self._sock is None:
            return
        if self._linger is not None:
            self._linger.cancel()
        sock, self._sock = self._sock, None
        if self._events:
            self.loop.unregister(sock)
        sock.close()
        self._outbox.clear()
        self.outbox_size = 0
        self._flushing = None
        self._closing = True
        self._handler.closed(self, self._reason or reason)

    def stalled(self, now: float) -> str:
        """Why a peer is given up that has taken no byte for `stall_timeout` although some wait for it; "" if it is not.

        `now`: monotonic seconds."""
        if not self.outbox_size or self._closing or now - self._progress <= self._limits.stall_timeout:
            return ""
        return f"took nothing for {self._limits.stall_timeout:.0f} s"

    # -- the socket -----------------------------------------------------------------------------------

    def _ready(self, events: int) -> None:
        if self._sock is None:  # closed by another socket's callback in this tick
            return
        if not self._encrypted:
            self._shake_hands()
            return
        if events & WRITE:
            self.flush()
        if events & READ:
            self._read()

    def _shake_hands(self) -> None:
        assert isinstance(self._sock, ssl.SSLSocket)
        try:
            self._sock.do_handshake()
        except ssl.SSLWantReadError:
            self._select(READ)
        except ssl.SSLWantWriteError:
            self._select(WRITE)
        except (OSError, ValueError) as error:  # ValueError: the peer was gone before TLS began
            self.abort(explain(error))
        else:
            self._encrypted = True
            self._watch()
            self._handler.connected(self)
            if self._sock is not None:
                self._read()

    def _read(self) -> None:
        try:
            for _ in range(READS_PER_TICK):
                if self._sock is None or self.paused:
                    return
                data = self._sock.recv(READ_SIZE)
                if not data:
                    self.abort("the peer closed the connection")
                    return
                if not self._closing:
                    self._handler.received(self, data)
                if len(data) < RECORD_SIZE:  # that was all, most likely; the selector tells if it was not
                    return
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
            return
        except OSError as error:
            self._lost(error)
            return
        # TLS may hold decrypted bytes that no selector will ever announce.
        if isinstance(self._sock, ssl.SSLSocket) and self._sock.pending():
            self.loop.call_soon(self._read)

    def _next_piece(self) -> bytes | memoryview:
        """The next piece of the outbox; small ones joined up to WRITE_SIZE."""
        first = self._outbox.popleft()
        if len(first) >= WRITE_SIZE or not self._outbox:
            return first if len(first) <= RECORD_SIZE else memoryview(first)
        pieces, size = [first], len(first)
        while self._outbox and size + len(self._outbox[0]) <= WRITE_SIZE:
            pieces.append(self._outbox.popleft())
            size += len(pieces[-1])
        joined = b"".join(pieces)
        return joined if size <= RECORD_SIZE else memoryview(joined)

    def _watch(self) -> None:
        """Tell the selector what we wait for now."""
        events = WRITE if self.outbox_size else 0
        if not self.paused:
            events |= READ
        self._select(events)

    def _select(self, events: int) -> None:
        if self._sock is None or events == self._events:
            return
        resumed = events & READ and not self._events & READ and self._encrypted
        before, self._events = self._events, events
        if not before:
            self.loop.register(self._sock, events, self._ready)
        elif events:
            self.loop.modify(self._sock, events, self._ready)
        else:  # a selector wants to wait for something
            self.loop.unregister(self._sock)
        if resumed:
            self.loop.call_soon(self._read)

    def _finish(self) -> None:
        """All is sent: say that no more comes, and wait a moment for the peer to do the same."""
        assert self._sock is not None
        self._finished = True
        try:
            # On a TLS socket this also drops the TLS layer; what still comes is read and thrown away.
            self._sock.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._lost(error)
            return
        self._select(READ)

    def _lost(self, error: OSError) -> None:
        self.abort(explain(error))


def prepare(sock: socket.socket, user_timeout: float = DEFAULT_LIMITS.stall_timeout) -> None:
    """Options every chat socket has. `user_timeout`: seconds after which the system gives a silent peer up."""
    sock.setblocking(False)
    with contextlib.suppress(OSError):  # not a TCP socket (tests use socket pairs), or already reset
        # Without it a TLS login waits 40 ms for a delayed acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if sys.platform == "linux":
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(user_timeout * 1000))


def _close_half_made(error: OSError) -> None:
    """WORKAROUND https://github.com/python/cpython/issues/113280, fixed in later releases of Python.

    wrap_socket takes the descriptor over and then asks for the peer; if that is gone, it raises and leaves the new
    socket to the garbage collector. Nobody else has it, so it is closed here.
    """
    trace = error.__traceback__
    while trace is not None:
        half_made = trace.tb_frame.f_locals.get("self")
        if isinstance(half_made, ssl.SSLSocket):
            half_made.close()
        trace = trace.tb_next


_TLS_REASONS: Final = {
    "HTTP_REQUEST": "spoke HTTP to the native port, which takes TLS 1.3 only",
    "HTTPS_PROXY_REQUEST": "spoke HTTP to the native port, which takes TLS 1.3 only",
    "WRONG_VERSION_NUMBER": "sent something that is not TLS",
    "UNKNOWN_PROTOCOL": "sent something that is not TLS",
    "NOT_SSL_RECORD_TYPE": "sent something that is not TLS",
    "UNEXPECTED_MESSAGE": "sent something that is not TLS",
    "BAD_RECORD_TYPE": "sent something that is not TLS",
    "RECORD_LAYER_FAILURE": "sent something that is not TLS",
    "PACKET_LENGTH_TOO_LONG": "sent something that is not TLS",
    "UNSUPPORTED_PROTOCOL": "speaks an older TLS; 1.3 is needed",
    "VERSION_TOO_LOW": "speaks an older TLS; 1.3 is needed",
    "TLSV1_ALERT_PROTOCOL_VERSION": "speaks an older TLS; 1.3 is needed",
    "UNEXPECTED_EOF_WHILE_READING": "went away in the middle",
}


def explain(error: Exception) -> str:
    """A failed socket operation in plain words, for the log."""
    if isinstance(error, ssl.SSLZeroReturnError | ssl.SSLEOFError):
        return _TLS_REASONS["UNEXPECTED_EOF_WHILE_READING"]
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "reason", None) or ""
        return _TLS_REASONS.get(reason) or f"TLS failed: {reason.lower().replace('_', ' ') or error.strerror}"
    reset = isinstance(error, ConnectionResetError | BrokenPipeError | ConnectionAbortedError)
    if reset or (isinstance(error, OSError) and error.errno == errno.ENOTCONN):
        return "the connection was reset"
    if isinstance(error, TimeoutError):
        return "the network stopped answering"
    return f"the network failed: {error}"

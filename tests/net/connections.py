"""Connections that tests make, and what they are told."""

import socket
import ssl
import threading
from collections.abc import Callable
from typing import Any, Final

from qtchat.net.connection import DEFAULT_LIMITS, Connection, Limits
from qtchat.net.loop import IoLoop

PATIENCE: Final = 10.0
"""Seconds after which a condition counts as never coming true."""
Contexts = tuple[ssl.SSLContext, ssl.SSLContext, bytes]
"""Those of server and client, and the server's public key."""


class Recorder:
    """A handler that remembers what it was told, and lets other threads wait for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.data = bytearray()
        self.events: list[str] = []
        self.reasons: list[str] = []
        self.on_connected: Callable[[Connection], None] = lambda connection: None
        self.on_received: Callable[[Connection, bytes], None] = lambda connection, data: None

    def connected(self, connection: Connection) -> None:
        self._note("connected")
        self.on_connected(connection)

    def received(self, connection: Connection, data: bytes) -> None:
        with self.changed:
            self.data += data
            self.changed.notify_all()
        self.on_received(connection, data)

    def drained(self, connection: Connection) -> None:
        self._note("drained")

    def closed(self, connection: Connection, reason: str) -> None:
        self.reasons.append(reason)
        self._note("closed")

    def _note(self, event: str) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE), (self.events, self.reasons, len(self.data))

    def wait_for(self, event: str) -> None:
        self.wait(lambda: event in self.events)

    @property
    def reason(self) -> str:
        self.wait_for("closed")
        assert self.events.count("closed") == 1
        assert self.events[-1] == "closed"
        (reason,) = self.reasons
        return reason


def run(loop: IoLoop, function: Callable[[], Any]) -> Any:
    """Call it in the loop's thread and return what it returns."""
    results: list[Any] = []
    done = threading.Event()

    def call() -> None:
        try:
            results.append(function())
        finally:
            done.set()

    loop.call_soon(call)
    assert done.wait(PATIENCE)
    return results[0]


def do(loop: IoLoop, *calls: Callable[[], object]) -> None:
    """Call them in the loop's thread, one after the other, in one go."""
    run(loop, lambda: [call() for call in calls])


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=PATIENCE)
        server, _ = listener.accept()
    server.settimeout(PATIENCE)
    return server, client


def plain(
    loop: IoLoop, sock: socket.socket, recorder: Recorder, *, server: bool = True, limits: Limits = DEFAULT_LIMITS
) -> Connection:
    made = run(loop, lambda: Connection(loop, sock, "peer", recorder, context=None, server_side=server, limits=limits))
    assert isinstance(made, Connection)
    return made


def secure(
    loop: IoLoop, sock: socket.socket, recorder: Recorder, context: ssl.SSLContext, *, server: bool
) -> Connection:
    made = run(loop, lambda: Connection(loop, sock, "peer", recorder, context=context, server_side=server))
    assert isinstance(made, Connection)
    return made


class Pair:
    """Two connections of one loop to each other, plain or TLS."""

    def __init__(self, loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext] | None) -> None:
        one, other = tcp_pair()
        self.here, self.there = Recorder(), Recorder()
        if contexts is None:
            self.server, self.client = plain(loop, one, self.here), plain(loop, other, self.there, server=False)
        else:
            self.server = secure(loop, one, self.here, contexts[0], server=True)
            self.client = secure(loop, other, self.there, contexts[1], server=False)
        self.here.wait_for("connected")
        self.there.wait_for("connected")


def pattern(size: int, seed: int) -> bytes:
    return bytes((index * seed) & 255 for index in range(4093)) * (size // 4093 + 1)


def read(sock: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes."""
    sock.settimeout(PATIENCE)
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(65_536, size - len(data)))
        assert piece
        data += piece
    return bytes(data)


def read_to_end(sock: socket.socket) -> bytes:
    sock.settimeout(PATIENCE)
    data = bytearray()
    while piece := sock.recv(65_536):
        data += piece
    return bytes(data)


def fill(loop: IoLoop, connection: Connection, at_least: int) -> int:
    """Send until `at_least` bytes wait in the outbox. How many bytes that took."""

    def more() -> int:
        total = 0
        while connection.outbox_size < at_least:
            connection.send(bytes(65_536))
            total += 65_536
        return total

    total = run(loop, more)
    assert isinstance(total, int)
    return total

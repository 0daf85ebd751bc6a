"""The way to one computer, step by step, and a plain blocking TLS connection to it.

Whoever waits here can be told to stop, and obeys within GLANCE seconds.
"""

import errno
import queue
import selectors
import socket
import ssl
import threading
import time
from collections.abc import Callable
from enum import StrEnum
from types import TracebackType
from typing import Final, Self, TypeVar

from qtchat.net.checks.tools import GLANCE
from qtchat.net.dial import Target
from qtchat.net.tls import client_context, public_key_of

NAME_PATIENCE: Final = 5.0
"""Seconds that a name may take to be found."""
PATIENCE: Final = 4.0
"""Seconds that a computer has to take a connection; more than the three in which a system finds out that there is none
with that address in its own network."""

Result = TypeVar("Result")

_UNDER_WAY: Final = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", -1)})


class Way(StrEnum):
    """What became of a connection."""

    OPEN = "open"
    REFUSED = "refused"
    """The computer answers, and nothing listens there."""
    SILENT = "silent"
    """No answer at all."""
    NO_ROUTE = "no route"
    """This computer, or a router, knows no way there."""


def find(host: str, port: int, stop: threading.Event) -> list[Target]:
    """The addresses of a name, none if there is no such computer or nobody tells in time."""
    found: queue.SimpleQueue[list[Target]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put([(entry[0], entry[4]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError):
            found.put([])

    # The system's resolver can take half a minute and cannot be interrupted, so nobody waits for this thread's end.
    threading.Thread(target=look_up, name="qtchat-resolver", daemon=True).start()
    deadline = time.monotonic() + NAME_PATIENCE
    while time.monotonic() < deadline and not stop.is_set():
        try:
            return found.get(timeout=GLANCE)
        except queue.Empty:
            continue
    return []


def reach(target: Target, stop: threading.Event, patience: float = PATIENCE) -> tuple[Way, socket.socket | None]:
    """Try to connect; the socket, which does not block, if that worked. Who is stopped has heard nothing."""
    family, address = target
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:  # a system without IPv6, say
        return Way.NO_ROUTE, None
    sock.setblocking(False)
    code = sock.connect_ex(address)
    if code in _UNDER_WAY:
        deadline = time.monotonic() + patience
        arrived = _wait(sock, selectors.EVENT_WRITE, deadline, stop)
        code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) if arrived else errno.ETIMEDOUT
    if not code:
        return Way.OPEN, sock
    sock.close()
    if code == errno.ECONNREFUSED:
        return Way.REFUSED, None
    # A neighbour that does not even tell its hardware address is as silent as one that drops everything.
    return Way.SILENT if code in (errno.ETIMEDOUT, errno.EHOSTUNREACH) else Way.NO_ROUTE, None


def answers(host: str, stop: threading.Event, ports: tuple[int, ...] = (53, 80), patience: float = 2.5) -> bool:
    """Whether a computer, say a router, gives any answer at one of these ports, and be it a refusal. `patience`: more
    than the two seconds that Windows takes to believe one."""
    for port in ports:
        way, sock = reach((socket.AF_INET, (host, port)), stop, patience)
        if sock is not None:
            sock.close()
        if way in (Way.OPEN, Way.REFUSED):
            return True
    return False


class Peer:
    """A TLS connection. Every call may raise OSError; TimeoutError after PATIENCE seconds, or when it is stopped."""

    def __init__(self, sock: socket.socket, stop: threading.Event) -> None:
        """Takes over `sock`, which is connected. Raises ValueError for a certificate that cannot be read."""
        self._stop = stop
        try:
            sock.setblocking(False)
            self._sock = client_context().wrap_socket(sock, do_handshake_on_connect=False)
        except BaseException:
            sock.close()
            raise
        try:
            self._patiently(self._sock.do_handshake, time.monotonic() + PATIENCE)
            self.public_key = public_key_of(self._sock.getpeercert(binary_form=True) or b"")
        except BaseException:
            self._sock.close()
            raise

    def send(self, data: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while data:
            rest = data
            data = data[self._patiently(lambda: self._sock.send(rest), deadline) :]  # noqa: B023 (it is called now)

    def receive(self, deadline: float) -> bytes:
        """What comes next, b"" at the end. `deadline`: monotonic seconds."""
        return self._patiently(lambda: self._sock.recv(65_536), deadline)

    def _patiently(self, step: Callable[[], Result], deadline: float) -> Result:
        """Do it as soon as the connection is ready for it."""
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                ready = _wait(self._sock, selectors.EVENT_READ, deadline, self._stop)
            except ssl.SSLWantWriteError:
                ready = _wait(self._sock, selectors.EVENT_WRITE, deadline, self._stop)
            if not ready:
                raise TimeoutError("no answer in time")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sock.close()


def receive_plain(sock: socket.socket, deadline: float, stop: threading.Event) -> bytes | None:
    """What comes next on a connection without encryption, b"" at its end; None if nothing came until `deadline`, in
    monotonic seconds. Raises OSError."""
    sock.setblocking(False)
    return sock.recv(4096) if _wait(sock, selectors.EVENT_READ, deadline, stop) else None


def _wait(sock: socket.socket, event: int, deadline: float, stop: threading.Event) -> bool:
    """Until the socket is ready, or nobody wants to wait any more; whether it is."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, event)
        while (left := deadline - time.monotonic()) > 0 and not stop.is_set():
            if selector.select(min(left, GLANCE)):
                return True
    return False

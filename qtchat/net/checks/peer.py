"""The way to one computer, step by step, and a plain blocking TLS connection to it."""

import errno
import queue
import socket
import threading
import time
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from qtchat.net.tls import client_context, public_key_of

NAME_PATIENCE: Final = 5.0
"""Seconds that a name may take to be found."""
PATIENCE: Final = 4.0
"""Seconds that a computer has to take a connection; more than the three in which a system finds out that there is none
with that address in its own network."""

Target = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


class Way(StrEnum):
    """What became of a connection."""

    OPEN = "open"
    REFUSED = "refused"
    """The computer answers, and nothing listens there."""
    SILENT = "silent"
    """No answer at all."""
    NO_ROUTE = "no route"
    """This computer, or a router, knows no way there."""


def find(host: str, port: int) -> list[Target]:
    """The addresses of a name, none if there is no such computer or nobody tells in time."""
    found: queue.SimpleQueue[list[Target]] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put([(entry[0], entry[4]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError):
            found.put([])

    # The system's resolver can take half a minute and cannot be interrupted, so nobody waits for this thread's end.
    threading.Thread(target=look_up, name="qtchat-resolver", daemon=True).start()
    try:
        return found.get(timeout=NAME_PATIENCE)
    except queue.Empty:
        return []


def reach(target: Target, patience: float = PATIENCE) -> tuple[Way, socket.socket | None]:
    """Try to connect; the socket, blocking, if that worked."""
    family, address = target
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.settimeout(patience)
    try:
        sock.connect(address)
    except TimeoutError:
        way = Way.SILENT
    except ConnectionRefusedError:
        way = Way.REFUSED
    except OSError as error:
        # A neighbour that does not even tell its hardware address is as silent as one that drops everything.
        way = Way.SILENT if error.errno == errno.EHOSTUNREACH else Way.NO_ROUTE
    else:
        return Way.OPEN, sock
    sock.close()
    return way, None


def answers(host: str, ports: tuple[int, ...] = (53, 80, 443), patience: float = 1.0) -> bool:
    """Whether a computer, say a router, gives any answer at one of these ports, and be it a refusal."""
    for port in ports:
        way, sock = reach((socket.AF_INET, (host, port)), patience)
        if sock is not None:
            sock.close()
        if way in (Way.OPEN, Way.REFUSED):
            return True
    return False


class Peer:
    """A blocking TLS connection. Every call may raise OSError; TimeoutError after PATIENCE seconds."""

    def __init__(self, sock: socket.socket) -> None:
        """Takes over `sock`, which is connected. Raises ValueError for a certificate that cannot be read."""
        try:
            sock.settimeout(PATIENCE)
            self._sock = client_context().wrap_socket(sock)
        except BaseException:
            sock.close()
            raise
        try:
            self.public_key = public_key_of(self._sock.getpeercert(binary_form=True) or b"")
        except BaseException:
            self._sock.close()
            raise

    def send(self, data: bytes) -> None:
        self._sock.sendall(data)

    def receive(self, deadline: float) -> bytes:
        """What comes next, b"" at the end. `deadline`: monotonic seconds."""
        self._sock.settimeout(max(0.001, deadline - time.monotonic()))
        return self._sock.recv(65_536)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sock.close()

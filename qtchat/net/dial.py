"""Dial: from an address that somebody typed to a connected socket, without ever blocking the loop."""

import errno
import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from qtchat.net.loop import WRITE, IoLoop, Timer

ATTEMPT_TIMEOUT: Final = 5.0
"""Seconds one address gets to answer before the next is tried."""

Address = tuple[str, int]
Target = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]
"""What a socket connects to: an address without a name, in the form of its family."""


class DialError(Exception):
    """No address answered. `reason`: "name_unknown", "connection_refused" or "unreachable"; the text is a sentence."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class Dial:
    """Tries addresses one after the other. Construct and cancel it in the loop's thread; calls back there, once,
    and never before the constructor has returned."""

    def __init__(
        self,
        loop: IoLoop,
        addresses: Sequence[Address],
        connected: Callable[[socket.socket, Address], None],
        failed: Callable[[DialError], None],
        source: str = "",
    ) -> None:
        """`connected` gets a non-blocking socket and the address as it was given. `source`: address of this computer to
        go out from; empty: whichever leads there."""
        self._loop = loop
        self._connected = connected
        self._failed = failed
        self._source = source
        self._addresses = list(addresses)
        self._address: Address = self._addresses[0]
        self._targets: list[Target] = []
        self._errors: list[DialError] = []
        self._socket: socket.socket | None = None
        self._timer: Timer | None = None
        self._over = False
        loop.call_soon(self._next_address)

    def cancel(self) -> None:
        """Give up silently. Idempotent."""
        self._over = True
        self._drop_attempt()

    # -- names ----------------------------------------------------------------------------------------

    def _next_address(self) -> None:
        if self._over:
            return
        if not self._addresses:
            self._over = True
            # A refusal tells more than a silence, and a silence more than an unknown name.
            order = ("connection_refused", "unreachable", "name_unknown")
            self._failed(min(self._errors, key=lambda error: order.index(error.reason)))
            return
        self._address = self._addresses.pop(0)
        look_up(self._loop, self._address, self._resolved)

    def _resolved(self, targets: list[Target], problem: DialError | None) -> None:
        if self._over:
            return
        if problem is not None:
            self._errors.append(problem)
        self._targets = targets
        self._next_target()

    # -- attempts -------------------------------------------------------------------------------------

    def _next_target(self) -> None:
        if not self._targets:
            self._next_address()
            return
        family, target = self._targets.pop(0)
        try:
            sock = _new_socket(family, self._source)
        except OSError as error:
            self._attempt_failed(error.errno or 0)
            return
        code = sock.connect_ex(target)
        if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK, getattr(errno, "WSAEWOULDBLOCK", -1)):
            sock.close()
            self._attempt_failed(code)
            return
        self._socket = sock
        self._timer = self._loop.call_later(ATTEMPT_TIMEOUT, lambda: self._attempt_failed(errno.ETIMEDOUT))
        self._loop.register(sock, WRITE, self._ready)

    def _ready(self, _events: int) -> None:
        if self._socket is None:  # cancelled by another socket's callback in this tick
            return
        code = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            self._attempt_failed(code)
            return
        sock, self._socket = self._socket, None
        self._loop.unregister(sock)
        self.cancel()
        self._connected(sock, self._address)

    def _attempt_failed(self, code: int) -> None:
        self._drop_attempt()
        host, port = self._address
        if code in (errno.ECONNREFUSED, getattr(errno, "WSAECONNREFUSED", -1)):
            self._errors.append(DialError("connection_refused", f"{host} answers, but nothing listens on port {port}."))
        else:
            detail = "it does not answer" if code == errno.ETIMEDOUT else os.strerror(code).lower()
            self._errors.append(DialError("unreachable", f"{host} cannot be reached: {detail}."))
        self._next_target()

    def _drop_attempt(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._socket is not None:
            with suppress(KeyError, ValueError):
                self._loop.unregister(self._socket)
            self._socket.close()
            self._socket = None


def _new_socket(family: socket.AddressFamily, source: str) -> socket.socket:
    """Raises OSError, also where `source` is of another family, or no address of this computer."""
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if source:
            sock.bind((source, 0))
    except OSError:
        sock.close()
        raise
    return sock


# -- names ------------------------------------------------------------------------------------------------------------

Resolved = Callable[[list[Target], DialError | None], None]


def look_up(loop: IoLoop, address: Address, resolved: Resolved) -> None:
    """What an address stands for. In the loop's thread; calls back there, and before it returns if there is no name to
    be resolved."""
    host, port = address
    try:
        targets = _look_up(host, port, numeric=True)
    except (socket.gaierror, UnicodeError):
        # The system's resolver can take half a minute and cannot be interrupted, so nobody waits for this thread: when
        # it comes back to a loop that has ended, its answer is dropped.
        threading.Thread(
            target=_resolve, args=(loop, host, port, resolved), name="qtchat-resolver", daemon=True
        ).start()
    else:
        resolved(targets, None)


def _resolve(loop: IoLoop, host: str, port: int, resolved: Resolved) -> None:
    try:
        targets, problem = _look_up(host, port, numeric=False), None
    except (OSError, UnicodeError):
        targets, problem = [], DialError("name_unknown", f"There is no computer called {host} on this network.")
    loop.call_soon(resolved, targets, problem)


def _look_up(host: str, port: int, *, numeric: bool) -> list[Target]:
    """Raises socket.gaierror, or UnicodeError for what cannot be a name."""
    flags = socket.AI_NUMERICHOST if numeric else 0
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return [(entry[0], entry[4]) for entry in found]


def host_of(place: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]) -> str:
    """The host in the address of a socket, with the zone without which a link-local one leads nowhere."""
    zone = place[3] if len(place) == 4 else 0
    return f"{place[0]}%{zone}" if zone else str(place[0])

"""The listener: one thread that accepts connections and hands each to a loop; connection limits."""

import errno
import logging
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from qtchat.server.addresses import is_loopback, network_of
from qtchat.server.limits import NETWORK_FACTOR, TokenBuckets

logger = logging.getLogger(__name__)

PAUSE: Final = 0.5
"""Seconds without accepting after the system had no descriptor left."""
LOG_INTERVAL: Final = 60.0
"""Seconds between two log lines about the same shortage."""

_OUT_OF_RESOURCES: Final = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}


class ListenError(Exception):
    """The address cannot be listened on; the text says why and what to do."""


class Crowd:
    """How many connections there are, in all and from each address, whichever listener of a server let them in. From
    any thread: they are counted up by the listeners, and down by the loops."""

    def __init__(self, max_connections: int, max_per_address: int, connections_per_second: int = 0) -> None:
        """`connections_per_second`: new ones from one address; 0 for any number."""
        self._max = max_connections
        self._max_per_address = max_per_address
        self._rate: TokenBuckets[str] = TokenBuckets(connections_per_second, 2 * connections_per_second)
        self._networks = self._rate.times(NETWORK_FACTOR)
        self._lock = threading.Lock()
        self._by_place: Counter[str] = Counter()
        """By address, and by network of IPv6."""
        self._total = 0

    def enter(self, address: str) -> str:
        """Count a connection in; or why not."""
        limited = not is_loopback(address)
        with self._lock:
            network, now = network_of(address) if limited else "", time.monotonic()
            if (network and self._networks.take(network, now)) or (limited and self._rate.take(address, now)):
                return "too many connections from there in a short time"
            if self._total >= self._max:
                return f"there are {self._max} connections already"
            if limited and self._by_place[address] >= self._max_per_address:
                return f"there are {self._max_per_address} connections from there already"
            if network and self._by_place[network] >= NETWORK_FACTOR * self._max_per_address:
                return f"there are {self._by_place[network]} connections from its network already"
            self._total += 1
            self._by_place.update(_places(address))
            return ""

    def leave(self, address: str) -> None:
        """A connection that was counted in has ended."""
        with self._lock:
            self._total -= 1
            for place in _places(address):
                self._by_place[place] -= 1
                if not self._by_place[place]:
                    del self._by_place[place]


class Listener:
    """Accepts on one address. `accepted(socket, address)` is called in the listener's thread."""

    def __init__(
        self,
        host: str,
        port: int,
        accepted: Callable[[socket.socket, str], None],
        crowd: Crowd,
        *,
        backlog: int = 1024,
    ) -> None:
        """Binds at once; raises ListenError. `host`: empty for all addresses; `port`: 0 for any."""
        self._socket = _listen(host, port, backlog)
        self._backlog = backlog
        self._accepted = accepted
        self._crowd = crowd
        self._complained: dict[str, float] = {}
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="qtchat-listener", daemon=True)

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Accept no more. False if `timeout` seconds did not do."""
        self._wake_writer.close()
        if self._thread.ident is None:
            self._free()
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._wake_reader, selectors.EVENT_READ)
            paused = False
            while True:
                ready = [key.fileobj for key, _ in selector.select(PAUSE if paused else None)]
                if self._wake_reader in ready:
                    break
                if paused:
                    selector.register(self._socket, selectors.EVENT_READ)
                    paused = False
                elif self._socket in ready and not self._accept_all():
                    selector.unregister(self._socket)
                    paused = True
        self._free()

    def _accept_all(self) -> bool:
        """Accept those that wait, up to the backlog. False: the system has no descriptors left, pause."""
        for _ in range(self._backlog):
            try:
                sock, name = self._socket.accept()
            except BlockingIOError:
                return True
            except OSError as error:
                if error.errno in _OUT_OF_RESOURCES:
                    self._complain("descriptors", f"no new connections for now: {error.strerror}")
                    return False
                continue  # the peer was gone again before we came to it
            address = _plain(name[0])
            refusal = self._crowd.enter(address)
            if refusal:
                self._complain("refusal", f"refused {address}: {refusal}")
                sock.close()
                continue
            self._accepted(sock, address)
        return True

    def _complain(self, kind: str, text: str) -> None:
        """At most one line of a kind in a minute: whoever causes the shortage must not fill the log as well."""
        now = time.monotonic()
        if now - self._complained.get(kind, -LOG_INTERVAL) >= LOG_INTERVAL:
            self._complained[kind] = now
            logger.warning("%s", text)

    def _free(self) -> None:
        self._socket.close()
        self._wake_reader.close()
        self._wake_writer.close()


def _listen(host: str, port: int, backlog: int) -> socket.socket:
    try:
        if not host and socket.has_dualstack_ipv6():
            sock = socket.create_server(("", port), family=socket.AF_INET6, backlog=backlog, dualstack_ipv6=True)
        else:
            family = socket.getaddrinfo(host or "0.0.0.0", port, type=socket.SOCK_STREAM)[0][0]  # noqa: S104
            sock = socket.create_server((host, port), family=family, backlog=backlog)
    except socket.gaierror as error:
        raise ListenError(f"{host} is not an address of this computer: {error.strerror}") from error
    except UnicodeError as error:  # the resolver's way to say that this cannot be a name at all
        raise ListenError(f"{host} is not an address of this computer.") from error
    except OSError as error:
        where = f"{host or 'All addresses'}, port {port}"
        if error.errno == errno.EADDRINUSE:
            raise ListenError(f"{where}: another program listens there already. Choose another port.") from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise ListenError(f"{host} is not an address of this computer.") from error
        if error.errno == errno.EACCES:
            raise ListenError(f"{where}: not allowed. Ports below 1024 need an administrator.") from error
        raise ListenError(f"{where}: {error.strerror}") from error
    sock.setblocking(False)
    return sock


def _places(address: str) -> tuple[str, ...]:
    network = network_of(address)
    return (address, network) if network else (address,)


def _plain(address: str) -> str:
    """An IPv4 address that came through an IPv6 socket, as people write it."""
    return address.removeprefix("::ffff:")

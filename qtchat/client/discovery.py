"""Who is hosting on this network: asked for by broadcast and by mDNS, and knocked at before it is shown.

What is heard is only a hint. Each address is probed: a TLS handshake proves that somebody is there, and with which key.
Whoever does not answer any more disappears, for mDNS goes on listing a killed server for minutes.
"""

import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from msgspec import Struct
from zeroconf import InterfaceChoice, IPVersion, ServiceBrowser, ServiceStateChange, Zeroconf

from qtchat.client.found import Found
from qtchat.net.announcement import (
    DATAGRAM,
    DISCOVERY_PORT,
    SERVICE,
    TOKEN_SIZE,
    Announcement,
    Network,
    from_txt,
    networks,
    question,
    read_answer,
)
from qtchat.net.connection import Connection
from qtchat.net.dial import Address, Dial, DialError
from qtchat.net.loop import READ, IoLoop, Timer
from qtchat.net.tls import client_context, public_key_of, server_code

logger = logging.getLogger(__name__)

ASK_INTERVAL: Final = 1.5
"""Seconds between two questions."""
FRESH: Final = 3.5
"""Seconds for which an answer or a probe proves that a server is there."""
MAX_PLACES: Final = 256
"""Addresses looked after at one time. Anybody can announce, so beyond that the oldest that proved nothing goes."""
MAX_PROBES: Final = 16
"""Probes under way at one time."""
SLOWEST: Final = 8.0
"""Seconds between two probes of an address where nobody answers; they begin with one second and grow to this."""
HANDSHAKE_PATIENCE: Final = 3.0
"""Seconds that somebody who took the connection has to show a key."""
INFO_TIMEOUT_MS: Final = 1_500


class _Place(Struct):
    """An address where a server is said to be. In monotonic seconds: `heard`, when it was announced last; `proved`, its
    last sign of life (0: none yet); `due`, when it is to be probed again."""

    server: Announcement
    address: Address
    heard: float
    code: str = ""
    proved: float = 0.0
    due: float = 0.0
    pause: float = 1.0
    shown: bool = False
    probe: "_Probe | None" = None


class Discovery:
    """Looks around from `start` to `stop`. `on_change` is called in a thread of its own, whenever the list changes."""

    def __init__(self, on_change: Callable[[tuple[Found, ...]], None], interface: str = "") -> None:
        """`interface`: address of this computer that nothing may go beyond; empty: all."""
        self._on_change = on_change
        self._interface = interface
        self._loop = IoLoop("qtchat-discovery")
        self._sockets: list[socket.socket] = []
        self._networks: list[Network] = []
        self._token = os.urandom(TOKEN_SIZE)
        self._places: dict[Address, _Place] = {}
        self._told: tuple[Found, ...] = ()
        self._stopping = False
        self._zeroconf: Zeroconf | None = None
        self._browser: ServiceBrowser | None = None
        self._context = client_context()
        self._mdns = threading.Thread(target=self._browse, name="qtchat-mdns-browser", daemon=True)

    def start(self) -> None:
        self._loop.start()
        self._loop.call_soon(self._open)
        self._mdns.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """Look no more, and end the threads; takes up to a second. False if `timeout` seconds did not do."""
        deadline = time.monotonic() + timeout
        self._loop.call_soon(self._close)
        ended = self._loop.stop(timeout)
        if self._mdns.ident is not None:
            self._mdns.join(max(0.0, deadline - time.monotonic()))
        if self._browser is not None:
            self._browser.cancel()
        if self._zeroconf is not None:
            self._zeroconf.close()
        return ended and not self._mdns.is_alive()

    # -- asking by broadcast --------------------------------------------------------------------------------

    def _open(self) -> None:
        self._ask()
        self._look()

    def _close(self) -> None:
        self._stopping = True
        self._drop_sockets()
        for place in self._places.values():
            if place.probe is not None:
                place.probe.cancel()

    def _ask(self) -> None:
        """One socket for each network, made anew each time: networks come and go."""
        if self._stopping:
            return
        self._drop_sockets()
        self._networks = networks(self._interface)
        for network in self._networks:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self._sockets.append(sock)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            with suppress(OSError):  # a network that is just going down; the next question finds another
                sock.bind((network.address, 0))
                self._loop.register(sock, READ, partial(self._hear, sock))
                sock.sendto(question(self._token), (network.broadcast, DISCOVERY_PORT))
        self._loop.call_later(ASK_INTERVAL, self._ask)

    def _drop_sockets(self) -> None:
        for sock in self._sockets:
            with suppress(KeyError, ValueError):  # it could not be bound
                self._loop.unregister(sock)
            sock.close()
        self._sockets.clear()

    def _hear(self, sock: socket.socket, _events: int) -> None:
        for _ in range(MAX_PLACES):
            try:
                datagram, sender = sock.recvfrom(DATAGRAM + 1)
            except (BlockingIOError, OSError):  # nothing more, or nobody listens where we asked
                return
            server = read_answer(datagram, self._token)
            if server is not None:
                self._said(server, (sender[0], server.port), alive=True)

    # -- asking by mDNS -------------------------------------------------------------------------------------

    def _browse(self) -> None:
        try:
            self._zeroconf = Zeroconf([self._interface] if self._interface else InterfaceChoice.All)
            self._browser = ServiceBrowser(self._zeroconf, SERVICE, handlers=[self._service_changed])
        except Exception as error:  # a network without multicast, or no network
            logger.info("mDNS does not work here: %s", error)

    def _service_changed(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        """In the browser's own thread, which may wait for the rest of what the network knows."""
        if state_change is ServiceStateChange.Removed:
            return  # the probe decides
        info = zeroconf.get_service_info(service_type, name, INFO_TIMEOUT_MS)
        server = from_txt(info.properties, info.port) if info is not None else None
        if info is None or server is None:
            return
        for address in info.parsed_addresses(IPVersion.V4Only)[:8]:
            self._loop.call_soon(self._said, server, (address, server.port))

    # -- what was heard -------------------------------------------------------------------------------------

    def _said(self, server: Announcement, address: Address, *, alive: bool = False) -> None:
        if not any(network.has(address[0]) for network in self._networks):
            return  # nobody gets us to knock at doors that are not on our networks
        now = time.monotonic()
        place = self._places.get(address)
        if place is None:
            if not self._make_room():
                return
            place = self._places[address] = _Place(server, address, now)
        place.heard = now
        if place.server.server_id != server.server_id:  # another server has taken the place: it has to prove itself
            place.code, place.shown = "", False
        place.server = server
        if alive and place.code:
            place.proved, place.shown = now, True
            self._tell()
        elif not place.code and now >= place.due:
            self._knock(place)

    def _make_room(self) -> bool:
        if len(self._places) >= MAX_PLACES:
            idle = [place for place in self._places.values() if not place.shown and place.probe is None]
            if not idle:
                return False
            del self._places[min(idle, key=lambda place: place.heard).address]
        return True

    def _look(self) -> None:
        """Knock again where nothing was heard for a while."""
        if self._stopping:
            return
        now = time.monotonic()
        for place in self._places.values():
            if now - place.proved > FRESH and now >= place.due:
                self._knock(place)
        self._loop.call_later(1.0, self._look)

    def _knock(self, place: _Place) -> None:
        under_way = sum(1 for other in self._places.values() if other.probe is not None)
        if place.probe is None and under_way < MAX_PROBES and not self._stopping:
            place.probe = _Probe(self._loop, place.address, self._context, lambda code: self._probed(place, code))

    def _probed(self, place: _Place, code: str) -> None:
        """`code`: of the key that was shown, "" if nobody answered."""
        place.probe = None
        place.shown = bool(code)
        place.code = code
        now = time.monotonic()
        if code:
            place.proved, place.pause = now, 1.0
        else:
            place.due, place.pause = now + place.pause, min(2 * place.pause, SLOWEST)
        self._tell()

    def _tell(self) -> None:
        found: dict[str, Found] = {}
        for place in self._places.values():
            if not place.shown:
                continue
            known = found.get(place.code)
            addresses = (*known.addresses, place.address) if known else (place.address,)
            server = place.server
            found[place.code] = Found(place.code, server.name, server.people, server.version, addresses)
        told = tuple(sorted(found.values(), key=lambda server: (server.name.casefold(), server.code)))
        if told != self._told and not self._stopping:
            self._told = told
            self._on_change(told)


class _Probe:
    """One TLS handshake with an address, to see who is there. In the loop's thread; answers once, unless cancelled."""

    def __init__(self, loop: IoLoop, address: Address, context: ssl.SSLContext, done: Callable[[str], None]) -> None:
        self._loop = loop
        self._context = context
        self._done: Callable[[str], None] | None = done
        self._connection: Connection | None = None
        self._timer: Timer | None = None
        self._dial: Dial | None = Dial(loop, [address], self._dialled, self._failed)

    def cancel(self) -> None:
        self._done = None
        if self._dial is not None:
            self._dial.cancel()
        if self._connection is not None:
            self._connection.abort("not looked for any more")

    def _dialled(self, sock: socket.socket, address: Address) -> None:
        self._dial = None
        self._connection = Connection(
            self._loop, sock, f"{address[0]}:{address[1]}", self, context=self._context, server_side=False
        )
        self._timer = self._loop.call_later(HANDSHAKE_PATIENCE, self._too_late)

    def _too_late(self) -> None:
        if self._connection is not None:
            self._connection.abort("did not finish the handshake")

    # The connection's handler.

    def connected(self, connection: Connection) -> None:
        self._answer(server_code(public_key_of(connection.peer_certificate)))
        connection.abort("we only looked")

    def received(self, connection: Connection, data: bytes) -> None:
        """Nobody speaks before we do."""

    def drained(self, connection: Connection) -> None:
        """Nothing is sent."""

    def closed(self, _connection: Connection, _reason: str) -> None:
        self._connection = None
        if self._timer is not None:
            self._timer.cancel()
        self._answer("")

    def _failed(self, _error: DialError) -> None:
        self._dial = None
        self._answer("")

    def _answer(self, code: str) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(code)

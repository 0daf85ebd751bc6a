"""Who is hosting on this network: asked for by broadcast and by mDNS, and knocked at before it is shown.

What is heard is only a hint. Each address is probed: a TLS handshake proves that somebody is there, and with which key.
Whoever does not answer any more disappears, for mDNS goes on listing a killed server for minutes.

Addresses in other networks, which somebody has named, are asked one by one, and probed in any case.
"""

import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import Final

from msgspec import Struct
from zeroconf import InterfaceChoice, ServiceBrowser, ServiceStateChange, Zeroconf

from qtchat.client.elsewhere import address_text
from qtchat.client.found import Found
from qtchat.client.resolver import Resolver
from qtchat.net.announcement import (
    DATAGRAM,
    DISCOVERY_PORT,
    SERVICE,
    TOKEN_SIZE,
    Announcement,
    Network,
    networks,
    question,
    read_answer,
)
from qtchat.net.connection import Connection
from qtchat.net.dial import Address, Dial, DialError, host_of
from qtchat.net.loop import READ, IoLoop, Timer
from qtchat.net.mdns import read_service
from qtchat.net.tls import client_context, public_key_of, server_code

logger = logging.getLogger(__name__)

ASK_INTERVAL: Final = 1.5
"""Seconds between two questions."""
FRESH: Final = 3.5
"""Seconds for which an answer or a probe proves that a server is there."""
MAX_PLACES: Final = 256
"""Addresses looked after at one time, besides those that were named. Anybody can announce, so beyond that the oldest
that proved nothing goes."""
MAX_PROBES: Final = 32
"""Probes under way at one time, half as many of addresses of which nothing was heard: nothing may ever be."""
SLOWEST: Final = 8.0
"""Seconds between two probes of an address where nobody answers; they begin with one second and grow to this. Also
between two questions to one that was named."""
HANDSHAKE_PATIENCE: Final = 3.0
"""Seconds that somebody who took the connection has to show a key."""


class _Place(Struct):
    """An address where a server is said to be. `server`: what it says of itself, None where nothing was heard yet.
    `named`: how somebody has named the address, "" if it was heard of. In monotonic seconds: `heard`, when it was
    announced last; `proved`, its last sign of life (0: none yet); `due`, when it is to be probed again; `asked`, when
    it was asked by itself."""

    server: Announcement | None
    address: Address
    heard: float
    named: str = ""
    asked: float = float("-inf")
    code: str = ""
    proved: float = 0.0
    due: float = 0.0
    pause: float = 1.0
    shown: bool = False
    probe: "_Probe | None" = None


class Discovery:
    """Looks around from `start` to `stop`. `on_change` is called in a thread of its own, whenever the list changes."""

    def __init__(
        self,
        on_change: Callable[[tuple[Found, ...]], None],
        interface: str = "",
        elsewhere: Sequence[Address] = (),
    ) -> None:
        """`interface`: address of this computer that nothing may go beyond; empty: all. `elsewhere`: where else to
        look, at most MAX_ELSEWHERE addresses."""
        self._on_change = on_change
        self._interface = interface
        self._loop = IoLoop("qtchat-discovery")
        self._sockets: list[socket.socket] = []
        self._networks: list[Network] = []
        self._token = os.urandom(TOKEN_SIZE)
        self._places: dict[Address, _Place] = {}
        self._resolver = Resolver(self._loop, elsewhere, interface, self._named_at)
        self._named: dict[Address, tuple[Address, ...]] = {}
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

    # -- asking by datagrams --------------------------------------------------------------------------------

    def _open(self) -> None:
        self._resolver.start()
        self._ask()
        self._look()

    def _close(self) -> None:
        self._stopping = True
        self._resolver.stop()
        self._drop_sockets()
        for place in self._places.values():
            if place.probe is not None:
                place.probe.cancel()

    def _ask(self) -> None:
        """From new sockets each time: networks come and go."""
        if self._stopping:
            return
        self._drop_sockets()
        self._networks = networks(self._interface)
        for network in self._networks:
            self._send(socket.AF_INET, network.address, [network.broadcast])
        self._ask_named()
        self._loop.call_later(ASK_INTERVAL, self._ask)

    def _ask_named(self) -> None:
        """Each by itself, where somebody answers as often as everybody, elsewhere less often."""
        now = time.monotonic()
        due = [
            place for place in self._places.values() if place.named and (place.shown or now - place.asked >= SLOWEST)
        ]
        for place in due:
            place.asked = now
        hosts = {place.address[0] for place in due}
        for family, any_source in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):  # noqa: S104 (nothing listens)
            of_family = {host for host in hosts if (":" in host) == (family == socket.AF_INET6)}
            if of_family:
                self._send(family, self._interface or any_source, of_family)

    def _send(self, family: socket.AddressFamily, source: str, hosts: Iterable[str]) -> None:
        """Ask these, and hear what they answer."""
        with suppress(OSError):  # a network that is just going down, or no IPv6: the next question finds another
            sock = socket.socket(family, socket.SOCK_DGRAM)
            self._sockets.append(sock)
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
            sock.bind((source, 0))
            self._loop.register(sock, READ, partial(self._hear, sock))
            for host in hosts:
                with suppress(OSError):  # no way leads there
                    sock.sendto(question(self._token), (host, DISCOVERY_PORT))

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
                self._said(server, (host_of(sender), server.port), alive=True)

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
        service = read_service(zeroconf, service_type, name)
        if service is not None:
            for address in service.addresses:
                if ":" not in address:
                    self._loop.call_soon(self._said, service.server, (address, service.server.port))

    # -- what was named -------------------------------------------------------------------------------------

    def _named_at(self, named: Address, addresses: tuple[Address, ...]) -> None:
        """What was named stands for these addresses now."""
        before = self._named.get(named, ())
        self._named[named] = addresses
        for address in addresses:
            place = self._places.setdefault(address, _Place(None, address, time.monotonic()))
            place.named = place.named or address_text(named)
        still = {address for others in self._named.values() for address in others}
        for address in set(before) - still:
            gone = self._places.pop(address)
            if gone.probe is not None:
                gone.probe.cancel()
        self._tell()

    # -- what was heard -------------------------------------------------------------------------------------

    def _said(self, server: Announcement, address: Address, *, alive: bool = False) -> None:
        if not self._is_near(address[0]):
            return  # nobody gets us to knock at doors that are not on our networks, and were not named
        now = time.monotonic()
        place = self._places.get(address)
        if place is None:
            if not self._make_room():
                return
            place = self._places[address] = _Place(server, address, now)
        place.heard = now
        if place.server is not None and place.server.server_id != server.server_id:
            place.code, place.shown = "", False  # another server has taken the place: it has to prove itself
        place.server = server
        if alive and place.code:
            place.proved, place.shown = now, True
            self._tell()
        elif not place.code and now >= place.due:
            self._knock(place)

    def _is_near(self, host: str) -> bool:
        return any(network.has(host) for network in self._networks) or any(
            host == address[0] for addresses in self._named.values() for address in addresses
        )

    def _make_room(self) -> bool:
        heard_of = [place for place in self._places.values() if not place.named]
        if len(heard_of) >= MAX_PLACES:
            idle = [place for place in heard_of if not place.shown and place.probe is None]
            if not idle:
                return False
            del self._places[min(idle, key=lambda place: place.heard).address]
        return True

    def _look(self) -> None:
        """Knock again where nothing was heard for a while."""
        if self._stopping:
            return
        now = time.monotonic()
        for place in sorted(self._places.values(), key=lambda place: place.due):  # so that each gets its turn
            if now - place.proved > FRESH and now >= place.due:
                self._knock(place)
        self._loop.call_later(1.0, self._look)

    def _knock(self, place: _Place) -> None:
        under_way = sum(1 for other in self._places.values() if other.probe is not None)
        most = MAX_PROBES if place.server is not None else MAX_PROBES // 2
        if place.probe is None and under_way < most and not self._stopping:
            place.probe = _Probe(
                self._loop, place.address, self._context, self._interface, lambda code: self._probed(place, code)
            )

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
        by_code: dict[str, list[_Place]] = {}
        for place in self._places.values():
            if place.shown:
                by_code.setdefault(place.code, []).append(place)
        found = [_found(code, places) for code, places in by_code.items()]
        told = tuple(sorted(found, key=lambda server: (server.name.casefold(), server.code)))
        if told != self._told and not self._stopping:
            self._told = told
            self._on_change(told)


def _found(code: str, places: list[_Place]) -> Found:
    """One server at all its places: what it said of itself last, or how it was named."""
    newest = max(places, key=lambda place: (place.server is not None, place.heard))
    addresses = tuple(place.address for place in places)
    if newest.server is None:
        return Found(code, newest.named, None, "", addresses)
    return Found(code, newest.server.name, newest.server.people, newest.server.version, addresses)


class _Probe:
    """One TLS handshake with an address, to see who is there. In the loop's thread; answers once, unless cancelled."""

    def __init__(
        self, loop: IoLoop, address: Address, context: ssl.SSLContext, source: str, done: Callable[[str], None]
    ) -> None:
        self._loop = loop
        self._context = context
        self._done: Callable[[str], None] | None = done
        self._connection: Connection | None = None
        self._timer: Timer | None = None
        self._dial: Dial | None = Dial(loop, [address], self._dialled, self._failed, source)

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

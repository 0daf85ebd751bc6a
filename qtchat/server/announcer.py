"""Tells the network that this server is there: by mDNS, and by answering what clients broadcast.

Two threads: a loop for the datagrams, and one for mDNS, whose calls block for half a second each.
"""

import logging
import queue
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Final

from msgspec import structs
from zeroconf import InterfaceChoice, ServiceInfo, Zeroconf

from qtchat.net.announcement import (
    DATAGRAM,
    DISCOVERY_PORT,
    SERVICE,
    Announcement,
    Network,
    answer,
    instance_name,
    networks,
    read_question,
    to_txt,
)
from qtchat.net.loop import READ, IoLoop

logger = logging.getLogger(__name__)

REFRESH: Final = 5.0
"""Seconds between two looks at how many people are connected."""
RENEW: Final = 15.0
"""Seconds after which mDNS looks whether this computer is in other networks now, and tries again what failed."""
ANSWERS_PER_TICK: Final = 64
"""Questions answered at once; whoever floods is not worth more."""

Tell = Callable[[int], None]
"""Takes the number of people who are connected; from any thread."""


class Announcer:
    """Announces one server until it is stopped. A way that does not work is logged, and the other goes on."""

    def __init__(self, server: Announcement, interface: str, count_people: Callable[[Tell], None]) -> None:
        """`interface`: address of this computer that nothing may go beyond; empty: all. `count_people`: asks how many
        are connected; the answer may come later, and from another thread."""
        self._server = server
        self._interface = interface
        self._count_people = count_people
        self._loop = IoLoop("qtchat-announcer")
        self._sockets: list[socket.socket] = []
        self._open = False
        self._networks: list[Network] = []
        self._mdns_failing = False
        self._changes: queue.SimpleQueue[Announcement | None] = queue.SimpleQueue()
        self._mdns = threading.Thread(target=self._run_mdns, name="qtchat-mdns", daemon=True)

    def start(self) -> None:
        self._loop.start()
        self._loop.call_soon(self._begin)
        self._mdns.start()

    def withdraw(self) -> None:
        """Take the announcement back; returns at once."""
        self._changes.put(None)
        self._loop.call_soon(self._close)

    def stop(self, timeout: float) -> bool:
        """Take the announcement back, and end the threads. False if `timeout` seconds did not do."""
        deadline = time.monotonic() + timeout
        self.withdraw()
        ended = self._loop.stop(timeout)
        if self._mdns.ident is not None:
            self._mdns.join(max(0.0, deadline - time.monotonic()))
        return ended and not self._mdns.is_alive()

    # -- people ---------------------------------------------------------------------------------------------

    def _look(self) -> None:
        if self._open:
            self._networks = networks(self._interface)
            self._count_people(lambda people: self._loop.call_soon(self._set_people, people))
            self._loop.call_later(REFRESH, self._look)

    def _set_people(self, people: int) -> None:
        if people != self._server.people:
            self._server = structs.replace(self._server, people=people)
            self._changes.put(self._server)

    # -- datagrams ------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._open = True
        # All addresses, also with an interface: what was broadcast does not reach a socket with an address.
        self._listen(socket.AF_INET, "", self._is_ours)
        # What comes from beyond a router was sent to an address. Of several servers on one computer the system then
        # gives it to one; the others answer the probe.
        if self._interface:
            family = socket.AF_INET6 if ":" in self._interface else socket.AF_INET
            self._listen(family, self._interface, _anybody)
        else:
            self._listen(socket.AF_INET6, "::", _anybody)
        self._look()

    def _listen(self, family: socket.AddressFamily, host: str, may_ask: Callable[[str], bool]) -> None:
        """Hear what is asked at `host`, and answer those who may ask."""
        try:
            sock = _listening(family, host)
        except OSError as error:
            level = logging.INFO if host == "::" else logging.WARNING  # without IPv6 nobody asks by it
            place = f"UDP port {DISCOVERY_PORT} of {host or 'all addresses'}"
            logger.log(level, "this server does not answer who looks for it at %s: %s", place, error.strerror)
        else:
            self._sockets.append(sock)
            self._loop.register(sock, READ, partial(self._hear, sock, may_ask))

    def _close(self) -> None:
        self._open = False
        for sock in self._sockets:
            self._loop.unregister(sock)
            sock.close()
        self._sockets.clear()

    def _hear(self, sock: socket.socket, may_ask: Callable[[str], bool], _events: int) -> None:
        for _ in range(ANSWERS_PER_TICK):
            try:
                datagram, sender = sock.recvfrom(DATAGRAM + 1)
                token = read_question(datagram)
                if token is not None and may_ask(sender[0]):
                    sock.sendto(answer(token, self._server), sender)
            except BlockingIOError:
                return
            except OSError:  # the last answer could not be delivered: the system tells so at the next call
                continue

    def _is_ours(self, sender: str) -> bool:
        """Whether a question comes from the network to which the announcement is confined."""
        return not self._interface or any(place.has(sender) for place in self._networks)

    # -- mDNS -----------------------------------------------------------------------------------------------

    def _run_mdns(self) -> None:
        zeroconf: Zeroconf | None = None
        places: list[Network] = []
        server: Announcement | None = self._server
        told: Announcement | None = None
        while server is not None:
            try:
                if zeroconf is not None and places != networks(self._interface):  # other networks: begin anew there
                    zeroconf.close()
                    zeroconf = None
                if zeroconf is None:
                    places = networks(self._interface)
                    zeroconf = Zeroconf([self._interface] if self._interface else InterfaceChoice.All)
                    zeroconf.register_service(self._service(server), cooperating_responders=True)
                elif server != told:
                    zeroconf.update_service(self._service(server))
                told, self._mdns_failing = server, False
            except Exception as error:  # a network without multicast, or with a strange responder: tried again
                if not self._mdns_failing:
                    logger.warning("this server is not announced by mDNS for now: %s", error)
                self._mdns_failing = True
                if zeroconf is not None:
                    zeroconf.close()
                    zeroconf = None
            server = self._latest(server)
        if zeroconf is not None:
            zeroconf.close()  # takes the announcement back

    def _latest(self, server: Announcement) -> Announcement | None:
        """What to announce now: the newest of the changes, or after a while the same again; None: the end."""
        change: Announcement | None = server
        with suppress(queue.Empty):
            change = self._changes.get(timeout=RENEW)
            while change is not None:
                change = self._changes.get_nowait()
        return change

    def _service(self, server: Announcement) -> ServiceInfo:
        return ServiceInfo(
            SERVICE,
            instance_name(server),
            port=server.port,
            properties=to_txt(server),
            server=f"qtchat-{server.server_id.hex()[:12]}.local.",
            parsed_addresses=self._addresses(),
        )

    def _addresses(self) -> list[str]:
        return [self._interface] if self._interface else [place.address for place in networks()]


def _listening(family: socket.AddressFamily, host: str) -> socket.socket:
    """Raises OSError."""
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # several servers on one computer
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((host, DISCOVERY_PORT))
    except OSError:
        sock.close()
        raise
    return sock


def _anybody(_sender: str) -> bool:
    return True

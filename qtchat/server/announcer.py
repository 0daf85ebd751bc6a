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
        self._socket: socket.socket | None = None
        self._networks: list[Network] = []
        self._mdns_failing = False
        self._changes: queue.SimpleQueue[Announcement | None] = queue.SimpleQueue()
        self._mdns = threading.Thread(target=self._run_mdns, name="qtchat-mdns", daemon=True)

    def start(self) -> None:
        self._loop.start()
        self._loop.call_soon(self._open)
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
        if self._socket is not None:
            self._networks = networks(self._interface)
            self._count_people(lambda people: self._loop.call_soon(self._set_people, people))
            self._loop.call_later(REFRESH, self._look)

    def _set_people(self, people: int) -> None:
        if people != self._server.people:
            self._server = structs.replace(self._server, people=people)
            self._changes.put(self._server)

    # -- datagrams ------------------------------------------------------------------------------------------

    def _open(self) -> None:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket = sock
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # several servers on one computer
            # All addresses, also with an interface: what was broadcast does not reach a socket with an address.
            sock.bind(("", DISCOVERY_PORT))
        except OSError as error:
            logger.warning("this server does not answer broadcasts: UDP port %d: %s", DISCOVERY_PORT, error.strerror)
        else:
            self._loop.register(sock, READ, self._hear)
        self._look()

    def _close(self) -> None:
        if self._socket is not None:
            with suppress(KeyError):  # it could not be bound
                self._loop.unregister(self._socket)
            self._socket.close()
            self._socket = None

    def _hear(self, _events: int) -> None:
        assert self._socket is not None
        for _ in range(ANSWERS_PER_TICK):
            try:
                datagram, sender = self._socket.recvfrom(DATAGRAM + 1)
                token = read_question(datagram)
                if token is not None and self._is_ours(sender[0]):
                    self._socket.sendto(answer(token, self._server), sender)
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

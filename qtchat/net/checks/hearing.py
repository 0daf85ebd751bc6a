"""Which servers can be heard from here, by each of the two ways on its own: see net/announcement.py."""

import errno
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from zeroconf import InterfaceChoice, ServiceBrowser, ServiceStateChange, Zeroconf

from qtchat.net.announcement import (
    DATAGRAM,
    DISCOVERY_PORT,
    SERVICE,
    TOKEN_SIZE,
    Announcement,
    Network,
    question,
    read_answer,
)
from qtchat.net.checks.tools import GLANCE
from qtchat.net.dial import Address
from qtchat.net.mdns import read_service

logger = logging.getLogger(__name__)

ASK_AGAIN: Final = 0.5
"""Seconds between two questions."""
MAX_HEARD: Final = 64


@dataclass(slots=True)
class Heard:
    """What came in by one way. `sent`: anything could be sent; `problem`: why something could not; `refused`: because
    the system does not let us."""

    servers: dict[Address, Announcement] = field(default_factory=dict)
    sent: bool = False
    problem: str = ""
    refused: bool = False

    def note(self, server: Announcement, host: str) -> None:
        if len(self.servers) < MAX_HEARD:
            self.servers[host, server.port] = server


Enough = Callable[[Heard], bool]
"""Whether listening can end before its time."""


def never(_heard: Heard) -> bool:
    return False


def ask_broadcast(places: Sequence[Network], seconds: float, stop: threading.Event, enough: Enough = never) -> Heard:
    """Who answers a question that is broadcast into these networks."""
    return _ask([(place.address, place.broadcast) for place in places], seconds, stop, enough)


def ask_one(source: str, host: str, seconds: float, stop: threading.Event) -> Heard:
    """Whether the server at the IPv4 address `host` answers when it is asked alone."""
    return _ask([(source, host)], seconds, stop, lambda heard: bool(heard.servers))


def _ask(ways: Sequence[tuple[str, str]], seconds: float, stop: threading.Event, enough: Enough) -> Heard:
    """`ways`: from which of our addresses to which other."""
    heard = Heard()
    token = os.urandom(TOKEN_SIZE)
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        sockets = [(_udp_socket(source, selector, heard), host) for source, host in ways]
        try:
            again = 0.0
            while time.monotonic() < deadline and not stop.is_set() and not enough(heard):
                if time.monotonic() >= again:
                    again = time.monotonic() + ASK_AGAIN
                    for sock, host in sockets:
                        _send(sock, question(token), host, heard)
                for key, _ in selector.select(min(GLANCE, ASK_AGAIN)):
                    _receive(key.fileobj, token, heard)  # type: ignore[arg-type]  # only sockets are registered
        finally:
            for sock, _ in sockets:
                sock.close()
    return heard


def _udp_socket(source: str, selector: selectors.BaseSelector, heard: Heard) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    try:
        sock.bind((source, 0))
    except OSError as error:  # a network that is just going down
        heard.problem = f"{source}: {error.strerror}"
    selector.register(sock, selectors.EVENT_READ)
    return sock


def _send(sock: socket.socket, datagram: bytes, host: str, heard: Heard) -> None:
    try:
        sock.sendto(datagram, (host, DISCOVERY_PORT))
        heard.sent = True
    except BlockingIOError:
        pass  # it is asked again soon
    except OSError as error:
        heard.refused |= error.errno in (errno.EPERM, errno.EACCES, errno.EHOSTUNREACH)
        heard.problem = f"{host}: {error.strerror}"


def _receive(sock: socket.socket, token: bytes, heard: Heard) -> None:
    try:
        datagram, sender = sock.recvfrom(DATAGRAM + 1)
    except OSError:  # nothing more, or nobody listens where we asked
        return
    server = read_answer(datagram, token)
    if server is not None:
        heard.note(server, str(sender[0]))


def ask_mdns(interface: str, seconds: float, stop: threading.Event, enough: Enough = never) -> Heard:
    """Who is announced by mDNS. `interface`: address of this computer that nothing may go beyond; empty: all."""
    heard = Heard()
    news = threading.Event()

    def changed(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        """In a thread of zeroconf's own."""
        if state_change is ServiceStateChange.Removed or stop.is_set():
            return
        service = read_service(zeroconf, service_type, name)
        if service is not None:
            for address in service.addresses:
                heard.note(service.server, address)
            news.set()

    deadline = time.monotonic() + seconds
    try:
        zeroconf = Zeroconf([interface] if interface else InterfaceChoice.All)
    except Exception as error:  # whatever a network without multicast makes of it
        logger.info("mDNS does not work here", exc_info=True)
        heard.problem = str(error) or type(error).__name__
        return heard
    heard.sent = True
    try:
        browser = ServiceBrowser(zeroconf, SERVICE, handlers=[changed])
        while time.monotonic() < deadline and not stop.is_set() and not enough(heard):
            news.wait(GLANCE)
            news.clear()
        browser.cancel()
    finally:
        zeroconf.close()
    return heard

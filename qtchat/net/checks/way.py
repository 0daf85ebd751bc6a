"""From an address to a connection; and where that fails, what stands in the way."""

import ipaddress
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Final

from msgspec import Struct

from qtchat.net.announcement import DISCOVERY_PORT, Network
from qtchat.net.checks import here, neighbours
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, failed, ok, skipped, warning
from qtchat.net.checks.peer import Way, answers, find, reach
from qtchat.net.checks.tools import run_tool
from qtchat.net.dial import Address

NAME: Final = QT_TRANSLATE_NOOP("Doctor", "Name")
PORT: Final = QT_TRANSLATE_NOOP("Doctor", "Connection")
ISOLATION: Final = QT_TRANSLATE_NOOP("Doctor", "Computers of this network")
MAX_NUMBERS: Final = 3
"""Addresses of one name that are tried."""


class Attempt(Struct, frozen=True):
    """What became of an address. `ways`: each of its numbers, and what became of that. `sock`: the connection to the
    last of them, None if there is none."""

    host: str
    port: int
    ways: tuple[tuple[str, Way], ...]
    sock: socket.socket | None = None

    @property
    def number(self) -> str:
        """The one that was tried last."""
        return self.ways[-1][0]

    def __str__(self) -> str:
        return place((self.host, self.port))


def place(address: Address) -> str:
    """As people write it: host:port."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{readable(host)}:{port}"


def readable(host: str) -> str:
    """A name as it was typed, and not as it travels (IDNA)."""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host


@contextmanager
def attempts(addresses: Sequence[Address], stop: threading.Event) -> Iterator[list[Attempt]]:
    """Try all of them at once; the connections are closed at the end."""
    with ExitStack() as stack:
        with ThreadPoolExecutor(max(1, len(addresses)), "qtchat-doctor") as pool:
            made = list(pool.map(partial(_attempt, stop=stop), addresses))
        for attempt in made:
            if attempt.sock is not None:
                stack.callback(attempt.sock.close)
        yield made


def _attempt(address: Address, stop: threading.Event) -> Attempt:
    host, port = address
    ways: list[tuple[str, Way]] = []
    for target in find(host, port, stop)[:MAX_NUMBERS]:
        way, sock = reach(target, stop)
        ways.append((str(target[1][0]), way))
        if sock is not None:
            return Attempt(host, port, tuple(ways), sock)
    return Attempt(host, port, tuple(ways))


# -- what is said of it -------------------------------------------------------------------------------------------


def check_way(made: Sequence[Attempt], networks: Sequence[Network], stop: threading.Event) -> Iterator[Finding]:
    """Names and connections, of all addresses of one server. `networks`: those of this computer."""
    reached = next((attempt for attempt in made if attempt.sock is not None), None)
    if reached is None:
        for attempt in made:
            yield from _failure(attempt)
        yield from _silence(made, networks, stop)
        return
    if not _is_number(reached.host):
        yield _numbers_of(reached)
    yield ok(
        PORT,
        QT_TRANSLATE_NOOP("Doctor", "{number} takes connections at port {port}."),
        number=reached.number,
        port=reached.port,
    )
    others = [str(attempt) for attempt in made if attempt.sock is None]
    if others:
        yield ok(
            PORT,
            QT_TRANSLATE_NOOP("Doctor", "Not reached from here: {others}. One address that can be reached is enough."),
            others=", ".join(others),
        )


def _failure(attempt: Attempt) -> Iterator[Finding]:
    if not attempt.ways:
        yield _unknown(attempt.host)
        return
    if not _is_number(attempt.host):
        yield _numbers_of(attempt)
    for number, way in attempt.ways:
        if way is Way.REFUSED:
            yield _refused(number, attempt.port)
        elif way is Way.NO_ROUTE:
            yield _no_route(number)


def _numbers_of(attempt: Attempt) -> Finding:
    numbers = ", ".join(dict.fromkeys(number for number, _ in attempt.ways))
    return ok(NAME, QT_TRANSLATE_NOOP("Doctor", "{host} is {numbers}."), host=readable(attempt.host), numbers=numbers)


def _unknown(host: str) -> Finding:
    if _is_number(host):
        return failed(
            NAME,
            QT_TRANSLATE_NOOP("Doctor", "{host} cannot be an address here."),
            QT_TRANSLATE_NOOP("Doctor", "Behind the % stands a network adapter of this computer, or leave both away."),
            host=host,
        )
    fix = QT_TRANSLATE_NOOP("Doctor", "Check the spelling, or use the number address instead; the host sees it.")
    if host.endswith(".local"):
        fix = QT_TRANSLATE_NOOP(
            "Doctor",
            "Use the number address instead; the host sees it. (Names that end in .local are found by asking all"
            " computers at once, by multicast: the network has to let that through, and Linux needs Avahi and"
            " libnss-mdns for it.)",
        )
    return failed(
        NAME,
        QT_TRANSLATE_NOOP("Doctor", "There is no computer called {host} on this network."),
        fix,
        host=readable(host),
    )


def _refused(number: str, port: int) -> Finding:
    return failed(
        PORT,
        QT_TRANSLATE_NOOP("Doctor", "{number} answers, but nothing listens at port {port}."),
        QT_TRANSLATE_NOOP("Doctor", "Is the chat started there? Compare the port with the one that its host sees."),
        number=number,
        port=port,
    )


def _no_route(number: str) -> Finding:
    fix = QT_TRANSLATE_NOOP("Doctor", "Connect to the network where the server is.")
    if number.startswith("fe80"):
        fix = QT_TRANSLATE_NOOP(
            "Doctor",
            "An address that begins with fe80 needs the right network adapter of this computer behind a %, as in"
            " fe80::1%eth0. An address of another kind is easier.",
        )
    return failed(PORT, QT_TRANSLATE_NOOP("Doctor", "This computer knows no way to {number}."), fix, number=number)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


# -- a computer that is silent: is it asleep, shielded, or kept apart from us? ------------------------------------


def _silence(made: Sequence[Attempt], networks: Sequence[Network], stop: threading.Event) -> Iterator[Finding]:
    silent = [(number, attempt.port) for attempt in made for number, way in attempt.ways if way is Way.SILENT]
    if not silent:
        return
    yield failed(
        PORT,
        QT_TRANSLATE_NOOP("Doctor", "No answer from {places}."),
        QT_TRANSLATE_NOOP("Doctor", "See below what may stand in the way."),
        places=", ".join(map(place, silent)),
    )
    # One of them is enough for the reason, and what lies in our own network says most.
    number, port = next((one for one in silent if here.is_near(one[0], networks)), silent[0])
    vpn = here.vpn_to(number)
    if vpn is not None:
        yield vpn
    if not here.is_near(number, networks):
        yield warning(
            ISOLATION,
            QT_TRANSLATE_NOOP("Doctor", "{number} lies in another network than this computer."),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Join the network (Wi-Fi) of the host; or whoever runs the networks lets TCP port {port} through"
                " between them.",
            ),
            number=number,
            port=port,
        )
    elif vpn is None:
        yield _neighbour(number, port, stop)


def _neighbour(number: str, port: int, stop: threading.Event) -> Finding:
    run = partial(run_tool, stop=stop)
    awake = neighbours.is_awake(number, stop, run=run)
    if awake:
        return failed(
            ISOLATION,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "{number} is switched on and in this network, but keeps out what is sent to port {port}.",
            ),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Its firewall must let TCP port {port} and UDP port {discovery_port} in: Why can't I see it? on that"
                " computer, or qtchat-server doctor, shows the command.",
            ),
            number=number,
            port=port,
            discovery_port=DISCOVERY_PORT,
        )
    router = neighbours.gateway(run=run)
    if not router or router == number:
        return skipped(
            ISOLATION,
            QT_TRANSLATE_NOOP("Doctor", "There is no router to compare {number} with."),
            QT_TRANSLATE_NOOP("Doctor", "Is {number} switched on, and is that its address now?"),
            number=number,
        )
    if not answers(router, stop) and neighbours.is_awake(router, stop, run=run) is False:
        return failed(
            ISOLATION,
            QT_TRANSLATE_NOOP("Doctor", "The router {router} does not answer either."),
            QT_TRANSLATE_NOOP("Doctor", "Connect this computer to the network anew."),
            router=router,
        )
    sentence = QT_TRANSLATE_NOOP(
        "Doctor",
        "The router {router} answers, but {number} in the same network does not: it is switched off or has another"
        " address by now, or the network keeps its computers apart, as guest Wi-Fi does.",
    )
    if awake is None:
        sentence = QT_TRANSLATE_NOOP(
            "Doctor",
            "The router {router} answers, but {number} in the same network does not: it is switched off or has another"
            " address by now, its firewall keeps everybody out, or the network keeps its computers apart, as guest"
            " Wi-Fi does.",
        )
    fix = QT_TRANSLATE_NOOP(
        "Doctor",
        "Compare the address with the one that the host sees. If it is right, leave the guest Wi-Fi, or ask whoever"
        " runs the access point to switch off what keeps its clients apart (client isolation, AP isolation).",
    )
    return failed(ISOLATION, sentence, fix, router=router, number=number)

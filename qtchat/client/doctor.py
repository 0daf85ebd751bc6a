"""Why can't I see it? Looks at this computer, its networks and the way to a server, and says what to do.

`qtchat-cli doctor` prints the findings, the app shows them in a dialog.
"""

import itertools
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from qtchat import __version__
from qtchat.client.errors import ProfileError
from qtchat.client.trust import SERVERS_FILE, KnownServers, Verdict
from qtchat.net.announcement import DISCOVERY_PORT, networks
from qtchat.net.checks import here
from qtchat.net.checks.findings import Finding, failed, ok, skipped, warning
from qtchat.net.checks.firewall import check_firewall, find_firewalls
from qtchat.net.checks.hearing import Address, Heard, ask_broadcast, ask_mdns, ask_one
from qtchat.net.checks.peer import PATIENCE, Peer, Way, answers, find, reach
from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.net.tls import server_code
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    DEFAULT_PORT,
    NONCE_SIZE,
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Error,
    Hello,
    Message,
    Welcome,
)
from qtchat.protocol.session import Role, Session

LISTEN: Final = 3.0
"""Seconds to listen for servers."""
ASK: Final = 1.5
"""Seconds that one server has to answer a question."""
MAX_SKEW_MS: Final = 120_000
MAX_SHOWN: Final = 5
"""Servers named in one sentence, and addresses of an invitation that are tried."""

ADDRESS: Final = "Address"
BROADCAST: Final = "Servers heard by broadcast"
MDNS: Final = "Servers heard by mDNS"
NAME: Final = "Name"
PORT: Final = "Connection"
ISOLATION: Final = "Computers of this network"
QUESTION: Final = "Question to the server alone"
LIST: Final = "List of servers"
CODE: Final = "Encryption and server code"
VERSION: Final = "Version"
CLOCK: Final = "Clock"

_ACCESS_POINT: Final = (
    "Ask whoever runs the access point or switch: client isolation must be off, and {what} let through"
    " (settings such as IGMP snooping or multicast filtering keep it back)."
)


class Doctor:
    """One examination. `examine` may be called once; it blocks between findings, for some seconds each."""

    def __init__(self, profile: Path, link: str = "", interface: str = "", stop: threading.Event | None = None) -> None:
        """`link`: an invitation or an address that is to be reached, empty: none. `interface`: address of this computer
        that nothing may go beyond; empty: all. `stop`: set it from any thread to end early."""
        self.stop = stop or threading.Event()
        self._profile = profile
        self._link = link.strip()
        self._interface = interface
        self._networks = networks(interface)
        self._broadcast, self._mdns = Heard(), Heard()

    def examine(self) -> Iterator[Finding]:
        invitation: Invitation | None = None
        if self._link:
            try:
                invitation = parse_invitation(self._link)
            except InvitationError as error:
                yield failed(ADDRESS, str(error), "Ask the host for the invitation again, and paste all of it.")
                return
        for step in (self._look_here(), self._listen(), self._look_there(invitation)):
            for finding in step:
                yield finding
                if self.stop.is_set():
                    return

    # -- this computer and what it hears ----------------------------------------------------------------------

    def _look_here(self) -> Iterator[Finding]:
        yield here.check_networks(self._networks, self._interface)
        if not self._interface:
            yield here.check_vpn(here.adapter_of(here.source_address(here.BEYOND)))
        yield check_firewall(find_firewalls(DEFAULT_PORT))

    def _listen(self) -> Iterator[Finding]:
        with ThreadPoolExecutor(2, "qtchat-doctor") as pool:
            broadcast = pool.submit(ask_broadcast, self._networks, LISTEN, self.stop)
            mdns = pool.submit(ask_mdns, self._interface, LISTEN, self.stop)
            self._broadcast, self._mdns = broadcast.result(), mdns.result()
        permission = here.check_permission(self._broadcast.refused)
        if permission is not None:
            yield permission
        for step, heard in ((BROADCAST, self._broadcast), (MDNS, self._mdns)):
            if heard.problem:
                yield warning(step, f"This way does not work here: {heard.problem}.")
            elif heard.servers:
                yield ok(step, _names(heard))
            else:
                yield warning(step, "None.")
        if not (self._link or self._broadcast.servers or self._mdns.servers):
            yield warning(
                LIST,
                "Nobody hosts a chat here, as far as can be seen.",
                "Is the host in the same network, and its qtchat open? Ask the host for the invitation and look again"
                " with its address: then it can be told what stands in the way.",
            )

    # -- the way to a server --------------------------------------------------------------------------------

    def _look_there(self, invitation: Invitation | None) -> Iterator[Finding]:
        if invitation is not None:
            for address in invitation.addresses[:MAX_SHOWN]:
                yield from self._look_at(address, invitation.code)
            return
        known = dict.fromkeys([*self._broadcast.servers, *self._mdns.servers])
        for address in itertools.islice(known, MAX_SHOWN):
            yield from self._look_at(address, None)

    def _look_at(self, address: Address, code: str | None) -> Iterator[Finding]:
        host, port = address
        targets = find(host, port)
        if not targets:
            yield _unknown_name(host)
            return
        numbers = ", ".join(dict.fromkeys(str(target[1][0]) for target in targets))
        if numbers != host:
            yield ok(NAME, f"{host} is {numbers}.")
        ways: list[tuple[str, Way]] = []
        for target in targets[:MAX_SHOWN]:
            number = str(target[1][0])
            way, sock = reach(target)
            ways.append((number, way))
            if sock is not None:
                yield ok(PORT, f"{number} takes connections at port {port}.")
                yield from self._look_at_lists(number)
                yield from self._talk(sock, address, code)
                return
            if self.stop.is_set():
                return
        for number, way in ways:
            yield from self._unreachable(number, port, way)

    def _unreachable(self, number: str, port: int, way: Way) -> Iterator[Finding]:
        if way is Way.REFUSED:
            yield failed(
                PORT,
                f"{number} answers, but nothing listens at port {port}.",
                "Is the chat started there? Compare the port with the one that its host sees.",
            )
            return
        if way is Way.NO_ROUTE:
            yield failed(
                PORT,
                f"This computer knows no way to {number}.",
                "Connect to the network where the server is. An address that begins with fe80 needs its network behind"
                " a %.",
            )
            return
        yield failed(PORT, f"{number} does not answer at port {port}.", "See the next lines.")
        adapter = here.adapter_of(here.source_address(number))
        if here.check_vpn(adapter).fix:
            yield here.check_vpn(adapter, number)
        yield self._isolation(number, port)

    def _isolation(self, number: str, port: int) -> Finding:
        """A computer that is silent: is it asleep, shielded, or kept apart from us?"""
        if not here.is_near(number, self._networks):
            return warning(
                ISOLATION,
                f"{number} lies in another network than this computer.",
                "Join the network (Wi-Fi) of the host; or whoever runs the networks lets "
                f"TCP port {port} through between them.",
            )
        if here.is_awake(number):
            return failed(
                ISOLATION,
                f"{number} is switched on and in this network, but keeps out what is sent to port {port}.",
                f"Its firewall must let TCP port {port} and UDP port {DISCOVERY_PORT} in: run qtchat-server doctor"
                " there, or see there for the command.",
            )
        router = here.gateway()
        if not router:
            return skipped(ISOLATION, "There is no router to compare with.", f"Is {number} switched on?")
        if router != number and (here.is_awake(router) or answers(router)):
            return failed(
                ISOLATION,
                f"The router {router} answers, but {number} in the same network does not: it is switched off or has"
                " another address by now, or the network keeps its computers apart, as guest Wi-Fi does.",
                "Compare the address with the one that the host sees. If it is right, leave the guest Wi-Fi, or ask"
                " whoever runs the access point to switch off client isolation.",
            )
        return failed(
            ISOLATION, f"The router {router} does not answer either.", "Connect this computer to the network anew."
        )

    # -- why it is not in the list --------------------------------------------------------------------------

    def _look_at_lists(self, number: str) -> Iterator[Finding]:
        """It can be reached: by which ways is it heard of without its address?"""
        by_broadcast, by_mdns = (
            any(host.partition("%")[0] == number for host, _ in heard.servers)
            for heard in (self._broadcast, self._mdns)
        )
        if by_broadcast and by_mdns:
            yield ok(LIST, "It is heard by broadcast and by mDNS.")
            return
        source = here.source_address(number)
        if ":" in number or not here.is_near(number, self._networks):
            if not (by_broadcast or by_mdns):
                yield warning(
                    LIST,
                    "It lies beyond this network, or has an IPv6 address only, so it does not appear by itself.",
                    f"Type its address, {number}, or paste the invitation.",
                )
            return
        alone = bool(ask_one(source, number, ASK, self.stop).servers)
        if alone:
            yield ok(QUESTION, f"{number} answers at UDP port {DISCOVERY_PORT}.")
        else:
            yield warning(
                QUESTION,
                f"{number} does not answer at UDP port {DISCOVERY_PORT}.",
                f"Its firewall must let UDP port {DISCOVERY_PORT} in; see there: qtchat-server doctor.",
            )
        yield _blocked(number, alone=alone, by_broadcast=by_broadcast, by_mdns=by_mdns)

    # -- the server itself ----------------------------------------------------------------------------------

    def _talk(self, sock: object, address: Address, code: str | None) -> Iterator[Finding]:
        try:
            peer = Peer(sock)  # type: ignore[arg-type]
        except (OSError, ValueError) as error:
            yield failed(
                CODE,
                f"What answers there does not speak TLS 1.3, so it is no qtchat server: {error}.",
                "Compare the port with the one that the host sees. A plain-text door has another port than the app.",
            )
            return
        with peer:
            finding = self._check_key(address, code, peer.public_key)
            yield finding
            try:
                first = _first_words(peer)
            except OSError as error:
                yield failed(VERSION, f"The server says nothing: {error}.", "Start it again, or update it.")
                return
        if isinstance(first, Welcome):
            yield ok(VERSION, f"{first.name} and this program speak version {first.version} of the protocol.")
            yield _check_clock(first.time, time.time_ns() // 1_000_000)
        elif isinstance(first, Error):
            fix = "Update the older of the two programs." if first.code == ErrorCode.VERSION else "Try again later."
            yield failed(VERSION, f"The server refuses: {first.text}.", fix)
        else:
            yield failed(VERSION, "What answers there is no qtchat server.", "Compare the port with the host's.")

    def _check_key(self, address: Address, code: str | None, key: bytes) -> Finding:
        shown = server_code(key)
        if not (self._profile / SERVERS_FILE).exists():  # a doctor makes no profile
            verdict = Verdict.WRONG_CODE if code not in (None, shown) else Verdict.NEW
        else:
            try:
                verdict = KnownServers(self._profile).check(address, code, key)
            except ProfileError as error:
                return skipped(CODE, f"The server's code is {shown}; whether it is known cannot be told: {error}")
        match verdict:
            case Verdict.WRONG_CODE:
                return failed(
                    CODE,
                    f"The server there has the code {shown}, the invitation says {code}: another server, or somebody"
                    " in between.",
                    "Do not join. Ask the host for a new invitation.",
                )
            case Verdict.CHANGED:
                return failed(
                    CODE,
                    f"The server there has the code {shown}, and had another one before.",
                    "Do not join before the host has told you the new code by another way than this chat.",
                )
            case Verdict.KNOWN:
                return ok(CODE, f"TLS 1.3, and the key is the known one: {shown}.")
        if code is not None:
            return ok(CODE, f"TLS 1.3, and the code is that of the invitation: {shown}.")
        return ok(CODE, f"TLS 1.3. Compare the code with the one that the host sees: {shown}.")


def _names(heard: Heard) -> str:
    shown = [f"{server.name} at {host} port {port}" for (host, port), server in heard.servers.items()]
    more = f", and {len(shown) - MAX_SHOWN} more" if len(shown) > MAX_SHOWN else ""
    return ", ".join(shown[:MAX_SHOWN]) + more + "."


def _unknown_name(host: str) -> Finding:
    if host.endswith(".local"):
        fix = (
            "Names that end in .local are found by multicast. On Linux that needs Avahi and libnss-mdns, and a network"
            " that lets multicast through. Use the number address instead; the host sees it."
        )
    else:
        fix = "Check the spelling, or use the number address instead; the host sees it."
    return failed(NAME, f"There is no computer called {host} on this network.", fix)


def _blocked(number: str, *, alone: bool, by_broadcast: bool, by_mdns: bool) -> Finding:
    by_hand = f"Type its address, {number}, or paste the invitation."
    if by_broadcast:
        return warning(
            LIST,
            "It is heard by broadcast, so it appears in the list. Multicast (mDNS) is blocked on the way.",
            _ACCESS_POINT.replace("{what}", "multicast"),
        )
    if by_mdns:
        why = "Broadcasts are blocked on the way." if alone else "It answers no broadcast."
        return warning(
            LIST,
            f"It is heard by mDNS, so it appears in the list. {why}",
            _ACCESS_POINT.replace("{what}", "broadcasts"),
        )
    if alone:
        return failed(
            LIST,
            "Both ways are blocked, broadcast and multicast (mDNS): it cannot appear in the list by itself, but it can"
            " be reached.",
            f"{by_hand}\n{_ACCESS_POINT.replace('{what}', 'multicast and broadcasts')}",
        )
    return failed(
        LIST,
        "It can be reached, but does not announce itself: neither by broadcast nor by mDNS.",
        f"{by_hand}\nOr switch on announcing at the server, and open its firewall for UDP.",
    )


def _first_words(peer: Peer) -> Message | None:
    """What the server answers to a hello; None for gibberish. Nobody logs in."""
    session = Session(Role.CLIENT, time.monotonic())
    session.send(
        Hello(OLDEST_VERSION, PROTOCOL_VERSION, (), f"qtchat doctor {__version__}"[:64], os.urandom(NONCE_SIZE))
    )
    peer.send(session.data_to_send())
    deadline = time.monotonic() + PATIENCE
    while True:
        data = peer.receive(deadline)
        messages = session.receive_data(data, time.monotonic())
        if messages:
            return messages[0]
        if not data or session.error is not None:
            return None


def _check_clock(theirs: int, ours: int) -> Finding:
    """Both in ms since 1970, UTC."""
    if not theirs:
        return skipped(CLOCK, "The server does not tell the time: it is older than this program.")
    skew = ours - theirs
    if abs(skew) <= MAX_SKEW_MS:
        return ok(CLOCK, "The clocks of both computers agree.")
    direction = "ahead of" if skew > 0 else "behind"
    return warning(
        CLOCK,
        f"This computer's clock is {_span(abs(skew) // 1000)} {direction} the server's: times of messages look wrong.",
        "Set the clocks by the network: the date and time settings of both computers.",
    )


def _span(seconds: int) -> str:
    for size, name in ((86_400, "days"), (3_600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} seconds"

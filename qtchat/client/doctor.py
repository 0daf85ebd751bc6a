"""Why can't I see it? Looks at this computer, its networks and the way to a server, and says what to do.

`qtchat-cli doctor` prints the findings, the app shows them in a dialog.
"""

import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Final

from qtchat.client.classic_link import ClassicLink, is_classic, parse_classic_link
from qtchat.client.doctor_lists import LIST, check_lists
from qtchat.client.doctor_plain import check_plain_chat
from qtchat.client.doctor_server import check_server
from qtchat.net.announcement import networks
from qtchat.net.checks import here
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, failed, ok, skipped, warning
from qtchat.net.checks.firewall import check_firewall, find_firewalls
from qtchat.net.checks.hearing import Heard, ask_broadcast, ask_mdns
from qtchat.net.checks.tools import run_tool
from qtchat.net.checks.way import PORT, attempts, check_way, place
from qtchat.net.dial import Address
from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.protocol.messages import DEFAULT_PORT

LISTEN: Final = 3.0
"""Seconds to listen for servers."""
ENOUGH: Final = 30.0
"""Seconds after which no further server is looked at, unless it was asked for."""
MAX_SHOWN: Final = 5
"""Servers named in one sentence or looked at, and addresses of one that are tried."""

ADDRESS: Final = QT_TRANSLATE_NOOP("Doctor", "Address")
BROADCAST: Final = QT_TRANSLATE_NOOP("Doctor", "Asking everybody (broadcast)")
MDNS: Final = QT_TRANSLATE_NOOP("Doctor", "Announcements (multicast, mDNS)")


class Doctor:
    """One examination. `examine` may be called once; it blocks between findings, for some seconds each."""

    def __init__(self, profile: Path, link: str = "", interface: str = "", stop: threading.Event | None = None) -> None:
        """`link`: an invitation, an address or a link to a plain chat that is to be reached, empty: none. `interface`:
        IP address of this computer that nothing may go beyond; empty: all. `stop`: set it from any thread to end
        early."""
        self.stop = stop or threading.Event()
        self._profile = profile
        self._link = link.strip()
        self._interface = interface
        self._networks = [] if ":" in interface else networks(interface)  # servers are searched for by IPv4
        self._broadcast, self._mdns = Heard(), Heard()

    def examine(self) -> Iterator[Finding]:
        try:
            wanted = _parse(self._link)
        except InvitationError as error:
            yield failed(
                ADDRESS,
                QT_TRANSLATE_NOOP("Doctor", "This leads nowhere. {problem}"),
                QT_TRANSLATE_NOOP(
                    "Doctor",
                    "An address looks like 192.168.1.20 or like office-pc:47300. Or ask the host for the invitation"
                    " again, and paste all of it.",
                ),
                problem=error,
            )
            return
        for finding in itertools.chain(self._look_here(), self._listen(), self._look_there(wanted)):
            if self.stop.is_set():
                return
            yield finding

    # -- this computer and what it hears ----------------------------------------------------------------------

    def _look_here(self) -> Iterator[Finding]:
        yield here.check_networks(self._networks, self._interface)
        if not self._interface:
            yield here.check_vpn(here.adapter_of(here.source_address(here.BEYOND)))
        yield check_firewall(find_firewalls(DEFAULT_PORT, run=partial(run_tool, stop=self.stop)))

    def _listen(self) -> Iterator[Finding]:
        if not self._networks:  # the first finding says so
            return
        with ThreadPoolExecutor(2, "qtchat-doctor") as pool:
            broadcast = pool.submit(ask_broadcast, self._networks, LISTEN, self.stop)
            mdns = pool.submit(ask_mdns, self._interface, LISTEN, self.stop)
            self._broadcast, self._mdns = broadcast.result(), mdns.result()
        permission = here.check_permission(self._broadcast.refused and not self._broadcast.sent)
        if permission is not None:
            yield permission
        yield _found(BROADCAST, self._broadcast)
        yield _found(MDNS, self._mdns)
        if not (self._link or self._broadcast.servers or self._mdns.servers):
            yield warning(
                LIST,
                QT_TRANSLATE_NOOP("Doctor", "Nobody hosts a chat here, as far as can be seen."),
                QT_TRANSLATE_NOOP(
                    "Doctor",
                    "Is the host in the same network, and qtchat open there? Ask the host for the invitation and look"
                    " again with its address: then it can be told what stands in the way.",
                ),
            )

    # -- the way to a server --------------------------------------------------------------------------------

    def _look_there(self, wanted: Invitation | ClassicLink | None) -> Iterator[Finding]:
        if isinstance(wanted, ClassicLink):
            yield from self._look_at_plain(wanted)
        elif wanted is not None:
            yield from self._look_at(wanted.addresses[:MAX_SHOWN], wanted.code)
        else:
            yield from self._look_at_all(self._heard_addresses())

    def _look_at_all(self, servers: Sequence[Sequence[Address]]) -> Iterator[Finding]:
        began = time.monotonic()
        for number, addresses in enumerate(servers):
            if time.monotonic() - began > ENOUGH:
                yield skipped(
                    PORT,
                    QT_TRANSLATE_NOOP("Doctor", "Servers that were not looked at, since it takes too long: {count}."),
                    QT_TRANSLATE_NOOP("Doctor", "Look again with the address of the one that you mean."),
                    count=len(servers) - number,
                )
                return
            yield from self._look_at(addresses, None)

    def _heard_addresses(self) -> list[list[Address]]:
        """Those of each server; many have several."""
        servers: dict[bytes, dict[Address, None]] = {}
        for heard in (self._broadcast, self._mdns):
            for address, server in heard.servers.items():
                servers.setdefault(server.server_id, {})[address] = None
        return [list(addresses)[:MAX_SHOWN] for addresses in servers.values()][:MAX_SHOWN]

    def _look_at(self, addresses: Sequence[Address], code: str | None) -> Iterator[Finding]:
        with attempts(addresses, self.stop) as made:
            yield from check_way(made, self._networks, self.stop)
            reached = next((attempt for attempt in made if attempt.sock is not None), None)
            if reached is not None:
                server_id = yield from check_server(reached, code, self._profile, self.stop)
                if server_id is not None:
                    yield from check_lists(reached, server_id, self._broadcast, self._mdns, self._networks, self.stop)

    def _look_at_plain(self, link: ClassicLink) -> Iterator[Finding]:
        with attempts([(link.host, link.port)], self.stop) as made:
            yield from check_way(made, self._networks, self.stop)
            if made[0].sock is not None:
                ours = [address for heard in (self._broadcast, self._mdns) for address in heard.servers]
                yield from check_plain_chat(made[0], link.dialect, ours, self.stop)


def _parse(link: str) -> Invitation | ClassicLink | None:
    """Raises InvitationError."""
    if not link:
        return None
    return parse_classic_link(link) if is_classic(link) else parse_invitation(link)


def _found(step: str, heard: Heard) -> Finding:
    """Who was heard by one of the ways."""
    shown = [f"{server.name} ({place(address)})" for address, server in heard.servers.items()]
    if len(shown) > MAX_SHOWN:
        return ok(
            step,
            QT_TRANSLATE_NOOP("Doctor", "Found: {servers}, and {count} more."),
            servers=", ".join(shown[:MAX_SHOWN]),
            count=len(shown) - MAX_SHOWN,
        )
    if shown:
        return ok(step, QT_TRANSLATE_NOOP("Doctor", "Found: {servers}."), servers=", ".join(shown))
    if heard.problem and not heard.sent:
        return warning(
            step,
            QT_TRANSLATE_NOOP("Doctor", "Nothing can be sent this way ({problem})."),
            QT_TRANSLATE_NOOP("Doctor", "Is the network switched on? An invitation or an address works in any case."),
            problem=heard.problem,
        )
    return warning(step, QT_TRANSLATE_NOOP("Doctor", "Nobody was found this way."))

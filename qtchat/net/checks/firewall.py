"""The firewall of this computer: is one switched on, does it let the chat through, and by which command it would.

Rules that somebody made by hand (nft, iptables) can be read by an administrator only, and are not looked for.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from qtchat.net.announcement import DISCOVERY_PORT
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, ok, skipped, warning
from qtchat.net.checks.tools import Run, run_tool

STEP: Final = QT_TRANSLATE_NOOP("Doctor", "Firewall of this computer")
MDNS_PORT: Final = 5353
UFW_FOLDER: Final = Path("/etc/ufw")
MACOS_TOOL: Final = "/usr/libexec/ApplicationFirewall/socketfilterfw"

_IN_A_TERMINAL: Final = QT_TRANSLATE_NOOP("Doctor", "To let the chat in, type in a terminal:")
_AS_ADMINISTRATOR: Final = QT_TRANSLATE_NOOP(
    "Doctor", "To let the chat in, open a command prompt by Run as administrator, and type:"
)
_BY_HAND: Final = QT_TRANSLATE_NOOP(
    "Doctor", "In System Settings > Network > Firewall > Options, allow incoming connections for qtchat."
)


class Firewall(Struct, frozen=True):
    """One that is switched on. `opens`: whether it lets the chat in, None if that cannot be read. `fix`, `command`:
    how to open it."""

    name: str
    opens: bool | None
    fix: str
    command: str = ""


def find_firewalls(
    port: int, *, platform: str = sys.platform, run: Run = run_tool, ufw: Path = UFW_FOLDER
) -> list[Firewall]:
    """Those that are switched on here. `port`: TCP port of the chat."""
    if platform == "win32":
        return list(_windows(port, run))
    if platform == "darwin":
        return list(_macos(run))
    return [*_ufw(port, ufw), *_firewalld(port, run)]


def check_firewall(firewalls: Sequence[Firewall], *, platform: str = sys.platform) -> Finding:
    """`firewalls`: what find_firewalls found."""
    closed = next((firewall for firewall in firewalls if not firewall.opens), None)
    if closed is not None and closed.opens is None:
        sentence = QT_TRANSLATE_NOOP(
            "Doctor",
            "It is switched on ({name}). Whether it lets others in cannot be read from here: they may be unable to"
            " reach a chat that runs on this computer.",
        )
        return warning(STEP, sentence, closed.fix, closed.command, name=closed.name)
    if closed is not None:
        sentence = QT_TRANSLATE_NOOP(
            "Doctor",
            "It is switched on ({name}) and keeps others out: they cannot reach a chat that runs on this computer.",
        )
        return warning(STEP, sentence, closed.fix, closed.command, name=closed.name)
    if firewalls:
        return ok(
            STEP,
            QT_TRANSLATE_NOOP("Doctor", "It is switched on ({name}) and lets the chat in."),
            name=firewalls[0].name,
        )
    none = {
        "linux": QT_TRANSLATE_NOOP(
            "Doctor",
            "None is switched on, neither ufw nor firewalld. Rules that were made by hand cannot be seen from here.",
        ),
        "darwin": QT_TRANSLATE_NOOP("Doctor", "That of macOS is switched off."),
        "win32": QT_TRANSLATE_NOOP("Doctor", "That of Windows is switched off."),
    }
    if platform in none:
        return ok(STEP, none[platform])
    return skipped(STEP, QT_TRANSLATE_NOOP("Doctor", "It is not known how one would be found on this system."))


# -- Linux --------------------------------------------------------------------------------------------------------


def _ufw(port: int, folder: Path) -> Iterator[Firewall]:
    try:
        enabled = re.search(r"^\s*ENABLED\s*=\s*yes", (folder / "ufw.conf").read_text(), re.MULTILINE | re.IGNORECASE)
    except (OSError, UnicodeDecodeError):
        return
    if not enabled:
        return
    opens: bool | None
    try:
        rules = (folder / "user.rules").read_text().splitlines()
        opens = all(
            any(_lets_in(rule, kind, number) for rule in rules)
            for kind, number in (("tcp", port), ("udp", DISCOVERY_PORT))
        )
    except (OSError, UnicodeDecodeError):  # for an administrator's eyes only
        opens = None
    places = (f"{port}/tcp", f"{DISCOVERY_PORT}/udp", f"{MDNS_PORT}/udp")
    yield Firewall("ufw", opens, _IN_A_TERMINAL, " && ".join(f"sudo ufw allow {place}" for place in places))


def _lets_in(rule: str, kind: str, number: int) -> bool:
    """Whether a line of iptables-restore accepts what comes to this port. One without a port is for all of them."""
    if not re.match(r"-A ufw-user-input .*-j (ACCEPT|ufw-user-limit-accept)\b", rule):
        return False
    protocol = re.search(r" -p (\w+)", rule)
    ports = re.search(r" --dports? (\S+)", rule)
    return (protocol is None or protocol[1] == kind) and (
        ports is None or any(_covers(part.split(":"), number) for part in ports[1].split(","))
    )


def _firewalld(port: int, run: Run) -> Iterator[Firewall]:
    if run(["firewall-cmd", "--state"]) is None:
        return
    zone = run(["firewall-cmd", "--list-all"])
    wanted = (("tcp", port), ("udp", DISCOVERY_PORT))
    opens = None if zone is None else all(_zone_lets_in(zone, kind, number) for kind, number in wanted)
    ports = " ".join(f"--add-port={number}/{kind}" for kind, number in wanted)
    command = f"sudo firewall-cmd --permanent {ports} --add-service=mdns && sudo firewall-cmd --reload"
    yield Firewall("firewalld", opens, _IN_A_TERMINAL, command)


def _zone_lets_in(zone: str, kind: str, number: int) -> bool:
    """`zone`: as firewall-cmd describes it, a line for each property."""
    properties = dict(re.findall(r"^\s+([a-z-]+): ?(.*)$", zone, re.MULTILINE))
    ports = [place.split("/") for place in properties.get("ports", "").split()]
    return properties.get("target") == "ACCEPT" or any(
        of_kind == kind and _covers(range_.split("-"), number) for range_, of_kind in ports
    )


def _covers(range_: Sequence[str], number: int) -> bool:
    """`range_`: a port, or the first and the last one."""
    return range_[0].isdigit() and range_[-1].isdigit() and int(range_[0]) <= number <= int(range_[-1])


# -- the others ---------------------------------------------------------------------------------------------------


def _windows(port: int, run: Run) -> Iterator[Firewall]:
    # What netsh prints is in the language of the system; 0x0 of the registry is the same in all of them.
    policy = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
    profiles = ("StandardProfile", "PublicProfile", "DomainProfile")
    states = [run(["reg", "query", rf"{policy}\{profile}", "/v", "EnableFirewall"]) for profile in profiles]
    if all(state is not None and "0x1" not in state for state in states):
        return
    rules = [
        run(["netsh", "advfirewall", "firewall", "show", "rule", f"name=qtchat {kind}"]) for kind in ("TCP", "UDP")
    ]
    rule = "netsh advfirewall firewall add rule dir=in action=allow"
    opens = True if all(rules) else None  # the program itself may have been allowed when Windows asked
    commands = (
        f'{rule} name="qtchat TCP" protocol=TCP localport={port}',
        f'{rule} name="qtchat UDP" protocol=UDP localport={DISCOVERY_PORT},{MDNS_PORT}',
    )
    yield Firewall("Windows", opens, _AS_ADMINISTRATOR, "\n".join(commands))


def _macos(run: Run) -> Iterator[Firewall]:
    state = run([MACOS_TOOL, "--getglobalstate"])
    if state is not None and "State = 0" not in state:
        yield Firewall("macOS", None if "State = 1" in state else False, _BY_HAND)

"""The firewall of this computer: is one switched on, does it let the chat through, and by which command it would.

Rules that somebody made by hand (nft, iptables) can be read by an administrator only, and are not looked for.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from qtchat.net.announcement import DISCOVERY_PORT
from qtchat.net.checks.findings import Finding, ok, skipped, warning

STEP: Final = "Firewall of this computer"
PATIENCE: Final = 5.0
"""Seconds that a tool of the system may take."""
MDNS_PORT: Final = 5353
UFW_FOLDER: Final = Path("/etc/ufw")
MACOS_TOOL: Final = "/usr/libexec/ApplicationFirewall/socketfilterfw"

Run = Callable[[Sequence[str]], str | None]
"""Runs a tool; what it printed, None if it is not there or failed."""


class Firewall(Struct, frozen=True):
    """One that is switched on. `opens`: whether it lets the chat in, None if that cannot be read. `command`: what opens
    it."""

    name: str
    opens: bool | None
    command: str


def run_tool(command: Sequence[str]) -> str | None:
    path = shutil.which(command[0])
    if path is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 (fixed words and port numbers)
            [path, *command[1:]],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


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
    closed = [firewall for firewall in firewalls if not firewall.opens]
    if closed:
        first = closed[0]
        what = "does not let the chat in" if first.opens is False else "is switched on, and may keep the chat out"
        return warning(STEP, f"{first.name} {what}.", f"To let the chat in:\n{first.command}")
    if firewalls:
        return ok(STEP, f"{firewalls[0].name} is switched on and lets the chat in.")
    if platform not in ("linux", "darwin", "win32"):
        return skipped(STEP, "It is not known how a firewall would be found on this system.")
    known = {"linux": "neither ufw nor firewalld", "darwin": "not that of macOS", "win32": "not that of Windows"}
    return ok(STEP, f"None is switched on, {known[platform]}. Rules that were made by hand cannot be seen from here.")


def _ufw(port: int, folder: Path) -> Iterator[Firewall]:
    try:
        enabled = re.search(r"^\s*ENABLED\s*=\s*yes", (folder / "ufw.conf").read_text(), re.MULTILINE | re.IGNORECASE)
    except (OSError, UnicodeDecodeError):
        return
    if not enabled:
        return
    try:
        rules = (folder / "user.rules").read_text()
        opens = all(
            re.search(rf"-p {kind} .*--dport {number}\b.*ACCEPT", rules)
            for kind, number in (("tcp", port), ("udp", DISCOVERY_PORT))
        )
    except (OSError, UnicodeDecodeError):  # for an administrator's eyes only
        opens = None
    places = (f"{port}/tcp", f"{DISCOVERY_PORT}/udp", f"{MDNS_PORT}/udp")
    yield Firewall("ufw", opens, " && ".join(f"sudo ufw allow {place}" for place in places))


def _firewalld(port: int, run: Run) -> Iterator[Firewall]:
    if run(["firewall-cmd", "--state"]) is None:
        return
    places = (f"{port}/tcp", f"{DISCOVERY_PORT}/udp")
    opens = all(run(["firewall-cmd", f"--query-port={place}"]) is not None for place in places)
    ports = " ".join(f"--add-port={place}" for place in places)
    yield Firewall(
        "firewalld",
        opens,
        f"sudo firewall-cmd --permanent {ports} --add-service=mdns && sudo firewall-cmd --reload",
    )


def _windows(port: int, run: Run) -> Iterator[Firewall]:
    # What netsh prints is in the language of the system; 0x1 of the registry is the same in all of them.
    policy = r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy"
    profiles = ("StandardProfile", "PublicProfile", "DomainProfile")
    states = [run(["reg", "query", rf"{policy}\{profile}", "/v", "EnableFirewall"]) for profile in profiles]
    if not any("0x1" in (state or "") for state in states):
        return
    rules = [
        run(["netsh", "advfirewall", "firewall", "show", "rule", f"name=qtchat {kind}"]) for kind in ("TCP", "UDP")
    ]
    rule = "netsh advfirewall firewall add rule dir=in action=allow"
    yield Firewall(
        "The Windows firewall",
        True if all(rules) else None,  # the program itself may have been allowed when Windows asked
        f'{rule} name="qtchat TCP" protocol=TCP localport={port}\n'
        f'{rule} name="qtchat UDP" protocol=UDP localport={DISCOVERY_PORT},{MDNS_PORT}\n'
        "(in a command prompt that was opened with: Run as administrator)",
    )


def _macos(run: Run) -> Iterator[Firewall]:
    state = run([MACOS_TOOL, "--getglobalstate"])
    if state is not None and "State = 0" not in state:
        yield Firewall(
            "The macOS firewall",
            None,
            "System Settings > Network > Firewall > Options: allow incoming connections for qtchat.",
        )

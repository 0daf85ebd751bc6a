"""This computer: the networks it is in, and where the rest of the world lies from here."""

import ipaddress
import re
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import ifaddr

from qtchat.net.announcement import Network, networks
from qtchat.net.checks.findings import Finding, failed, ok, skipped, warning
from qtchat.net.checks.firewall import Run, run_tool

NETWORKS: Final = "Networks of this computer"
VPN: Final = "VPN"
PERMISSION: Final = "Permission of macOS"
BEYOND: Final = "192.0.2.1"
"""A documentation address (RFC 5737): any address beyond this network would do."""

_TUNNEL = re.compile(
    r"^(tun|tap|wg|ppp|utun|ipsec|tailscale|zt|nordlynx|proton|mullvad)|wireguard|openvpn|tap-windows|vpn|tailscale",
    re.IGNORECASE,
)


def check_networks(places: Sequence[Network], interface: str) -> Finding:
    """`places`: what `networks(interface)` found."""
    if interface and not places:
        return failed(
            NETWORKS, f"{interface} is no address of this computer.", "Choose one of its addresses, or none at all."
        )
    if not places or (places[0].loopback and not interface):
        return failed(
            NETWORKS,
            "This computer is in no network.",
            "Switch on Wi-Fi or plug in the cable; without a router, one computer can open a hotspot for the others.",
        )
    shown = ", ".join(f"{place.address} ({place.adapter})" for place in places)
    lost = [place for place in places if ipaddress.ip_address(place.address).is_link_local]
    if len(lost) == len(places):
        return warning(
            NETWORKS,
            f"{shown}: the network gave this computer no address, so it made up one.",
            "Connect to the network anew. If that does not help, restart the router.",
        )
    return ok(NETWORKS, shown)


def source_address(target: str) -> str:
    """The address of this computer from which `target` would be spoken to; "" if there is no way. Sends nothing:
    connecting a UDP socket only chooses a route."""
    family = socket.AF_INET6 if ":" in target else socket.AF_INET
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((target, 9))
        return str(probe.getsockname()[0])
    return ""


def adapter_of(address: str) -> str:
    """The name of the adapter that has this address, "" if none has."""
    for adapter in ifaddr.get_adapters():
        if any(address == (place.ip if place.is_IPv4 else place.ip[0]) for place in adapter.ips):
            return adapter.nice_name
    return ""


def check_vpn(adapter: str, target: str = "") -> Finding:
    """`adapter`: through which all that is not meant for a network of this computer goes, or what goes to `target`."""
    if not _TUNNEL.search(adapter):
        return ok(VPN, f"None stands in the way: {'traffic goes through ' + adapter if adapter else 'no way out'}.")
    what = f"What is sent to {target}" if target else "Everything that leaves this computer"
    return warning(
        VPN,
        f"{what} goes through the VPN ({adapter}), where the others may not be.",
        "Allow access to the local network in the VPN's settings, or switch it off while you chat.",
    )


def check_permission(refused: bool, *, platform: str = sys.platform) -> Finding | None:
    """None where programs need no permission to speak to the local network. `refused`: nothing could be sent there."""
    if platform != "darwin":
        return None
    place = "System Settings > Privacy & Security > Local Network: switch on qtchat, then start it again."
    if refused:
        return failed(PERMISSION, "macOS does not let this program speak to the local network.", place)
    return skipped(PERMISSION, "macOS does not tell programs whether they may use the local network.", f"See {place}")


def is_near(target: str, places: Sequence[Network]) -> bool:
    """Whether this address lies in one of our networks."""
    with suppress(ValueError):
        address = ipaddress.ip_address(target)
        if address.version == 6:
            return address.is_link_local or address.is_loopback
        return any(
            address in ipaddress.ip_network(f"{place.address}/{place.prefix}", strict=False)
            for place in [*places, *networks("127.0.0.1")]
        )
    return False


# -- neighbours -------------------------------------------------------------------------------------------------


def gateway(*, platform: str = sys.platform, run: Run = run_tool, table: Path = Path("/proc/net/route")) -> str:
    """The address of the router, "" if there is none or it cannot be found."""
    if platform == "win32":
        found = re.search(r"^\s*0\.0\.0\.0\s+0\.0\.0\.0\s+([\d.]+)", run(["route", "print", "-4"]) or "", re.MULTILINE)
        return found[1] if found else ""
    if platform == "darwin":
        found = re.search(r"gateway:\s*([\d.]+)\s*$", run(["route", "-n", "get", "default"]) or "", re.MULTILINE)
        return found[1] if found else ""
    with suppress(OSError, ValueError):
        for line in table.read_text().splitlines()[1:]:
            _, destination, router, *_ = line.split()
            if int(destination, 16) == 0 and int(router, 16):
                return str(ipaddress.IPv4Address(int(router, 16).to_bytes(4, sys.byteorder)))
    return ""


def is_awake(address: str, table: Path = Path("/proc/net/arp")) -> bool | None:
    """Whether a computer in our network, spoken to just now, has told its hardware address; None: cannot be seen."""
    with suppress(OSError, ValueError, IndexError):
        for line in table.read_text().splitlines()[1:]:
            words = line.split()
            if words[0] == address:
                return bool(int(words[2], 16) & 2)  # ATF_COM, see arp(7)
        return False
    return None

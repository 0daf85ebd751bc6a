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
from qtchat.net.checks.findings import QT_TRANSLATE_NOOP, Finding, failed, ok, skipped, warning

NETWORKS: Final = QT_TRANSLATE_NOOP("Doctor", "Networks of this computer")
VPN: Final = QT_TRANSLATE_NOOP("Doctor", "VPN")
PERMISSION: Final = QT_TRANSLATE_NOOP("Doctor", "Permission of macOS")
BEYOND: Final = "192.0.2.1"
"""A documentation address (RFC 5737): any address beyond this network would do."""
ADAPTERS: Final = Path("/sys/class/net")

_TUNNEL = re.compile(
    r"^(tun|tap|wg|ppp|utun|ipsec|tailscale|zt|nordlynx|proton|mullvad|gpd|cscotun)|wireguard|openvpn|wintun"
    r"|tap-windows|vpn|tailscale|zerotier|anyconnect|globalprotect|pangp|fortinet|warp",
    re.IGNORECASE,
)
_TUNNEL_TYPES: Final = frozenset({"512", "65534"})
"""ARPHRD_PPP and ARPHRD_NONE of Linux: PPP, and what WireGuard and OpenVPN make, whatever it is called."""


def check_networks(places: Sequence[Network], interface: str) -> Finding:
    """`places`: what `networks(interface)` found."""
    if ":" in interface:
        return failed(
            NETWORKS,
            QT_TRANSLATE_NOOP("Doctor", "{interface} is an IPv6 address, and chats are searched for by IPv4."),
            QT_TRANSLATE_NOOP("Doctor", "Choose an IPv4 address of this computer, or none at all."),
            interface=interface,
        )
    if interface and not places:
        return failed(
            NETWORKS,
            QT_TRANSLATE_NOOP("Doctor", "{interface} is no address of this computer."),
            QT_TRANSLATE_NOOP("Doctor", "Choose one of its addresses, or none at all."),
            interface=interface,
        )
    if not places or (places[0].loopback and not interface):
        return failed(
            NETWORKS,
            QT_TRANSLATE_NOOP("Doctor", "This computer is in no network."),
            QT_TRANSLATE_NOOP(
                "Doctor",
                "Switch on Wi-Fi or plug in the cable; without a router, one computer can open a hotspot for the"
                " others.",
            ),
        )
    shown = ", ".join(f"{place.address} ({place.adapter})" for place in places)
    if all(ipaddress.ip_address(place.address).is_link_local for place in places):
        return warning(
            NETWORKS,
            QT_TRANSLATE_NOOP("Doctor", "{addresses}: the network gave this computer no address, so it made up one."),
            QT_TRANSLATE_NOOP("Doctor", "Connect to the network anew. If that does not help, restart the router."),
            addresses=shown,
        )
    return ok(NETWORKS, QT_TRANSLATE_NOOP("Doctor", "Connected, as {addresses}."), addresses=shown)


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


def is_tunnel(adapter: str, folder: Path = ADAPTERS) -> bool:
    """Whether this adapter is that of a VPN. `folder`: where Linux describes its adapters."""
    if _TUNNEL.search(adapter):
        return True
    with suppress(OSError, ValueError):  # other systems have no such folder; a name of theirs may be no file name
        return (folder / adapter / "type").read_text().strip() in _TUNNEL_TYPES
    return False


def check_vpn(adapter: str) -> Finding:
    """`adapter`: through which all that is not meant for a network of this computer goes, "" if there is no way out."""
    if is_tunnel(adapter):
        return warning(
            VPN,
            QT_TRANSLATE_NOOP(
                "Doctor",
                "What leaves this computer goes through a VPN ({adapter}), where the others may not be.",
            ),
            _PAST_THE_VPN,
            adapter=adapter,
        )
    if adapter:
        return ok(VPN, QT_TRANSLATE_NOOP("Doctor", "None is in the way: {adapter} is used."), adapter=adapter)
    return ok(VPN, QT_TRANSLATE_NOOP("Doctor", "None is in the way. There is no way to the internet, nor needed."))


def vpn_to(target: str) -> Finding | None:
    """The VPN that leads to this address; None if none does."""
    adapter = adapter_of(source_address(target))
    if not is_tunnel(adapter):
        return None
    sentence = QT_TRANSLATE_NOOP(
        "Doctor", "What is sent to {target} goes through a VPN ({adapter}), and the chat may not be there."
    )
    return warning(VPN, sentence, _PAST_THE_VPN, target=target, adapter=adapter)


_PAST_THE_VPN: Final = QT_TRANSLATE_NOOP(
    "Doctor", "Allow access to the local network in the VPN's settings, or switch it off while you chat."
)


def check_permission(refused: bool, *, platform: str = sys.platform) -> Finding | None:
    """None where programs need no permission to speak to the local network. `refused`: nothing could be sent there."""
    if platform != "darwin":
        return None
    place = QT_TRANSLATE_NOOP(
        "Doctor",
        "In System Settings > Privacy & Security > Local Network, qtchat has to be switched on; then start it again.",
    )
    if refused:
        sentence = QT_TRANSLATE_NOOP("Doctor", "macOS does not let this program speak to the local network.")
        return failed(PERMISSION, sentence, place)
    sentence = QT_TRANSLATE_NOOP("Doctor", "macOS tells no program whether it may use the local network.")
    return skipped(PERMISSION, sentence, place)


def is_near(target: str, places: Sequence[Network]) -> bool:
    """Whether this address lies in one of our networks."""
    with suppress(ValueError):
        address = ipaddress.ip_address(target)
        if address.version == 6:
            return address.is_link_local or address.is_loopback
        return any(place.has(target) for place in [*places, *networks("127.0.0.1")])
    return False

"""The addresses under which others can reach this computer."""

import contextlib
import ipaddress
import socket
from typing import Final

_BEYOND: Final = {socket.AF_INET: "192.0.2.1", socket.AF_INET6: "2001:db8::1"}
"""Documentation addresses (RFC 5737, RFC 3849): any address beyond this network would do."""
_EVERYWHERE: Final = {
    "": (socket.AF_INET, socket.AF_INET6),
    "0.0.0.0": (socket.AF_INET,),  # noqa: S104 (only compared with)
    "::": (socket.AF_INET6,),
}
"""What means every address of this computer, and of which families."""


def reachable_addresses(host: str) -> list[str]:
    """What to put into an invitation for a server that listens on `host` (empty: everywhere), best first.

    Finds the address of the interface that leads to the rest of the network without sending anything: connecting
    a UDP socket only chooses a route.
    """
    families = _EVERYWHERE.get(host)
    if families is None:
        return [host]
    found: list[str] = []
    for family in families:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((_BEYOND[family], 9))
            found.append(str(probe.getsockname()[0]))
    if socket.AF_INET in families:
        with contextlib.suppress(OSError):
            found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    unique = dict.fromkeys(found)
    own = "127.0.0.1" if socket.AF_INET in families else "::1"
    return [address for address in unique if not address.startswith("127.")] or [own]


def network_of(address: str) -> str:
    """With IPv6, where a computer takes as many addresses of its network as it likes, that network; else empty.

    Everybody on the same cable may be in it.
    """
    if ":" not in address:
        return ""
    return str(ipaddress.IPv6Network((address.partition("%")[0], 64), strict=False))


def is_loopback(address: str) -> bool:
    """Whether this is the computer itself."""
    return address == "::1" or address.startswith("127.")

"""The addresses under which others can reach this computer."""

import contextlib
import socket


def reachable_addresses(host: str) -> list[str]:
    """What to put into an invitation for a server that listens on `host` (empty: everywhere), best first.

    Finds the address of the interface that leads to the rest of the network without sending anything: connecting
    a UDP socket only chooses a route.
    """
    if host:
        return [host]
    found: list[str] = []
    # Documentation addresses (RFC 5737, RFC 3849): any address beyond this network would do.
    for family, beyond in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((beyond, 9))
            found.append(str(probe.getsockname()[0]))
    with contextlib.suppress(OSError):
        found += [str(entry[4][0]) for entry in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)]
    unique = list(dict.fromkeys(found))
    return [address for address in unique if not address.startswith("127.")] or ["127.0.0.1"]

"""What is announced by mDNS, read in zeroconf's own thread, which no stranger's announcement may bring down."""

import logging
from typing import Final

from msgspec import Struct
from zeroconf import Zeroconf

from qtchat.net.announcement import Announcement, from_txt

logger = logging.getLogger(__name__)

INFO_TIMEOUT_MS: Final = 1_500
MAX_ADDRESSES: Final = 8
"""Addresses of one server that are looked at."""


class Service(Struct, frozen=True):
    """A server that is announced. `addresses`: of IPv4 and IPv6, the latter with their zone; without the port."""

    server: Announcement
    addresses: tuple[str, ...]


def read_service(zeroconf: Zeroconf, service_type: str, name: str) -> Service | None:
    """Wait for the rest of what is announced under this name; None if it does not come, or is nothing of ours.

    Never raises: what comes is made by anybody, and an exception would end zeroconf's thread, and with it the search.
    """
    try:
        info = zeroconf.get_service_info(service_type, name, INFO_TIMEOUT_MS)
        server = from_txt(info.properties, info.port) if info is not None else None
        if info is None or server is None:
            return None
        return Service(server, tuple(info.parsed_scoped_addresses()[:MAX_ADDRESSES]))
    except Exception as error:
        logger.info("an announcement cannot be read: %s: %s", type(error).__name__, error)
        return None

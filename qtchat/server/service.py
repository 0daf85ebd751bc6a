"""Tells the service manager of the system (systemd) how the server fares, where there is one: see sd_notify(3)."""

import contextlib
import os
import socket
from typing import Final

VARIABLE: Final = "NOTIFY_SOCKET"


def notify(*lines: str) -> bool:
    """Send `lines`, such as "READY=1" and "STATUS=...". False if nobody wants to know, or listens.

    The variable holds a path, or a name in the abstract name space of Linux with "@" in the place of its zero byte.
    """
    place = os.environ.get(VARIABLE, "")
    if not place.startswith(("/", "@")) or not hasattr(socket, "AF_UNIX"):
        return False
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect("\0" + place[1:] if place.startswith("@") else place)
        sock.sendall("\n".join(lines).encode())
        return True
    return False

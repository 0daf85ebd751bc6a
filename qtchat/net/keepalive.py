"""Letting the system find out that a peer is dead, where the protocol has no way to ask."""

import contextlib
import socket
from typing import Final

_TIMES: Final = (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
"""Seconds of silence before it asks, seconds between two questions, questions: after 45 seconds it gives up."""


def keep_alive(sock: socket.socket) -> None:
    """As far as the system has these options. Without effect on a socket that was reset already."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _TIMES:
            if hasattr(socket, name):
                sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

"""A network of one's own for discovery: other tests on this machine neither hear it nor are heard."""

import socket

import pytest

from qtchat.client import discovery
from qtchat.server import announcer

LOOPBACK = "127.0.0.1"


def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broadcasts on a port that is free now, and no mDNS: its port is the same for everybody."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    for module in (discovery, announcer):
        monkeypatch.setattr(module, "DISCOVERY_PORT", port)
        monkeypatch.setattr(module, "Zeroconf", _no_multicast)


def _no_multicast(*_arguments: object) -> None:
    raise OSError("multicast is blocked")

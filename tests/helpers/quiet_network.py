"""A network of one's own for discovery: nothing else on this machine hears a test, or is heard by it."""

import itertools
import os
import socket
from collections.abc import Callable
from typing import Final

import pytest

from qtchat.client import discovery
from qtchat.net import announcement
from qtchat.net.checks import hearing
from qtchat.server import announcer

LOOPBACK = "127.0.0.1"
_NUMBERS: Final = itertools.count()


def own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """For the program of the test; see `free_network`."""
    confine(*free_network(), monkeypatch.setattr)


def free_network() -> tuple[int, str]:
    """A port for broadcasts that is free now, and a service for mDNS that nobody else has: its port is everybody's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((LOOPBACK, 0))
        port: int = free.getsockname()[1]
    return port, f"_qt{os.getpid() % 0xFFFFFF:06x}-{next(_NUMBERS) % 0xFFFFF:x}._tcp.local."


def confine(port: int, service: str, put: Callable[[object, str, object], None] = setattr) -> None:
    """Let discovery in this program use these."""
    for module in (discovery, announcer, hearing):
        put(module, "DISCOVERY_PORT", port)
        put(module, "SERVICE", service)
    put(announcement, "SERVICE", service)


def only_broadcasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mDNS at all, where its half a second is not wanted."""
    for module in (discovery, announcer):
        monkeypatch.setattr(module, "Zeroconf", _no_multicast)


def _no_multicast(*_arguments: object) -> None:
    raise OSError("multicast is blocked")

"""What all doors have in common: the peers of one loop, who are looked after, counted, and seen off at the end."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from qtchat.net.connection import Limits
from qtchat.net.loop import IoLoop

CHECK_INTERVAL: Final = 1.0
"""Seconds between two looks at peers that are late or silent."""


@dataclass(frozen=True, slots=True)
class DoorLimits:
    """What a peer is allowed; each is an option of ServerSettings, where its unit and meaning stand."""

    soft_outbox: int
    hard_window: int
    login_timeout: float
    silence_timeout: float
    connection: Limits


class Visitor(Protocol):
    """A peer as its door sees it."""

    address: str

    def check(self, now: float) -> None:
        """Look whether it is late, silent, or takes nothing. `now`: monotonic seconds."""

    def see_off(self) -> None:
        """The server goes away."""


AnyVisitor = TypeVar("AnyVisitor", bound=Visitor)


class Door(Generic[AnyVisitor]):
    """The peers of one loop that came one way. Everything but `wait_until_empty` in the loop's thread."""

    def __init__(self, loop: IoLoop, limits: DoorLimits, left: Callable[[str], None]) -> None:
        """`left`: called with a peer's address when its connection has ended."""
        self.loop = loop
        self.limits = limits
        self.peers: set[AnyVisitor] = set()
        self.closing = False
        self._left = left
        self._empty = threading.Event()

    def start(self) -> None:
        """Begin to look after the peers."""
        self.loop.call_later(CHECK_INTERVAL, self._check)

    def forget(self, peer: AnyVisitor) -> None:
        """Its connection has ended."""
        self.peers.discard(peer)
        self._left(peer.address)
        if self.closing and not self.peers:
            self._empty.set()

    def close(self) -> None:
        """End all connections."""
        self.closing = True
        if not self.peers:
            self._empty.set()
        for peer in tuple(self.peers):
            peer.see_off()

    def wait_until_empty(self, timeout: float) -> bool:
        """After `close`: whether the last peer has gone within `timeout` seconds. From another thread."""
        return self._empty.wait(timeout)

    def _check(self) -> None:
        now = time.monotonic()
        for peer in tuple(self.peers):
            peer.check(now)
        self.loop.call_later(CHECK_INTERVAL, self._check)

"""What may lie in the hub's inbox: requests and logins of peers, and news of their connections."""

from collections.abc import Callable
from dataclasses import dataclass

from qtchat.protocol.messages import Request
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.plain import PlainLogout
from qtchat.server.state import Peer, State


@dataclass(frozen=True, slots=True)
class Gone:
    """A connection has ended."""

    peer: Peer


@dataclass(frozen=True, slots=True)
class Typed:
    """A peer's user is writing in a room."""

    peer: Peer
    room: int


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """A slow reader has taken what was queued; it missed news, and is told where its rooms stand."""

    peer: Peer


@dataclass(frozen=True, slots=True)
class Call:
    """Run something in the hub's thread, between two batches: reading state for the host panel, tests."""

    function: Callable[[State], None]


@dataclass(frozen=True, slots=True)
class Overrun:
    """A request beyond MAX_IN_FLIGHT: to be refused in its turn."""

    request: Request


Item = Request | Login | PlainLogout | Overrun
Letter = tuple[Peer, Item] | Gone | Typed | CaughtUp | Call
"""What may lie in the inbox."""

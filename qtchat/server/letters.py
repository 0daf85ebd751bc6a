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
class Heard:
    """A peer has read what its user was told of acts of moderation, up to the act of this number."""

    peer: Peer
    act: int


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
Turn = Item | Typed | Heard
"""What is done in a batch, in its turn."""
Unanswered = PlainLogout | Typed | Heard
"""That of it which nobody waits for."""
Letter = tuple[Peer, Item] | Gone | Typed | Heard | CaughtUp | Call
"""What may lie in the inbox."""

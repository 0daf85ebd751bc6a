"""What the parts of an account need of it: a way to the server, to the disk, and to the owner."""

import time
from collections.abc import Callable
from typing import Final, Protocol

from qtchat.client.errors import ProfileError
from qtchat.client.outbox import new_id
from qtchat.client.storage import Disk
from qtchat.client.updates import Update
from qtchat.protocol.messages import Error, Message, Request

RETRY_AFTER: Final = 2.0
"""Seconds until something is asked again that was refused, unless the server says when."""
MIN_RETRY_AFTER: Final = 0.1
"""Seconds that we wait at least, whatever a server says: it must not keep us busy."""
MAX_RETRY_AFTER: Final = 60.0
"""Seconds that a server can make us wait."""


class Line(Protocol):
    """Implemented by the account; used in its loop's thread only."""

    @property
    def free(self) -> int:
        """Requests that may be sent now; 0 while the session is not open."""

    @property
    def online(self) -> bool:
        """Logged in, and all rooms were told."""

    @property
    def user(self) -> int:
        """Our user number, 0 before the first login."""

    @property
    def nick(self) -> str:
        """What we are called there."""

    def server_knows(self, capability: str) -> bool:
        """Whether the server announced this."""

    def say(self, message: Message) -> None:
        """Send something that has no reply; only while `online`."""

    def send(self, request: Request) -> None:
        """Send at once; only while `free`. Its reply, or its loss, comes back to the sender's part."""

    def submit(self, request: Request) -> None:
        """Send as soon as the window allows, or let it fail at once while there is no connection."""

    def pump(self) -> None:
        """Something changed: send what may be sent now."""

    def give_up(self, reason: str) -> None:
        """Break the connection and begin anew."""

    def emit(self, update: Update) -> None:
        """Tell the owner."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        """Seconds."""

    def read(
        self, job: Callable[[Disk], object], done: Callable[..., None], failed: Callable[[ProfileError], None]
    ) -> None:
        """Do something in the storage thread and hear of it."""

    def write(self, job: Callable[[Disk], None]) -> None:
        """Do something in the storage thread that nobody waits for."""


def now_ms() -> int:
    """Milliseconds since 1970, UTC."""
    return time.time_ns() // 1_000_000


def request_id() -> bytes:
    """A new id for a request."""
    return new_id(now_ms())


def retry_after(error: Error, most: float = MAX_RETRY_AFTER) -> float:
    """Seconds to wait before what was refused is asked again, at most `most`."""
    if error.retry_after_ms is None:
        return RETRY_AFTER
    return max(MIN_RETRY_AFTER, min(error.retry_after_ms / 1000, most))

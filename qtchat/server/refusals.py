"""What the hub does not do: the answers that say so, and the posts that have to come again before any other.

A sender's messages keep their order in each room: behind a post that was refused for now, none may pass it there.
"""

import logging
from collections.abc import Callable, Iterable
from typing import Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Error, Post, Request
from qtchat.server.batch import Batch
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Overrun, Turn, Unanswered
from qtchat.server.state import Peer
from qtchat.server.store import StoreError, StoreFull

logger = logging.getLogger(__name__)

BUSY_RETRY_MS: Final = 100
"""What a sender is told to wait that had too many requests under way."""
RETRY_AFTER_MS: Final = 2_000
"""What a sender is told to wait after the disk refused a batch."""


class Refusals:
    """Belongs to the hub's thread."""

    def __init__(self, is_inside: Callable[[Peer, int], bool]) -> None:
        """`is_inside`: whether the user of a peer is in a room. For the others there is no order to keep there: what
        they post will be refused, and there are more numbers than rooms."""
        self._is_inside = is_inside
        self._held: dict[Peer, dict[int, bytes]] = {}
        self._failing = False

    # -- of one request, after which the batch goes on ------------------------------------------------------

    def for_now(
        self, batch: Batch, peer: Peer, request: Request, text: str, wait: float = BUSY_RETRY_MS / 1000
    ) -> None:
        """`wait`: seconds after which the sender may try again."""
        batch.reply(peer, Error(request.id, ErrorCode.BUSY, text, retry_after_ms=max(1, round(wait * 1000))))
        if (
            isinstance(request, Post)
            and self._first(batch, peer, request) is None
            and self._is_inside(peer, request.room)
        ):
            batch.holds[peer, request.room] = request.id

    def out_of_turn(self, batch: Batch, peer: Peer, request: Request) -> bool:
        """Whether another post has to come before this one."""
        return isinstance(request, Post) and self._first(batch, peer, request) not in (None, request.id)

    def release(self, batch: Batch, peer: Peer, request: Request) -> None:
        """What had to come first has come."""
        if isinstance(request, Post) and self._first(batch, peer, request) is not None:
            batch.holds[peer, request.room] = None

    def _first(self, batch: Batch, peer: Peer, post: Post) -> bytes | None:
        """The post that the server wants from this peer in that room before any other."""
        if (peer, post.room) in batch.holds:
            return batch.holds[peer, post.room]
        return self._held.get(peer, {}).get(post.room)

    # -- after the batch ------------------------------------------------------------------------------------

    def follow(self, batch: Batch) -> None:
        """It is written, and only now what it changes in the order of posts holds."""
        for (peer, room), wanted in batch.holds.items():
            if wanted is None:
                self._let_go(peer, room)
            else:
                self._held.setdefault(peer, {})[room] = wanted

    def _let_go(self, peer: Peer, room: int) -> None:
        held = self._held.get(peer, {})
        held.pop(room, None)
        if not held:
            self._held.pop(peer, None)

    def forget(self, peer: Peer) -> None:
        """It has hung up."""
        self._held.pop(peer, None)

    def works(self) -> None:
        """A batch was written."""
        if self._failing:
            self._failing = False
            logger.warning("writing works again")

    def of_all(self, requests: Iterable[tuple[Peer, Turn]], error: StoreError) -> None:
        """The batch was not written, or nobody knows whether: nothing of it is announced; all are told.

        The state has run ahead of the disk, so it is read anew before the next batch; a repeated request finds
        out from the log whether it had been stored after all.
        """
        if not self._failing:
            self._failing = True
            logger.error("a batch could not be written: %s", error)
        text = "The server's disk is full." if isinstance(error, StoreFull) else "The server cannot write to its disk."
        for peer, request in requests:
            if isinstance(request, Login) and peer.user is None:
                peer.loop.call_soon(peer.refuse, ErrorCode.STORAGE, text, "", None)
            elif not isinstance(request, Unanswered):
                asked = request.request if isinstance(request, Overrun) else request
                if isinstance(asked, Post) and self._is_inside(peer, asked.room):
                    self._held.setdefault(peer, {}).setdefault(asked.room, asked.id)
                # A new name has no id, and is what such a peer waits for then.
                re = asked.id if isinstance(asked, Request) else b""
                answer = Error(re, ErrorCode.STORAGE, text, retry_after_ms=RETRY_AFTER_MS)
                peer.loop.call_soon(peer.reply, peer.codec.encode([answer]), 1)

    def for_good(self, peer: Peer, request: Turn) -> None:
        """It cannot be handled, and repeating it would only end in the same way."""
        text = "The server failed in this. Whoever runs it finds the reason in its log."
        if isinstance(request, Login) and peer.user is None:
            peer.loop.call_soon(peer.refuse, ErrorCode.STORAGE, text, "", None)
        elif not isinstance(request, Unanswered):
            asked = request.request if isinstance(request, Overrun) else request
            answer = Error(asked.id if isinstance(asked, Request) else b"", ErrorCode.STORAGE, text)
            if isinstance(asked, Post) and self._held.get(peer, {}).get(asked.room) == asked.id:
                self._let_go(peer, asked.room)
            peer.loop.call_soon(peer.reply, peer.codec.encode([answer]), 1)

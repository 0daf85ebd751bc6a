"""The locks of the doors: banned addresses, the pace of newcomers, and the password that they may need.

Checking a password takes long, so two threads of their own do that, and the login comes to the hub again. What a wrong
one costs is paid by the address it came from: in advance, so that many at once are not cheaper than one by one.
"""

import logging
import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_TIME
from qtchat.server.addresses import is_loopback, network_of
from qtchat.server.handlers.acts import circumstances
from qtchat.server.handlers.login import Login, LoginRefused
from qtchat.server.limits import NETWORK_FACTOR, TokenBuckets
from qtchat.server.passwords import is_right
from qtchat.server.state import Peer, State, holds

logger = logging.getLogger(__name__)

CHECKERS: Final = 2
"""Passwords that are checked at one time; each takes 19 MiB for a moment."""
MAX_UNCHECKED: Final = 64
"""Logins that wait for their check; with 36 ms each the last of them waits a second."""
WRONG_DELAY: Final = 1.0
"""Seconds until somebody is told that a password was wrong."""
WRONG_RATE: Final = 1 / 30
"""Wrong passwords a second that one address may go on trying."""
WRONG_BURST: Final = 5
"""Wrong passwords that one address may try before that rate holds."""
ALL_WRONG_RATE: Final = 5.0
"""Wrong passwords a second from all addresses together: with IPv6 one computer may have as many as it likes."""
ALL_WRONG_BURST: Final = 50
"""Wrong passwords from all addresses together before that rate holds."""

Post = Callable[[Sequence[tuple[Peer, Login]]], None]


class AddressBans:
    """Which addresses are kept away. `show` in the hub's thread, `said` in any."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        """`clock`: seconds since 1970, UTC."""
        self._clock = clock
        self._bans: Mapping[str, tuple[int, str]] = {}

    def show(self, state: State) -> None:
        bans: dict[str, tuple[int, str]] = {}
        for ban in sorted(state.bans.values(), key=lambda ban: ban.until or MAX_TIME):  # the one that holds longest
            by = circumstances(state.users[ban.by].nick, ban.until, ban.reason)
            bans |= dict.fromkeys(ban.addresses.split(), (ban.until, f"Your address was banned {by}"))
        self._bans = bans

    def said(self, address: str) -> str:
        """Why this address is kept away; empty if it is not."""
        until, text = self._bans.get(address, (0, ""))
        return text if text and holds(until, int(self._clock() * 1000)) else ""


class Locks:
    """`start` and `stop` from whoever owns it; the rest in the hub's thread."""

    def __init__(
        self,
        password: str = "",
        newcomers: TokenBuckets[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`password`: its hash, empty for none. `newcomers`: how fast new keys may come from one address; loopback is
        exempt. `clock`: monotonic seconds."""
        self.addresses = AddressBans()
        self._password = password
        self._newcomers: TokenBuckets[str] = newcomers or TokenBuckets(0, 1)
        self._networks = self._newcomers.times(NETWORK_FACTOR)
        self._clock = clock
        self._wrong: TokenBuckets[str] = TokenBuckets(WRONG_RATE, WRONG_BURST)
        self._all_wrong: TokenBuckets[None] = TokenBuckets(ALL_WRONG_RATE, ALL_WRONG_BURST)
        self._unchecked: Counter[str] = Counter()
        """Passwords from each address that are being checked, or wait for it."""
        self._lock = threading.Lock()  # over the three above, which hub and checkers use
        self._checking: set[Peer] = set()
        self._jobs: queue.Queue[tuple[Peer, Login, Post] | None] = queue.Queue(MAX_UNCHECKED + CHECKERS)
        self._threads = [
            threading.Thread(target=self._run, name=f"qtchat-password-{number}", daemon=True)
            for number in range(CHECKERS if password else 0)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> bool:
        """False if `timeout` seconds did not do. The hub has ended before."""
        started = [thread for thread in self._threads if thread.ident is not None]
        deadline = time.monotonic() + timeout
        for _ in started:
            self._jobs.put(None)
        for thread in started:
            thread.join(max(0.0, deadline - time.monotonic()))
        return not any(thread.is_alive() for thread in started)

    def show(self, state: State) -> None:
        """Bans have changed."""
        self.addresses.show(state)

    def turned_away(self, peer: Peer, login: Login, *, known: bool, exempt: bool = False) -> LoginRefused | None:
        """Why this one does not even come to the door. `known`: the key was here before; `exempt`: a ban of the address
        is not meant for whoever could lift it."""
        banned = "" if exempt else self.addresses.said(peer.address)
        if banned:
            self._checking.discard(peer)
            return LoginRefused(ErrorCode.BANNED, banned)
        if login.checked:
            if peer not in self._checking:  # it has hung up meanwhile
                return LoginRefused(ErrorCode.CLOSING, "The connection has ended.")
            self._checking.discard(peer)
            return None
        if known or is_loopback(peer.address):
            return None
        now, network = self._clock(), network_of(peer.address)
        wait = (self._networks.take(network, now) if network else 0.0) or self._newcomers.take(peer.address, now)
        if not wait:
            return None
        text = "Very many new people come from this address. Please try again in a moment."
        return LoginRefused(ErrorCode.BUSY, text, retry_after_ms=round(wait * 1000) + 1)

    def check(self, peer: Peer, login: Login, post: Post) -> None:
        """Check the password. A right one comes back through `post` in a login that is `checked`."""
        if not login.password:
            text = "This server wants a password from those who come for the first time."
            _refuse(peer, ErrorCode.PASSWORD_WRONG, text)
            return
        if self._jobs.qsize() >= MAX_UNCHECKED:
            _refuse(peer, ErrorCode.BUSY, "Very many people want to come in just now. Please try again in a moment.")
            return
        with self._lock:
            wait = self._wrong.take(peer.address, self._clock())
            others = self._unchecked[peer.address]
            all_wrong = 0.0 if wait else self._all_wrong.take(None, self._clock())
            if all_wrong:
                self._wrong.give_back(peer.address)
            elif not wait:
                self._unchecked[peer.address] += 1
        if all_wrong:
            text = "Very many wrong passwords are being tried here. Please try again in a moment."
            _refuse(peer, ErrorCode.BUSY, text)
            return
        if not wait:
            self._checking.add(peer)
            self._jobs.put_nowait((peer, login, post))
        elif others:  # which may all be right
            _refuse(peer, ErrorCode.BUSY, "Others from your address are being let in. Please try again in a moment.")
        else:
            text = f"There were too many wrong passwords from this address. Try again in {round(wait) + 1} s."
            _refuse(peer, ErrorCode.PASSWORD_WRONG, text)

    def forget(self, peer: Peer) -> None:
        """It has hung up."""
        self._checking.discard(peer)

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            peer, login, post = job
            try:
                right = is_right(login.password, self._password)
            except Exception:  # a checker that dies would lock everybody out
                logger.exception("internal error in checking a password")
                right = False
            self._paid_for(peer.address, right)
            if right:
                post([(peer, replace(login, checked=True, password=""))])
            else:
                logger.info("a wrong password from %s", peer.address)
                peer.loop.call_soon(_refuse_later, peer)

    def _paid_for(self, address: str, right: bool) -> None:
        with self._lock:
            if right:
                self._wrong.give_back(address)
                self._all_wrong.give_back(None)
            self._unchecked -= Counter((address,))  # which forgets those that have none left


def _refuse_later(peer: Peer) -> None:
    peer.loop.call_later(
        WRONG_DELAY, lambda: peer.refuse(ErrorCode.PASSWORD_WRONG, "That is not the password.", "", None)
    )


def _refuse(peer: Peer, code: ErrorCode, text: str) -> None:
    peer.loop.call_soon(peer.refuse, code, text, "", None)

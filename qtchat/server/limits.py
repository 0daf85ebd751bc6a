"""Limits as arithmetic: token buckets, and how many connections the system lets us have."""

import contextlib
import sys
from collections.abc import Hashable
from typing import Final, Generic, TypeVar

if sys.platform != "win32":
    import resource

WINDOWS_SOCKETS_PER_LOOP: Final = 500
"""select() on Windows takes 512 sockets; a loop needs some for itself."""

NETWORK_FACTOR: Final = 16
"""How many times as much is allowed to one network of IPv6 as to one address: a computer there has as many addresses
as it likes, but everybody on the same cable is in it, too."""

Key = TypeVar("Key", bound=Hashable)


class TokenBuckets(Generic[Key]):
    """One bucket for each key, made full when the key is first seen. Used by one thread."""

    def __init__(self, rate: float, burst: int) -> None:
        """`rate`: tokens that come back each second, 0 for no limit; `burst`: tokens in a full bucket."""
        self._rate = rate
        self._burst = float(burst)
        self._buckets: dict[Key, tuple[float, float]] = {}
        self._next_sweep = 0.0

    def times(self, factor: int) -> "TokenBuckets[Key]":
        """New ones that allow `factor` times as much."""
        return TokenBuckets(self._rate * factor, round(self._burst) * factor)

    def take(self, key: Key, now: float) -> float:
        """Take a token: 0, or the seconds until there is one. `now`: monotonic seconds."""
        if not self._rate:
            return 0.0
        level, since = self._buckets.get(key, (self._burst, now))
        level = min(self._burst, level + (now - since) * self._rate)
        if level < 1:
            self._buckets[key] = (level, now)
            return (1 - level) / self._rate
        self._buckets[key] = (level - 1, now)
        self._sweep(now)
        return 0.0

    def give_back(self, key: Key) -> None:
        """What a token was taken for did not cost it."""
        if key in self._buckets:
            level, since = self._buckets[key]
            self._buckets[key] = (min(self._burst, level + 1), since)

    def _sweep(self, now: float) -> None:
        """Forget buckets that are full again, so that memory does not grow with everybody who was ever here."""
        if now < self._next_sweep:
            return
        refill = self._burst / self._rate
        self._next_sweep = now + refill
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if now - bucket[1] < refill}


def connection_limit(wanted: int, loops: int, reserve: int) -> int:
    """How many of `wanted` connections the system allows, after asking it for as many as it gives.

    `reserve`: descriptors that are not given to connections.
    """
    if sys.platform == "win32":
        return min(wanted, loops * WINDOWS_SOCKETS_PER_LOOP)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + reserve
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses more than OPEN_MAX, whatever it says
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - reserve))

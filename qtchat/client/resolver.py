"""What named addresses stand for: names are looked up now and again, without holding up the loop."""

import ipaddress
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from qtchat.client.elsewhere import MAX_ELSEWHERE
from qtchat.net.announcement import stays_within
from qtchat.net.dial import Address, DialError, Target, host_of, look_up
from qtchat.net.loop import IoLoop

MAX_TARGETS: Final = 4
"""Addresses that one name stands for at most."""
MAX_LOOKUPS: Final = 8
"""Names looked up at one time; each takes a thread, for up to half a minute."""
AGAIN: Final = 60.0
"""Seconds until a name is looked up again: computers get other addresses."""
RETRY: Final = 10.0
"""Seconds until then if nobody knows the name."""


class Resolver:
    """Finds out what the named addresses stand for, and goes on doing so. In the loop's thread."""

    def __init__(
        self,
        loop: IoLoop,
        named: Sequence[Address],
        interface: str,
        resolved: Callable[[Address, tuple[Address, ...]], None],
    ) -> None:
        """`resolved`: gets one that was named, and the addresses without names that it stands for now, of those that
        lie within `interface`. Not called for what nobody knows: then it is what it was before."""
        self._loop = loop
        self._interface = interface
        self._tell = resolved
        self._waiting = deque(named[:MAX_ELSEWHERE])
        self._under_way = 0
        self._over = False

    def start(self) -> None:
        """Those that are no names have been told of when it returns."""
        names: deque[Address] = deque()
        for address in self._waiting:
            if _is_name(address[0]):
                names.append(address)
            else:
                look_up(self._loop, address, partial(self._known, address))
        self._waiting = names
        self._next()

    def stop(self) -> None:
        """Lookups under way end by themselves, unheard."""
        self._over = True

    def _next(self) -> None:
        while self._waiting and self._under_way < MAX_LOOKUPS and not self._over:
            self._under_way += 1
            named = self._waiting.popleft()
            look_up(self._loop, named, partial(self._looked_up, named))

    def _looked_up(self, named: Address, targets: list[Target], problem: DialError | None) -> None:
        if self._over:
            return
        self._under_way -= 1
        self._known(named, targets, problem)
        self._loop.call_later(RETRY if problem is not None else AGAIN, partial(self._again, named))
        self._loop.call_soon(self._next)  # never nested: some of what looks like a name needs no thread

    def _again(self, named: Address) -> None:
        self._waiting.append(named)
        self._next()

    def _known(self, named: Address, targets: list[Target], problem: DialError | None) -> None:
        if problem is None:
            hosts = dict.fromkeys(host_of(target) for _family, target in targets)
            within = [host for host in hosts if stays_within(self._interface, host)]
            self._tell(named, tuple((host, named[1]) for host in within[:MAX_TARGETS]))


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False

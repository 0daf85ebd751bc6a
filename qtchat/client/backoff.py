"""When to try to connect again, as arithmetic: no clock, no sleep and no chance inside."""

from typing import Final

MIN_DELAY: Final = 0.2
"""Seconds before any retry at least, so that a server which hangs up at once is not hammered."""
FIRST_MAX_DELAY: Final = 0.5
"""Seconds before the first retry at most: after a mere reset we are back in less than a second."""
MAX_DELAY: Final = 30.0
"""Seconds before any retry at most."""


class Backoff:
    """Delays whose upper bound doubles, spread evenly below it: clients that lost their server together must not
    come back together."""

    def __init__(self) -> None:
        self._bound = FIRST_MAX_DELAY

    def next_delay(self, random: float) -> float:
        """Seconds to wait before the next attempt. `random`: an evenly distributed number from 0 to 1."""
        delay = MIN_DELAY + random * (self._bound - MIN_DELAY)
        self._bound = min(self._bound * 2, MAX_DELAY)
        return delay

    def reset(self) -> None:
        """Begin anew. Call it when a session is open, not when a socket is: a server that is full also accepts."""
        self._bound = FIRST_MAX_DELAY

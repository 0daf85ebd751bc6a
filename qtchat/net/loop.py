"""IoLoop: one thread, one selector, timers, and `call_soon` from any thread.

Rule: everything that touches a registered socket, a timer or a connection runs in the loop's own thread; the
methods assert it. Only `call_soon`, `start`, `stop` and `running` may be used from elsewhere.
"""

import contextlib
import heapq
import itertools
import logging
import selectors
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

logger = logging.getLogger(__name__)

READ: Final = selectors.EVENT_READ
WRITE: Final = selectors.EVENT_WRITE

Ready = Callable[[int], None]
"""Called with the ready events (READ | WRITE) of a registered socket."""


class Timer:
    """A call that is due at `when` (monotonic seconds). `cancel` in the loop's thread."""

    __slots__ = ("callback", "when")

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class IoLoop:
    """One thread that waits for sockets and timers. Starts once, stops once."""

    def __init__(self, name: str) -> None:
        self._selector = selectors.DefaultSelector()
        self._calls: deque[Callable[[], None]] = deque()
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._after_tick: list[Callable[[], None]] = []
        self._wake_reader, self._wake_writer = socket.socketpair()
        self._wake_reader.setblocking(False)
        self._wake_writer.setblocking(False)
        self._woken = False
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._ident: int | None = None  # the thread's own is a property, and this is asked for each send

    # -- from any thread ------------------------------------------------------------------------------

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Run what was already queued, end the thread, and free the selector. False if `timeout` s did not do.

        Close the connections first: the loop does not know them.
        """
        self.call_soon(self._set_stopping)
        if self._thread.ident is None:
            self._free()
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def call_soon(self, callback: Callable[..., None], *args: Any) -> None:
        """Run `callback(*args)` in the loop's thread, after all that was queued before. Never blocks."""
        self._calls.append((lambda: callback(*args)) if args else callback)
        if not self._woken:
            self._woken = True
            # A full pipe means that a wake-up is pending; a closed one, that the loop has ended.
            with contextlib.suppress(BlockingIOError, OSError):
                self._wake_writer.send(b"\0")

    @property
    def inside(self) -> bool:
        """Whether the caller runs in the loop's thread."""
        return threading.get_ident() == self._ident

    # -- in the loop's thread -------------------------------------------------------------------------

    def call_later(self, delay: float, callback: Callable[[], None]) -> Timer:
        """Run `callback` once, `delay` seconds from now."""
        assert self.inside, "call_later belongs to the loop's thread"
        timer = Timer(time.monotonic() + delay, callback)
        heapq.heappush(self._timers, (timer.when, next(self._order), timer))
        return timer

    def after_tick(self, callback: Callable[[], None]) -> None:
        """Run `callback` once when all that is ready now was handled: the place to pass on a batch."""
        assert self.inside, "after_tick belongs to the loop's thread"
        self._after_tick.append(callback)

    def register(self, sock: socket.socket, events: int, ready: Ready) -> None:
        assert self.inside, "register belongs to the loop's thread"
        self._selector.register(sock, events, ready)

    def modify(self, sock: socket.socket, events: int, ready: Ready) -> None:
        assert self.inside, "modify belongs to the loop's thread"
        self._selector.modify(sock, events, ready)

    def unregister(self, sock: socket.socket) -> None:
        assert self.inside, "unregister belongs to the loop's thread"
        self._selector.unregister(sock)

    # -- the thread -----------------------------------------------------------------------------------

    def _run(self) -> None:
        self._ident = threading.get_ident()
        self._selector.register(self._wake_reader, READ, self._drain_wake)
        try:
            while not self._stopping:
                for key, events in self._selector.select(self._patience()):
                    self._guard(key.data, events)
                self._run_timers()
                self._run_calls()
                while self._after_tick:
                    callbacks, self._after_tick = self._after_tick, []
                    for callback in callbacks:
                        self._guard(callback)
        finally:
            self._free()

    def _guard(self, callback: Callable[..., None], *args: Any) -> None:
        """One peer's or caller's trouble must not end the loop for all others; it is our bug, so it is logged."""
        try:
            callback(*args)
        except Exception:
            logger.exception("internal error in a callback of loop %s", self._thread.name)

    def _drain_wake(self, _events: int) -> None:
        # First the bytes, then the mark: the other way round a byte sent in between would be swallowed while the mark
        # stays, and nobody would wake the loop ever again. Whoever appends before the mark is cleared is served in
        # this tick.
        with contextlib.suppress(BlockingIOError):
            self._wake_reader.recv(4096)
        self._woken = False

    def _run_calls(self) -> None:
        for _ in range(len(self._calls)):
            self._guard(self._calls.popleft())

    def _run_timers(self) -> None:
        now = time.monotonic()
        while self._timers and self._timers[0][0] <= now:
            callback = heapq.heappop(self._timers)[2].callback
            if callback is not None:
                self._guard(callback)

    def _patience(self) -> float | None:
        """How long select may wait, in seconds; None: until something happens."""
        if self._calls or self._after_tick:
            return 0.0
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        return max(0.0, self._timers[0][0] - time.monotonic()) if self._timers else None

    def _set_stopping(self) -> None:
        self._stopping = True

    def _free(self) -> None:
        self._selector.close()
        self._wake_reader.close()
        self._wake_writer.close()

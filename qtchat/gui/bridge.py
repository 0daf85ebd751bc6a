"""The one thread boundary of the desktop program: news comes in by Bridge, errands go out by Background.

Nothing else in gui may be called from a thread other than the GUI thread.
"""

import threading
import time
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal

from qtchat.client.state import Change, ServerState
from qtchat.client.updates import Update

WORK_MS = 8
"""Milliseconds of work after which a drain lets the event loop paint and read the keyboard."""


class Bridge(QObject):
    """Carries updates from an account's threads to a ServerState on the GUI thread.

    `changed(list[Change])` comes once per drain, however many updates it took in: a burst of 10 000 messages is a
    few signals, not 10 000.
    """

    changed = Signal(list)
    _wake = Signal()

    def __init__(self, state: ServerState, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = state
        self._queue: deque[Update] = deque()
        self._lock = threading.Lock()  # guards the two flags
        self._wake_pending = False
        self._closed = False
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        # A queued signal to oneself would be delivered before any paint event; a zero timer comes after them.
        self._again = QTimer(self, singleShot=True, interval=0)
        self._again.timeout.connect(self._drain)

    def post(self, update: Update) -> None:
        """Queue one update. Safe from any thread, also after `close`, when it does nothing."""
        with self._lock:
            if self._closed:
                return
            self._queue.append(update)
            if not self._wake_pending:
                self._wake_pending = True
                self._wake.emit()

    @property
    def settled(self) -> bool:
        """Has everything that was posted so far been applied and told?"""
        return not self._queue

    def close(self) -> None:
        """Take nothing more. After this returns no thread touches this QObject any more, so it may be freed."""
        self._assert_own_thread()
        with self._lock:
            self._closed = True
        self._queue.clear()
        self._again.stop()

    def _drain(self) -> None:
        self._assert_own_thread()
        with self._lock:
            self._wake_pending = False
        deadline = time.monotonic() + WORK_MS / 1000
        changes: list[Change] = []
        try:
            while self._queue and time.monotonic() < deadline:
                changes += self.state.apply(self._queue.popleft())
        finally:  # also when an update was a bug: those behind it must not be stuck
            if self._queue:
                self._again.start()
            if changes:
                self.changed.emit(changes)

    def _assert_own_thread(self) -> None:
        assert QThread.currentThread() is self.thread(), "a Bridge is drained and closed on its own thread"


Outcome = Callable[[object, BaseException | None], None]
"""Called on the GUI thread with the result of an errand, or with what it raised."""


class _Errand:
    """One call on a thread of its own, and what became of it.

    Whatever it holds, QObjects of a bound method among it, may be freed on the GUI thread only: so it is Background
    that keeps it, until its thread has ended, and not the thread.
    """

    def __init__(self, work: Callable[[], object], then: Outcome | None) -> None:
        self.then = then
        self.result: object = None
        self.failure: BaseException | None = None
        self._work = work

    def run(self, finished: Callable[["_Errand"], None]) -> None:
        """On the thread."""
        try:
            self.result = self._work()
        except BaseException as error:  # every failure must reach `then`, or somebody waits for ever
            self.failure = error
        finished(self)
        # A failure knows this frame by its traceback: a ring of the two would be left to the garbage collector.
        del self


class Background(QObject):
    """Runs calls that may block (starting a server, joining threads, writing a file) on threads of their own."""

    idle = Signal()
    """No errand is under way any more."""
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._under_way: dict[_Errand, threading.Thread] = {}
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return bool(self._under_way)

    def run(self, name: str, work: Callable[[], object], then: Outcome | None = None) -> None:
        """Call `work` on a new thread called `name`, then `then` on the GUI thread.

        Without `then`, what `work` raises is raised again on the GUI thread, where the exception hook shows it. What
        `work`, its result and its failure refer to is never freed on the new thread.
        """
        assert QThread.currentThread() is self.thread()
        errand = _Errand(work, then)
        thread = threading.Thread(target=errand.run, args=(self._finished.emit,), name=name)
        thread.start()
        self._under_way[errand] = thread

    def join(self) -> None:
        """Wait for everything under way; outcomes that were not delivered yet are dropped. For the very end."""
        for thread in self._under_way.values():
            thread.join()
        self._under_way.clear()

    def _deliver(self, errand: _Errand) -> None:
        if errand not in self._under_way:  # dropped, but in the event queue already
            return
        self._under_way[errand].join()  # until then it holds the errand, too
        del self._under_way[errand]
        failure = errand.failure
        try:
            if errand.then is not None:
                errand.then(errand.result, failure)
            elif failure is not None:
                raise failure
        finally:
            del errand, failure  # no ring, as above
            if not self._under_way:
                self.idle.emit()

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


class Background(QObject):
    """Runs calls that may block (starting a server, joining threads, writing a file) on threads of their own."""

    idle = Signal()
    """No errand is under way any more."""
    _finished = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._threads: list[threading.Thread] = []
        self._finished.connect(self._deliver, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return bool(self._threads)

    def run(self, name: str, work: Callable[[], object], then: Outcome | None = None) -> None:
        """Call `work` on a new thread called `name`, then `then` on the GUI thread.

        Without `then`, what `work` raises is raised again on the GUI thread, where the exception hook shows it.
        """
        assert QThread.currentThread() is self.thread()

        def body() -> None:
            result: object = None
            failure: BaseException | None = None
            try:
                result = work()
            except BaseException as error:  # every failure must reach `then`, or somebody waits for ever
                failure = error
            self._finished.emit((thread, result, failure, then))
            # A failure knows this frame by its traceback. A ring of the two would be left to the garbage collector,
            # which runs on any thread, and with it every QObject that `then` knows.
            del failure

        thread = threading.Thread(target=body, name=name)
        self._threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Wait for everything under way; outcomes that were not delivered yet are dropped. For the very end."""
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        self._finished.disconnect(self._deliver)

    def _deliver(self, outcome: tuple[threading.Thread, object, BaseException | None, Outcome | None]) -> None:
        thread, result, failure, then = outcome
        thread.join()
        self._threads.remove(thread)
        try:
            if then is not None:
                then(result, failure)
            elif failure is not None:
                raise failure
        finally:
            del outcome, failure  # no ring, as above
            if not self._threads:
                self.idle.emit()

"""The storage thread of an account: the only one that touches the outbox and the local history."""

import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from qtchat.client.cache import Cache
from qtchat.client.database import open_database
from qtchat.client.errors import ProfileError
from qtchat.client.outbox import Outbox

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class Disk:
    """What jobs work on, in the storage thread. `moved`: where a damaged database was put, if it was."""

    def __init__(self, path: Path) -> None:
        """Raises ProfileError."""
        self.database: sqlite3.Connection
        self.database, self.moved = open_database(path)
        self.outbox = Outbox(self.database)
        self.cache = Cache(self.database)


class Storage:
    """Runs jobs one after the other. Every job is done, also after `stop` was called, unless the disk fails."""

    def __init__(self, path: Path, deliver: Callable[..., None]) -> None:
        """`deliver(callback, argument)`: brings a result into the thread that wants it (IoLoop.call_soon)."""
        self._path = path
        self._deliver = deliver
        self._jobs: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._disk: Disk | None = None
        self._thread = threading.Thread(target=self._run, name="qtchat-storage", daemon=True)
        self._thread.start()

    def submit(
        self,
        job: Callable[[Disk], Result],
        done: Callable[[Result], None] | None = None,
        failed: Callable[[ProfileError], None] | None = None,
    ) -> None:
        """From any thread. `done` or `failed` are delivered; a failure that nobody wants is logged."""
        self._jobs.put(lambda: self._do(job, done, failed))

    def stop(self, timeout: float) -> bool:
        """Do what was submitted, then end. False if `timeout` seconds did not do."""
        self._jobs.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
        if self._disk is not None:
            self._disk.database.close()

    def _do(
        self,
        job: Callable[[Disk], Any],
        done: Callable[[Any], None] | None,
        failed: Callable[[ProfileError], None] | None,
    ) -> None:
        try:
            self._disk = self._disk or Disk(self._path)
            result = job(self._disk)
        except ProfileError as error:
            if failed is None:
                logger.warning("%s", error)
            else:
                self._deliver(failed, error)
        except Exception:
            logger.exception("internal error in the storage thread")
            if failed is not None:
                self._deliver(failed, ProfileError("The local history could not be used because of an internal error."))
        else:
            if done is not None:
                self._deliver(done, result)

"""The storage thread of an account: the only one that touches the outbox and the local history."""

import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import Struct

from qtchat.client.cache import Cache
from qtchat.client.database import open_database, transaction, wipe
from qtchat.client.errors import ProfileError
from qtchat.client.outbox import Outbox

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

_FAULT: Final = "The local history could not be used because of an internal error."
MAX_GROUP: Final = 256
"""Jobs in one transaction at most."""
WIPE_INTERVAL: Final = 10.0
"""Seconds between two times that what was erased is wiped out of the files."""


class Disk:
    """What jobs work on, in the storage thread. `moved`: where a damaged database was put, if it was."""

    def __init__(self, path: Path) -> None:
        """Raises ProfileError."""
        self.database: sqlite3.Connection
        self.database, self.moved = open_database(path)
        self.outbox = Outbox(self.database)
        self.cache = Cache(self.database)


class _Job(Struct, frozen=True):
    work: Callable[[Disk], Any]
    done: Callable[[Any], None] | None
    failed: Callable[[ProfileError], None] | None


class Storage:
    """Runs jobs one after the other. Every job is done, also after `stop` was called, unless the disk fails.

    What has gathered while the disk worked is one transaction: a burst of messages costs one wait for the disk.
    """

    def __init__(self, path: Path, deliver: Callable[..., None]) -> None:
        """`deliver(callback, argument)`: brings a result into the thread that wants it (IoLoop.call_soon)."""
        self._path = path
        self._deliver = deliver
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._disk: Disk | None = None
        self._next_wipe = 0.0
        self._thread = threading.Thread(target=self._run, name="qtchat-storage", daemon=True)
        self._thread.start()

    def submit(
        self,
        job: Callable[[Disk], Result],
        done: Callable[[Result], None] | None = None,
        failed: Callable[[ProfileError], None] | None = None,
    ) -> None:
        """From any thread. `done` or `failed` are delivered; a failure that nobody wants is logged."""
        self._jobs.put(_Job(job, done, failed))

    def stop(self, timeout: float) -> bool:
        """Do what was submitted, then end. False if `timeout` seconds did not do."""
        self._jobs.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        stopping = False
        while not stopping:
            jobs, stopping = self._gather()
            try:
                self._disk = self._disk or Disk(self._path)
                self._do_all(self._disk, jobs)
            except ProfileError as error:  # the disk took nothing of it
                self._tell_all(jobs, error)
            except Exception:
                logger.exception("internal error in the storage thread")
                self._tell_all(jobs, ProfileError(_FAULT))
            self._wipe(stopping)
        if self._disk is not None:
            self._disk.database.close()

    def _gather(self) -> tuple[list[_Job], bool]:
        """What waits, at least one, but nothing when it is time to wipe; and whether to stop after it."""
        jobs: list[_Job] = []
        try:
            job = self._jobs.get(timeout=max(0.0, self._next_wipe - time.monotonic()) if self._erased else None)
        except queue.Empty:
            return jobs, False
        while job is not None:
            jobs.append(job)
            if len(jobs) >= MAX_GROUP:
                return jobs, False
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                return jobs, False
        return jobs, True

    @property
    def _erased(self) -> bool:
        return self._disk is not None and self._disk.cache.erased

    def _wipe(self, stopping: bool) -> None:
        """Sooner or later, but not for each of many."""
        if self._disk is None or not self._erased or not (stopping or time.monotonic() >= self._next_wipe):
            return
        self._next_wipe = time.monotonic() + WIPE_INTERVAL
        try:
            self._disk.cache.erased = not wipe(self._disk.database)
        except ProfileError as error:
            logger.warning("what was deleted is still in the files: %s", error)

    def _do_all(self, disk: Disk, jobs: list[_Job]) -> None:
        """Nobody hears of a success before it is on the disk."""
        outcomes: list[Callable[[], None]] = []
        if len(jobs) > 1:
            with transaction(disk.database, durable=True):
                outcomes = [self._do(disk, job) for job in jobs]
        else:
            outcomes = [self._do(disk, job) for job in jobs]
        for outcome in outcomes:
            outcome()

    def _do(self, disk: Disk, job: _Job) -> Callable[[], None]:
        """Returns what tells the outcome."""
        try:
            result = job.work(disk)
        except ProfileError as error:
            return partial(self._tell_failure, job, error)
        except Exception:
            logger.exception("internal error in the storage thread")
            return partial(self._tell_failure, job, ProfileError(_FAULT))
        return partial(self._tell_success, job, result)

    def _tell_success(self, job: _Job, result: object) -> None:
        if job.done is not None:
            self._deliver(job.done, result)

    def _tell_all(self, jobs: list[_Job], error: ProfileError) -> None:
        for job in jobs:
            self._tell_failure(job, error)

    def _tell_failure(self, job: _Job, error: ProfileError) -> None:
        if job.failed is None:
            logger.warning("%s", error)
        else:
            self._deliver(job.failed, error)

"""One server per folder: a lock of the operating system, which ends with the process, kill -9 included."""

import os
from pathlib import Path

from qtchat.net.locking import lock
from qtchat.server.store.errors import StoreLocked, StoreReadOnly


class FolderLock:
    """Holds `folder` until release(). Raises StoreLocked, StoreReadOnly.

    The lock file stays: removing it would let two servers lock two files of one name.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "qtchat.lock"
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreReadOnly(path, error.strerror or error) from error
        try:
            lock(self._descriptor, wait=False)
        except OSError as error:
            self.release()
            raise StoreLocked(folder) from error

    def release(self) -> None:
        """Give the folder free. May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

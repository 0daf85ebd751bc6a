"""The mark: how many events were acknowledged, kept beside the database.

SQLite opens a database whose write-ahead log was cut or left behind, and a copy of yesterday, without a word. So a
second file holds one number, the events of all rooms together, written after each commit. It is never synced: it
survives kill -9, and after power loss it can only be older than the database, since the commit it names was synced
before. A database that holds fewer events than its mark has lost some that were acknowledged.
"""

import logging
import os
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

MARK_NAME: Final = "qtchat.mark"
_DIGITS: Final = 20
_FLAGS: Final = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)


class Mark:
    """The number in `folder`'s mark. Written by the thread that commits."""

    def __init__(self, folder: Path) -> None:
        """Raises OSError."""
        self._descriptor = os.open(folder / MARK_NAME, _FLAGS, 0o600)
        self._failing = False

    def read(self) -> int:
        """0 if there is none, or if power loss left something else there."""
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        content = os.read(self._descriptor, _DIGITS + 1)
        if len(content) == _DIGITS + 1 and content[:-1].isdigit() and content[-1:] == b"\n":
            return int(content)
        if content:
            logger.warning("the mark beside the database is garbled, so nobody can tell whether events are missing")
        return 0

    def write(self, events: int) -> None:
        """Measured 2 us. A disk that does not take it is logged once, and costs the warning, not the messages."""
        try:
            os.lseek(self._descriptor, 0, os.SEEK_SET)
            os.write(self._descriptor, b"%0*d\n" % (_DIGITS, events))
            self._failing = False
        except OSError as error:
            if not self._failing:
                self._failing = True
                logger.warning("the mark beside the database cannot be written: %s", error.strerror)

    def close(self) -> None:
        """May be called twice."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

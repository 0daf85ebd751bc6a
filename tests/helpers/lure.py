"""A picture that nobody may open and a port that nobody may call: what a hostile text names, and who follows it."""

import ctypes
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtGui import QColor, QImage

IN_OPEN = 0x20
"""Of inotify: a file was opened."""


class Lure:
    """`picture`: a file whose path is short enough to stand in a nick; `address`: "127.0.0.1:port"."""

    def __init__(self, folder: Path, listener: socket.socket) -> None:
        self.picture = folder / "p.png"
        image = QImage(8, 8, QImage.Format.Format_RGB32)
        image.fill(QColor("red"))
        assert image.save(str(self.picture))
        self._listener = listener
        host, port = listener.getsockname()
        self.address = f"{host}:{port}"
        self._watch = _watch(self.picture)

    @property
    def watches(self) -> bool:
        """Can this system tell that a file was opened?"""
        return self._watch >= 0

    def opened(self) -> bool:
        """Was the picture opened since the last call?"""
        try:
            return self._watch >= 0 and bool(os.read(self._watch, 4096))
        except BlockingIOError:
            return False

    def called(self) -> bool:
        """Has anybody connected?"""
        try:
            self._listener.accept()[0].close()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        if self._watch >= 0:
            os.close(self._watch)


@contextmanager
def lure() -> Iterator[Lure]:
    """It is gone at the end."""
    with tempfile.TemporaryDirectory(prefix="q") as folder, socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        made = Lure(Path(folder), listener)
        try:
            yield made
        finally:
            made.close()


def _watch(path: Path) -> int:
    """A descriptor that can be read when the file was opened; -1 where there is no inotify."""
    if sys.platform != "linux":
        return -1
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = int(libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    if libc.inotify_add_watch(descriptor, os.fsencode(path), IN_OPEN) < 0:
        raise OSError(ctypes.get_errno(), f"{path} cannot be watched")
    return descriptor

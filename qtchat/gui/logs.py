"""Where the program's log goes: a file in the profile, written by a thread of its own, and the terminal."""

import logging
import logging.handlers
import queue
import sys
import threading
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

from qtchat.client.profile import private

FILE_NAME = "qtchat.log"
MAX_BYTES = 1_000_000


class LogFile(logging.handlers.RotatingFileHandler):
    """Nobody else may read it."""

    def _open(self) -> TextIOWrapper:
        file = open(  # noqa: SIM115 (the handler closes it)
            self.baseFilename, self.mode, encoding=self.encoding, errors=self.errors, opener=private
        )
        assert isinstance(file, TextIOWrapper)
        return file


class Logs:
    """A context manager: inside it all loggers write; at its end everything is on the disk.

    The thread that logs only enqueues; it never waits for a file.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._root = logging.getLogger()
        self._front = logging.handlers.QueueHandler(queue.SimpleQueue())
        self._listener: logging.handlers.QueueListener | None = None

    def __enter__(self) -> Self:
        handlers: list[logging.Handler] = []
        if sys.stderr is not None:  # a windowed program on Windows has none
            handlers.append(logging.StreamHandler())
        trouble = ""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(LogFile(self.path, "a", MAX_BYTES, 1, encoding="utf-8"))
        except OSError as error:
            trouble = str(error)
        for handler in handlers:
            handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        self._listener = logging.handlers.QueueListener(self._front.queue, *handlers)
        self._listener.start()
        self._root.addHandler(self._front)
        self._root.setLevel(logging.INFO)
        self._thread_hook, threading.excepthook = threading.excepthook, self._thread_failed
        if trouble:
            logging.getLogger(__name__).warning("there is no log file: %s", trouble)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        threading.excepthook = self._thread_hook
        self._root.removeHandler(self._front)
        if self._listener is not None:
            self._listener.stop()
            for handler in self._listener.handlers:
                handler.close()

    def _thread_failed(self, told: threading.ExceptHookArgs) -> None:
        name = told.thread.name if told.thread else "?"
        error = told.exc_value
        logging.getLogger(__name__).critical("the thread %s failed", name, exc_info=error)

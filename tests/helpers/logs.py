"""Waiting for what a program writes into its log."""

import logging
import threading
from collections.abc import Callable
from typing import Final

from tests.helpers.wire import PATIENCE

LOGGER: Final = "qtchat"


class LogWatch(logging.Handler):
    """Collects the lines of the logger `qtchat` and all below it, from any thread, while used as a context."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._old_level = logging.NOTSET

    def emit(self, record: logging.LogRecord) -> None:
        with self._changed:
            self._lines.append(record.getMessage())
            self._changed.notify_all()

    def lines(self) -> list[str]:
        with self._changed:
            return list(self._lines)

    def forget(self) -> None:
        with self._changed:
            self._lines.clear()

    def wait_for(self, text: str) -> str:
        """The first line that contains `text`, awaited for at most PATIENCE seconds."""
        with self._changed:
            found = self._changed.wait_for(lambda: [line for line in self._lines if text in line], PATIENCE)
            assert found, f"no line with {text!r} in {self._lines}"
            return str(found[0])

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """At most PATIENCE seconds; it is looked at after each line."""
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), self._lines

    def __enter__(self) -> "LogWatch":
        logger = logging.getLogger(LOGGER)
        self._old_level = logger.level
        logger.setLevel(logging.INFO)
        logger.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        logger = logging.getLogger(LOGGER)
        logger.removeHandler(self)
        logger.setLevel(self._old_level)

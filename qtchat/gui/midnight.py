"""At midnight "Today" becomes "Yesterday", on every screen that says so."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

LOOK_AGAIN: Final = 3_600
"""Seconds after which the date is looked at in any case: the computer may have slept, or travelled."""


def local_now() -> datetime:
    return datetime.now().astimezone()


class Midnight(QObject):
    """new_day(): the date is another one than before."""

    new_day = Signal()

    def __init__(self, parent: QObject, now: Callable[[], datetime] = local_now) -> None:
        super().__init__(parent)
        self._now = now
        self._day: date = now().date()
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._look)
        self._wait()

    def _look(self) -> None:
        day = self._now().date()
        if day != self._day:
            self._day = day
            self.new_day.emit()
        self._wait()

    def _wait(self) -> None:
        now = self._now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=1, microsecond=0)
        self._timer.start(round(min(LOOK_AGAIN, (midnight - now).total_seconds()) * 1000))

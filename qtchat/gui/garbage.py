"""Python's garbage collector, kept to the GUI thread.

Nearly everything is freed without it, when the last reference goes. What is left are rings, and a window is often part
of one. Left alone, Python looks for rings on whatever thread happens to make an object; a widget or a running timer
that is freed on another thread than its own takes the whole program with it.
"""

import gc
from typing import Final

from PySide6.QtCore import QObject, QTimer

LOOK_EVERY: Final = 1_000
"""Milliseconds. Messages are no rings: a second of the busiest network makes little garbage."""
THRESHOLDS: Final = (10_000, 20, 50)
"""New objects before the young are looked at; such looks before the middle-aged are, and before all are."""


class GarbageCollector(QObject):
    """Looks for garbage on the thread it was made on, and nowhere else, while it lives.

    Make it once all is loaded: what there is then, the libraries above all, is never looked at, which would take tens
    of milliseconds each time.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(collect_if_due)
        self._timer.start(LOOK_EVERY)


def collect_if_due() -> None:
    """What Python would do by itself after each new object: look at the oldest generation that is due."""
    for generation, (count, threshold) in reversed(list(enumerate(zip(gc.get_count(), THRESHOLDS, strict=True)))):
        if count > threshold:
            gc.collect(generation)
            return

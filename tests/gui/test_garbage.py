"""Windows are freed on the GUI thread, whoever makes objects elsewhere."""

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject, QThread, QTimer
from pytestqt.qtbot import QtBot

from qtchat.gui import garbage
from qtchat.gui.garbage import GarbageCollector


class Ring(QObject):
    """An object that holds itself, and that Qt wants to be freed on its own thread."""

    def __init__(self, freed_on: list[int]) -> None:
        super().__init__()
        self.itself = self
        self.timer = QTimer(self)
        self.timer.start(60_000)
        weakref.finalize(self, lambda: freed_on.append(threading.get_ident()))


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> Iterator[GarbageCollector]:
    monkeypatch.setattr(garbage, "LOOK_EVERY", 1)
    gc.enable()
    parent = QObject()
    yield GarbageCollector(parent)
    gc.unfreeze()
    assert not gc.isenabled()
    del parent


def make_objects() -> None:
    held = [[number] for number in range(sum(garbage.THRESHOLDS) * 20)]
    assert held


def test_a_busy_thread_does_not_free_what_belongs_to_the_gui(collector: GarbageCollector, qtbot: QtBot) -> None:
    freed_on: list[int] = []
    Ring(freed_on)
    busy = threading.Thread(target=make_objects)
    busy.start()
    busy.join()
    assert freed_on == []
    held = [[number] for number in range(garbage.THRESHOLDS[0] * 2)]
    qtbot.waitUntil(lambda: bool(freed_on))
    assert freed_on == [threading.get_ident()]
    assert held
    assert collector.thread() is QThread.currentThread()


def test_the_oldest_generation_that_is_due_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[int] = []
    monkeypatch.setattr(gc, "collect", looked.append)
    for counts in ((0, 0, 0), (10_001, 0, 0), (10_001, 21, 0), (0, 21, 51), (10_001, 0, 51)):
        monkeypatch.setattr(gc, "get_count", lambda counts=counts: counts)
        garbage.collect_if_due()
    assert looked == [0, 1, 2, 2]

"""Whether anybody is at the computer."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.desktop import idle
from qtchat.gui.desktop.idle import ASK_AWAY_MS, ASK_MS, IdleWatch
from qtchat.gui.desktop.idle_sources import MUTTER, SCREEN_SAVER, LinuxIdle
from tests.helpers.fake_bus import FakeBus


class Source:
    """Answers when the test says so."""

    def __init__(self) -> None:
        self.asked: list[Callable[[float | None], None]] = []

    def ask(self, then: Callable[[float | None], None]) -> None:
        self.asked.append(then)


class Stage:
    """A watch of ten minutes, on a clock and a system of the test's own."""

    def __init__(self, source: Source | None, minutes: int = 10) -> None:
        self.now = 1_000.0
        self.watch = IdleWatch(source, minutes, clock=lambda: self.now)
        self.heard: list[bool] = []
        self.watch.away_changed.connect(self.heard.append)
        self.watch.start()


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def stage(qapp: QApplication, source: Source) -> Iterator[Stage]:
    stage = Stage(source)
    yield stage
    stage.watch.stop()


def test_away_when_the_system_says_so(stage: Stage, source: Source) -> None:
    stage.now += 3600
    stage.watch.look()
    source.asked.pop()(599.0)
    assert stage.heard == []
    stage.watch.look()
    source.asked.pop()(600.0)
    assert stage.heard == [True]
    assert stage.watch._timer.interval() == ASK_AWAY_MS
    stage.watch.look()
    source.asked.pop()(1.0)
    assert stage.heard == [True, False]
    assert stage.watch._timer.interval() == ASK_MS


def test_input_in_the_program_counts_whatever_the_system_says(stage: Stage, source: Source) -> None:
    stage.now += 60
    stage.watch.look()
    source.asked.pop()(10_000.0)
    assert not stage.watch.away


def test_one_question_at_a_time(stage: Stage, source: Source) -> None:
    stage.watch.look()
    stage.watch.look()
    assert len(source.asked) == 1


def test_the_system_is_asked_by_itself(qtbot: QtBot, source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idle, "ASK_MS", 1)
    stage = Stage(source)
    qtbot.waitUntil(lambda: bool(source.asked))
    stage.watch.stop()


@pytest.mark.parametrize("known", [True, False])
def test_without_knowledge_the_programs_own_input_decides(qapp: QApplication, source: Source, known: bool) -> None:
    stage = Stage(source if known else None)
    stage.now += 600
    stage.watch.look()
    if known:
        source.asked.pop()(None)
    assert stage.heard == [True]
    stage.watch.stop()


def test_back_at_once_on_input(qtbot: QtBot) -> None:
    stage = Stage(None)
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.focusWindow() is window.windowHandle())
    stage.now += 600
    stage.watch.look()
    assert stage.heard == [True]
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_A)
    qtbot.waitUntil(lambda: stage.heard == [True, False])
    stage.now += 599
    stage.watch.look()
    assert not stage.watch.away
    stage.watch.stop()


def test_never_away_where_that_is_wanted(stage: Stage, source: Source) -> None:
    stage.now += 6000
    stage.watch.look()
    source.asked.pop()(6000.0)
    stage.watch.set_minutes(0)
    assert stage.heard == [True, False]
    assert not stage.watch._timer.isActive()
    stage.watch.set_minutes(5)
    assert stage.watch._timer.isActive()


def test_nothing_is_heard_after_the_end(stage: Stage, source: Source) -> None:
    stage.watch.look()
    stage.watch.stop()
    stage.watch.stop()
    stage.now += 6000
    source.asked.pop()(6000.0)
    assert stage.heard == []


# -- Linux ---------------------------------------------------------------------------------------------


def test_gnome_knows_in_milliseconds() -> None:
    bus, told = FakeBus(), list[float | None]()
    source = LinuxIdle(bus)
    source.ask(told.append)
    assert bus.answer(90_500) is MUTTER
    source.ask(told.append)
    assert bus.answer(0) is MUTTER
    assert told == [90.5, 0.0]


def test_what_does_not_know_is_not_asked_again() -> None:
    bus, told = FakeBus(), list[float | None]()
    source = LinuxIdle(bus)
    source.ask(told.append)
    assert bus.refuse() is MUTTER
    assert bus.answer(90_500) is SCREEN_SAVER
    source.ask(told.append)
    assert bus.answer(0) is SCREEN_SAVER  # it has the method, but no knowledge
    source.ask(told.append)
    assert told == [90.5, None, None]
    assert not bus.calls
    assert not MUTTER.wake

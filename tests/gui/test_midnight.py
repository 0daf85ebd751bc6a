"""The day changes while the program runs."""

from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from qtchat.gui.midnight import LOOK_AGAIN, Midnight


class Clock:
    def __init__(self, text: str) -> None:
        self.time = datetime.fromisoformat(text).replace(tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


@pytest.mark.parametrize(("time", "wait"), [("2026-11-21 23:59:30", 31), ("2026-11-21 12:00:00", LOOK_AGAIN)])
def test_it_waits_for_the_end_of_the_day_but_not_too_long(time: str, wait: int) -> None:
    midnight = Midnight(parent := QObject(), Clock(time).now)
    assert midnight._timer.interval() == wait * 1000
    del parent


def test_a_new_day_is_told_once(qtbot: QtBot) -> None:
    clock, parent = Clock("2026-11-21 23:59:30"), QObject()
    midnight = Midnight(parent, clock.now)
    told: list[datetime] = []
    midnight.new_day.connect(lambda: told.append(clock.time))
    clock.time += timedelta(seconds=20)
    midnight._look()
    assert told == []
    clock.time += timedelta(hours=9)  # the computer slept
    midnight._look()
    midnight._look()
    assert told == [clock.time]
    clock.time -= timedelta(days=2)  # somebody set it
    midnight._look()
    assert len(told) == 2
    assert midnight._timer.isActive()

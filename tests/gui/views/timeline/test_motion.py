"""What fades."""

import pytest
from PySide6.QtCore import QAbstractAnimation
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.views.timeline import motion
from qtchat.gui.views.timeline.motion import Fade


def watched(qtbot: QtBot) -> tuple[Fade, list[float]]:
    widget = QWidget()
    qtbot.addWidget(widget)
    fade = Fade(10, 60, widget)
    seen: list[float] = []
    fade.moved.connect(lambda: seen.append(fade.opacity))
    return fade, seen


@pytest.mark.parametrize("moving", [True, False])
def test_it_fades_or_goes_at_once(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, moving: bool) -> None:
    monkeypatch.setattr(motion, "wants_motion", lambda _widget: moving)
    fade, seen = watched(qtbot)
    states: list[QAbstractAnimation.State] = []
    fade.stateChanged.connect(lambda state, _before: states.append(state))
    fade.show()
    assert fade.opacity == 1
    qtbot.waitUntil(lambda: fade.opacity == 0)
    assert seen == sorted(seen, reverse=True)
    assert states == ([QAbstractAnimation.State.Running, QAbstractAnimation.State.Stopped] if moving else [])


def test_half_of_the_time_it_is_half_gone(qtbot: QtBot) -> None:
    fade, seen = watched(qtbot)
    fade.show()
    fade.start()
    fade.setCurrentTime(30)
    assert seen == [1, 0.5]


def test_it_can_be_shown_again_and_hidden(qtbot: QtBot) -> None:
    fade, seen = watched(qtbot)
    fade.show()
    fade.show()
    assert seen == [1]
    fade.hide()
    assert seen == [1, 0]

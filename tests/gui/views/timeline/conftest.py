"""What the timeline's tests share."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.client.state import ServerState
from qtchat.client.updates import RoomUpdate, ServerUpdate
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline import TimelineView
from qtchat.protocol.messages import Room
from tests.gui.views.timeline.staging import ME, ROOM, Stage


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


@pytest.fixture
def stage(qtbot: QtBot, theme: Theme) -> Iterator[Stage]:
    state = ServerState()
    state.apply(ServerUpdate(b"s" * 16, "server", "code", ME, "me", "host", 1))
    state.apply(RoomUpdate(Room(ROOM, "lobby", "", 0, 1)))
    model = TimelineModel()
    view = TimelineView(model, theme, Icons(theme))
    model.setParent(view)  # else the garbage collector would free it, on any thread
    qtbot.addWidget(view)
    view.resize(600, 400)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    yield Stage(view, model, state, theme)
    view.close()

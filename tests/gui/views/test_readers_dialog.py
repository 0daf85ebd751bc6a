"""Who has read a message."""

import pytest
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.readers_dialog import MOST_HEIGHT, ReadersDialog
from qtchat.protocol.messages import Person


@pytest.mark.parametrize(
    ("count", "title"), [(0, "Read by nobody yet"), (1, "Read by 1 person"), (30, "Read by 30 people")]
)
def test_it_names_them_and_stays_small(qtbot: QtBot, theme: Theme, icons: Icons, count: int, title: str) -> None:
    people = [Person(number, f"<b>P{number}</b>", online=number % 2 == 0) for number in range(count)]
    dialog = ReadersDialog(people, theme, icons)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.windowTitle() == title
    assert dialog.view.isVisible() is bool(people)
    assert dialog.view.height() <= MOST_HEIGHT

"""The row of colours."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.color_choice import ColorChoice, color_names
from qtchat.protocol.messages import MAX_COLOR


@pytest.fixture
def choice(qtbot: QtBot, theme: Theme) -> ColorChoice:
    choice = ColorChoice(theme, 3)
    qtbot.addWidget(choice)
    with qtbot.waitExposed(choice):
        choice.show()
    return choice


def test_each_colour_has_a_name_and_a_look_of_its_own(choice: ColorChoice) -> None:
    assert len(set(color_names())) == len(choice.swatches) == MAX_COLOR + 1
    assert [swatch.accessibleName() for swatch in choice.swatches] == list(color_names())
    middles = {swatch.grab().toImage().pixelColor(14, 8).name() for swatch in choice.swatches[1:]}
    assert len(middles) == MAX_COLOR


def test_a_click_anywhere_on_it_chooses(choice: ColorChoice, qtbot: QtBot) -> None:
    assert choice.color == 3
    with qtbot.waitSignal(choice.chosen) as told:
        QTest.mouseClick(choice.swatches[5], Qt.MouseButton.LeftButton, pos=choice.swatches[5].rect().bottomRight())
    assert told.args == [5] == [choice.color]


def test_the_arrow_keys_go_from_colour_to_colour(choice: ColorChoice, qtbot: QtBot) -> None:
    choice.swatches[3].setFocus()
    with qtbot.waitSignal(choice.chosen) as told:
        QTest.keyClick(choice.swatches[3], Qt.Key.Key_Right)
    assert told.args == [4]


def test_an_unknown_colour_is_any(choice: ColorChoice) -> None:
    choice.set_color(99)
    assert choice.color == 0

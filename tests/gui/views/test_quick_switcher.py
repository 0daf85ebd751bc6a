"""Going somewhere by typing a part of its name."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.models.presence import Presence
from qtchat.gui.models.targets import Target, TargetKind
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.quick_switcher import QuickSwitcher
from qtchat.protocol.messages import DIRECT, PRIVATE

TARGETS = [
    Target(TargetKind.ROOM, "k", 1, "lobby", "Kitchen"),
    Target(TargetKind.ROOM, "k", 2, "<b>news</b>", "Kitchen", unread=3, mentions=1),
    Target(TargetKind.ROOM, "k", 3, "W" * 64, "Kitchen", PRIVATE),
    Target(TargetKind.ROOM, "k", 4, "Anna", "Kitchen", DIRECT, Presence.AWAY, 2),
    Target(TargetKind.PERSON, "k", 9, "Борис", "Kitchen", presence=Presence.ONLINE, color_key=9),
    Target(TargetKind.SERVER, "o", 0, "Office"),
]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(700, 560)
    window.show()
    return window


@pytest.fixture
def switcher(window: QWidget, theme: Theme, icons: Icons) -> QuickSwitcher:
    switcher = QuickSwitcher(theme, icons, window)
    switcher.open_with(TARGETS)
    return switcher


def test_unread_stands_first_and_enter_goes_there(qtbot: QtBot, switcher: QuickSwitcher) -> None:
    assert switcher.field.hasFocus()
    with qtbot.waitSignal(switcher.chosen) as chosen:
        QTest.keyClick(switcher.field, Qt.Key.Key_Return)
    assert chosen.args == [TARGETS[1]]
    assert switcher.isHidden()


def test_it_ends_above_the_foot_of_a_small_window(switcher: QuickSwitcher, window: QWidget) -> None:
    tall = switcher.height()
    window.resize(420, 320)
    switcher.open_with(TARGETS)
    assert switcher.height() < tall
    assert switcher.geometry().bottom() < window.mapToGlobal(window.rect().bottomLeft()).y()


def test_typing_narrows_and_arrows_go_round(qtbot: QtBot, switcher: QuickSwitcher) -> None:
    QTest.keyClicks(switcher.field, "o")  # lobby, Office
    assert switcher.view.model().rowCount() == 2
    QTest.keyClick(switcher.field, Qt.Key.Key_Up)
    assert switcher.view.currentIndex().row() == 1
    QTest.keyClick(switcher.field, Qt.Key.Key_Down)
    assert switcher.view.currentIndex().row() == 0
    with qtbot.waitSignal(switcher.chosen) as chosen:
        QTest.keyClick(switcher.field, Qt.Key.Key_Return)
    assert chosen.args == [TARGETS[5]]


def test_a_click_goes_there(qtbot: QtBot, switcher: QuickSwitcher) -> None:
    place = switcher.view.visualRect(switcher.view.model().index(1, 0)).center()
    with qtbot.waitSignal(switcher.chosen):
        QTest.mouseClick(switcher.view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_escape_closes_it_whatever_is_typed(qtbot: QtBot, switcher: QuickSwitcher) -> None:
    QTest.keyClicks(switcher.field, "lob")
    with qtbot.assertNotEmitted(switcher.chosen):
        QTest.keyClick(switcher.field, Qt.Key.Key_Escape)
    assert switcher.isHidden()
    switcher.open_with(TARGETS)
    assert switcher.field.text() == ""


def test_nothing_found_is_said(qtbot: QtBot, switcher: QuickSwitcher) -> None:
    QTest.keyClicks(switcher.field, "zzz")
    assert switcher.nothing.isVisible()
    assert switcher.view.isHidden()
    with qtbot.assertNotEmitted(switcher.chosen):
        QTest.keyClick(switcher.field, Qt.Key.Key_Return)
        QTest.keyClick(switcher.field, Qt.Key.Key_Down)


def test_it_fits_into_a_small_window(window: QWidget, switcher: QuickSwitcher) -> None:
    assert switcher.width() == 460
    switcher.close()
    window.resize(420, 480)
    switcher.open_with(TARGETS)
    assert switcher.width() == 420 - 32


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_it_paints_in_both_themes(switcher: QuickSwitcher, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    image = switcher.grab().toImage()
    first = switcher.view.geometry().topLeft()
    assert image.pixelColor(first.x() + 200, first.y() + 5).name().upper() == theme.palette.active_row
    theme.set_mode(Mode.LIGHT)

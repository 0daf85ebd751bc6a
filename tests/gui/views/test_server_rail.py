"""The column of servers."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.server_rail import ServerItem, ServerRail

KITCHEN = ServerItem("k", "<b>Kitchen</b>", 3)
OFFICE = ServerItem("o", "Офис", 1200, 2, online=False)
HOME = ServerItem("h", "🎉", hosted=True)


@pytest.fixture
def rail(qtbot: QtBot, theme: Theme, icons: Icons) -> ServerRail:
    rail = ServerRail(theme, icons)
    qtbot.addWidget(rail)
    rail.resize(56, 480)
    rail.show_servers([KITCHEN, OFFICE, HOME])
    return rail


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_one_server_needs_no_rail(rail: ServerRail) -> None:
    assert rail.isVisible()
    rail.show_servers([KITCHEN])
    assert rail.isHidden()
    rail.show_servers([])
    assert rail.isHidden()
    rail.show_servers([KITCHEN, OFFICE])
    assert rail.isVisible()
    rail.allow(False)
    assert rail.isHidden()
    rail.allow(True)
    assert rail.isVisible()


def test_a_server_is_chosen_and_does_not_mark_itself(qtbot: QtBot, rail: ServerRail) -> None:
    rail.set_current("k")
    with qtbot.waitSignal(rail.server_chosen) as chosen:
        rail.buttons[1].click()
    assert chosen.args == ["o"]
    assert [button.isChecked() for button in rail.buttons] == [True, False, False]
    rail.set_current("o")
    assert [button.isChecked() for button in rail.buttons] == [False, True, False]
    with qtbot.waitSignal(rail.server_chosen) as chosen:
        rail.choose(2)
    assert chosen.args == ["h"]
    with qtbot.assertNotEmitted(rail.server_chosen):
        rail.choose(3)
    with qtbot.waitSignal(rail.add_wanted):
        rail.add_button.click()


def test_what_is_shown_is_also_said(rail: ServerRail) -> None:
    said = [button.accessibleName() for button in rail.buttons]
    assert said == [
        "<b>Kitchen</b>, 3 unread",
        "Офис, not connected, 1200 unread, you are mentioned",
        "🎉, hosted on this computer",
    ]
    assert rail.buttons[0].toolTip() == "<qt>&lt;b&gt;Kitchen&lt;/b&gt;, 3 unread (Ctrl+1)</qt>"


def test_arrows_go_from_server_to_server(rail: ServerRail) -> None:
    rail.buttons[0].setFocus()
    QTest.keyClick(rail.buttons[0], Qt.Key.Key_Down)
    assert rail.buttons[1].hasFocus()
    QTest.keyClick(rail.buttons[1], Qt.Key.Key_Up)
    assert rail.buttons[0].hasFocus()


def test_the_menu_has_what_can_be_done(qtbot: QtBot, rail: ServerRail) -> None:
    asked: list[tuple[str, str]] = []
    for name in ("invite", "connect", "disconnect", "forget"):
        getattr(rail, f"{name}_wanted").connect(lambda key, name=name: asked.append((name, key)))
    for item in (KITCHEN, OFFICE):
        menu = rail.make_menu(item)
        for action in menu.actions():
            action.trigger()
        menu.close()
    assert asked == [
        *(("invite", "k"), ("disconnect", "k"), ("forget", "k")),
        *(("invite", "o"), ("connect", "o"), ("forget", "o")),
    ]
    menu = rail.make_menu(HOME)
    assert not menu.actions()[-1].isEnabled()  # what is hosted here is not forgotten, but stopped
    menu.close()


@pytest.mark.parametrize("reason", [QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard])
def test_the_menu_opens_for_one_server(rail: ServerRail, reason: QContextMenuEvent.Reason) -> None:
    button = rail.buttons[1]
    button.setFocus()
    place = button.mapTo(rail, button.rect().center()) if reason is QContextMenuEvent.Reason.Mouse else QPoint()
    QApplication.sendEvent(rail, QContextMenuEvent(reason, place, QPoint()))
    menu = rail.findChildren(QMenu)[-1]
    assert "Connect now" in texts(menu)
    menu.close()


def test_servers_come_and_go(rail: ServerRail) -> None:
    rail.show_servers([OFFICE, HOME])
    assert [button.item.key for button in rail.buttons] == ["o", "h"]
    rail.show_servers([KITCHEN, OFFICE, HOME, ServerItem("x", "x")])
    assert [button.item.key for button in rail.buttons] == ["k", "o", "h", "x"]


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_it_paints_in_both_themes(rail: ServerRail, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    rail.set_current("k")
    image = rail.grab().toImage()
    bar = rail.buttons[0].mapTo(rail, QPoint(0, rail.buttons[0].height() // 2))
    assert image.pixelColor(bar).name().upper() == theme.palette.accent
    theme.set_mode(Mode.LIGHT)

"""Where the program begins, and its menu."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from qtchat.gui.controller import user_name
from qtchat.gui.program import Desktop
from qtchat.gui.settings import RecentServer, SettingsFile
from qtchat.gui.theme.theme import Mode
from qtchat.protocol.messages import MAX_NICK
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, FakeAccount, FakeServer

PATIENCE = 10.0
RECENT = RecentServer(SERVER.server_id.hex(), "Kitchen", "qtchat://127.0.0.1:47300/#K", SERVER.code, "Me")


def test_the_first_start_asks_for_name_and_place(stand: Stand) -> None:
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    assert not stand.desktop.window.isVisible()
    assert dialog.nick_field.text() == user_name()
    assert stand.accounts == []


def test_a_later_start_goes_where_the_last_one_was(stand: Stand) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.recent = "Anna", [RECENT]
    stand.desktop.start()
    assert (stand.account.link, stand.account.nick) == (RECENT.link, "Anna")
    assert stand.desktop.window.isVisible()
    assert not stand.desktop.joining.dialog.isVisible()


def test_the_command_line_wins(stand: Stand) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.recent, settings.hosting = "Anna", [RECENT], True
    stand.desktop.start("qtchat://elsewhere/", "Ben")
    assert (stand.account.link, stand.account.nick) == ("qtchat://elsewhere/", "Ben")
    assert not stand.server.running


def test_damaged_settings_are_said(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    stand = Stand(qtbot, qapp, tmp_path)
    stand.desktop.start("x", "Me")
    assert "settings.damaged-1.json" in stand.desktop.window.notice.label.text()
    stand.quit()
    stand.close()


def test_damaged_settings_are_said_in_the_first_dialog_too(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    stand = Stand(qtbot, qapp, tmp_path)
    stand.desktop.start()
    assert "settings.damaged-1.json" in stand.desktop.joining.dialog.notice.text()
    assert stand.desktop.joining.dialog.notice.isVisible()
    stand.quit()
    stand.close()


def test_the_menu_switches_theme_and_size(stand: Stand) -> None:
    stand.online()
    actions = {action.text(): action for action in _all_actions(stand)}
    actions["Dark"].trigger()
    actions["150 %"].trigger()
    assert stand.desktop.theme.dark
    assert stand.desktop.theme.text_scale == 1.5
    stand.quit()
    again = SettingsFile(stand.profile).settings
    assert (again.theme, again.text_scale) == (Mode.DARK, 1.5)
    stand.desktop.theme.set_mode(Mode.LIGHT)
    stand.desktop.theme.set_text_scale(1.0)


def _all_actions(stand: Stand) -> list[QAction]:
    menu = stand.desktop.controller.make_menu()
    found = list(menu.actions())
    for action in menu.actions():
        sub = action.menu()
        if isinstance(sub, QMenu):
            found += sub.actions()
    return found


@pytest.mark.parametrize("where", ["window", "dialog"])
def test_ctrl_q_quits(stand: Stand, where: str) -> None:
    if where == "window":
        stand.online()
    else:
        stand.desktop.start()
    place = stand.desktop.window if where == "window" else stand.desktop.joining.dialog
    stand.qtbot.waitUntil(place.isActiveWindow)
    with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
        QTest.keyClick(place, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


def test_place_and_size_are_remembered(stand: Stand, qtbot: QtBot, qapp: QApplication) -> None:
    stand.online()
    stand.desktop.window.resize(720, 600)
    stand.desktop.window.set_details_shown(True)
    stand.quit()
    settings = SettingsFile(stand.profile).settings
    assert settings.geometry
    assert settings.details_shown
    again = Desktop(
        qapp,
        stand.profile,
        make_account=FakeAccount,
        make_server=FakeServer,
        examine=lambda link, stop: iter(()),
    )
    again.start()
    assert (again.window.width(), again.window.height()) == (720, 600)
    assert again.window.details_shown
    with qtbot.waitSignal(again.leaving.finished):
        again.leaving.quit_now()
    again.close()
    again.window.deleteLater()


def test_the_proposed_name_may_be_used() -> None:
    assert len(user_name()) <= MAX_NICK
    assert user_name().isprintable()

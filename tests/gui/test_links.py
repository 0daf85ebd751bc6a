"""Links that somebody clicked in another program."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.gui.settings import RecentServer
from tests.helpers.desktop import Stand


def test_a_link_from_outside_to_a_chat_that_was_joined_before_is_joined_in_the_dialog(stand: Stand) -> None:
    stand.online()
    settings = stand.desktop.file.settings
    settings.nick = "Anna"
    settings.remember(RecentServer("00", "Kitchen", "qtchat://kitchen:47300/", "", "Anna"))
    stand.desktop.take_link("qtchat://kitchen/")
    assert stand.account.link == "qtchat://kitchen/"
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    assert dialog.busy
    dialog.cancel_button.click()
    dialog.reject()


@pytest.mark.parametrize("running", [True, False])
def test_a_link_from_outside_to_an_unknown_chat_waits_for_a_yes(stand: Stand, *, running: bool) -> None:
    stand.desktop.file.settings.nick = "Anna"
    if running:
        stand.online()
        stand.desktop.take_link("qtchat://elsewhere/")
    else:
        stand.desktop.start("qtchat://elsewhere/", clicked=True)
    dialog = stand.desktop.joining.dialog
    assert dialog.isVisible()
    assert not dialog.busy
    assert dialog.address_field.text() == "qtchat://elsewhere/"
    assert dialog.focusWidget() is dialog.join_button
    assert len(stand.accounts) == running
    QTest.keyClick(dialog.join_button, Qt.Key.Key_Return)
    assert stand.account.link == "qtchat://elsewhere/"
    dialog.cancel_button.click()
    dialog.reject()


def test_a_link_to_where_we_are_shows_it(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.window.hide()
    stand.desktop.take_link(account.link)
    assert stand.desktop.window.isVisible()
    assert not stand.desktop.joining.dialog.isVisible()
    assert len(stand.accounts) == 1


def test_without_a_name_the_dialog_waits_for_one(stand: Stand) -> None:
    stand.desktop.start()
    stand.desktop.take_link("qtchat://elsewhere/")
    assert stand.desktop.joining.dialog.address_field.text() == "qtchat://elsewhere/"
    assert stand.accounts == []
    assert not stand.desktop.window.isVisible()
    stand.desktop.take_link("")
    assert not stand.desktop.window.isVisible()

"""The keys of the main window."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import RoomUpdate
from qtchat.gui.views.shortcuts import Command
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import room

CONTROL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)


def press(stand: Stand, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(stand.desktop.window, key, modifiers)


def test_every_command_has_an_action(stand: Stand) -> None:
    assert set(stand.desktop.actions()) | {Command.SERVER} == set(Command)


@pytest.mark.parametrize("key", [Qt.Key.Key_F1, Qt.Key.Key_Slash])
def test_the_list_of_keys_opens_by_a_key(stand: Stand, key: Qt.Key) -> None:
    stand.online()
    press(stand, key, CONTROL if key == Qt.Key.Key_Slash else Qt.KeyboardModifier.NoModifier)
    assert stand.desktop.controller.shortcuts is not None
    stand.desktop.controller.shortcuts.accept()
    assert stand.desktop.controller.shortcuts is None


def test_rooms_are_walked_through(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0), RoomUpdate(room(3, "books"), 0))
    stand.settle()
    account.hear(3, "unread")
    stand.settle()
    press(stand, Qt.Key.Key_Down, ALT | SHIFT)
    assert stand.desktop.chat.name == "# books"
    press(stand, Qt.Key.Key_Down, ALT)
    assert stand.desktop.chat.name == "# lobby"
    press(stand, Qt.Key.Key_Up, ALT)
    assert stand.desktop.chat.name == "# books"


def test_the_rest_opens_what_it_says(stand: Stand) -> None:
    stand.online()
    window = stand.desktop.window
    press(stand, Qt.Key.Key_I, CONTROL)
    assert window.details_shown
    press(stand, Qt.Key.Key_N, CONTROL)
    assert stand.desktop.rooms.create_dialog is not None
    stand.desktop.rooms.create_dialog.reject()
    press(stand, Qt.Key.Key_Comma, CONTROL)
    assert stand.desktop.preferences.dialog is not None
    stand.desktop.preferences.dialog.reject()
    press(stand, Qt.Key.Key_N, CONTROL | SHIFT)
    assert stand.desktop.people.dialog is not None
    stand.desktop.people.dialog.reject()

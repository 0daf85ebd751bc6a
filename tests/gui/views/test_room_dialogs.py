"""Making a room, and finding one."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.models.directory import DirectoryModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.room_dialogs import BrowseRoomsDialog, CreateRoomDialog
from qtchat.protocol.messages import PRIVATE, Room
from tests.helpers.fake_account import room


@pytest.fixture
def create(qtbot: QtBot, theme: Theme) -> CreateRoomDialog:
    dialog = CreateRoomDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.name_field.setText(" books ")
    return dialog


def test_a_room_is_public_unless_it_is_wanted_otherwise(qtbot: QtBot, create: CreateRoomDialog) -> None:
    with qtbot.waitSignal(create.create_wanted) as asked:
        QTest.keyClick(create.name_field, Qt.Key.Key_Return)
    assert asked.args == ["books", "", False]
    create.name_field.setText("plans")
    create.private_button.click()
    with qtbot.waitSignal(create.create_wanted) as asked:
        create.create_button.click()
    assert asked.args == ["plans", "", True]


def test_what_public_and_private_mean_can_be_heard(create: CreateRoomDialog) -> None:
    assert "read all of it" in create.public_button.accessibleDescription()
    assert "people who are added" in create.private_button.accessibleDescription()


@pytest.fixture
def directory(qtbot: QtBot) -> DirectoryModel:
    return DirectoryModel()


@pytest.fixture
def browse(qtbot: QtBot, directory: DirectoryModel, theme: Theme, icons: Icons) -> BrowseRoomsDialog:
    dialog = BrowseRoomsDialog(directory, theme, icons)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_an_empty_directory_offers_to_make_a_room(qtbot: QtBot, browse: BrowseRoomsDialog) -> None:
    assert browse.empty.isVisible()
    with qtbot.waitSignal(browse.create_wanted):
        browse.empty.button.click()


def test_a_room_is_found_by_typing(qtbot: QtBot, browse: BrowseRoomsDialog, directory: DirectoryModel) -> None:
    directory.show((room(1, "lobby"), room(2, "books", member=False), Room(3, "plans", "", 0, 2, True, PRIVATE)))
    assert browse.list.field.hasFocus()
    QTest.keyClicks(browse.list.field, "#boo")
    assert browse.join_button.text() == "Join"
    with qtbot.waitSignal(browse.join_wanted) as asked:
        QTest.keyClick(browse.list.field, Qt.Key.Key_Return)
    assert asked.args == [2]
    browse.list.field.setText("pla")
    assert browse.join_button.text() == "Open"
    with qtbot.waitSignal(browse.open_wanted) as asked:
        browse.join_button.click()
    assert asked.args == [3]


def test_a_room_that_is_joined_elsewhere_is_opened(browse: BrowseRoomsDialog, directory: DirectoryModel) -> None:
    directory.show((room(2, "books", member=False),))
    assert browse.join_button.text() == "Join"
    directory.show((room(2, "books"),))
    assert browse.join_button.text() == "Open"


def test_it_paints_hostile_names_and_topics(browse: BrowseRoomsDialog, directory: DirectoryModel) -> None:
    directory.show((room(1, "<b>x</b>", "\u202e" + "e\u0301" * 120), room(2, "W" * 64, "", members=1_000_000)))
    assert not browse.grab().isNull()

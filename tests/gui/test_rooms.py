"""Making, finding and leaving rooms."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from pytestqt.qtbot import QtBot

from qtchat.client.updates import ConnectionUpdate, DirectoryUpdate, Phase, Problem, RequestDoneUpdate, RoomUpdate
from qtchat.gui.rooms import Rooms
from qtchat.gui.views.room_dialogs import ConfirmDialog
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import FakeAccount, room


def dialogs(rooms: Rooms) -> list[QDialog]:
    """Those that are open."""
    return [dialog for dialog in (rooms.create_dialog, rooms.browse_dialog) if dialog is not None]


def answer(account: FakeAccount, number: int, problem: Problem | None = None) -> None:
    """Answer the last request."""
    account.tell(RequestDoneUpdate(account.last_request, number, problem))


def test_a_room_is_made_and_opened(stand: Stand) -> None:
    account, rooms = stand.online(), stand.desktop.rooms
    stand.desktop.window.conversations.create_wanted.emit()
    assert rooms.create_dialog is not None
    dialog = rooms.create_dialog
    assert not dialog.create_button.isEnabled()
    dialog.name_field.setText(" books ")
    dialog.topic_field.setText("Reading")
    dialog.create_button.click()
    assert account.called("create_room") == [("books", "Reading")]
    assert not dialog.create_button.isEnabled()
    answer(account, 5)
    stand.settle()
    assert dialogs(rooms) == []
    account.tell(RoomUpdate(room(5, "books"), 0))
    stand.settle()
    assert stand.desktop.window.windowTitle() == "# books – qtchat"


def test_a_refused_name_is_said_beside_the_field(stand: Stand) -> None:
    account, rooms = stand.online(), stand.desktop.rooms
    rooms.create()
    assert rooms.create_dialog is not None
    dialog = rooms.create_dialog
    dialog.name_field.setText("lobby")
    dialog.create_button.click()
    answer(account, 0, Problem("room_taken", ""))
    stand.settle()
    assert "already exists" in dialog.error_label.text()
    assert dialog.create_button.isEnabled()
    dialog.name_field.setText("lobby2")
    assert dialog.error_label.isHidden()


def test_rooms_are_found_and_joined(stand: Stand) -> None:
    account, rooms = stand.online(), stand.desktop.rooms
    stand.desktop.window.conversations.browse_wanted.emit()
    assert rooms.browse_dialog is not None
    dialog = rooms.browse_dialog
    assert account.called("list_rooms") == [()]
    assert dialog.empty.isVisible()
    account.tell(DirectoryUpdate((room(1, "lobby"), room(9, "books", member=False))))
    stand.settle()
    assert dialog.view.isVisible()
    dialog.view.setCurrentIndex(dialog.view.model().index(0, 0))
    assert dialog.join_button.text() == "Join"
    dialog.join_button.click()
    assert account.called("join_room") == [(9,)]
    answer(account, 9, Problem("forbidden", ""))
    stand.settle()
    assert "not allowed" in dialog.error_label.text()
    dialog.join_button.click()
    answer(account, 9)
    account.tell(RoomUpdate(room(9, "books"), 0))
    stand.settle()
    assert dialogs(rooms) == []
    assert stand.desktop.window.windowTitle() == "# books – qtchat"


def test_a_room_one_is_in_is_opened_without_asking_the_server(stand: Stand) -> None:
    account, rooms = stand.online(), stand.desktop.rooms
    account.tell(RoomUpdate(room(2, "news"), 0), DirectoryUpdate((room(2, "news"),)))
    stand.settle()
    rooms.browse()
    assert rooms.browse_dialog is not None
    rooms.browse_dialog.view.setCurrentIndex(rooms.browse_dialog.view.model().index(0, 0))
    assert rooms.browse_dialog.join_button.text() == "Open"
    rooms.browse_dialog.join_button.click()
    assert account.called("join_room") == []
    assert stand.desktop.window.windowTitle() == "# news – qtchat"


def test_leaving_is_confirmed(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    stand.desktop.window.people_pane.leave_wanted.emit()
    dialog = stand.desktop.window.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    assert dialog.windowTitle() == "Leave # lobby?"
    dialog.do_button.click()
    assert account.called("leave_room") == [(1,)]
    answer(account, 1, Problem("forbidden", "The lobby cannot be left."))
    stand.settle()
    assert "The lobby cannot be left." in stand.desktop.window.notice.label.text()


def test_keeping_a_room_asks_nothing(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.rooms.leave(1)
    dialog = stand.desktop.window.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    dialog.keep_button.click()
    assert account.called("leave_room") == []
    assert QApplication.instance() is not None


def test_the_question_goes_with_its_server(stand: Stand) -> None:
    stand.online()
    stand.desktop.rooms.leave(1)
    dialog = stand.desktop.rooms.leave_dialog
    assert dialog is not None
    stand.desktop.controller.begin("elsewhere", "Me")
    assert not dialog.isVisible()
    assert stand.desktop.rooms.leave_dialog is None


def test_no_room_can_be_made_where_there_is_no_server(stand: Stand) -> None:
    stand.desktop.window.conversations.create_wanted.emit()
    stand.desktop.window.conversations.browse_wanted.emit()
    assert dialogs(stand.desktop.rooms) == []


def test_rooms_are_asked_for_again_when_the_connection_is_back(stand: Stand) -> None:
    account = stand.online()
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 5.0))
    stand.settle()
    stand.desktop.rooms.browse()
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert account.called("list_rooms") == [(), ()]


def test_a_long_name_does_not_widen_the_question(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "[*]" + "W" * 61), 0))
    stand.settle()
    stand.desktop.rooms.leave(2)
    dialog = stand.desktop.rooms.leave_dialog
    assert dialog is not None
    assert dialog.minimumSizeHint().width() <= dialog.width()
    assert dialog.windowTitle().startswith("Leave # [*][*]W")  # Qt shows the doubled mark as it was


@pytest.mark.parametrize("width", [420, 1024])
def test_a_room_that_was_asked_for_is_written_to(stand: Stand, width: int) -> None:
    account, rooms, window = stand.online(), stand.desktop.rooms, stand.desktop.window
    window.resize(width, 600)
    window.conversations.view.setFocus()
    rooms.create()
    assert rooms.create_dialog is not None
    rooms.create_dialog.name_field.setText("books")
    QTest.keyClick(rooms.create_dialog.name_field, Qt.Key.Key_Return)
    answer(account, 5)
    account.tell(RoomUpdate(room(5, "books"), 0))
    stand.settle()
    assert window.composer.isVisible()
    assert window.focusWidget() is window.composer.field


def test_the_first_room_found_is_chosen_and_enter_joins_it_once(stand: Stand) -> None:
    account, rooms, window = stand.online(), stand.desktop.rooms, stand.desktop.window
    window.conversations.view.setFocus()
    rooms.browse()
    assert rooms.browse_dialog is not None
    dialog = rooms.browse_dialog
    assert not dialog.join_button.isEnabled()
    account.tell(DirectoryUpdate((room(8, "sport", member=False), room(9, "art", member=False))))
    stand.settle()
    assert dialog.join_button.isEnabled()
    QTest.keyClick(dialog.view, Qt.Key.Key_Return)
    assert account.called("join_room") == [(9,)]
    answer(account, 9)
    account.tell(RoomUpdate(room(9, "art"), 0))
    stand.settle()
    assert window.windowTitle() == "# art – qtchat"
    assert window.focusWidget() is window.composer.field


def test_an_answer_opens_nothing_on_another_server(stand: Stand) -> None:
    first, rooms = stand.online(), stand.desktop.rooms
    rooms.create()
    assert rooms.create_dialog is not None
    rooms.create_dialog.create_wanted.emit("books", "", False)
    made = first.last_request
    rooms.browse()
    assert rooms.browse_dialog is not None
    rooms.browse_dialog.join_wanted.emit(9)
    joined = first.last_request
    second = stand.join_other()
    second.tell(RoomUpdate(room(9, "news"), 0))
    stand.settle()
    rooms.create()
    first.tell(RequestDoneUpdate(made, 9), RequestDoneUpdate(joined, 9))
    stand.settle()
    assert rooms.create_dialog is not None
    assert rooms.create_dialog.isVisible()
    assert stand.desktop.chat.name == "# lobby"


def test_a_late_answer_leaves_another_dialog_alone(stand: Stand) -> None:
    account, rooms = stand.online(), stand.desktop.rooms
    rooms.create()
    assert rooms.create_dialog is not None
    rooms.create_dialog.create_wanted.emit("books", "", False)
    rooms.create_dialog.close()
    rooms.create()
    answer(account, 0, Problem("room_taken", ""))
    stand.settle()
    assert rooms.create_dialog is not None
    assert rooms.create_dialog.error_label.isHidden()
    assert "already exists" in stand.desktop.window.notice.label.text()


def test_a_room_that_was_named_opens_beside_the_list_of_rooms(stand: Stand) -> None:
    account, rooms = stand.online(), stand.desktop.rooms
    rooms.go_to("books")
    rooms.browse()
    account.tell(DirectoryUpdate((room(2, "books", member=False),)))
    stand.settle()
    assert account.called("join_room") == [(2,)]
    answer(account, 2)
    stand.settle()
    assert rooms.browse_dialog is not None, "it did not ask"
    rooms.browse_dialog.reject()

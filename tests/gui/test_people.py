"""Finding people, direct messages, and the commands that name somebody."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qtchat.client.updates import ConnectionUpdate, DirectoryUpdate, Phase, Problem, RoomUpdate
from qtchat.protocol.messages import DIRECT, PRIVATE, Person, Room
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, FakeAccount, members, room

ANNA, BORIS = Person(2, "Anna", online=True), Person(3, "Борис", online=False)


def lobby(stand: Stand) -> FakeAccount:
    """Online, in a lobby with three people."""
    account = stand.online()
    account.tell(members(1, Person(OWN, "Me", online=True), ANNA, BORIS))
    stand.settle()
    return account


def run(stand: Stand, text: str) -> None:
    field = stand.desktop.window.composer.field
    field.setPlainText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    stand.settle()


def told(stand: Stand) -> str:
    return stand.desktop.window.notice.label.text()


def test_a_message_to_one_person_opens_their_room(stand: Stand) -> None:
    account = lobby(stand)
    stand.desktop.people.choose_to_write()
    dialog = stand.desktop.people.dialog
    assert dialog is not None
    assert dialog.list.proxy.rowCount() == 2
    dialog.person_chosen.emit(2)
    assert account.called("open_direct") == [(2,)]
    stand.answer(5)
    assert stand.desktop.people.dialog is None
    account.tell(RoomUpdate(Room(5, "Anna", "", 1, 2, kind=DIRECT, other=2), 0))
    stand.settle()
    assert stand.desktop.chat.name == "Anna"
    assert stand.desktop.window.windowTitle() == "Anna – qtchat"


def test_a_refused_message_is_said_in_the_dialog(stand: Stand) -> None:
    lobby(stand)
    stand.desktop.people.choose_to_write()
    dialog = stand.desktop.people.dialog
    assert dialog is not None
    dialog.person_chosen.emit(2)
    stand.answer(0, Problem("forbidden", ""))
    assert "not allowed" in dialog.told.text()


def test_people_are_added_one_after_the_other(stand: Stand) -> None:
    account = lobby(stand)
    account.tell(RoomUpdate(Room(4, "secret", "", 1, 1, kind=PRIVATE), 0), members(4, Person(OWN, "Me", online=True)))
    stand.settle()
    stand.desktop.chat.open_room(4)
    stand.desktop.window.people_pane.add_wanted.emit()
    dialog = stand.desktop.people.dialog
    assert dialog is not None
    assert dialog.list.proxy.rowCount() == 2
    dialog.person_chosen.emit(3)
    assert account.called("add_member") == [(4, 3)]
    stand.answer(4)
    assert "Борис" in dialog.told.text()
    assert dialog.isVisible()


def test_the_card_of_a_person_leads_to_a_message_and_a_mention(stand: Stand) -> None:
    account = lobby(stand)
    people = stand.desktop.people
    people.show_card(2, QPoint(10, 10))
    assert people.card is not None
    people.card.mention_button.click()
    assert stand.desktop.window.composer.text() == "@Anna "
    people.show_card(2, QPoint(10, 10))
    people.card.message_button.click()
    assert account.called("open_direct") == [(2,)]


def test_the_lobby_is_asked_once_for_its_people(stand: Stand) -> None:
    account = lobby(stand)
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 1.0))
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert account.called("load_people") == [(1,), (1,)]


# -- commands ----------------------------------------------------------------------------------------


def test_msg_opens_the_conversation_and_says_it_there(stand: Stand) -> None:
    account = lobby(stand)
    run(stand, "/msg anna Hello there")
    assert account.called("open_direct") == [(2,)]
    stand.answer(5)
    assert account.called("post") == [(5, "Hello there")]
    assert stand.desktop.window.composer.text() == ""


def test_msg_to_nobody_keeps_what_was_written(stand: Stand) -> None:
    account = lobby(stand)
    run(stand, "/msg Olga Hello there")
    assert account.called("open_direct") == []
    assert "Olga" in told(stand)
    assert stand.desktop.window.composer.text() == "/msg Olga Hello there"


def test_join_goes_to_a_room_by_its_name(stand: Stand) -> None:
    account = lobby(stand)
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    run(stand, "/join NEWS")
    assert stand.desktop.chat.name == "# news"
    run(stand, "/join books")
    assert account.called("list_rooms") == [()]
    account.tell(DirectoryUpdate((room(1, "lobby"), room(9, "books", member=False))))
    stand.settle()
    assert account.called("join_room") == [(9,)]
    run(stand, "/join nowhere")
    account.tell(DirectoryUpdate((room(1, "lobby"),)))
    stand.settle()
    assert "# nowhere" in told(stand)


def test_nick_and_topic_are_asked_of_the_server(stand: Stand) -> None:
    account = lobby(stand)
    run(stand, "/nick Marie")
    assert account.called("change_nick") == [("Marie",)]
    stand.answer(0, Problem("nick_taken", ""))
    assert "Somebody else has this name" in told(stand)
    run(stand, "/topic Lunch at noon")
    assert account.called("set_topic") == [(1, "Lunch at noon")]


def test_away_is_told_to_every_server_and_taken_back(stand: Stand) -> None:
    first = lobby(stand)
    second = stand.join_other()
    run(stand, "/away back at two")
    assert first.called("set_presence") == second.called("set_presence") == [(True, "back at two")]
    run(stand, "/away")
    assert first.called("set_presence")[-1] == (False, None)


def test_quit_ends_the_program(stand: Stand) -> None:
    lobby(stand)
    with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
        field = stand.desktop.window.composer.field
        field.setPlainText("/quit")
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert QApplication.instance() is not None

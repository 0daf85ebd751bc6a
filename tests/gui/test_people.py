"""Finding people, direct messages, and the commands that name somebody."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qtchat.client.updates import (
    ConnectionUpdate,
    DirectoryUpdate,
    EventsUpdate,
    Phase,
    Problem,
    RequestDoneUpdate,
    RoomUpdate,
)
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.protocol.messages import DIRECT, KIND_POST, PRIVATE, Event, Person, Room
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import MIDDAY, OWN, FakeAccount, members, room

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


def test_a_sender_has_a_card_too_though_nothing_else_is_known(stand: Stand) -> None:
    account = lobby(stand)
    timeline, people = stand.desktop.window.timeline, stand.desktop.people
    timeline.person_wanted.emit(2, "An earlier name", QPoint(10, 10))
    assert people.card is not None
    assert people.card.name_label.whole() == "Anna"
    timeline.person_wanted.emit(2**62, "Olga", QPoint(10, 10))
    assert people.card.name_label.whole() == "Olga"
    assert people.card.presence_label.whole() == "offline"
    assert not people.card.mention_button.isVisible()
    people.card.message_button.click()
    assert account.called("open_direct") == [(2**62,)]
    stand.answer(0, Problem("not_found", ""))
    assert told(stand)


def test_the_keyboard_leads_from_a_message_to_the_card_and_back(stand: Stand) -> None:
    account = lobby(stand)
    account.tell(EventsUpdate(1, (Event(1, 1, bytes(16), MIDDAY, 2, "Anna", KIND_POST, "hi"),), True))
    stand.settle()
    window, people = stand.desktop.window, stand.desktop.people
    window.activateWindow()
    window.timeline.setFocus()
    stand.qtbot.waitUntil(window.timeline.hasFocus)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(window.timeline, key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, MessageMenu)
    active = menu.activeAction()
    assert active is not None
    assert active.text() == "Reply"
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(menu, key)
    card = people.card
    assert card is not None
    assert card.isVisible()
    assert card.focusWidget() is card.message_button
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert not card.isVisible()
    stand.qtbot.waitUntil(window.timeline.hasFocus)


def test_the_lobby_is_asked_once_for_its_people(stand: Stand) -> None:
    account = lobby(stand)
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 1.0))
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert account.called("load_people") == [(1,), (1,)]


def test_an_answer_acts_on_the_server_that_was_asked(stand: Stand) -> None:
    first = lobby(stand)
    run(stand, "/msg Anna my secret")
    second = stand.join_other()
    second.tell(RoomUpdate(room(9, "public"), 0))
    stand.settle()
    stand.answer(9, account=first)
    assert first.called("post") == [(9, "my secret")]
    assert second.called("post") == []
    assert stand.desktop.chat.name == "# lobby"  # and not the other server's room 9


def test_a_late_answer_leaves_another_dialog_alone(stand: Stand) -> None:
    account, people = lobby(stand), stand.desktop.people
    account.tell(RoomUpdate(Room(4, "secret", "", 1, 1, kind=PRIVATE), 0), members(4, Person(OWN, "Me", online=True)))
    stand.settle()
    stand.desktop.chat.open_room(4)
    people.choose_to_write()
    assert people.dialog is not None
    people.dialog.person_chosen.emit(2)
    to_write = account.last_request
    people.dialog.close()
    stand.desktop.window.people_pane.add_wanted.emit()
    adding = people.dialog
    assert adding is not None
    adding.person_chosen.emit(3)
    to_add = account.last_request
    account.tell(RequestDoneUpdate(to_write, 0, Problem("forbidden", "")))
    stand.settle()
    assert (adding.isVisible(), adding.told.text()) == (True, "")
    assert "not allowed" in told(stand)
    adding.close()
    people.choose_to_write()
    account.tell(RequestDoneUpdate(to_add, 4, Problem("room_full", "No more places.")))
    stand.settle()
    assert people.dialog is not None
    assert people.dialog.told.text() == ""
    assert "No more places." in told(stand)


def test_a_card_goes_with_its_server(stand: Stand) -> None:
    lobby(stand)
    people = stand.desktop.people
    people.show_card(2, QPoint(10, 10))
    assert people.card is not None
    stand.desktop.controller.begin("elsewhere", "Me")
    assert not people.card.isVisible()


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


def test_msg_that_is_refused_keeps_what_was_written(stand: Stand) -> None:
    lobby(stand)
    run(stand, "/msg Anna Hello there")
    stand.answer(0, Problem("offline", ""))
    assert "connection" in told(stand)
    assert stand.desktop.window.composer.text() == "/msg Anna Hello there"
    run(stand, "/topic Lunch at noon")
    stand.desktop.window.composer.field.setPlainText("something else")
    stand.answer(0, Problem("offline", ""))
    assert stand.desktop.window.composer.text() == "something else"


def test_msg_into_a_known_conversation_waits_there(stand: Stand) -> None:
    account = lobby(stand)
    account.tell(RoomUpdate(room(5, "Anna", kind=DIRECT, other=2), 0))
    stand.settle()
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 60.0))
    stand.settle()
    run(stand, "/msg Anna Hello there")
    assert account.called("open_direct") == []
    assert account.called("post") == [(5, "Hello there")]
    assert stand.desktop.chat.name == "Anna"


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

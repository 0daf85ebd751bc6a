"""What somebody does with messages: answer, edit, delete, react, ask who has read."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from qtchat.client.updates import EventsUpdate, Problem, RequestDoneUpdate, RoomUpdate
from qtchat.gui.models.plain_chat import plain_chat_reason
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.protocol.messages import KIND_DELETED
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OTHER, OWN, PLAIN, FakeAccount, room


def own(account: FakeAccount, text: str) -> None:
    """We said something, here or on another device."""
    account.hear(1, text, author=OWN, nick="Me")


def type_and_send(stand: Stand, text: str) -> None:
    field = stand.desktop.window.composer.field
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_a_reply_names_the_message_it_answers(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "Lunch?")
    stand.settle()
    stand.desktop.window.timeline.reply_wanted.emit(1)
    assert stand.desktop.window.composer.strip.isVisible()
    type_and_send(stand, "Yes")
    stand.settle()
    assert account.called("post") == [(1, "Yes", 1)]
    assert stand.desktop.window.composer.strip.isHidden()
    type_and_send(stand, "At noon")
    assert account.called("post")[-1] == (1, "At noon")


def test_up_edits_the_last_own_message(stand: Stand) -> None:
    account = stand.online()
    own(account, "sory")
    account.hear(1, "What?")
    stand.settle()
    composer = stand.desktop.window.composer
    QTest.keyClick(composer.field, Qt.Key.Key_Up)
    assert composer.field.toPlainText() == "sory"
    composer.field.setPlainText("sorry")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert account.called("edit") == [(1, 1, "sorry")]
    assert composer.field.toPlainText() == "sorry"
    stand.answer(1)
    assert composer.field.toPlainText() == ""


def test_an_edit_that_is_refused_stays_in_the_field(stand: Stand) -> None:
    account = stand.online()
    own(account, "sory")
    stand.settle()
    composer = stand.desktop.window.composer
    stand.desktop.window.timeline.edit_wanted.emit(1)
    composer.field.setPlainText("sorry")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    stand.answer(1, Problem("offline", ""))
    assert composer.field.toPlainText() == "sorry"
    assert "no connection" in stand.desktop.window.notice.label.text()


def test_messages_of_others_are_not_edited(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "mine")
    stand.settle()
    stand.desktop.window.timeline.edit_wanted.emit(1)
    QTest.keyClick(stand.desktop.window.composer.field, Qt.Key.Key_Up)
    assert stand.desktop.window.composer.strip.isHidden()


def test_deleting_is_confirmed(stand: Stand) -> None:
    account = stand.online()
    own(account, "oops")
    stand.settle()
    stand.desktop.window.timeline.delete_wanted.emit(1)
    question = stand.desktop.messages.question
    assert question is not None
    question.reject()
    assert account.called("delete") == []
    stand.desktop.window.timeline.delete_wanted.emit(1)
    question = stand.desktop.messages.question
    assert question is not None
    question.do_button.click()
    assert account.called("delete") == [(1, 1)]
    stand.answer(1, Problem("forbidden", ""))
    assert "not allowed" in stand.desktop.window.notice.label.text()


def test_a_reaction_is_put_and_taken_back(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "Lunch?")
    stand.settle()
    timeline = stand.desktop.window.timeline
    timeline.react_wanted.emit(1, "👍", True)
    timeline.react_wanted.emit(1, "👍", False)
    assert account.called("react") == [(1, 1, "👍", True), (1, 1, "👍", False)]


def test_any_emoji_is_picked_as_a_reaction_and_remembered(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "Lunch?")
    stand.settle()
    stand.desktop.window.timeline.emoji_wanted.emit(1, QPoint(100, 100))
    picker = stand.desktop.messages.picker
    assert picker is not None
    assert picker.isVisible()
    picker.recent_changed.emit(["🍜"])
    picker.chosen.emit("🍜")
    assert account.called("react") == [(1, 1, "🍜", True)]
    assert stand.desktop.file.settings.recent_emoji == ["🍜"]
    picker.close()


def test_who_has_read_is_told(stand: Stand) -> None:
    account = stand.online()
    own(account, "Lunch?")
    stand.settle()
    stand.desktop.window.timeline.who_read_wanted.emit(1)
    dialog = stand.desktop.messages.readers
    assert dialog is not None
    assert dialog.windowTitle() == "Read by nobody yet"
    dialog.accept()
    assert stand.desktop.messages.readers is None


def test_a_reply_waits_in_its_room(stand: Stand) -> None:
    account, chat = stand.online(), stand.desktop.chat
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(1, "Lunch?")
    stand.settle()
    stand.desktop.window.timeline.reply_wanted.emit(1)
    QTest.keyClicks(stand.desktop.window.composer.field, "Y")
    chat.open_room(2)
    assert stand.desktop.window.composer.strip.isHidden()
    type_and_send(stand, "Hello")
    chat.open_room(1)
    assert stand.desktop.window.composer.strip.isVisible()
    type_and_send(stand, "es")
    chat.open_room(2)
    chat.open_room(1)
    type_and_send(stand, "At noon")
    assert account.called("post") == [(2, "Hello"), (1, "Yes", 1), (1, "At noon")]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_is_answered_and_deleted_is_not_shown_any_more(stand: Stand, elsewhere: bool) -> None:
    account, chat = stand.online(), stand.desktop.chat
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(1, "a secret")
    stand.settle()
    stand.desktop.window.timeline.reply_wanted.emit(1)
    strip = stand.desktop.window.composer.strip
    assert strip.line.whole() == "a secret"
    if elsewhere:
        chat.open_room(2)
    account.tell(EventsUpdate(1, (account.event(1, "", kind=KIND_DELETED, about=1),), live=True))
    stand.settle()
    chat.open_room(1)
    assert strip.isVisible()
    assert strip.line.whole() == "Message deleted"


def test_an_edit_waits_in_its_room(stand: Stand) -> None:
    account, chat = stand.online(), stand.desktop.chat
    account.tell(RoomUpdate(room(2, "news"), 0))
    own(account, "sory")
    stand.settle()
    composer = stand.desktop.window.composer
    composer.field.setPlainText("a draft")
    stand.desktop.window.timeline.edit_wanted.emit(1)
    composer.field.setPlainText("sorry")
    chat.open_room(2)
    assert (composer.editing, composer.field.toPlainText()) == (0, "")
    chat.open_room(1)
    assert (composer.editing, composer.field.toPlainText()) == (1, "sorry")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert account.called("edit") == [(1, 1, "sorry")], "once, however often Enter is hit"
    chat.open_room(2)
    stand.answer(1)
    chat.open_room(1)
    assert (composer.editing, composer.field.toPlainText()) == (0, "a draft")


def test_what_is_written_while_an_edit_is_answered_is_kept(stand: Stand) -> None:
    account = stand.online()
    own(account, "sory")
    stand.settle()
    composer = stand.desktop.window.composer
    stand.desktop.window.timeline.edit_wanted.emit(1)
    composer.set_text("a draft")
    composer.field.selectAll()
    type_and_send(stand, "sorry")
    QTest.keyClicks(composer.field, "!")
    stand.answer(1)
    assert (composer.editing, composer.field.toPlainText()) == (1, "sorry!")
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    stand.answer(1)
    assert (composer.editing, composer.text()) == (0, "a draft")
    assert account.called("edit") == [(1, 1, "sorry"), (1, 1, "sorry!")]


def test_what_is_not_held_is_asked_for(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.window.timeline.around_wanted.emit(3)
    assert account.called("load_around") == [(1, 3)]


# -- another server, another room ------------------------------------------------------------------------------------


def test_what_is_asked_about_a_message_goes_with_its_server(stand: Stand) -> None:
    first, messages, timeline = stand.online(), stand.desktop.messages, stand.desktop.window.timeline
    own(first, "oops")
    stand.settle()
    timeline.delete_wanted.emit(1)
    question = messages.question
    timeline.who_read_wanted.emit(1)
    readers = messages.readers
    timeline.emoji_wanted.emit(1, QPoint(100, 100))
    picker = messages.picker
    assert question is not None
    assert picker is not None
    second = stand.join_other()
    own(second, "another one")
    stand.settle()
    assert (messages.question, messages.readers) == (None, None)
    assert readers is not None
    assert not picker.isVisible()
    picker.chosen.emit("🍜")
    assert (first.called("react"), second.called("react")) == ([(1, 1, "🍜", True)], [])
    assert first.called("delete") == second.called("delete") == []


@pytest.mark.parametrize("to", ["another room", "another server"])
def test_a_menu_of_a_message_goes_with_it(stand: Stand, to: str) -> None:
    account, window = stand.online(), stand.desktop.window
    account.tell(RoomUpdate(room(2, "news"), 0))
    own(account, "oops")
    stand.settle()
    window.activateWindow()
    window.timeline.setFocus()
    stand.qtbot.waitUntil(window.timeline.hasFocus)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Return):
        QTest.keyClick(window.timeline, key)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, MessageMenu)
    if to == "another room":
        stand.desktop.chat.open_room(2)
    else:
        stand.join_other()
    assert QApplication.activePopupWidget() is None


def test_a_late_answer_ends_no_other_edit(stand: Stand) -> None:
    account, composer = stand.online(), stand.desktop.window.composer
    own(account, "sory")
    own(account, "helo")
    stand.settle()
    timeline = stand.desktop.window.timeline
    timeline.edit_wanted.emit(1)
    composer.edit_submitted.emit(1, "sorry")
    timeline.edit_wanted.emit(2)
    stand.answer(1)
    assert (composer.editing, composer.field.toPlainText()) == (2, "helo")
    stand.desktop.window.composer.edit_submitted.emit(2, "hello")
    asked = account.last_request
    other = stand.join_other()
    for text in ("not this", "nor this"):
        other.hear(1, text, author=OTHER.user, nick="Me")
    stand.settle()
    timeline.edit_wanted.emit(2)
    account.tell(RequestDoneUpdate(asked, 1))
    stand.settle()
    assert composer.editing == 2, "on the other server"


# -- /delete ---------------------------------------------------------------------------------------------------------


def test_the_last_own_message_is_deleted_by_command(stand: Stand) -> None:
    account = stand.online()
    own(account, "oops")
    account.hear(1, "What?")
    stand.settle()
    type_and_send(stand, "/delete")
    question = stand.desktop.messages.question
    assert question is not None
    assert question.windowTitle() == "Delete this message?"
    question.do_button.click()
    assert account.called("delete") == [(1, 1)]


def test_the_answered_message_is_deleted_by_command(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "spam")
    own(account, "Hm")
    stand.settle()
    stand.desktop.window.timeline.reply_wanted.emit(1)
    type_and_send(stand, "/delete")
    question = stand.desktop.messages.question
    assert question is not None
    assert question.windowTitle() == "Delete somebody else's message?"
    assert stand.desktop.window.composer.strip.isHidden()
    question.do_button.click()
    assert account.called("delete") == [(1, 1)]


def test_nothing_to_delete_is_said(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "not mine")
    stand.settle()
    type_and_send(stand, "/delete")
    assert stand.desktop.messages.question is None
    assert "nothing here that you could delete" in stand.desktop.window.notice.label.text()


def test_a_plain_chat_takes_nothing_back(stand: Stand) -> None:
    stand.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
    stand.account.go_online(server=PLAIN)
    stand.settle()
    type_and_send(stand, "/delete")
    assert stand.desktop.window.notice.label.text() == plain_chat_reason()

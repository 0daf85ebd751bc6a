"""What somebody does with messages: answer, edit, delete, react, ask who has read."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import Problem, RoomUpdate
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, FakeAccount, room


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


def test_a_reply_ends_with_its_room(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(1, "Lunch?")
    stand.settle()
    stand.desktop.window.timeline.reply_wanted.emit(1)
    stand.desktop.chat.open_room(2)
    type_and_send(stand, "Hello")
    assert account.called("post") == [(2, "Hello")]


def test_what_is_not_held_is_asked_for(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.window.timeline.around_wanted.emit(3)
    assert account.called("load_around") == [(1, 3)]

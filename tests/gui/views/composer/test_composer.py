"""The composer as a whole: sending, replies, edits, commands, what is kept."""

import pytest
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.gui.commands import ChangeNick, SendDirect
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.composer import Composer
from qtchat.gui.views.composer.composer import COUNT_FROM
from qtchat.gui.views.composer.paste import PasteDialog
from qtchat.gui.views.emoji import EmojiPicker
from qtchat.protocol.messages import MAX_TEXT, Person


class Asked:
    """What a composer has asked for."""

    def __init__(self, composer: Composer) -> None:
        self.sent: list[tuple[str, int]] = []
        self.saved: list[tuple[int, str]] = []
        self.commands: list[object] = []
        self.drafts: list[str] = []
        self.typing = self.escaped = self.last = 0
        composer.submitted.connect(self._submitted)
        composer.edit_submitted.connect(self._edit_submitted)
        composer.command_wanted.connect(self.commands.append)
        composer.edited.connect(self.drafts.append)
        composer.typing.connect(self._typing)
        composer.escaped.connect(self._escaped)
        composer.edit_last_wanted.connect(self._last)

    def _submitted(self, text: str, reply_to: int) -> None:
        self.sent.append((text, reply_to))

    def _edit_submitted(self, seq: int, text: str) -> None:
        self.saved.append((seq, text))

    def _typing(self) -> None:
        self.typing += 1

    def _escaped(self) -> None:
        self.escaped += 1

    def _last(self) -> None:
        self.last += 1


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme, icons: Icons) -> Composer:
    composer = Composer(theme, icons)
    qtbot.addWidget(composer)
    composer.resize(500, 300)
    composer.set_room("lobby")
    composer.set_own_nick("Me")
    composer.set_people(lambda: [Person(2, "Anna Smith", True)])
    composer.show()
    return composer


@pytest.fixture
def asked(composer: Composer) -> Asked:
    return Asked(composer)


def press(composer: Composer, key: Qt.Key) -> None:
    QTest.keyClick(composer.field, key)


def write(composer: Composer, text: str) -> None:
    QTest.keyClicks(composer.field, text)


def enter(composer: Composer) -> None:
    press(composer, Qt.Key.Key_Return)


# -- sending ------------------------------------------------------------------------------------------


def test_enter_sends_and_clears_nothing_itself(composer: Composer, asked: Asked) -> None:
    write(composer, "one")
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    write(composer, "two")
    assert asked.sent == []
    enter(composer)
    assert asked.sent == [("one\ntwo", 0)]
    assert composer.text() == "one\ntwo"
    composer.send_button.click()
    assert len(asked.sent) == 2


def test_enter_can_break_the_line_instead(composer: Composer, asked: Asked) -> None:
    assert composer.send_button.toolTip() == "Send (Enter)"
    composer.set_enter_sends(False)
    assert composer.send_button.toolTip() == "Send (Ctrl+Enter)"
    write(composer, "one")
    enter(composer)
    assert asked.sent == []
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert asked.sent == [("one", 0)]


def test_nothing_is_not_sent(composer: Composer, asked: Asked) -> None:
    composer.set_text("  \n ")
    enter(composer)
    assert asked.sent == []
    assert not composer.send_button.isEnabled()


def test_too_long_is_said_before_it_is_sent(composer: Composer, asked: Asked) -> None:
    composer.set_text("ж" * (MAX_TEXT // 2) + "!")
    assert composer.hint.text() == "Too long by 1 character: shorten it, or send it in parts."
    assert composer.hint.property("tone") == "danger"
    assert not composer.send_button.isEnabled()
    enter(composer)
    assert asked.sent == []
    assert len(composer.text()) == MAX_TEXT // 2 + 1


@pytest.mark.parametrize("letter", ["x", "ж", "🎉"])
def test_the_surplus_is_counted_in_characters(composer: Composer, letter: str) -> None:
    composer.set_text(letter * (MAX_TEXT // len(letter.encode()) + 1_234))
    assert composer.hint.text().startswith("Too long by 1\u202f234 characters: ")


def test_the_room_left_is_counted_when_it_gets_little(composer: Composer) -> None:
    composer.set_text("x" * (MAX_TEXT - COUNT_FROM))
    assert composer.hint.isHidden()
    composer.set_text("x" * (MAX_TEXT - 1))
    assert composer.hint.isVisible()
    assert composer.hint.text() == "Room for about 1 character"
    assert composer.hint.property("tone") == "sub"
    assert composer.send_button.isEnabled()


def test_half_a_character_is_made_sendable(composer: Composer, asked: Asked) -> None:
    composer.field.insertPlainText("a\ud83cb")
    enter(composer)
    ((text, _),) = asked.sent
    assert text.encode()
    assert (text[0], text[-1]) == ("a", "b")


# -- rooms and drafts ---------------------------------------------------------------------------------


def test_without_a_room_nothing_can_be_written(composer: Composer) -> None:
    composer.set_room(None)
    assert not composer.field.isEnabled()
    assert not composer.emoji_button.isEnabled()
    assert composer.field.placeholderText() == "Choose a conversation"


def test_the_placeholder_says_who_will_read_it(composer: Composer) -> None:
    assert composer.field.placeholderText() == "Message # lobby"
    composer.set_room("Anna {room}", public=False)
    assert composer.field.placeholderText() == "Message Anna {room}"


def test_a_room_comes_with_its_draft(composer: Composer, asked: Asked) -> None:
    composer.set_room("news", "half a thought")
    assert composer.text() == "half a thought"
    composer.set_room("lobby")
    assert composer.text() == ""
    assert asked.typing == 0


def test_writing_is_told_but_not_of_commands(composer: Composer, asked: Asked) -> None:
    write(composer, "/nick")
    assert asked.typing == 0
    composer.set_text("")
    write(composer, " hi")
    assert asked.typing == 2
    assert asked.drafts[-1] == " hi"


def test_a_reason_stands_where_nobody_may_write(composer: Composer, asked: Asked) -> None:
    composer.set_text("kept")
    composer.start_reply(1, "Anna", "?")
    composer.set_disabled_reason("Only <b>members</b> may write here.")
    assert composer.reason.isVisible()
    assert composer.reason.text() == "Only <b>members</b> may write here."
    assert not composer.field.isVisible()
    assert not composer.strip.isVisible()
    enter(composer)
    assert asked.sent == []
    composer.set_disabled_reason("")
    assert composer.field.isVisible()
    assert composer.reason.isHidden()
    assert composer.text() == "kept"


def test_who_wrote_stays_where_they_were_when_they_cannot_write(qtbot: QtBot, composer: Composer) -> None:
    composer.activateWindow()
    composer.field.setFocus()
    qtbot.waitUntil(composer.field.hasFocus)
    composer.set_disabled_reason("This room is frozen.", "Unfreeze")
    assert composer.reason.hasFocus()
    assert composer.reason.accessibleName() == "This room is frozen."
    with qtbot.waitSignal(composer.reason.way_out_wanted):
        QTest.keyClick(composer.reason, Qt.Key.Key_Tab)
        QTest.keyClick(composer.reason.button, Qt.Key.Key_Space)
    composer.reason.setFocus()
    composer.set_disabled_reason("")
    assert composer.field.hasFocus()


# -- replies and edits --------------------------------------------------------------------------------


def test_a_reply_says_what_it_answers_until_it_is_sent(composer: Composer, asked: Asked) -> None:
    composer.start_reply(7, "Anna <b>", "**Hello**\nyou")
    assert composer.strip.isVisible()
    assert composer.strip.title.whole() == "Reply to Anna <b>"
    assert composer.strip.line.whole() == "Hello you"
    assert composer.strip.accessibleName()
    assert composer.field.accessibleDescription() == "Reply to Anna <b>"
    write(composer, "yes")
    enter(composer)
    assert asked.sent == [("yes", 7)]
    assert composer.strip.isVisible()
    composer.set_text("")  # it was taken
    assert composer.strip.isHidden()
    write(composer, "more")
    enter(composer)
    assert asked.sent[-1] == ("more", 0)


def test_escape_cancels_the_reply_and_then_escapes(composer: Composer, asked: Asked) -> None:
    composer.start_reply(7, "Anna", "Hello")
    write(composer, "yes")
    press(composer, Qt.Key.Key_Escape)
    assert composer.strip.isHidden()
    assert composer.text() == "yes"
    assert asked.escaped == 0
    press(composer, Qt.Key.Key_Escape)
    assert asked.escaped == 1


def test_escape_in_an_empty_field_means_the_newest(qtbot: QtBot, composer: Composer, asked: Asked) -> None:
    with qtbot.waitSignal(composer.end_wanted):
        press(composer, Qt.Key.Key_Escape)
    assert asked.escaped == 1
    composer.set_text("x")
    with qtbot.assertNotEmitted(composer.end_wanted):
        press(composer, Qt.Key.Key_Escape)
    assert asked.escaped == 2


def test_an_edit_keeps_the_draft(composer: Composer, asked: Asked) -> None:
    composer.set_text("half a thought")
    composer.start_edit(9, "Helo")
    assert composer.strip.title.whole() == "Edit message"
    assert composer.field.toPlainText() == "Helo"
    assert composer.text() == "half a thought"
    drafts = list(asked.drafts)
    press(composer, Qt.Key.Key_Backspace)
    write(composer, "lo")
    assert asked.drafts == drafts
    enter(composer)
    assert asked.saved == [(9, "Hello")]
    assert composer.field.toPlainText() == "Hello"
    composer.end_edit()
    assert composer.field.toPlainText() == "half a thought"
    assert composer.strip.isHidden()
    composer.end_edit()
    assert composer.text() == "half a thought"


@pytest.mark.parametrize("how", ["escape", "button", "unchanged"])
def test_an_edit_can_be_left(composer: Composer, asked: Asked, how: str) -> None:
    composer.set_text("draft")
    composer.start_edit(9, "Hello")
    match how:
        case "escape":
            write(composer, "!")
            press(composer, Qt.Key.Key_Escape)
        case "button":
            composer.strip.close_button.click()
        case _:
            enter(composer)
    assert asked.saved == []
    assert composer.strip.isHidden()
    assert composer.field.toPlainText() == "draft"


def test_an_edit_cannot_end_in_nothing(composer: Composer, asked: Asked) -> None:
    composer.start_edit(9, "Hello")
    composer.field.clear()
    enter(composer)
    assert asked.saved == []
    assert "Delete it" in composer.hint.text()
    assert composer.strip.isVisible()


def test_in_an_edit_a_slash_is_a_slash(composer: Composer, asked: Asked) -> None:
    composer.start_edit(9, "x")
    composer.field.clear()
    write(composer, "/")
    assert composer.completer.popup() is None
    write(composer, "nick Anna")
    enter(composer)
    assert asked.saved == [(9, "/nick Anna")]
    assert asked.commands == []


def test_one_at_a_time(composer: Composer, asked: Asked) -> None:
    composer.set_text("draft")
    composer.start_edit(9, "Hello")
    composer.start_edit(8, "Other")
    assert composer.text() == "draft"
    composer.start_reply(7, "Anna", "Hi")
    assert composer.field.toPlainText() == "draft"
    composer.start_edit(9, "Hello")
    composer.set_text("another draft")  # somebody sets the draft meanwhile
    assert composer.field.toPlainText() == "Hello"
    composer.set_room("news", "draft of news")
    assert composer.strip.isHidden()
    enter(composer)
    assert asked.sent == [("draft of news", 0)]


def test_up_in_an_empty_field_asks_for_the_last_message(composer: Composer, asked: Asked) -> None:
    press(composer, Qt.Key.Key_Up)
    assert asked.last == 1
    composer.start_reply(7, "Anna", "Hi")
    press(composer, Qt.Key.Key_Up)
    assert asked.last == 1


# -- commands -----------------------------------------------------------------------------------------


def test_commands_are_asked_for(composer: Composer, asked: Asked) -> None:
    composer.set_text("/nick Anna")
    enter(composer)
    composer.set_text("/msg anna smith hi there")
    enter(composer)
    assert asked.commands == [ChangeNick("Anna"), SendDirect("Anna Smith", "hi there")]
    assert asked.sent == []
    assert composer.text() == "/msg anna smith hi there"


def test_me_is_a_message_and_two_slashes_are_one(composer: Composer, asked: Asked) -> None:
    composer.start_reply(7, "Anna", "Hi")
    composer.set_text("/me waves")
    enter(composer)
    composer.set_text("//me waves")
    enter(composer)
    assert asked.sent == [("*Me waves*", 7), ("/me waves", 7)]


def test_an_unknown_command_is_kept_and_told(composer: Composer, asked: Asked) -> None:
    composer.set_text("/shrug")
    enter(composer)
    assert asked.sent == []
    assert asked.commands == []
    assert composer.text() == "/shrug"
    assert "/shrug" in composer.hint.text()
    assert composer.hint.isVisible()
    write(composer, "s")
    assert composer.hint.isHidden()


def test_me_that_is_too_long_with_the_name_is_told(composer: Composer, asked: Asked) -> None:
    composer.set_text("/me " + "x" * (MAX_TEXT - 4))
    enter(composer)
    assert asked.sent == []
    assert composer.hint.property("tone") == "danger"


def test_help_shows_all_commands(composer: Composer, asked: Asked) -> None:
    composer.set_text("/help")
    enter(composer)
    popup = composer.completer.popup()
    assert popup is not None
    assert len(popup.suggestions) == 10
    assert asked.drafts[-1] == "/"


# -- emoji, pasting -----------------------------------------------------------------------------------


def test_the_picker_is_made_when_it_is_wanted(qtbot: QtBot, composer: Composer) -> None:
    assert composer.findChild(EmojiPicker) is None
    composer.set_recent_emoji(["👍"])
    composer.set_text("ab")
    press(composer, Qt.Key.Key_Left)
    composer.emoji_button.click()
    (picker,) = composer.findChildren(EmojiPicker)
    assert picker.isVisible()
    QTest.keyClicks(picker.search_field, "tada")
    with qtbot.waitSignal(composer.recent_changed) as told:
        QTest.keyClick(picker.search_field, Qt.Key.Key_Return)
    assert told.args == [["🎉", "👍"]]
    assert composer.text() == "a🎉b"
    composer.emoji_button.click()
    assert composer.findChildren(EmojiPicker) == [picker]
    picker.hide()


def test_an_emoji_completed_is_a_recent_one(qtbot: QtBot, composer: Composer) -> None:
    write(composer, ":tada")
    with qtbot.waitSignal(composer.recent_changed) as told:
        press(composer, Qt.Key.Key_Tab)
    assert told.args == [["🎉"]]
    assert composer.text() == "🎉 "


def test_a_draft_proposes_nothing_by_itself(composer: Composer) -> None:
    composer.set_room("news", "hi @an")
    assert composer.completer.popup() is None
    write(composer, "n")
    assert composer.completer.popup() is not None
    composer.set_room("lobby")
    assert composer.completer.popup() is None


@pytest.mark.parametrize("as_code", [False, True])
def test_a_long_text_is_pasted_after_a_look(composer: Composer, as_code: bool) -> None:
    text = "\n".join(str(number) for number in range(30))
    data = QMimeData()
    data.setText(text)
    write(composer, "see:")
    composer.field.insertFromMimeData(data)
    (dialog,) = composer.findChildren(PasteDialog)
    assert composer.text() == "see:"
    (dialog.code_button if as_code else dialog.text_button).click()
    assert composer.text() == (f"see:\n```\n{text}\n```\n" if as_code else f"see:{text}")


def test_an_edit_goes_on_when_one_may_write_again(composer: Composer) -> None:
    composer.set_text("a draft")
    composer.start_edit(3, "sory")
    composer.field.selectAll()
    QTest.keyClicks(composer.field, "sorry")
    composer.set_disabled_reason("Nobody writes here now.")
    composer.set_disabled_reason("Nobody writes here now, really.")
    assert (composer.editing, composer.text()) == (0, "a draft")
    composer.set_disabled_reason("")
    assert (composer.editing, composer.field.toPlainText(), composer.text()) == (3, "sorry", "a draft")


def test_a_text_that_is_looked_at_goes_to_no_other_room(composer: Composer) -> None:
    composer.field.large_paste.emit("a\nb")
    (dialog,) = composer.findChildren(PasteDialog)
    composer.set_room("news")
    assert not dialog.isVisible()
    assert composer.text() == ""


def test_a_picture_is_refused_in_words(qtbot: QtBot, composer: Composer) -> None:
    data = QMimeData()
    data.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    write(composer, "kept")
    with qtbot.waitSignal(composer.notice) as told:
        composer.field.insertFromMimeData(data)
    assert told.args == ["Sending files is not possible yet."]
    assert composer.text() == "kept"


def test_every_control_has_a_name_that_can_be_spoken(composer: Composer) -> None:
    controls = [composer.field, composer.emoji_button, composer.send_button, composer.strip.close_button]
    assert all(control.accessibleName() for control in controls)


def test_another_room_is_named_at_once(qtbot: QtBot, composer: Composer) -> None:
    with qtbot.waitExposed(composer):
        composer.activateWindow()
    painted: list[bool] = []

    class Watch(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                painted.append(True)
            return False

    composer.emoji_button.setFocus()
    QApplication.processEvents()
    watch = Watch()
    composer.field.viewport().installEventFilter(watch)
    painted.clear()
    composer.set_room("plans")
    assert composer.field.placeholderText() == "Message # plans"
    qtbot.waitUntil(lambda: bool(painted))

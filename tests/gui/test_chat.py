"""The main window on a fake account: rooms, messages, drafts, read marks."""

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.state import MAX_ROWS
from qtchat.client.updates import (
    ConnectionUpdate,
    EventsUpdate,
    FailedUpdate,
    OlderUpdate,
    Phase,
    Problem,
    RoomGoneUpdate,
    RoomUpdate,
)
from qtchat.gui import chat
from qtchat.gui.chat import CLOSED_ROWS, CLOSED_TRIM_AT, ROWS_ABOVE, TRIM_AT
from qtchat.gui.models.conversations import ConversationRole
from qtchat.protocol.messages import Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, SERVER, members, room


def room_name(stand: Stand) -> str:
    """Of the room that is open."""
    return stand.desktop.chat.room.name if stand.desktop.chat.room else ""


def texts(stand: Stand) -> list[str]:
    return [entry.text for entry in stand.desktop.window.timeline.model.entries]


def test_the_first_room_opens_by_itself(stand: Stand) -> None:
    account = stand.online()
    window = stand.desktop.window
    assert window.windowTitle() == "# lobby – qtchat"
    assert window.top_bar.name_label.whole() == "# lobby"
    assert window.composer.isEnabled()
    assert account.called("load_people") == [(1,)]
    account.tell(members(1, Person(OWN, "Me", True), Person(2, "Anna", False)))
    stand.settle()
    assert window.top_bar.about_label.whole() == "2 people, 1 online"
    assert "Everybody on this server" in window.people_pane.readers_label.text()
    assert "“Kitchen”" in window.people_pane.readers_label.text()
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 5.0))
    stand.settle()
    assert window.top_bar.about_label.whole() == "2 people"


def test_what_is_written_is_posted_and_shown(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    field = stand.desktop.window.composer.field
    QTest.keyClicks(field, "Hello")
    QTest.keyClick(field, Qt.Key.Key_Return)
    stand.settle()
    assert account.called("post") == [(1, "Hello")]
    assert field.toPlainText() == ""
    assert texts(stand) == ["Hello"]


def test_what_others_say_appears(stand: Stand) -> None:
    account = stand.online()
    account.hear(1, "Hi there")
    stand.settle()
    assert texts(stand) == ["Hi there"]


def test_drafts_stay_with_their_room_and_over_a_restart(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    chat, composer = stand.desktop.chat, stand.desktop.window.composer
    composer.field.setPlainText("half a thought")
    chat.open_room(2)
    assert composer.text() == ""
    model = stand.desktop.window.conversations.proxy.sourceModel()
    row = next(row for row in range(2) if model.index(row, 0).data() == "lobby")
    assert model.index(row, 0).data(ConversationRole.DRAFT) is True
    chat.open_room(1)
    assert composer.text() == "half a thought"
    stand.quit()
    assert stand.desktop.file.settings.drafts == {SERVER.server_id.hex(): {1: "half a thought"}}


def test_a_sent_draft_is_forgotten(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    composer = stand.desktop.window.composer
    composer.field.setPlainText("done")
    stand.desktop.chat.open_room(2)
    stand.desktop.chat.open_room(1)
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    stand.desktop.chat.open_room(2)
    stand.desktop.chat.open_room(1)
    assert composer.text() == ""


def test_it_is_read_when_the_end_is_seen_in_the_active_window(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    window = stand.desktop.window
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    account.hear(1, "Hi")
    qtbot.waitUntil(lambda: account.called("mark_read") == [(1, 1)])
    assert window.windowTitle() == "# lobby – qtchat"


def test_other_rooms_stay_unread_and_the_title_counts_them(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    account.hear(2, "one")
    account.hear(2, "two")
    stand.settle()
    window = stand.desktop.window
    assert window.windowTitle() == "(2) # lobby – qtchat"
    assert account.called("mark_read") == []


def test_a_window_nobody_looks_at_marks_nothing_read(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    stand.desktop.window.hide()
    account.hear(1, "Hi")
    stand.settle()
    assert stand.desktop.window.windowTitle() == "(1) # lobby – qtchat"
    assert account.called("mark_read") == []


def test_older_history_is_asked_for_below_the_oldest_row(stand: Stand) -> None:
    account = stand.online()
    events = tuple(account.event(1, f"m{n}") for n in range(10))
    account.tell(EventsUpdate(1, events[6:], live=False))
    stand.settle()
    stand.desktop.window.timeline.older_wanted.emit()
    assert account.called("load_older")[-1] == (1, 7)
    account.tell(OlderUpdate(1, events[:6], at_start=True))
    stand.settle()
    assert len(texts(stand)) == 10


def test_a_failed_message_is_retried_or_discarded_as_asked(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    stand.desktop.window.composer.submitted.emit("Hello", 0)
    stand.settle()
    message = stand.desktop.window.timeline.model.entries[0].id
    account.tell(FailedUpdate(message, 1, Problem("storage", "")))
    stand.settle()
    timeline = stand.desktop.window.timeline
    timeline.retry_wanted.emit(message)
    timeline.discard_wanted.emit(message)
    stand.settle()
    assert account.called("retry") == [(message, 1)]
    assert account.called("discard") == [(message, 1)]
    assert texts(stand) == []


def test_only_web_links_are_opened(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stand.online()
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    for link in ("https://example.org/x", "file:///etc/passwd", "javascript:alert(1)", "http://example.org"):
        stand.desktop.window.timeline.link_activated.emit(link)
    assert opened == ["https://example.org/x", "http://example.org"]


def test_a_room_that_is_gone_gives_way_to_another(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    account.tell(RoomGoneUpdate(1))
    stand.settle()
    assert room_name(stand) == "news"
    account.tell(RoomGoneUpdate(2))
    stand.settle()
    window = stand.desktop.window
    assert room_name(stand) == ""
    assert window.empty.title.text() == "You are in no room"
    assert not window.composer.isEnabled()


def test_the_last_room_opens_again(stand: Stand) -> None:
    stand.desktop.file.settings.last_room = {SERVER.server_id.hex(): 2}
    stand.desktop.start("x", "Me")
    stand.account.go_online(room(1, "lobby"), room(2, "news"))
    stand.settle()
    assert stand.desktop.chat.room is not None
    assert stand.desktop.chat.room.name == "news"


def test_hostile_names_are_shown_as_they_are(stand: Stand) -> None:
    stand.desktop.start("x", "Me")
    stand.account.go_online(room(1, "<b>x</b>", "<img src=x>"))
    stand.settle()
    window = stand.desktop.window
    assert window.top_bar.name_label.text() == "# <b>x</b>"
    assert window.top_bar.name_label.textFormat() is Qt.TextFormat.PlainText
    topic = window.people_pane.findChild(QLabel, "topic_label")
    assert isinstance(topic, QLabel)
    assert topic.text() == "<img src=x>"
    assert topic.textFormat() is Qt.TextFormat.PlainText


def test_why_there_is_nothing_is_said(stand: Stand) -> None:
    window = stand.desktop.window
    assert window.empty.title.text() == "Not connected"
    stand.desktop.start("x", "Me")
    stand.settle()
    assert window.empty.sentence.text() == "Connecting…"
    stand.account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    assert "Nobody answers" in window.empty.sentence.text()


def test_a_narrow_window_opens_on_the_list_and_reads_nothing(stand: Stand, qtbot: QtBot) -> None:
    stand.desktop.window.resize(420, 600)
    account = stand.online()
    account.hear(1, "Hi")
    stand.settle()
    window = stand.desktop.window
    assert window.conversations.isVisible()
    assert account.called("mark_read") == []
    window.conversations.step(0)
    assert window.composer.isVisible()
    qtbot.waitUntil(lambda: account.called("mark_read") == [(1, 1)])


def test_a_room_does_not_grow_without_end(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    stand.desktop.window.timeline.to_bottom()
    account.tell(EventsUpdate(1, tuple(account.event(1, "x") for _ in range(MAX_ROWS + TRIM_AT)), live=False))
    stand.settle()
    assert len(texts(stand)) == MAX_ROWS
    assert stand.desktop.chat.room is not None
    assert len(stand.desktop.chat.room.entries) == MAX_ROWS


def say(stand: Stand, number: int, count: int) -> None:
    """So many messages come in this room."""
    account = stand.account
    account.tell(EventsUpdate(number, tuple(account.event(number, "x") for _ in range(count)), live=False))
    stand.settle()


def test_rooms_that_are_not_open_keep_few_rows(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    rooms = stand.desktop.sessions.all[0].state.rooms
    say(stand, 2, CLOSED_ROWS + CLOSED_TRIM_AT)
    assert len(rooms[2].entries) == CLOSED_ROWS
    say(stand, 1, CLOSED_ROWS + CLOSED_TRIM_AT)
    assert len(rooms[1].entries) == CLOSED_ROWS + CLOSED_TRIM_AT
    stand.desktop.chat.open_room(2)
    assert len(rooms[1].entries) == CLOSED_ROWS
    stand.desktop.window.timeline.older_wanted.emit()
    assert account.called("load_older")[-1] == (2, CLOSED_TRIM_AT + 1)
    say(stand, 2, CLOSED_TRIM_AT)
    assert len(rooms[2].entries) == len(texts(stand)) == CLOSED_ROWS + CLOSED_TRIM_AT
    stand.join_other()
    assert len(rooms[2].entries) == CLOSED_ROWS


def test_a_room_opens_at_its_first_unread_message_though_that_is_on_the_disk(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    events = tuple(account.event(2, f"m{number}") for number in range(CLOSED_ROWS + CLOSED_TRIM_AT))
    account.tell(EventsUpdate(2, events))
    stand.settle()
    stand.desktop.chat.open_room(2)
    assert account.called("load_around") == [(2, 1)]
    account.tell(OlderUpdate(2, events[:CLOSED_TRIM_AT], at_start=True))
    stand.settle()
    assert stand.desktop.window.timeline.rows_in_sight[0].row.entry.text == "m0"
    stand.desktop.chat.open_room(1)
    stand.desktop.chat.mark_read()
    stand.desktop.chat.open_room(2)
    stand.desktop.window.timeline.to_bottom()
    stand.desktop.chat.mark_read()
    stand.desktop.chat.open_room(1)
    stand.desktop.chat.open_room(2)
    assert len(account.called("load_around")) == 2


def test_who_reads_further_up_keeps_the_place(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "MAX_ROWS_READ", 3_000)
    stand.online()
    timeline = stand.desktop.window.timeline
    timeline.resize(600, 400)
    say(stand, 1, 2_000)
    timeline.to_bottom()
    timeline.scroll_by(-4_000)
    (eye, *_), y = timeline.rows_in_sight, timeline.rows_in_sight[0].y
    say(stand, 1, 3_000)
    now = timeline.rows_in_sight[0]
    assert (now.row.entry, now.y) == (eye.row.entry, y)
    assert now.index == ROWS_ABOVE
    assert 3_000 < len(texts(stand)) < 5_000
    say(stand, 1, 2_000)
    assert len(texts(stand)) > 5_000
    assert timeline.rows_in_sight[0].row.entry is now.row.entry


def test_behind_a_hidden_window_no_place_is_kept(stand: Stand) -> None:
    stand.online()
    timeline = stand.desktop.window.timeline
    say(stand, 1, 100)
    timeline.to_bottom()
    timeline.scroll_by(-500)
    say(stand, 1, MAX_ROWS + TRIM_AT)
    assert len(texts(stand)) == MAX_ROWS + TRIM_AT + 100
    stand.desktop.window.hide()
    say(stand, 1, 1)
    assert len(texts(stand)) == MAX_ROWS


def test_a_room_found_by_its_name_is_written_in_next(stand: Stand, qtbot: QtBot) -> None:
    account, window = stand.online(), stand.desktop.window
    account.tell(RoomUpdate(room(2, "books"), 0))
    stand.settle()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.conversations.filter_field.setFocus()
    QTest.keyClicks(window.conversations.filter_field, "boo")
    QTest.keyClick(window.conversations.filter_field, Qt.Key.Key_Return)
    assert room_name(stand) == "books"
    assert window.composer.field.hasFocus()


@pytest.mark.parametrize("width", [420, 1024])
def test_a_room_found_by_its_name_is_written_to(stand: Stand, width: int) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    window = stand.desktop.window
    window.resize(width, 600)
    window.show_chat()
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    switcher = stand.desktop.switching.switcher
    assert switcher is not None
    QTest.keyClicks(switcher.field, "new")
    QTest.keyClick(switcher.field, Qt.Key.Key_Return)
    assert room_name(stand) == "news"
    assert window.composer.isVisible()
    assert window.focusWidget() is window.composer.field


def test_enter_on_a_row_goes_on_to_the_composer(stand: Stand) -> None:
    stand.online()
    window = stand.desktop.window
    window.conversations.view.setFocus()
    QTest.keyClick(window.conversations.view, Qt.Key.Key_Return)
    assert window.focusWidget() is window.composer.field


def test_what_came_in_the_background_is_read_when_the_window_comes_back(stand: Stand, qtbot: QtBot) -> None:
    account = stand.online()
    window = stand.desktop.window
    other = QWidget()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    account.hear(1, "Are you there?")
    qtbot.waitUntil(lambda: window.windowTitle().startswith("(1) "))
    timers = window.timeline.findChildren(QTimer)
    qtbot.waitUntil(lambda: not any(timer.isActive() for timer in timers))  # nothing is left to be shown
    assert window.windowTitle().startswith("(1) ")
    window.activateWindow()
    qtbot.waitUntil(lambda: not window.windowTitle().startswith("(1) "))
    assert account.called("mark_read")[-1] == (1, 1)

"""The ways in which a desktop is told."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from qtchat.gui.desktop.notifier import (
    MAX_TEXT,
    SERVICE,
    TOKEN,
    DBusNotifier,
    Notice,
    NullNotifier,
    Place,
    TrayNotifier,
)
from tests.helpers.fake_bus import FakeBus
from tests.helpers.fake_notifier import FakeNotifier

ALL = ["body", "body-markup", "actions"]


def notice(text: str = "Hello", room: int = 1, seq: int = 5) -> Notice:
    return Notice(Place("aa", room, seq), "Anna in # lobby", text)


class Stage:
    """A notifier on a bus that a test answers, and what it falls back to."""

    def __init__(self) -> None:
        self.bus, self.fallback = FakeBus(), FakeNotifier()
        self.notifier = DBusNotifier(self.bus, self.fallback)
        self.clicked: list[tuple[Any, ...]] = []
        self.notifier.activated.connect(lambda *place: self.clicked.append(place))
        self.notifier.start()

    def able(self, *abilities: str) -> None:
        assert self.bus.answer(list(abilities)).member == "GetCapabilities"

    def shown(self, number: int) -> tuple[Any, ...]:
        """Let the service show the oldest notice under this number; returns what it was told."""
        call = self.bus.answer(number)
        assert (call.member, call.signature) == ("Notify", "susssasa{sv}i")
        return call.body


@pytest.fixture
def stage(qapp: QApplication) -> Iterator[Stage]:
    stage = Stage()
    yield stage
    stage.notifier.stop()


def test_a_notice_is_shown_in_plain_text(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice("<b>a</b> & b\nc\0d"))
    name, replaced, icon, title, text, actions, hints, timeout = stage.shown(42)
    assert (name, replaced, icon, title, timeout) == ("qtchat", 0, "qtchat", "Anna in # lobby", -1)
    assert text == "&lt;b&gt;a&lt;/b&gt; &amp; b c d"
    assert actions == ["default", "Open"]
    assert hints["desktop-entry"] == ("s", "qtchat")


def test_what_the_service_cannot_do_is_not_asked(stage: Stage) -> None:
    stage.able("body")
    stage.notifier.show(notice("a < b"))
    _name, _replaced, _icon, _title, text, actions, *_rest = stage.shown(1)
    assert (text, actions) == ("a < b", [])


def test_a_service_without_bodies_gets_one_line(stage: Stage) -> None:
    stage.able()
    stage.notifier.show(notice("Hello"))
    _name, _replaced, _icon, title, text, *_rest = stage.shown(1)
    assert (title, text) == ("Anna in # lobby: Hello", "")


def test_long_and_broken_text_is_cut_to_what_a_bus_carries(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice("x" * 10_000))
    assert len(stage.shown(1)[4]) == MAX_TEXT
    stage.notifier.show(notice("\ud800 Привет 🎉"))
    assert stage.shown(1)[4] == "? Привет 🎉"


def test_a_later_notice_of_the_room_replaces_the_first(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice("1"))
    assert stage.shown(42)[1] == 0
    stage.notifier.show(notice("2"))
    assert stage.shown(42)[1] == 42
    stage.notifier.show(notice("of another room", room=2))
    assert stage.shown(43)[1] == 0


def test_what_comes_while_the_number_is_unknown_waits_for_it(stage: Stage) -> None:
    stage.able(*ALL)
    for text in "1234":
        stage.notifier.show(notice(text))
    assert len(stage.bus.calls) == 1
    assert stage.shown(42)[4] == "1"
    assert stage.shown(42)[1:5:3] == (42, "4")
    assert not stage.bus.calls


def test_what_comes_before_the_service_is_known_waits(stage: Stage) -> None:
    stage.notifier.show(notice("1"))
    stage.notifier.show(notice("2"))
    stage.notifier.show(notice("3", room=2))
    stage.notifier.withdraw("aa", 2)
    stage.able(*ALL)
    assert stage.shown(1)[4] == "2"
    assert not stage.bus.calls


def test_a_click_leads_to_the_message(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice(seq=2**40))
    stage.shown(42)
    assert stage.bus.listened == [SERVICE]
    stage.bus.tell(SERVICE, "ActionInvoked", 41, "default")
    stage.bus.tell("org.example.Other", "ActionInvoked", 42, "default")
    assert stage.clicked == []
    stage.bus.tell(SERVICE, "ActionInvoked", 42, "default")
    assert stage.clicked == [("aa", 1, 2**40)]


def test_the_right_to_come_to_the_front_is_passed_on(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "")
    stage.able(*ALL)
    stage.notifier.show(notice())
    stage.shown(42)
    stage.bus.tell(SERVICE, "ActivationToken", 42, "token")
    assert os.environ[TOKEN] == "token"


def test_what_is_read_is_taken_away(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice())
    stage.shown(42)
    stage.notifier.withdraw("aa", 1)
    call = stage.bus.answer()
    assert (call.member, call.body) == ("CloseNotification", (42,))
    stage.notifier.withdraw("aa", 1)
    stage.notifier.withdraw("aa", 9)
    assert not stage.bus.calls


def test_what_is_read_before_it_has_a_number_is_taken_away_then(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice("1"))
    stage.notifier.show(notice("2"))
    stage.notifier.withdraw("aa", 1)
    stage.shown(42)
    assert [call.body for call, _then in stage.bus.calls] == [(42,)]


def test_news_after_reading_is_shown_after_all(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice("1"))
    stage.notifier.withdraw("aa", 1)
    stage.notifier.show(notice("2"))
    stage.shown(42)
    assert stage.shown(42)[1:5:3] == (42, "2")


def test_what_the_user_has_closed_is_forgotten(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice())
    stage.shown(42)
    stage.bus.tell(SERVICE, "NotificationClosed", 42, 2)
    stage.notifier.withdraw("aa", 1)
    assert not stage.bus.calls
    stage.notifier.show(notice())
    assert stage.shown(43)[1] == 0


def test_at_the_end_everything_is_taken_away(stage: Stage) -> None:
    stage.able(*ALL)
    for room in (1, 2):
        stage.notifier.show(notice(room=room))
        stage.shown(40 + room)
    stage.notifier.withdraw_all()
    assert sorted(call.body for call, _then in stage.bus.calls) == [(41,), (42,)]


def test_without_a_service_the_fallback_tells(stage: Stage) -> None:
    stage.notifier.show(notice("early"))
    stage.bus.refuse()
    stage.notifier.show(notice("later", room=2))
    assert [shown.text for shown in stage.fallback.log] == ["early", "later"]
    stage.notifier.withdraw("aa", 1)
    assert list(stage.fallback.shown) == [("aa", 2)]
    stage.fallback.click("aa", 2)
    assert stage.clicked == [("aa", 2, 5)]


def test_what_a_service_refuses_the_fallback_tells(stage: Stage) -> None:
    stage.able(*ALL)
    stage.notifier.show(notice("1"))
    stage.notifier.show(notice("2"))
    stage.bus.refuse("org.example.TooMany")
    assert [shown.text for shown in stage.fallback.log] == ["2"]
    stage.notifier.show(notice("read meanwhile"))
    stage.notifier.withdraw("aa", 1)
    stage.bus.refuse("org.example.TooMany")
    assert [shown.text for shown in stage.fallback.log] == ["2"]
    stage.notifier.show(notice("3"))
    assert stage.shown(1)[4] == "3"


def test_nothing_is_heard_after_the_end(qapp: QApplication) -> None:
    stage = Stage()
    stage.able(*ALL)
    stage.notifier.show(notice())
    stage.shown(42)
    stage.notifier.stop()
    stage.bus.tell(SERVICE, "ActionInvoked", 42, "default")
    assert stage.clicked == []
    assert not stage.fallback.running


class FakeIcon(QSystemTrayIcon):
    """A tray icon that is always there."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[str, str]] = []

    def isVisible(self) -> bool:
        return True

    def showMessage(self, title: str, text: str, *_rest: object) -> None:
        self.told.append((title, text))


def test_the_tray_tells_and_leads_to_the_last_message(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QSystemTrayIcon, "supportsMessages", lambda: True)
    icon = FakeIcon()
    notifier = TrayNotifier(icon)
    notifier.start()
    notifier.show(notice("<b>1</b>"))
    notifier.show(notice("2", room=2))
    assert icon.told == [("Anna in # lobby", "<b>1</b>"), ("Anna in # lobby", "2")]
    with qtbot.waitSignal(notifier.activated) as clicked:
        icon.messageClicked.emit()
    assert clicked.args == ["aa", 2, 5]
    notifier.withdraw("aa", 2)
    with qtbot.waitSignal(notifier.activated) as clicked:
        icon.messageClicked.emit()
    assert clicked.args == ["aa", 2, 0]
    notifier.withdraw_all()
    with qtbot.assertNotEmitted(notifier.activated):
        icon.messageClicked.emit()
    notifier.stop()


def test_without_a_tray_nothing_is_told(qapp: QApplication) -> None:
    icon = QSystemTrayIcon()
    notifier = TrayNotifier(icon)
    notifier.show(notice())
    icon.messageClicked.emit()
    notifier.stop()


def test_nobody_is_told_where_nothing_can_be(qapp: QApplication) -> None:
    notifier = NullNotifier()
    notifier.start()
    notifier.show(notice())
    notifier.withdraw("aa", 1)
    notifier.withdraw_all()
    notifier.stop()

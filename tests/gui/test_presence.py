"""Who is typing, and whether we are at the computer."""

import time

import pytest
from PySide6.QtTest import QTest

from qtchat.client.updates import ConnectionUpdate, Phase, TypingUpdate
from qtchat.protocol.messages import Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, SERVER, FakeAccount, members

LONG = 60.0


def three(stand: Stand) -> FakeAccount:
    account = stand.online()
    account.tell(members(1, Person(OWN, "Me", True), Person(2, "Anna", True), Person(3, "Boris", True)))
    stand.settle()
    return account


def line(stand: Stand) -> str:
    return stand.desktop.window.typing_line.whole()


def test_who_types_is_said_until_it_is_over(stand: Stand) -> None:
    account = three(stand)
    assert stand.desktop.window.typing_line.height() == 20
    account.tell(TypingUpdate(1, 2, time.monotonic() + LONG))
    stand.settle()
    assert line(stand) == "Anna is typing…"
    account.tell(TypingUpdate(1, 3, time.monotonic() + LONG))
    stand.settle()
    assert line(stand) == "Anna and Boris are typing…"
    account.tell(TypingUpdate(1, 2, time.monotonic()), TypingUpdate(1, 3, time.monotonic()))
    stand.qtbot.waitUntil(lambda: line(stand) == "")
    assert stand.desktop.window.typing_line.height() == 20


def test_typing_is_told_while_somebody_writes_a_message(stand: Stand) -> None:
    account = three(stand)
    QTest.keyClicks(stand.desktop.window.composer.field, "/n")
    assert account.called("typing") == []
    stand.desktop.window.composer.field.clear()
    QTest.keyClicks(stand.desktop.window.composer.field, "Hi")
    assert account.called("typing")[0] == (1,)


def test_nobody_at_the_computer_is_away_on_every_server(stand: Stand) -> None:
    first = three(stand)
    second = stand.join_other()
    stand.desktop.integration.idle.away_changed.emit(True)
    assert first.called("set_presence") == second.called("set_presence") == [(True, None)]
    stand.desktop.integration.idle.away_changed.emit(False)
    assert first.called("set_presence")[-1] == (False, None)


def test_a_status_is_told_when_it_is_said_and_not_with_each_absence(stand: Stand) -> None:
    account = three(stand)
    presence = stand.desktop.presence
    presence.set_status("reading")
    presence.set_idle(True)
    presence.set_idle(False)
    presence.go_away("at lunch")
    presence.go_away("")
    presence.set_status("")
    told = [(False, "reading"), (True, None), (False, None), (True, "at lunch"), (False, None), (False, "")]
    assert account.called("set_presence") == told


def test_a_status_is_told_to_servers_that_are_visited_for_the_first_time(stand: Stand) -> None:
    stand.desktop.file.settings.status = "reading"
    account = stand.online()
    account.tell(SERVER, ConnectionUpdate(Phase.CONNECTING), ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert account.called("set_presence") == [(False, "reading")]


def test_a_server_that_is_known_keeps_the_status_that_it_has(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    start = FakeAccount.start

    def start_known(account: FakeAccount) -> None:
        account.tell(SERVER)
        start(account)

    monkeypatch.setattr(FakeAccount, "start", start_known)
    stand.desktop.file.settings.status = "reading"
    stand.desktop.presence.set_idle(True)
    account = stand.online()
    assert account.called("set_presence") == [(True, None)]

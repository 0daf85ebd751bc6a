"""Slow mode: how long until we may write again, and what cannot be sent meanwhile."""

import re
import time

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from qtchat.client.updates import ConnectionUpdate, EventsUpdate, Phase, RoomUpdate, ServerUpdate
from qtchat.protocol.messages import MODERATOR, Room
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, SERVER, FakeAccount

DEN = 4
PAUSE = "Slow mode: one message in 30 seconds."
WAIT = r"Slow mode: you can send again in (29|30) seconds\."


def in_den(stand: Stand, slow_ms: int = 30_000, server: ServerUpdate = SERVER) -> FakeAccount:
    """In a room with slow mode."""
    stand.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
    stand.account.go_online(Room(1, "lobby", "", 0, 2), Room(DEN, "den", "", 0, 2, slow_ms=slow_ms), server=server)
    stand.settle()
    stand.desktop.chat.open_room(DEN)
    return stand.account


def hint(stand: Stand) -> str:
    composer = stand.desktop.window.composer
    return "" if composer.hint.isHidden() else composer.hint.text()


def write(stand: Stand, text: str) -> None:
    field = stand.desktop.window.composer.field
    field.setPlainText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    stand.settle()


def test_one_message_then_a_wait_that_keeps_the_next(stand: Stand) -> None:
    account, composer = in_den(stand), stand.desktop.window.composer
    assert hint(stand) == PAUSE
    write(stand, "first")
    assert re.fullmatch(WAIT, hint(stand))
    write(stand, "second")
    assert account.called("post") == [(DEN, "first")]
    assert (composer.text(), composer.send_button.isEnabled()) == ("second", False)
    stand.desktop.chat.open_room(1)
    assert hint(stand) == ""
    write(stand, "elsewhere")
    assert account.called("post")[1:] == [(1, "elsewhere")]
    stand.desktop.chat.open_room(DEN)
    assert composer.text() == "second"
    assert re.fullmatch(WAIT, hint(stand))
    account.tell(RoomUpdate(Room(DEN, "den", "", 0, 2), None))
    stand.settle()
    assert (hint(stand), composer.send_button.isEnabled()) == ("", True)


def test_it_ends_by_itself(stand: Stand) -> None:
    account, composer = in_den(stand, 300), stand.desktop.window.composer
    write(stand, "first")
    composer.set_text("second")
    assert not composer.send_button.isEnabled()
    stand.qtbot.waitUntil(composer.send_button.isEnabled)
    composer.send_button.click()
    assert account.called("post") == [(DEN, "first"), (DEN, "second")]


@pytest.mark.parametrize("ahead", [0, 3_600_000, -3_600_000])
@pytest.mark.parametrize(("ago", "waits"), [(10_000, True), (60_000, False), (-60_000, False)])
def test_what_was_written_before_the_start_counts_by_the_clock_of_the_server(
    stand: Stand, ago: int, waits: bool, ahead: int
) -> None:
    stand.desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
    account, server = stand.account, replace(SERVER, ahead=ahead)
    mine = replace(account.event(DEN, "mine", OWN, "Me"), ts=int(time.time() * 1000) + ahead - ago)
    account.tell(
        server, RoomUpdate(Room(DEN, "den", "", 1, 2, slow_ms=30_000), 1), EventsUpdate(DEN, (mine,), live=False)
    )
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert stand.desktop.chat.name == "# den"
    assert re.fullmatch(r"Slow mode: you can send again in (19|20) seconds\." if waits else PAUSE, hint(stand))


def test_moderators_need_not_wait(stand: Stand) -> None:
    account = in_den(stand, server=replace(SERVER, role=MODERATOR))
    assert hint(stand) == ""
    write(stand, "first")
    write(stand, "second")
    assert len(account.called("post")) == 2


def test_all_that_a_room_reads_waits_and_other_commands_do_not(stand: Stand) -> None:
    account, composer = in_den(stand), stand.desktop.window.composer
    write(stand, "first")
    for text in ("/me waves", "/topic Lunch"):
        write(stand, text)
        assert composer.text() == text
    write(stand, "/nonsense")
    assert "no command" in hint(stand)
    write(stand, "/away lunch")
    assert composer.text() == ""
    composer.start_edit(1, "before")
    write(stand, "after")
    assert re.fullmatch(WAIT, hint(stand))
    assert account.called("edit") == account.called("set_topic") == []


@pytest.mark.parametrize("what", ["an edit", "a topic"])
def test_what_is_no_message_is_followed_by_a_wait_too(stand: Stand, what: str) -> None:
    account, composer = in_den(stand), stand.desktop.window.composer
    if what == "an edit":
        composer.start_edit(1, "before")
        write(stand, "after")
        stand.answer(DEN)
    else:
        write(stand, "/topic Lunch")
    assert len(account.called("edit") + account.called("set_topic")) == 1
    assert re.fullmatch(WAIT, hint(stand))

"""The classic door: a disk that is full is told, and waited for."""

from pathlib import Path

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.server.app import Server
from qtchat.server.store import RoomLog, StoreFailed, StoreFull, Writes
from tests.helpers.plain import PlainClient, Terminal
from tests.helpers.plain_doors import FRAMELESS, Enter, came, port_of
from tests.helpers.wire import Connect


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_a_disk_that_is_full_is_told_and_waited_for(
    dialect: str, enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtchat.server.refusals.RETRY_AFTER_MS", 10)
    ada, bob = connect("Ada"), enter(dialect, "Bob")
    full = [True]
    commit = RoomLog.commit

    def fail(log: RoomLog, writes: Writes) -> None:
        if full[0] and writes.events:
            raise StoreFull(Path("chat.db"))
        commit(log, writes)

    monkeypatch.setattr(RoomLog, "commit", fail)
    bob.write("one")
    bob.wait_line(DIALECTS[dialect].words.unsaved)
    bob.write("two")
    full[0] = False
    assert [event.text.removeprefix("one") for event in ada.events(2)] == ["", "two"]
    bob.wait_line(DIALECTS[dialect].words.saved)


def test_a_new_name_that_may_have_been_stored_is_asked_for_again(
    terminal: Terminal, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtchat.server.refusals.RETRY_AFTER_MS", 10)
    ada, words = connect("Ada"), DIALECTS["lines"].words
    terminal.write("Bob")
    assert came(ada)[0].nick == "Bob"
    terminal.wait_screen("> ")
    commit, failures = RoomLog.commit, [StoreFailed(Path("chat.db"), "disk I/O error")]

    def fail(log: RoomLog, writes: Writes) -> None:
        commit(log, writes)
        if failures and writes.events:
            raise failures.pop()

    monkeypatch.setattr(RoomLog, "commit", fail)
    terminal.write("/nick Eve")
    terminal.wait_line(words.unsaved)
    assert came(ada)[0].nick == "Eve"
    terminal.write("hello")
    assert ada.events(1)[0].nick == "Eve"
    terminal.write("/who")
    terminal.wait_line("* Here: Ada, Eve")
    assert words.saved not in terminal.lines


def test_a_disk_that_is_full_lets_nobody_in(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreFull(Path("chat.db"))

    monkeypatch.setattr(RoomLog, "commit", fail)
    with PlainClient("nick-ru", port_of(server, "nick-ru"), "Bob") as bob:
        bob.wait_line("* The server's disk is full.")
        assert bob.wait_end() == "reset"

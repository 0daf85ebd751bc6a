"""The classic door: messages that come split, joined, damaged, or with the end behind them."""

import queue
from pathlib import Path

import pytest

from qtchat.protocol.messages import (
    MAX_TEXT,
)
from qtchat.server.app import Server
from qtchat.server.doors import classic
from tests.helpers.plain_doors import FRAMELESS, Enter, came, left, next_of_others, raw, say
from tests.helpers.servers import running_server
from tests.helpers.wire import PATIENCE, Connect, WireClient


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, the rest of a character comes in time."""
    monkeypatch.setattr(classic, "REST_TIMEOUT", PATIENCE)


def test_what_was_said_behind_a_new_name_is_said_although_nobody_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classic, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(classic, "ENTRIES_PER_SECOND", 5.0)
    with running_server(tmp_path, classic=("lines:0",)) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        with raw(server, "lines") as nc:
            nc.sendall(b"Bob\n/nick Eve\nlast words\n")
            assert came(ada)[0].nick == "Bob"
        event = ada.events(1)[0]
        assert (event.nick, event.text) == ("Eve", "last words")
        assert left(ada).nick == "Eve"


def test_two_messages_in_one_read_are_separated_by_the_prefix(enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter("nick-ru", "Боб")
    bob.sock.send("Боб: раз".encode() + "Боб: два".encode())
    assert [event.text for event in ada.events(2)] == ["раз", "два"]


def test_a_name_and_a_message_in_one_read(server: Server, connect: Connect) -> None:
    ada = connect("Ada")
    with raw(server, "nick-en") as sock:
        sock.send(b"BobBob: hello")
        assert came(ada)[0].nick == "Bob"
        assert ada.events(1)[0].text == "hello"


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("at", [1, 3, 6, 7, 8])
def test_a_character_split_over_two_reads_is_assembled(at: int, enter: Enter, connect: Connect) -> None:
    ada, guest = connect("Ada"), enter("anonymous")
    data = "да 😀".encode()
    guest.sock.send(data[:at])
    say(ada, "in between")
    guest.sock.send(data[at:])
    assert next_of_others(ada).text == "да 😀"


@pytest.mark.usefixtures("patient")
def test_the_rest_is_awaited_for_as_long_as_something_comes_or_nothing_is_read(
    server: Server, enter: Enter, connect: Connect
) -> None:
    ada, _guest, door = connect("Ada"), enter("anonymous"), server._classic_doors[0]
    cancelled: queue.SimpleQueue[bool] = queue.SimpleQueue()

    def say_slowly() -> None:
        (peer,) = door.peers
        connection, (first, second) = peer.connection, "я".encode()
        assert connection is not None
        peer.received(connection, bytes([first]))
        timer = peer._rest
        assert timer is not None
        peer.received(connection, bytes([second, first]))
        cancelled.put(timer.callback is None)
        connection.hold(True)
        peer._take_the_rest()  # its time is up
        connection.hold(False)
        peer.received(connection, bytes([second]))

    door.loop.call_soon(say_slowly)
    assert cancelled.get(timeout=PATIENCE)
    assert ada.events(1)[0].text == "яя"


def test_invalid_utf8_is_replaced(enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic, "REST_TIMEOUT", 0.01)
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.send(b"caf\xe9")  # it looks as if more of a character followed
    assert ada.events(1)[0].text == "caf\ufffd"
    guest.sock.send(b"\xff\xfe!")
    assert ada.events(1)[0].text == "\ufffd\ufffd!"


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_empty_messages_are_none(dialect: str, enter: Enter, connect: Connect) -> None:
    ada, bob, eve = connect("Ada"), enter(dialect, "Bob"), enter("nick-en", "Eve")
    for nothing in (" ", "\n", " \r\n"):
        bob.write(nothing)
        eve.write("next")
        assert ada.events(1)[0].text == "next"
    bob.write("end")
    assert ada.events(1)[0].text.endswith("end")


@pytest.mark.usefixtures("talkative", "patient")
def test_a_megabyte_without_a_newline_is_said_in_pieces(enter: Enter, connect: Connect) -> None:
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.sendall("я".encode() * 500_000)
    said = 0
    while said < 500_000:
        (event,) = ada.events(1)
        assert len(event.text.encode()) <= MAX_TEXT
        assert set(event.text) == {"я"}
        said += len(event.text)
    assert said == 500_000


def test_what_was_said_before_hanging_up_is_said(server: Server, connect: Connect) -> None:
    ada = connect("Ada")
    with raw(server, "lines") as sock:
        sock.sendall(b"Bob\none\ntwo\nthree\n")
    assert [event.text for event in ada.events(3)] == ["one", "two", "three"]
    assert left(ada).nick == "Bob"

"""The classic door: who says very much, or comes again and again, has to wait."""

import time
from pathlib import Path

import pytest

from qtchat.server.doors import classic, classic_backlog
from tests.helpers.logs import LogWatch
from tests.helpers.plain import Terminal
from tests.helpers.plain_doors import Enter, came, raw
from tests.helpers.servers import running_server
from tests.helpers.wire import Connect, WireClient


def test_a_flood_is_slowed_down_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, classic=("lines:0",), messages_per_second=400, message_burst=100) as server,
        WireClient(server.port) as ada,
        Terminal(server.entrances[0].port) as flooder,
    ):
        ada.login("Ada")
        flooder.write("Bob")
        flooder.write("\n".join(map(str, range(200))))
        assert [event.text for event in ada.events(200)] == list(map(str, range(200)))


def test_who_says_much_has_to_wait(enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_backlog, "BYTES_AT_ONCE", 0)
    monkeypatch.setattr(classic_backlog, "BYTES_PER_SECOND", 10_000)
    ada, guest = connect("Ada"), enter("anonymous")
    began = time.monotonic()  # not the time of the first message: it may have waited for the disk
    guest.sock.sendall(b"x" * 2_000)
    assert len(ada.events(1)[0].text) == 2_000
    guest.sock.sendall(b"y")
    assert ada.events(1)[0].text == "y"
    assert time.monotonic() - began >= 0.195


@pytest.mark.usefixtures("talkative")
def test_what_comes_too_fast_is_not_even_read(enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_backlog, "HOLD_ABOVE", 4096)
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.sendall(b"x" * 1_000_000)
    said = 0
    while said < 1_000_000:
        said += len(ada.events(1)[0].text)
    assert said == 1_000_000


class StoppedTime:
    """Stands for the module `time` in the door."""

    def __init__(self) -> None:
        self.now = time.monotonic()

    def monotonic(self) -> float:
        return self.now


def test_who_comes_again_and_again_has_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: LogWatch) -> None:
    clock = StoppedTime()
    monkeypatch.setattr(classic, "time", clock)
    monkeypatch.setattr(classic, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(classic, "ENTRIES_PER_SECOND", 5.0)
    with running_server(tmp_path, classic=("name-first:0",)) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        with raw(server, "name-first") as ann, raw(server, "name-first") as eve:
            ann.send(b"Ann")
            assert came(ada)[0].nick == "Ann"
            killed = [raw(server, "name-first") for _ in range(5)]
            for number, sock in enumerate(killed):
                sock.send(f"Bob {number}".encode())
                sock.close()
            log.wait_until(lambda: sum("left the name-first door" in line for line in log.lines()) == len(killed))
            eve.send(b"Eve")
            clock.now += 1.0
            assert came(ada)[0].nick == "Eve"  # and none of the others


def test_another_name_counts_as_coming_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(classic, "ENTRIES_PER_SECOND", 5.0)
    with running_server(tmp_path, classic=("lines:0",)) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        began = time.monotonic()  # not the time of the first event: it may have waited for the disk
        with Terminal(server.entrances[0].port) as terminal:
            for line in ("Bob", "/nick Eve", "/nick Dan", "hello"):
                terminal.write(line)
            assert len(came(ada, 3)) == 3
            assert time.monotonic() - began >= 0.39
            assert ada.events(1)[0].nick == "Dan"  # what was said behind it is said under the new name

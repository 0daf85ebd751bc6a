"""The classic door: who speaks something else, says no name, does not read, or is killed."""

import errno
import re
import socket
import struct
import time
from pathlib import Path

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import (
    MAX_TEXT,
    ListPeople,
    People,
)
from qtchat.server.app import Server
from qtchat.server.doors import classic
from qtchat.server.doors import door as doors
from qtchat.server.doors.classic_codec import ClassicCodec
from tests.helpers.logs import LogWatch
from tests.helpers.plain_doors import (
    LOBBY,
    came,
    left,
    raw,
    read_to_the_reset,
    say,
)
from tests.helpers.servers import running_server
from tests.helpers.wire import Connect, WireClient, new_id


class LongAgo:
    """Stands for the module `time` in the door: whoever comes has come an hour ago."""

    @staticmethod
    def monotonic() -> float:
        return time.monotonic() - 3600


class Reset(socket.socket):
    """One that takes no options any more, since its peer has reset it."""

    def setsockopt(self, *_arguments: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")


def test_a_socket_that_takes_no_options_is_served_and_let_go(server: Server, connect: Connect) -> None:
    ada, door = connect("Ada"), server._classic_doors[0]
    ours, theirs = socket.socketpair()
    codec = ClassicCodec(DIALECTS["name-first"])
    door.loop.call_soon(door.welcome, Reset(fileno=ours.detach()), "192.0.2.9", codec, "lobby")
    with theirs:
        theirs.send(b"Bob")
        assert came(ada)[0].nick == "Bob"
    assert left(ada).nick == "Bob"
    assert not door.peers


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_browser_is_turned_away(dialect: str, server: Server, log: LogWatch) -> None:
    with raw(server, dialect) as sock:
        sock.send(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nhello")
        read_to_the_reset(sock)
    log.wait_for(f"left the {dialect} door: spoke HTTP to a plain-text door")


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_who_wants_to_encrypt_is_turned_away(dialect: str, server: Server, log: LogWatch) -> None:
    with raw(server, dialect) as sock:
        sock.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)))
        read_to_the_reset(sock)
    log.wait_for(f"left the {dialect} door: spoke TLS to a plain-text door")


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_who_says_no_name_is_let_go_after_a_while(
    tmp_path: Path, dialect: str, log: LogWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doors, "CHECK_INTERVAL", 0.01)
    monkeypatch.setattr(classic, "time", LongAgo)
    with running_server(tmp_path, classic=(f"{dialect}:0",), login_timeout=1) as server, raw(server, dialect) as sock:
        if dialect == "anonymous":  # it may listen as long as it likes
            log.wait_for("guest-1 came in by the anonymous door from 127.0.0.1")
            return
        read_to_the_reset(sock)
        log.wait_for(f"127.0.0.1 left the {dialect} door: said no name within 1 s")


def test_an_endless_name_is_no_name(server: Server, log: LogWatch) -> None:
    with raw(server, "name-first") as sock:
        sock.sendall(b"x" * 5_000)
        log.wait_for("left the name-first door: said a name of ")


def test_a_peer_that_never_reads_is_let_go(tmp_path: Path, log: LogWatch) -> None:
    with (
        running_server(tmp_path, classic=("anonymous:0",), messages_per_second=0, soft_outbox=65_536) as server,
        WireClient(server.port) as ada,
        WireClient(server.port) as bob,
    ):
        ada.login("Ada")
        bob.login("Bob")
        with raw(server, "anonymous"):
            log.wait_for("guest-1 came in")
            for _ in range(10):
                say(ada, "x" * MAX_TEXT)
            line = log.wait_for("guest-1 from 127.0.0.1 left the anonymous door: did not read: ")
            assert int(re.findall(r"(\d+) bytes", line)[0]) < 65_536 + 2 * MAX_TEXT
        assert len(bob.events(10)) == 10


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_peer_that_is_killed_leaves_nothing_behind(
    dialect: str, server: Server, connect: Connect, log: LogWatch
) -> None:
    ada = connect("Ada")
    sock = raw(server, dialect)
    sock.send(b"Bob\n" if DIALECTS[dialect].named else b"hello")
    nick = came(ada)[0].nick
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    assert left(ada).nick == nick
    log.wait_for(f"{nick} from 127.0.0.1 left the {dialect} door: ")
    assert [person.nick for person in ada.ask(ListPeople(new_id(), LOBBY), People).people] == ["Ada"]

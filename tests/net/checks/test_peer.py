"""The way to one computer: what becomes of names and connections."""

import errno
import socket
import threading
import time
from pathlib import Path

import pytest

from qtchat.net.checks import peer
from qtchat.net.checks.peer import Peer, Way, answers, find, reach, receive_plain
from qtchat.net.checks.tools import NEVER
from qtchat.net.tls import server_code
from tests.helpers.servers import running_server

LOOPBACK = "127.0.0.1"


@pytest.fixture
def stopped() -> threading.Event:
    stop = threading.Event()
    stop.set()
    return stop


def test_names_and_numbers() -> None:
    assert find(LOOPBACK, 80, NEVER) == [(socket.AF_INET, (LOOPBACK, 80))]
    assert find("nobody.invalid", 80, NEVER) == []
    assert find("x" * 300, 80, NEVER) == []


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, stopped: threading.Event) -> None:
    free = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: free.wait() and [])
    assert find("kitchen", 80, stopped) == []
    monkeypatch.setattr(peer, "NAME_PATIENCE", 0.01)
    assert find("kitchen", 80, NEVER) == []
    free.set()


def test_an_open_port_and_a_shut_one(shut_port: int) -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:
        way, sock = reach((socket.AF_INET, listening.getsockname()), NEVER)
        assert way is Way.OPEN
        assert sock is not None
        sock.close()
        assert answers(LOOPBACK, NEVER, (listening.getsockname()[1],))
    assert reach((socket.AF_INET, (LOOPBACK, shut_port)), NEVER) == (Way.REFUSED, None)
    assert answers(LOOPBACK, NEVER, (shut_port,))


def under_way(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    """Every connection begins with this."""
    monkeypatch.setattr(socket.socket, "connect_ex", lambda _self, _address: code, raising=False)


@pytest.mark.parametrize(
    ("code", "way"),
    [
        (errno.ETIMEDOUT, Way.SILENT),
        (errno.EHOSTUNREACH, Way.SILENT),
        (errno.ENETUNREACH, Way.NO_ROUTE),
        (errno.EINVAL, Way.NO_ROUTE),
        (errno.ECONNREFUSED, Way.REFUSED),
    ],
)
def test_silence_and_no_way(monkeypatch: pytest.MonkeyPatch, code: int, way: Way) -> None:
    under_way(monkeypatch, code)
    assert reach((socket.AF_INET, (LOOPBACK, 9)), NEVER) == (way, None)
    assert answers(LOOPBACK, NEVER, (9,)) is (way is Way.REFUSED)


def test_a_family_that_this_system_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EAFNOSUPPORT, "Address family not supported")

    monkeypatch.setattr("qtchat.net.checks.peer.socket.socket", refuse)
    assert reach((socket.AF_INET6, ("::1", 9, 0, 0)), NEVER) == (Way.NO_ROUTE, None)


def test_a_connection_that_never_comes_about(stopped: threading.Event) -> None:
    """A full queue drops whoever knocks, as a firewall would."""
    with socket.create_server((LOOPBACK, 0), backlog=0) as listening:
        target = (socket.AF_INET, listening.getsockname())
        waiting = [sock for _ in range(8) for _, sock in [reach(target, NEVER, 0.05)] if sock is not None]
        assert len(waiting) < 8
        assert reach(target, NEVER, 0.05) == (Way.SILENT, None)
        began = time.monotonic()
        assert reach(target, stopped, 60.0) == (Way.SILENT, None)
        assert time.monotonic() - began < 30.0
        for sock in waiting:
            sock.close()


def test_tls_shows_the_key_and_nothing_else_is_a_peer(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        _, sock = reach((socket.AF_INET, (LOOPBACK, server.port)), NEVER)
        assert sock is not None
        with Peer(sock, NEVER) as connected:
            assert server_code(connected.public_key) == server.code
    left, right = socket.socketpair()
    right.close()
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on the system)
        Peer(left, NEVER)


def test_one_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch, stopped: threading.Event) -> None:
    for stop, patience in ((stopped, 30.0), (NEVER, 0.01)):
        monkeypatch.setattr(peer, "PATIENCE", patience)
        left, right = socket.socketpair()
        with right, pytest.raises(TimeoutError):
            Peer(left, stop)


def test_what_comes_without_encryption() -> None:
    left, right = socket.socketpair()
    with left, right:
        assert receive_plain(left, time.monotonic(), NEVER) is None
        right.sendall(b"NICK")
        assert receive_plain(left, time.monotonic() + 30, NEVER) == b"NICK"
        right.shutdown(socket.SHUT_WR)
        assert receive_plain(left, time.monotonic() + 30, NEVER) == b""

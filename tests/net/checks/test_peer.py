"""The way to one computer: what becomes of names and connections."""

import errno
import socket
import threading
from pathlib import Path

import pytest

from qtchat.net.checks import peer
from qtchat.net.checks.peer import Peer, Way, answers, find, reach
from qtchat.net.tls import server_code
from tests.helpers.servers import running_server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_names_and_numbers() -> None:
    assert find("127.0.0.1", 80) == [(socket.AF_INET, ("127.0.0.1", 80))]
    assert find("nobody.invalid", 80) == []
    assert find("x" * 300, 80) == []


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr(peer, "NAME_PATIENCE", 0.01)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: free.wait() and [])
    assert find("kitchen", 80) == []
    free.set()


def test_an_open_port_and_a_shut_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        way, sock = reach((socket.AF_INET, listening.getsockname()))
        assert way is Way.OPEN
        assert sock is not None
        sock.close()
        assert answers("127.0.0.1", (listening.getsockname()[1],))
    assert reach((socket.AF_INET, ("127.0.0.1", free_port()))) == (Way.REFUSED, None)
    assert answers("127.0.0.1", (free_port(),))


@pytest.mark.parametrize(
    ("error", "way"),
    [
        (TimeoutError(), Way.SILENT),
        (OSError(113, "No route to host"), Way.SILENT),
        (OSError(101, "Network is unreachable"), Way.NO_ROUTE),
    ],
)
def test_silence_and_no_way(monkeypatch: pytest.MonkeyPatch, error: OSError, way: Way) -> None:
    def connect(_self: socket.socket, _address: object) -> None:
        raise error

    monkeypatch.setattr(errno, "EHOSTUNREACH", 113)
    monkeypatch.setattr(socket.socket, "connect", connect, raising=False)
    assert reach((socket.AF_INET, ("127.0.0.1", 9))) == (way, None)
    assert not answers("127.0.0.1", (9,))


def test_tls_shows_the_key_and_nothing_else_is_a_peer(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        _, sock = reach((socket.AF_INET, ("127.0.0.1", server.port)))
        assert sock is not None
        with Peer(sock) as connected:
            assert server_code(connected.public_key) == server.code
    left, right = socket.socketpair()
    right.close()
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on the system)
        Peer(left)

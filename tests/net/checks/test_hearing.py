"""Which servers are heard, by each way on its own. Everything stays on loopback."""

import socket
import threading
from collections.abc import Iterator

import pytest

from qtchat.net.announcement import Announcement, Network, networks
from qtchat.net.checks.hearing import Heard, ask_broadcast, ask_mdns, ask_one
from qtchat.server.announcer import Announcer

LOOPBACK = "127.0.0.1"
PATIENCE = 20.0
KITCHEN = Announcement(bytes(16), "Kitchen", "ABCDE", 3, "1.0", 47_311)


@pytest.fixture
def announced() -> Iterator[None]:
    told = Announcer(KITCHEN, LOOPBACK, lambda tell: tell(3))
    told.start()
    yield
    assert told.stop(PATIENCE)


def any_server(heard: Heard) -> bool:
    return bool(heard.servers)


@pytest.mark.usefixtures("announced")
def test_each_way_hears_the_server() -> None:
    stop = threading.Event()
    wanted = {(LOOPBACK, 47_311): KITCHEN}
    heard = ask_broadcast(networks(LOOPBACK), PATIENCE, stop, any_server)
    assert (heard.servers, heard.sent, heard.problem) == (wanted, True, "")
    assert ask_one(LOOPBACK, LOOPBACK, PATIENCE, stop).servers == wanted
    assert ask_mdns(LOOPBACK, PATIENCE, stop, any_server).servers == wanted


def test_whoever_wants_to_stop_is_obeyed() -> None:
    stop = threading.Event()
    stop.set()
    assert ask_broadcast(networks(LOOPBACK), PATIENCE, stop) == Heard()
    assert ask_mdns(LOOPBACK, PATIENCE, stop).servers == {}


def test_a_network_that_is_gone_is_said() -> None:
    gone = [Network("192.0.2.1", 24, "192.0.2.255", "eth9")]
    heard = ask_broadcast(gone, 0.0, threading.Event())
    assert "192.0.2.1" in heard.problem
    assert not heard.sent


def test_no_mdns_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_interfaces: object) -> None:
        raise OSError("no multicast")

    monkeypatch.setattr("qtchat.net.checks.hearing.Zeroconf", refuse)
    assert ask_mdns(LOOPBACK, PATIENCE, threading.Event()).problem == "no multicast"


def test_a_refusal_of_the_system_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    class Refusing(socket.socket):
        sendto = refuse

    monkeypatch.setattr("qtchat.net.checks.hearing.socket.socket", Refusing)
    heard = ask_broadcast(networks(LOOPBACK), 0.2, threading.Event())
    assert heard.refused
    assert "not permitted" in heard.problem

"""The listener: limits by address and in all, shortages that pass, and addresses that cannot be had."""

import errno
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from qtchat.server import listener as module
from qtchat.server.limits import NETWORK_FACTOR
from qtchat.server.listener import Crowd, Listener, ListenError
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import PATIENCE

Accepted = queue.SimpleQueue[tuple[socket.socket, str]]


class FakeSocket:
    """A listening socket whose connections and errors a test provides; always ready as long as there are some."""

    def __init__(self, real: socket.socket) -> None:
        self.real = real
        self.arrivals: queue.SimpleQueue[tuple[socket.socket, tuple[str, int]] | OSError] = queue.SimpleQueue()
        self.peers: list[socket.socket] = []
        self._ready, self._make_ready = socket.socketpair()

    def arrive(self, *arrivals: str | OSError) -> None:
        """Addresses that connect, or errors of accept, in this order."""
        for arrival in arrivals:
            if isinstance(arrival, OSError):
                self.arrivals.put(arrival)
            else:
                ours, theirs = socket.socketpair()
                self.peers.append(theirs)
                self.arrivals.put((ours, (arrival, 1)))
        self._make_ready.send(b"\0" * len(arrivals))

    def fileno(self) -> int:
        return self._ready.fileno()

    def getsockname(self) -> tuple[str, int]:
        return self.real.getsockname()  # type: ignore[no-any-return]

    def accept(self) -> tuple[socket.socket, tuple[str, int]]:
        try:
            arrival = self.arrivals.get_nowait()
        except queue.Empty:
            raise BlockingIOError from None
        self._ready.recv(1)
        if isinstance(arrival, OSError):
            raise arrival
        return arrival

    def close(self) -> None:
        for sock in (self.real, self._ready, self._make_ready, *self.peers):
            sock.close()


class Bench:
    def __init__(self, listener: Listener, crowd: Crowd, fake: FakeSocket, accepted: Accepted) -> None:
        self.listener = listener
        self.crowd = crowd
        self.fake = fake
        self.accepted = accepted

    def admitted(self, count: int) -> list[str]:
        """The addresses of the next `count` connections that were let in."""
        addresses = []
        for _ in range(count):
            sock, address = self.accepted.get(timeout=PATIENCE)
            sock.close()
            addresses.append(address)
        return addresses

    def turned_away(self, number: int) -> bool:
        """Whether the peer of this number (from 0) sees its connection closed without a word."""
        peer = self.fake.peers[number]
        peer.settimeout(PATIENCE)
        return peer.recv(1) == b""


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """At most two connections from one address, four in all."""
    fakes: list[FakeSocket] = []

    def listen(host: str, port: int, _backlog: int) -> FakeSocket:
        fakes.append(FakeSocket(socket.create_server((host, port))))
        return fakes[0]

    monkeypatch.setattr(module, "_listen", listen)
    accepted: Accepted = queue.SimpleQueue()
    with no_thread_left():
        crowd = Crowd(max_connections=4, max_per_address=2)
        listener = Listener("127.0.0.1", 0, lambda *pair: accepted.put(pair), crowd)
        listener.start()
        yield Bench(listener, crowd, fakes[0], accepted)
        assert listener.stop(PATIENCE)


def test_one_address_has_a_limit(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.fake.arrive("192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2")
    assert bench.admitted(3) == ["192.0.2.1", "192.0.2.1", "192.0.2.2"]
    assert bench.turned_away(2)
    assert "refused 192.0.2.1: there are 2 connections from there already" in caplog.messages
    bench.crowd.leave("192.0.2.1")
    bench.fake.arrive("192.0.2.1")
    assert bench.admitted(1) == ["192.0.2.1"]


def test_an_ipv4_address_counts_as_itself_behind_an_ipv6_socket(bench: Bench) -> None:
    bench.fake.arrive("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2")
    assert bench.admitted(3) == ["192.0.2.1", "192.0.2.1", "192.0.2.2"]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])
def test_loopback_has_no_limit_of_its_own(bench: Bench, address: str) -> None:
    bench.fake.arrive(*[address] * 4)
    assert len(bench.admitted(4)) == 4


def test_all_together_have_a_limit(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.fake.arrive(*(f"192.0.2.{number}" for number in range(6)))
    assert len(bench.admitted(4)) == 4
    assert bench.turned_away(4)
    assert bench.turned_away(5)
    assert len(caplog.messages) == 1, "one line a minute, whatever happens"
    bench.crowd.leave("192.0.2.0")
    bench.fake.arrive("192.0.2.9")
    assert bench.admitted(1) == ["192.0.2.9"]


@pytest.mark.parametrize("number", [errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM])
def test_it_survives_a_shortage(
    bench: Bench, number: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE", 0.001)
    accept_all, went_on = bench.listener._accept_all, []

    def watched() -> bool:
        went_on.append(accept_all())
        return went_on[-1]

    monkeypatch.setattr(bench.listener, "_accept_all", watched)
    bench.fake.arrive(OSError(number, os.strerror(number)), OSError(number, os.strerror(number)), "192.0.2.1")
    assert bench.admitted(1) == ["192.0.2.1"]
    assert caplog.messages == [f"no new connections for now: {os.strerror(number)}"]
    assert went_on[:2] == [False, False], "it pauses instead of trying again at once"


def test_a_peer_that_is_gone_again_is_passed_over(bench: Bench) -> None:
    bench.fake.arrive(ConnectionAbortedError(errno.ECONNABORTED, "gone"), "192.0.2.1")
    assert bench.admitted(1) == ["192.0.2.1"]


def test_counting_is_safe_from_many_threads(bench: Bench) -> None:
    bench.fake.arrive("192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4")
    addresses = bench.admitted(4)
    threads = [threading.Thread(target=bench.crowd.leave, args=[address]) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not bench.crowd._by_place
    assert bench.crowd._total == 0


def test_two_listeners_count_the_same_crowd() -> None:
    crowd = Crowd(max_connections=2, max_per_address=9)
    assert crowd.enter("192.0.2.1") == crowd.enter("127.0.0.1") == ""
    assert crowd.enter("192.0.2.2") == "there are 2 connections already"
    crowd.leave("127.0.0.1")
    assert crowd.enter("192.0.2.2") == ""


def test_a_network_of_ipv6_has_a_limit_too() -> None:
    crowd = Crowd(max_connections=99, max_per_address=1)
    addresses = [f"2001:db8::{number:x}" for number in range(NETWORK_FACTOR)]
    assert {crowd.enter(address) for address in addresses} == {""}
    assert "from its network" in crowd.enter("2001:db8::ffff")
    assert crowd.enter("2001:db8:0:1::1") == crowd.enter("::1") == crowd.enter("::1") == ""
    for address in (*addresses, "2001:db8:0:1::1", "::1", "::1"):
        crowd.leave(address)
    assert not crowd._by_place


def test_a_network_of_ipv6_has_a_pace_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "monotonic", lambda: 1.0)
    crowd = Crowd(max_connections=999, max_per_address=999, connections_per_second=1)
    refusals = [crowd.enter(f"2001:db8::{number:x}") for number in range(2 * NETWORK_FACTOR + 1)]
    assert [bool(refusal) for refusal in refusals] == [False] * 2 * NETWORK_FACTOR + [True]
    assert crowd.enter("2001:db8:0:1::1") == ""


# -- real sockets -------------------------------------------------------------------------------------


def make(host: str, port: int, accepted: Callable[[socket.socket, str], None] = lambda *_: None) -> Listener:
    return Listener(host, port, accepted, Crowd(max_connections=9, max_per_address=9))


def test_a_real_connection_arrives() -> None:
    accepted: Accepted = queue.SimpleQueue()
    listener = make("127.0.0.1", 0, lambda *pair: accepted.put(pair))
    listener.start()
    with closing(socket.create_connection(("127.0.0.1", listener.port))):
        sock, address = accepted.get(timeout=PATIENCE)
        sock.close()
    assert address == "127.0.0.1"
    assert listener.stop(PATIENCE)


def test_after_the_end_nobody_listens_any_more() -> None:
    listener = make("127.0.0.1", 0)
    port = listener.port
    listener.start()
    assert listener.stop(PATIENCE)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_one_that_was_never_started_frees_its_port() -> None:
    listener = make("127.0.0.1", 0)
    port = listener.port
    assert listener.stop(0.0)
    assert make("127.0.0.1", port).stop(0.0)


def test_a_port_in_use_is_explained() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        with pytest.raises(ListenError) as caught:
            make("127.0.0.1", port)
    text = f"127.0.0.1, port {port}: another program listens there already. Choose another port."
    assert str(caught.value) == text


@pytest.mark.parametrize("host", ["192.0.2.1", "a" * 70, "two..dots"])
def test_an_address_that_is_not_ours_is_explained(host: str) -> None:
    with pytest.raises(ListenError) as caught:
        make(host, 0)
    assert str(caught.value).startswith(f"{host} is not an address of this computer")


def test_an_unknown_name_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(ListenError) as caught:
        make("nowhere", 0)
    assert str(caught.value) == "nowhere is not an address of this computer: Name or service not known"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (errno.EACCES, "All addresses, port 80: not allowed. Ports below 1024 need an administrator."),
        (errno.EPROTO, f"All addresses, port 80: {os.strerror(errno.EPROTO)}"),
    ],
)
def test_other_refusals_of_the_system_are_explained(number: int, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(socket, "create_server", refuse)
    with pytest.raises(ListenError) as caught:
        make("", 80)
    assert str(caught.value) == text

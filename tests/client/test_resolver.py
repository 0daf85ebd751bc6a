"""What named addresses stand for. Nothing is asked outside this machine."""

import queue
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from qtchat.client import resolver
from qtchat.client.resolver import Resolver
from qtchat.net.dial import Address
from qtchat.net.loop import IoLoop

PATIENCE = 10.0
Told = queue.SimpleQueue[tuple[Address, tuple[Address, ...]]]


@pytest.fixture
def loop() -> Iterator[IoLoop]:
    loop = IoLoop("test-loop")
    loop.start()
    yield loop
    assert loop.stop(PATIENCE)


class Names:
    """The resolver of the system: what it knows, and how many names it looks up at one time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.known: dict[str, list[str]] = {}
        self.asked: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.go_on = threading.Event()
        self.go_on.set()
        self._real = socket.getaddrinfo
        monkeypatch.setattr(socket, "getaddrinfo", self._look_up)

    def _look_up(self, host: str, port: int, *, type: int, flags: int = 0) -> Any:  # noqa: A002
        if flags & socket.AI_NUMERICHOST:
            return self._real(host, port, type=type, flags=flags)
        self.asked.put(host)
        assert self.go_on.wait(PATIENCE)
        if host not in self.known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [entry for known in self.known[host] for entry in self._real(known, port, type=type)]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    return Names(monkeypatch)


def resolving(loop: IoLoop, *named: Address, interface: str = "") -> Told:
    told: Told = queue.SimpleQueue()

    def begin() -> None:
        Resolver(loop, named, interface, lambda *what: told.put(what)).start()

    loop.call_soon(begin)
    return told


def test_an_address_stands_for_itself(loop: IoLoop, names: Names) -> None:
    told = resolving(loop, ("10.2.0.5", 4000), ("fd00::5", 4001))
    assert told.get(timeout=PATIENCE) == (("10.2.0.5", 4000), (("10.2.0.5", 4000),))
    assert told.get(timeout=PATIENCE) == (("fd00::5", 4001), (("fd00::5", 4001),))
    assert names.asked.empty()


def test_a_name_stands_for_its_addresses_and_is_looked_up_again(
    loop: IoLoop, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "AGAIN", 0.0)
    names.known = {"lab": ["10.2.0.5", "fd00::5", *(f"10.2.1.{number}" for number in range(9))]}
    told = resolving(loop, ("lab", 4000))
    _, addresses = told.get(timeout=PATIENCE)
    assert addresses == (("10.2.0.5", 4000), ("fd00::5", 4000), ("10.2.1.0", 4000), ("10.2.1.1", 4000))
    names.known = {"lab": ["10.2.0.6"]}
    while told.get(timeout=PATIENCE)[1] != (("10.2.0.6", 4000),):
        pass


def test_a_name_that_nobody_knows_is_asked_for_again_and_is_what_it_was(
    loop: IoLoop, names: Names, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "RETRY", 0.0)
    told = resolving(loop, ("lab", 4000))
    for _ in range(3):
        assert names.asked.get(timeout=PATIENCE) == "lab"
    assert told.empty()
    names.known = {"lab": ["10.2.0.5"]}
    assert told.get(timeout=PATIENCE)[1] == (("10.2.0.5", 4000),)


def test_slow_names_hold_up_neither_the_loop_nor_more_than_a_few_threads(loop: IoLoop, names: Names) -> None:
    names.go_on.clear()
    named = [(f"lab-{number}", 1) for number in range(resolver.MAX_LOOKUPS + 5)]
    names.known = {host: ["10.2.0.5"] for host, _port in named}
    told = resolving(loop, *named, ("10.2.0.9", 1))
    assert told.get(timeout=PATIENCE)[0] == ("10.2.0.9", 1)
    for _ in range(resolver.MAX_LOOKUPS):
        names.asked.get(timeout=PATIENCE)
    assert names.asked.empty()
    names.go_on.set()
    assert {told.get(timeout=PATIENCE)[0] for _ in named} == set(named)


@pytest.mark.parametrize(
    ("interface", "within"),
    [
        ("127.0.0.1", "127.0.0.5"),
        ("192.168.1.2", "10.2.0.5"),
        ("fd00::2", "fd00::5"),
        ("::1", "::1"),
    ],
)
def test_nothing_goes_beyond_the_interface(loop: IoLoop, names: Names, interface: str, within: str) -> None:
    names.known = {"lab": ["127.0.0.5", "10.2.0.5", "fd00::5", "::1"]}
    assert resolving(loop, ("lab", 1), interface=interface).get(timeout=PATIENCE)[1] == ((within, 1),)


def test_what_looks_like_a_name_and_is_none_needs_no_thread(loop: IoLoop, names: Names) -> None:
    try:
        socket.getaddrinfo("0x7f000001", 1, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except socket.gaierror:
        pytest.skip("this system knows no such addresses")
    told = resolving(loop, *(("0x7f000001", port) for port in range(1, 200)))
    for port in range(1, 200):
        assert told.get(timeout=PATIENCE) == (("0x7f000001", port), (("127.0.0.1", port),))

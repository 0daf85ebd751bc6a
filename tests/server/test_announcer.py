"""Who gets an answer to a question. Everything stays on loopback; the rest is in tests/client/test_discovery.py."""

import logging
import queue
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from qtchat.net.announcement import TOKEN_SIZE, Announcement, Network, question, read_answer
from qtchat.server import announcer
from qtchat.server.announcer import Announcer
from tests.helpers.quiet_network import LOOPBACK, confine, free_network, only_broadcasts

PATIENCE = 10.0
KITCHEN = Announcement(bytes(16), "Kitchen", "ABCDE", 0, "1.0", 4000)
UNHEARD, FIRST, SECOND = (bytes([number]) * TOKEN_SIZE for number in range(3))


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> int:
    """Where questions are heard."""
    only_broadcasts(monkeypatch)
    port, service = free_network()
    confine(port, service, monkeypatch.setattr)
    return port


@contextmanager
def announced(interface: str) -> Iterator[None]:
    """It hears questions when this returns."""
    looked: queue.SimpleQueue[object] = queue.SimpleQueue()
    told = Announcer(KITCHEN, interface, looked.put)
    told.start()
    try:
        looked.get(timeout=PATIENCE)
        yield
    finally:
        assert told.stop(PATIENCE)


def asked(sock: socket.socket, host: str, port: int, token: bytes = FIRST) -> Announcement | None:
    """The next answer, if it is one to this question."""
    sock.settimeout(PATIENCE)
    sock.sendto(question(token), (host, port))
    return read_answer(sock.recv(1000), token)


def test_with_an_interface_only_what_is_sent_to_it_is_answered(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is for somebody behind a router, who is in no network of this computer."""
    monkeypatch.setattr(announcer, "networks", lambda _interface: [Network("10.77.0.1", 24, "10.77.0.255", "eth0")])
    with announced(LOOPBACK), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.sendto(question(UNHEARD), ("127.0.0.2", port))
        for token in (FIRST, SECOND):  # what was sent before the first was heard before the second
            assert asked(sock, LOOPBACK, port, token) == KITCHEN


def test_without_an_interface_everybody_is_answered_by_ipv6_too(port: int) -> None:
    with announced(""):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            assert asked(sock, "127.0.0.2", port) == KITCHEN
        if not socket.has_ipv6:
            pytest.skip("there is no IPv6 here")
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sock:
            assert asked(sock, "::1", port) == KITCHEN


def test_a_port_that_is_taken_is_told_of_and_the_rest_goes_on(port: int, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken, caplog.at_level(logging.WARNING):
        taken.bind((LOOPBACK, port))  # and not shared
        with announced(LOOPBACK):
            pass
    said = [record.getMessage() for record in caplog.records if "looks for it" in record.getMessage()]
    assert any(f"UDP port {port} of {LOOPBACK}" in line for line in said)

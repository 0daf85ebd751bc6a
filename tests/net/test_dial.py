import errno
import socket
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import pytest

from qtchat.net import dial as dial_module
from qtchat.net.dial import Address, Dial, DialError, host_of
from qtchat.net.loop import IoLoop, Ready

PATIENCE = 10.0
"""Seconds after which a condition counts as never coming true."""
LOCAL = "127.0.0.1"
Outcome = tuple[socket.socket, Address]


class DeafLoop(IoLoop):
    """A loop that never hears of the first `deaf` sockets it is given, as if their peers kept silent."""

    deaf = 0

    def register(self, sock: socket.socket, events: int, ready: Ready) -> None:
        if self.deaf:
            self.deaf -= 1
        else:
            super().register(sock, events, ready)


@pytest.fixture
def loop() -> Iterator[DeafLoop]:
    loop = DeafLoop("test-loop")
    loop.start()
    yield loop
    assert loop.stop(PATIENCE)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((LOCAL, 0)) as listener:
        yield listener


@pytest.fixture
def refusing() -> Iterator[int]:
    """A port that nobody listens on, bound so that it stays so."""
    with socket.socket() as bound:
        bound.bind((LOCAL, 0))
        yield bound.getsockname()[1]


@pytest.fixture
def no_such_name(monkeypatch: pytest.MonkeyPatch) -> str:
    """A name that does not exist; nothing is asked outside of this machine."""
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *, type: int, flags: int = 0) -> Any:  # noqa: A002
        if host.endswith(".invalid") and not flags & socket.AI_NUMERICHOST:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, port, type=type, flags=flags)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return "nobody.invalid"


def dial(loop: IoLoop, addresses: Sequence[Address]) -> Future[Outcome]:
    """What comes of it. Being called back twice would raise in the loop, and the log of that fails the test."""
    outcome: Future[Outcome] = Future()

    def begin() -> None:
        Dial(loop, addresses, lambda sock, address: outcome.set_result((sock, address)), outcome.set_exception)

    loop.call_soon(begin)
    return outcome


def failure(outcome: Future[Outcome]) -> tuple[str, str]:
    error = outcome.exception(PATIENCE)
    assert isinstance(error, DialError)
    return error.reason, str(error)


def settle(loop: IoLoop) -> None:
    done = threading.Event()
    loop.call_soon(done.set)
    assert done.wait(PATIENCE)


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


def check_connected(outcome: Future[Outcome], listener: socket.socket, address: Address) -> None:
    sock, given = outcome.result(PATIENCE)
    assert given == address
    assert not sock.getblocking()
    peer, _ = listener.accept()
    sock.send(b"hello")
    assert peer.recv(5) == b"hello"
    peer.close()
    sock.close()


def test_an_address_that_answers(loop: IoLoop, listener: socket.socket) -> None:
    address = (LOCAL, port_of(listener))
    check_connected(dial(loop, [address]), listener, address)


def test_a_name_is_looked_up_in_another_thread(
    loop: IoLoop, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, threads = socket.getaddrinfo, list[str]()

    def look_up(host: str, port: int, *, type: int, flags: int = 0) -> Any:  # noqa: A002
        if flags & socket.AI_NUMERICHOST:
            return real(host, port, type=type, flags=flags)
        threads.append(threading.current_thread().name)
        return real(LOCAL, port, type=type)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    address = ("box.invalid", port_of(listener))
    check_connected(dial(loop, [address]), listener, address)
    assert threads == ["qtchat-resolver"]


def test_a_refused_port(loop: IoLoop, refusing: int) -> None:
    reason, text = failure(dial(loop, [(LOCAL, refusing)]))
    assert reason == "connection_refused"
    assert text == f"{LOCAL} answers, but nothing listens on port {refusing}."


def test_an_unknown_name(loop: IoLoop, no_such_name: str) -> None:
    reason, text = failure(dial(loop, [(no_such_name, 1)]))
    assert reason == "name_unknown"
    assert text == "There is no computer called nobody.invalid on this network."


def test_what_cannot_be_a_name_is_an_unknown_one(loop: IoLoop) -> None:
    assert failure(dial(loop, [("x" * 64 + ".invalid", 1)]))[0] == "name_unknown"


def test_the_first_address_is_dead_and_the_second_alive(
    loop: IoLoop, listener: socket.socket, refusing: int, no_such_name: str
) -> None:
    address = (LOCAL, port_of(listener))
    check_connected(dial(loop, [(LOCAL, refusing), (no_such_name, 1), address]), listener, address)


def test_the_first_address_keeps_silent_and_the_second_answers(
    loop: DeafLoop, listener: socket.socket, refusing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dial_module, "ATTEMPT_TIMEOUT", 0.01)
    loop.deaf = 1
    outcome = dial(loop, [(LOCAL, refusing), (LOCAL, port_of(listener))])
    sock, address = outcome.result(PATIENCE)
    assert address == (LOCAL, port_of(listener))
    sock.close()


def test_nobody_answers_in_time(loop: DeafLoop, refusing: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dial_module, "ATTEMPT_TIMEOUT", 0.01)
    loop.deaf = 1
    reason, text = failure(dial(loop, [(LOCAL, refusing)]))
    assert (reason, text) == ("unreachable", f"{LOCAL} cannot be reached: it does not answer.")


@pytest.mark.parametrize("order", [1, -1])
def test_the_failure_that_tells_most_is_told(loop: IoLoop, refusing: int, no_such_name: str, order: int) -> None:
    addresses = [(no_such_name, 1), (LOCAL, refusing)][::order]
    assert failure(dial(loop, addresses))[0] == "connection_refused"


def test_every_address_of_a_name_is_tried(
    loop: IoLoop, listener: socket.socket, refusing: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo

    def look_up(host: str, port: int, *, type: int, flags: int = 0) -> Any:  # noqa: A002
        if flags & socket.AI_NUMERICHOST:
            return real(host, port, type=type, flags=flags)
        return [*real(LOCAL, refusing, type=type), *real(LOCAL, port, type=type)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    address = ("box.invalid", port_of(listener))
    check_connected(dial(loop, [address]), listener, address)


def test_a_network_that_fails_at_once_is_told_only_after_the_constructor(
    loop: IoLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket.socket, "connect_ex", lambda _sock, _target: errno.ENETUNREACH)
    seen: list[str] = []
    done = threading.Event()

    def failed(error: DialError) -> None:
        seen.append(error.reason)
        done.set()

    def begin() -> None:
        Dial(loop, [(LOCAL, 1)], lambda *_: None, failed)
        seen.append("constructed")

    loop.call_soon(begin)
    assert done.wait(PATIENCE)
    assert seen == ["constructed", "unreachable"]


def test_a_cancelled_dial_calls_nobody_back_and_leaves_no_socket(
    loop: DeafLoop, refusing: int, caplog: pytest.LogCaptureFixture
) -> None:
    loop.deaf = 1
    calls: list[object] = []
    made: Future[Dial] = Future()
    loop.call_soon(
        lambda: made.set_result(Dial(loop, [(LOCAL, refusing)] * 2, lambda *a: calls.append(a), calls.append))
    )
    attempt = made.result(PATIENCE)
    settle(loop)
    sock = attempt._socket
    assert sock is not None
    loop.call_soon(attempt.cancel)
    loop.call_soon(attempt.cancel)
    loop.call_soon(attempt._ready, 0)  # its socket had been found ready in the same tick
    settle(loop)
    assert sock.fileno() == -1
    assert calls == []
    assert caplog.records == []


def test_a_dial_that_is_cancelled_at_once_does_not_even_begin(loop: IoLoop, refusing: int) -> None:
    calls: list[object] = []

    def begin() -> None:
        Dial(loop, [(LOCAL, refusing)], lambda *a: calls.append(a), calls.append).cancel()

    loop.call_soon(begin)
    settle(loop)
    settle(loop)
    assert calls == []


def test_a_dial_that_is_cancelled_while_the_name_is_looked_up(
    loop: IoLoop, no_such_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answer, answered = threading.Event(), threading.Event(), threading.Event()
    resolve = dial_module._resolve

    def slowly(*arguments: Any) -> None:
        asked.set()
        assert answer.wait(PATIENCE)
        resolve(*arguments)
        answered.set()

    monkeypatch.setattr(dial_module, "_resolve", slowly)
    calls: list[object] = []
    made: Future[Dial] = Future()
    loop.call_soon(lambda: made.set_result(Dial(loop, [(no_such_name, 1)], lambda *a: calls.append(a), calls.append)))
    attempt = made.result(PATIENCE)
    assert asked.wait(PATIENCE)
    loop.call_soon(attempt.cancel)
    settle(loop)
    answer.set()
    assert answered.wait(PATIENCE)
    settle(loop)
    assert calls == []


def test_a_dial_goes_out_from_the_address_it_was_given(loop: IoLoop, listener: socket.socket) -> None:
    outcome: Future[Outcome] = Future()
    place = listener.getsockname()

    def begin() -> None:
        Dial(loop, [place], lambda *done: outcome.set_result(done), outcome.set_exception, "127.0.0.9")

    loop.call_soon(begin)
    with outcome.result(PATIENCE)[0] as sock:
        assert sock.getsockname()[0] == "127.0.0.9"


@pytest.mark.parametrize("source", ["::1", "203.0.113.1"])  # of another family; not an address of this computer
def test_a_dial_that_cannot_go_out_from_there_fails(loop: IoLoop, listener: socket.socket, source: str) -> None:
    outcome: Future[Outcome] = Future()
    place = listener.getsockname()

    def begin() -> None:
        Dial(loop, [place], lambda *done: outcome.set_result(done), outcome.set_exception, source)

    loop.call_soon(begin)
    assert failure(outcome)[0] == "unreachable"


def test_the_host_of_a_link_local_address_names_its_zone() -> None:
    assert host_of(("10.0.0.1", 1)) == "10.0.0.1"
    assert host_of(("fd00::1", 1, 0, 0)) == "fd00::1"
    assert host_of(("fe80::1", 1, 0, 2)) == "fe80::1%2"

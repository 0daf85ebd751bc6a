import errno
import gc
import os
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from qtchat.net.connection import DEFAULT_LIMITS, WRITE_SIZE, Connection, Limits, explain
from qtchat.net.loop import IoLoop
from qtchat.net.tls import client_context, load_or_create_identity, public_key_of, server_context

PATIENCE: Final = 10.0
"""Seconds after which a condition counts as never coming true."""


class Recorder:
    """A handler that remembers what it was told, and lets other threads wait for it."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.data = bytearray()
        self.events: list[str] = []
        self.reasons: list[str] = []
        self.on_connected: Callable[[Connection], None] = lambda connection: None
        self.on_received: Callable[[Connection, bytes], None] = lambda connection, data: None

    def connected(self, connection: Connection) -> None:
        self._note("connected")
        self.on_connected(connection)

    def received(self, connection: Connection, data: bytes) -> None:
        with self.changed:
            self.data += data
            self.changed.notify_all()
        self.on_received(connection, data)

    def drained(self, connection: Connection) -> None:
        self._note("drained")

    def closed(self, connection: Connection, reason: str) -> None:
        self.reasons.append(reason)
        self._note("closed")

    def _note(self, event: str) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE), (self.events, self.reasons, len(self.data))

    def wait_for(self, event: str) -> None:
        self.wait(lambda: event in self.events)

    @property
    def reason(self) -> str:
        self.wait_for("closed")
        assert self.events.count("closed") == 1
        assert self.events[-1] == "closed"
        (reason,) = self.reasons
        return reason


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext, bytes]:
    """Those of server and client, and the server's public key."""
    identity = load_or_create_identity(tmp_path_factory.mktemp("identity"))
    return server_context(identity), client_context(), identity.public_key


@pytest.fixture
def loop(caplog: pytest.LogCaptureFixture) -> Iterator[IoLoop]:
    loop = IoLoop("test-loop")
    loop.start()
    yield loop
    assert loop.stop(PATIENCE)
    assert [record.getMessage() for record in caplog.records] == []  # an internal error would be logged


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    """Those that a test keeps for itself; closed in the end."""
    kept: list[socket.socket] = []
    yield kept
    for sock in kept:
        sock.close()


def run(loop: IoLoop, function: Callable[[], Any]) -> Any:
    """Call it in the loop's thread and return what it returns."""
    results: list[Any] = []
    done = threading.Event()

    def call() -> None:
        try:
            results.append(function())
        finally:
            done.set()

    loop.call_soon(call)
    assert done.wait(PATIENCE)
    return results[0]


def do(loop: IoLoop, *calls: Callable[[], object]) -> None:
    """Call them in the loop's thread, one after the other, in one go."""
    run(loop, lambda: [call() for call in calls])


def tcp_pair() -> tuple[socket.socket, socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        client = socket.create_connection(listener.getsockname(), timeout=PATIENCE)
        server, _ = listener.accept()
    server.settimeout(PATIENCE)
    return server, client


def plain(
    loop: IoLoop, sock: socket.socket, recorder: Recorder, *, server: bool = True, limits: Limits = DEFAULT_LIMITS
) -> Connection:
    made = run(loop, lambda: Connection(loop, sock, "peer", recorder, context=None, server_side=server, limits=limits))
    assert isinstance(made, Connection)
    return made


def secure(
    loop: IoLoop, sock: socket.socket, recorder: Recorder, context: ssl.SSLContext, *, server: bool
) -> Connection:
    made = run(loop, lambda: Connection(loop, sock, "peer", recorder, context=context, server_side=server))
    assert isinstance(made, Connection)
    return made


class Pair:
    """Two connections of one loop to each other, plain or TLS."""

    def __init__(self, loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext] | None) -> None:
        one, other = tcp_pair()
        self.here, self.there = Recorder(), Recorder()
        if contexts is None:
            self.server, self.client = plain(loop, one, self.here), plain(loop, other, self.there, server=False)
        else:
            self.server = secure(loop, one, self.here, contexts[0], server=True)
            self.client = secure(loop, other, self.there, contexts[1], server=False)
        self.here.wait_for("connected")
        self.there.wait_for("connected")


@pytest.fixture(params=["plain", "tls"])
def pair(
    request: pytest.FixtureRequest, loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> Iterator[Pair]:
    pair = Pair(loop, contexts[:2] if request.param == "tls" else None)
    yield pair
    for connection, recorder in ((pair.server, pair.here), (pair.client, pair.there)):
        loop.call_soon(connection.abort, "the test is over")
        assert recorder.reason
        assert not connection.open
        assert connection.outbox_size == 0


def pattern(size: int, seed: int) -> bytes:
    return bytes((index * seed) & 255 for index in range(4093)) * (size // 4093 + 1)


# -- data ---------------------------------------------------------------------------------------------


def test_large_transfers_both_ways_at_once(loop: IoLoop, pair: Pair) -> None:
    down, up = pattern(4_000_000, 3), pattern(4_000_000, 5)
    loop.call_soon(pair.server.send, down)
    loop.call_soon(pair.client.send, up)
    pair.there.wait(lambda: len(pair.there.data) == len(down))
    pair.here.wait(lambda: len(pair.here.data) == len(up))
    assert pair.there.data == down
    assert pair.here.data == up
    pair.here.wait_for("drained")
    assert pair.server.outbox_size == pair.client.outbox_size == 0


def test_one_byte_writes_arrive_in_order(loop: IoLoop, pair: Pair) -> None:
    data = bytes(range(256)) * 4
    for value in data:
        loop.call_soon(pair.server.send, bytes([value]))
    pair.there.wait(lambda: len(pair.there.data) == len(data))
    assert pair.there.data == data


def test_an_echo_of_many_small_messages(loop: IoLoop, pair: Pair) -> None:
    pair.here.on_received = lambda connection, data: connection.send(data)
    data = pattern(200_000, 7)
    for start in range(0, len(data), 1000):
        loop.call_soon(pair.client.send, data[start : start + 1000])
    pair.there.wait(lambda: len(pair.there.data) == len(data))
    assert pair.there.data == data


class CountingSocket:
    """Stands in front of a socket and counts what is given to it; takes at most `most` bytes at a time."""

    def __init__(self, sock: socket.socket, most: int = 2**31) -> None:
        self.sizes: list[int] = []
        self._sock = sock
        self._most = most

    def send(self, data: memoryview) -> int:
        self.sizes.append(len(data))
        return self._sock.send(data[: self._most])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def test_many_pieces_make_few_sends(loop: IoLoop, sockets: list[socket.socket]) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    connection = plain(loop, ours, Recorder())
    counting = CountingSocket(ours)
    pieces = [bytes([number & 255]) * 100 for number in range(1500)]

    def send_all() -> None:
        connection._sock = counting  # type: ignore[assignment]
        for piece in pieces:
            connection.queue(piece)
        connection.flush()
        connection._sock = ours

    run(loop, send_all)
    assert counting.sizes == [65_500, 65_500, 19_000]
    assert max(counting.sizes) <= WRITE_SIZE
    assert read(theirs, 150_000) == b"".join(pieces)
    do(loop, partial(connection.abort, "the test is over"))


def test_a_socket_that_takes_a_little_at_a_time_loses_nothing(loop: IoLoop, sockets: list[socket.socket]) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    connection = plain(loop, ours, Recorder())
    data = pattern(WRITE_SIZE + 8186, 11)

    def send_all() -> None:
        connection._sock = CountingSocket(ours, most=7_777)  # type: ignore[assignment]
        for piece in (data[:10], data[10:500], data[500:]):
            connection.queue(piece)
        assert connection.outbox_size == len(data)
        connection.flush()
        connection._sock = ours

    run(loop, send_all)
    assert read(theirs, len(data)) == data
    do(loop, partial(connection.abort, "the test is over"))


def read(sock: socket.socket, size: int) -> bytes:
    """Exactly `size` bytes."""
    sock.settimeout(PATIENCE)
    data = bytearray()
    while len(data) < size:
        piece = sock.recv(min(65_536, size - len(data)))
        assert piece
        data += piece
    return bytes(data)


def read_to_end(sock: socket.socket) -> bytes:
    sock.settimeout(PATIENCE)
    data = bytearray()
    while piece := sock.recv(65_536):
        data += piece
    return bytes(data)


def test_what_is_queued_before_the_handshake_leaves_after_it(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> None:
    one, other = tcp_pair()
    here, there = Recorder(), Recorder()
    server = secure(loop, one, here, contexts[0], server=True)
    run(loop, lambda: server.send(b"early"))
    client = secure(loop, other, there, contexts[1], server=False)
    there.wait(lambda: there.data == b"early")
    for connection, recorder in ((server, here), (client, there)):
        do(loop, partial(connection.abort, "the test is over"))
        assert recorder.reason


def test_the_client_sees_the_servers_certificate(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> None:
    pair = Pair(loop, contexts[:2])
    assert public_key_of(run(loop, lambda: pair.client.peer_certificate)) == contexts[2]
    assert run(loop, lambda: pair.server.peer_certificate) == b""
    do(loop, partial(pair.client.abort, "the test is over"))
    assert pair.here.reason == "the peer closed the connection"


# -- back-pressure ------------------------------------------------------------------------------------


def fill(loop: IoLoop, connection: Connection, at_least: int) -> int:
    """Send until `at_least` bytes wait in the outbox. How many bytes that took."""

    def more() -> int:
        total = 0
        while connection.outbox_size < at_least:
            connection.send(bytes(65_536))
            total += 65_536
        return total

    total = run(loop, more)
    assert isinstance(total, int)
    return total


def test_a_peer_that_does_not_take_what_it_asked_for_is_not_read_until_it_does(
    loop: IoLoop, sockets: list[socket.socket]
) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = plain(loop, ours, recorder)
    total = fill(loop, connection, DEFAULT_LIMITS.hard_outbox + 1)
    theirs.sendall(b"not yet")
    for _ in range(3):  # it is there, and the loop has had the chance to see it
        run(loop, lambda: None)
    assert recorder.data == b""
    assert "drained" not in recorder.events
    assert read(theirs, total) == bytes(total)
    recorder.wait(lambda: recorder.data == b"not yet")
    recorder.wait_for("drained")
    assert recorder.events.count("drained") == 1
    do(loop, partial(connection.abort, "the test is over"))


def test_a_client_always_reads_so_that_two_who_talk_at_once_do_not_wait_for_each_other(
    loop: IoLoop, sockets: list[socket.socket]
) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = plain(loop, ours, recorder, server=False)
    fill(loop, connection, 2 * DEFAULT_LIMITS.hard_outbox)
    theirs.sendall(b"here you are")
    recorder.wait(lambda: recorder.data == b"here you are")
    do(loop, partial(connection.abort, "the test is over"))


def test_drained_is_told_only_after_the_socket_had_refused_some(loop: IoLoop, pair: Pair) -> None:
    run(loop, lambda: pair.server.send(b"x" * 100))
    pair.there.wait(lambda: len(pair.there.data) == 100)
    assert "drained" not in pair.here.events


def test_reading_goes_on_with_what_tls_had_decrypted_already(loop: IoLoop, pair: Pair) -> None:
    # More than READS_PER_TICK reads wait when reading begins again, and no selector announces all of them.
    total = fill(loop, pair.server, DEFAULT_LIMITS.hard_outbox + 1)
    run(loop, lambda: pair.client.send(pattern(300_000, 13)))
    pair.there.wait(lambda: len(pair.there.data) == total)
    pair.here.wait(lambda: len(pair.here.data) >= 300_000)
    assert pair.here.data == pattern(300_000, 13)


def test_a_held_peer_waits_and_is_read_again(loop: IoLoop, pair: Pair) -> None:
    do(loop, lambda: pair.server.hold(True), lambda: pair.server.hold(True), lambda: pair.client.send(b"x" * 1000))
    do(loop, lambda: pair.server.send(b"meanwhile"))  # writing goes on
    pair.there.wait(lambda: bytes(pair.there.data) == b"meanwhile")
    assert not pair.here.data
    assert run(loop, lambda: pair.server.paused)
    do(loop, lambda: pair.server.hold(False))
    pair.here.wait(lambda: len(pair.here.data) == 1000)


def test_a_held_peer_can_be_let_go(loop: IoLoop, pair: Pair) -> None:
    do(loop, lambda: pair.server.hold(True), lambda: pair.server.abort("enough"), lambda: pair.server.hold(False))
    assert pair.here.reason == "enough"


def test_what_is_queued_for_a_held_peer_is_sent_when_it_takes_it(loop: IoLoop, pair: Pair) -> None:
    data = pattern(4_000_000, 7)
    do(loop, lambda: pair.server.hold(True), lambda: pair.client.hold(True), lambda: pair.server.send(data))
    assert run(loop, lambda: pair.server.outbox_size) > 0
    do(loop, lambda: pair.client.hold(False))
    pair.there.wait(lambda: len(pair.there.data) == len(data))
    assert bytes(pair.there.data) == data


def test_a_stalled_peer_is_noticed_and_a_slow_one_is_none(loop: IoLoop, sockets: list[socket.socket]) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = plain(loop, ours, recorder)
    assert not connection.stalled(
        time.monotonic() + 10 * DEFAULT_LIMITS.stall_timeout
    )  # nothing waits: nothing is late
    fill(loop, connection, 1_000_000)
    began = connection._progress
    assert not connection.stalled(began + DEFAULT_LIMITS.stall_timeout)
    before = connection.outbox_size
    while connection.outbox_size == before:  # it takes some: the clock begins anew
        assert theirs.recv(65_536)
        run(loop, lambda: None)
    assert connection._progress > began
    now = connection._progress
    assert connection.stalled(now + DEFAULT_LIMITS.stall_timeout + 0.1) == "took nothing for 30 s"


# -- the end ------------------------------------------------------------------------------------------


def test_close_delivers_everything_that_was_queued(loop: IoLoop, pair: Pair) -> None:
    data = pattern(1_000_000, 17)

    def end() -> None:
        pair.server.send(data)
        pair.server.close("done")
        pair.server.close("again")
        pair.server.send(b"too late")
        assert not pair.server.open

    run(loop, end)
    assert pair.here.reason == "done"
    assert pair.there.reason == "the peer closed the connection"
    assert pair.there.data == data


def test_close_delivers_the_last_words_although_the_peer_still_talks(loop: IoLoop, pair: Pair) -> None:
    talking = threading.Event()
    pair.here.on_received = lambda connection, data: talking.set()

    def talk() -> None:
        if pair.client.open:
            pair.client.send(b"blah" * 100)
            loop.call_soon(talk)

    loop.call_soon(talk)
    assert talking.wait(PATIENCE)

    def end() -> int:
        pair.server.send(b"the last words")
        pair.server.close("done")
        return len(pair.here.data)

    heard = run(loop, end)
    assert pair.there.reason == "the peer closed the connection"
    assert pair.here.reason == "done"
    assert pair.there.data == b"the last words"
    assert len(pair.here.data) == heard  # what came after the end is thrown away


def test_close_from_within_a_callback(loop: IoLoop, pair: Pair) -> None:
    def answer(connection: Connection, data: bytes) -> None:
        connection.send(b"bye")
        connection.close("heard enough")

    pair.here.on_received = answer
    run(loop, lambda: pair.client.send(b"x" * 200_000))
    assert pair.here.reason == "heard enough"
    assert pair.there.reason
    assert pair.there.data == b"bye"


def test_a_peer_that_never_ends_does_not_keep_a_closed_connection(loop: IoLoop, sockets: list[socket.socket]) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = plain(loop, ours, recorder, limits=Limits(linger=0.01))
    do(loop, partial(connection.send, b"bye"), partial(connection.close, "done"))
    assert recorder.reason == "done"
    assert read_to_end(theirs) == b"bye"


def test_a_peer_that_takes_nothing_does_not_keep_a_closed_connection(
    loop: IoLoop, sockets: list[socket.socket]
) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = plain(loop, ours, recorder, limits=Limits(linger=0.01))
    fill(loop, connection, 2 * DEFAULT_LIMITS.hard_outbox)
    do(loop, partial(connection.close, "done"))
    assert recorder.reason == "done"
    assert connection.outbox_size == 0


def test_abort_drops_what_is_queued_and_tells_once(loop: IoLoop, sockets: list[socket.socket]) -> None:
    ours, theirs = socket.socketpair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = plain(loop, ours, recorder)
    fill(loop, connection, 1)
    do(loop, *(partial(connection.abort, reason) for reason in ("enough", "again")), partial(connection.close, "again"))
    do(loop, partial(connection.send, b"x"), partial(connection._ready, 3))
    assert recorder.reason == "enough"
    assert (connection.open, connection.outbox_size, connection.peer_certificate) == (False, 0, b"")


def test_a_reset_is_told_in_words(loop: IoLoop) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    plain(loop, ours, recorder)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    theirs.close()
    assert recorder.reason == "the connection was reset"


@pytest.mark.parametrize("server", [True, False])
def test_a_peer_that_is_gone_before_tls_begins(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes], server: bool
) -> None:
    for linger in (True, False):
        ours, theirs = tcp_pair()
        if linger:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        theirs.close()
        recorder = Recorder()
        connection = secure(loop, ours, recorder, contexts[0] if server else contexts[1], server=server)
        assert recorder.reason in ("the connection was reset", "went away in the middle")
        assert recorder.events == ["closed"]
        assert not connection.open


# -- a TLS port, and what people send to it -----------------------------------------------------------


def old_client() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    return context


NOT_TLS = "sent something that is not TLS"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello there\n", NOT_TLS),
        (b"NICK anna\r\nUSER anna 0 * :Anna\r\n", NOT_TLS),
        (b"\0\0\0\x07\x92\xa4ping\x90", NOT_TLS),  # our own protocol, but without TLS
        (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "spoke HTTP to the native port, which takes TLS 1.3 only"),
        (b"POST / HTTP/1.1\r\nHost: x\r\n\r\n", "spoke HTTP to the native port, which takes TLS 1.3 only"),
        (b"CONNECT x:1 HTTP/1.1\r\n\r\n", "spoke HTTP to the native port, which takes TLS 1.3 only"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", NOT_TLS),
        (bytes(100), NOT_TLS),
        (b"\xff" * 100, NOT_TLS),
        (b"\x16\x03\x01\xff\xff" + b"x" * 100, NOT_TLS),  # a record that is too long
        (b"\x17\x03\x03\x00\x05hello", NOT_TLS),  # application data before the handshake
        (b"\x16\x03\x01\x00\x05hello", NOT_TLS),  # a handshake record with something else in it
    ],
)
def test_what_is_not_tls_is_told_once_and_closed(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes], data: bytes, reason: str
) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[0], server=True)
    theirs.sendall(data)
    assert recorder.reason == reason
    assert recorder.events == ["closed"]
    theirs.close()


def test_an_older_tls_is_refused_on_both_sides_in_words(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> None:
    ours, theirs = tcp_pair()
    server, client = Recorder(), Recorder()
    secure(loop, ours, server, contexts[0], server=True)
    secure(loop, theirs, client, old_client(), server=False)
    assert server.reason == "speaks an older TLS; 1.3 is needed"
    assert client.reason == "speaks an older TLS; 1.3 is needed"


def test_a_client_meets_a_server_that_is_something_else(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[1], server=False)
    theirs.sendall(b"220 mail.example ESMTP ready\r\n")
    assert recorder.reason == NOT_TLS
    theirs.close()


def test_a_peer_that_never_finishes_the_handshake_is_at_our_mercy(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes], sockets: list[socket.socket]
) -> None:
    ours, theirs = tcp_pair()
    sockets.append(theirs)
    recorder = Recorder()
    connection = secure(loop, ours, recorder, contexts[0], server=True)
    theirs.sendall(b"\x16\x03\x01\x02\x00\x01")  # the beginning of a client's hello
    run(loop, lambda: None)
    assert recorder.events == []
    do(loop, partial(connection.send, b"it waits"), partial(connection.close, "no login within 10 s"))
    assert recorder.reason == "no login within 10 s"


def test_a_peer_that_goes_away_in_the_middle_of_the_handshake(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[0], server=True)
    theirs.sendall(b"\x16\x03\x01\x02\x00\x01")
    theirs.close()
    assert recorder.reason == "went away in the middle"


def test_damaged_tls_records_end_an_open_connection(
    loop: IoLoop, contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]
) -> None:
    ours, theirs = tcp_pair()
    recorder = Recorder()
    secure(loop, ours, recorder, contexts[0], server=True)
    theirs.settimeout(PATIENCE)
    with contexts[1].wrap_socket(theirs) as encrypted:
        recorder.wait_for("connected")
        os.write(encrypted.fileno(), b"\x17\x03\x03\x00\x20" + bytes(32))
        assert recorder.reason.startswith("TLS failed: ")
        assert recorder.data == b""


# -- what is left behind ------------------------------------------------------------------------------


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are counted where the system lists them")
def test_descriptors_are_freed_and_threads_end(contexts: tuple[ssl.SSLContext, ssl.SSLContext, bytes]) -> None:
    gc.collect()
    before, threads = descriptors(), threading.active_count()
    loop = IoLoop("test-loop")
    loop.start()
    for tls in (None, contexts[:2]):
        for end in ("close", "abort"):
            pair = Pair(loop, tls)
            do(loop, partial(getattr(pair.server, end), "done"))
            assert pair.here.reason == "done"
            assert pair.there.reason
    for data in (b"", b"hello\n"):
        ours, theirs = tcp_pair()
        recorder = Recorder()
        secure(loop, ours, recorder, contexts[0], server=True)
        theirs.sendall(data)
        theirs.close()
        assert recorder.reason
    assert loop.stop(PATIENCE)
    assert descriptors() == before
    assert threading.active_count() == threads


# -- rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["send", "queue", "flush", "close", "abort"])
def test_what_belongs_to_the_loops_thread_says_so(loop: IoLoop, pair: Pair, method: str) -> None:
    arguments = {"send": (b"x",), "queue": (b"x",), "flush": ()}
    with pytest.raises(AssertionError, match="belongs to the loop's thread"):
        getattr(pair.server, method)(*arguments.get(method, ("done",)))


def test_a_connection_is_made_in_the_loops_thread(loop: IoLoop, sockets: list[socket.socket]) -> None:
    sockets.extend(socket.socketpair())
    with pytest.raises(AssertionError, match="belongs to its loop's thread"):
        Connection(loop, sockets[0], "peer", Recorder(), context=None, server_side=False)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConnectionResetError(), "the connection was reset"),
        (BrokenPipeError(), "the connection was reset"),
        (ConnectionAbortedError(), "the connection was reset"),
        (OSError(errno.ENOTCONN, "not connected"), "the connection was reset"),
        (TimeoutError(), "the network stopped answering"),
        (OSError(errno.ENETDOWN, "Network is down"), f"the network failed: [Errno {errno.ENETDOWN}] Network is down"),
        (ssl.SSLError(1, "strange"), "TLS failed: strange"),
    ],
)
def test_explain(error: Exception, text: str) -> None:
    assert explain(error) == text

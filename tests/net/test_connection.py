"""What a connection carries, and the rules it keeps."""

import errno
import socket
import ssl
from functools import partial
from typing import Any

import pytest

from qtchat.net.connection import WRITE_SIZE, Connection, explain
from qtchat.net.loop import IoLoop
from qtchat.net.tls import public_key_of
from tests.net.connections import Contexts, Pair, Recorder, do, pattern, plain, read, run, secure, tcp_pair


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


def test_what_is_queued_before_the_handshake_leaves_after_it(loop: IoLoop, contexts: Contexts) -> None:
    one, other = tcp_pair()
    here, there = Recorder(), Recorder()
    server = secure(loop, one, here, contexts[0], server=True)
    run(loop, lambda: server.send(b"early"))
    client = secure(loop, other, there, contexts[1], server=False)
    there.wait(lambda: there.data == b"early")
    for connection, recorder in ((server, here), (client, there)):
        do(loop, partial(connection.abort, "the test is over"))
        assert recorder.reason


def test_the_client_sees_the_servers_certificate(loop: IoLoop, contexts: Contexts) -> None:
    pair = Pair(loop, contexts[:2])
    assert public_key_of(run(loop, lambda: pair.client.peer_certificate)) == contexts[2]
    assert run(loop, lambda: pair.server.peer_certificate) == b""
    do(loop, partial(pair.client.abort, "the test is over"))
    assert pair.here.reason == "the peer closed the connection"


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

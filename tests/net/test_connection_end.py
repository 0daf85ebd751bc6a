"""How connections end, and that nothing is left of them."""

import gc
import os
import socket
import struct
import threading
from functools import partial
from pathlib import Path

import pytest

from qtchat.net.connection import DEFAULT_LIMITS, Connection, Limits
from qtchat.net.loop import IoLoop
from tests.net.connections import (
    PATIENCE,
    Contexts,
    Pair,
    Recorder,
    do,
    fill,
    pattern,
    plain,
    read_to_end,
    run,
    secure,
    tcp_pair,
)


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
def test_a_peer_that_is_gone_before_tls_begins(loop: IoLoop, contexts: Contexts, server: bool) -> None:
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


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="descriptors are counted where the system lists them")
def test_descriptors_are_freed_and_threads_end(contexts: Contexts) -> None:
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

"""Peers that take too little, and those that are made to wait."""

import socket
import time
from functools import partial

from qtchat.net.connection import DEFAULT_LIMITS
from qtchat.net.loop import IoLoop
from tests.net.connections import Pair, Recorder, do, fill, pattern, plain, read, run


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

import logging
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from functools import partial

import pytest

from qtchat.net.loop import READ, WRITE, IoLoop, Timer

PATIENCE = 10.0
"""Seconds after which a condition counts as never coming true."""


@pytest.fixture
def loop() -> Iterator[IoLoop]:
    loop = IoLoop("test-loop")
    loop.start()
    yield loop
    assert loop.stop(PATIENCE)
    assert not loop.running


def settle(loop: IoLoop) -> None:
    """Return when the loop has done what it was given before."""
    done = threading.Event()
    loop.call_soon(done.set)
    assert done.wait(PATIENCE)


def test_calls_run_in_order_in_the_loops_thread_with_their_arguments(loop: IoLoop) -> None:
    seen: list[object] = []
    for number in range(1000):
        loop.call_soon(seen.append, number)
    loop.call_soon(lambda: seen.append(threading.current_thread().name))
    settle(loop)
    assert seen == [*range(1000), "test-loop"]
    assert not loop.inside


def test_calls_from_many_threads_keep_the_order_of_each_and_none_is_lost(loop: IoLoop) -> None:
    seen: list[tuple[int, int]] = []

    def work(worker: int) -> None:
        for number in range(500):
            loop.call_soon(seen.append, (worker, number))

    workers = [threading.Thread(target=work, args=(worker,)) for worker in range(8)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join(PATIENCE)
    settle(loop)
    assert len(seen) == 4000
    for worker in range(8):
        assert [number for who, number in seen if who == worker] == list(range(500))


def test_a_sleeping_loop_is_woken_by_every_single_call(loop: IoLoop) -> None:
    for _ in range(500):  # each waits for the loop to go to sleep after the one before, or nearly so
        settle(loop)


def test_a_wake_up_that_comes_while_the_last_one_is_taken_is_not_lost(loop: IoLoop) -> None:
    # The moment between reading the wake-up bytes and going on, as another thread may hit it.
    seen: list[str] = []
    reader = loop._wake_reader

    class Interrupting:
        """The pipe's reading end; somebody else calls while it is read."""

        def recv(self, size: int) -> bytes:
            loop.call_soon(seen.append, "meanwhile")
            return reader.recv(size)

        def close(self) -> None:
            reader.close()

    def interrupt() -> None:
        loop._wake_reader = Interrupting()  # type: ignore[assignment]

    loop.call_soon(interrupt)
    for _ in range(50):
        settle(loop)
    assert "meanwhile" in seen


def test_a_call_may_call_again_without_keeping_sockets_waiting(loop: IoLoop) -> None:
    ours, theirs = socket.socketpair()
    served = threading.Event()

    def again() -> None:
        if not served.is_set():
            loop.call_soon(again)

    def begin() -> None:
        loop.register(ours, READ, lambda _events: served.set())
        again()

    loop.call_soon(begin)
    theirs.send(b"x")
    assert served.wait(PATIENCE)
    loop.call_soon(loop.unregister, ours)
    settle(loop)
    ours.close()
    theirs.close()


def test_timers_run_by_their_time_then_in_the_order_they_were_made_and_not_after_a_cancel(
    loop: IoLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[object] = []
    done = threading.Event()

    def begin() -> None:
        with monkeypatch.context() as patch:
            patch.setattr("qtchat.net.loop.time.monotonic", lambda: 0.0)  # so all are due right after this
            loop.call_later(4.0, done.set)
            for number in range(20):
                loop.call_later(3.0, partial(seen.append, number))
            loop.call_later(2.0, partial(seen.append, "second"))
            cancelled = loop.call_later(1.5, partial(seen.append, "cancelled"))
            loop.call_later(1.0, partial(seen.append, "first"))
            loop.call_later(1.0, cancelled.cancel)

    loop.call_soon(begin)
    assert done.wait(PATIENCE)
    assert seen == ["first", "second", *range(20)]


def test_a_timer_does_not_run_before_its_time(loop: IoLoop) -> None:
    ran: Future[float] = Future()
    began = time.monotonic()

    def begin() -> None:
        loop.call_later(0.02, lambda: ran.set_result(time.monotonic()))

    loop.call_soon(begin)
    assert ran.result(PATIENCE) >= began + 0.02


def test_a_cancelled_timer_may_be_cancelled_again_even_after_it_ran(loop: IoLoop) -> None:
    ran: Future[Timer] = Future()

    def begin() -> None:
        timer = loop.call_later(0.0, lambda: ran.set_result(timer))

    loop.call_soon(begin)
    timer = ran.result(PATIENCE)
    loop.call_soon(timer.cancel)
    loop.call_soon(timer.cancel)
    settle(loop)


def test_after_tick_comes_once_behind_everything_that_was_ready(loop: IoLoop) -> None:
    seen: list[str] = []
    done = threading.Event()

    def first() -> None:
        loop.after_tick(lambda: seen.append("after"))
        loop.after_tick(lambda: loop.after_tick(done.set))
        seen.append("first")

    def begin() -> None:  # both calls then belong to one tick
        loop.call_soon(first)
        loop.call_soon(seen.append, "second")

    loop.call_soon(begin)
    assert done.wait(PATIENCE)
    settle(loop)
    assert seen == ["first", "second", "after"]


def test_sockets_tell_what_they_are_ready_for(loop: IoLoop) -> None:
    ours, theirs = socket.socketpair()
    ready: Future[int] = Future()
    readable: Future[int] = Future()

    def on_write(events: int) -> None:
        loop.modify(ours, READ, on_read)
        ready.set_result(events)

    def on_read(events: int) -> None:
        loop.unregister(ours)
        readable.set_result(events)

    loop.call_soon(loop.register, ours, READ | WRITE, on_write)
    assert ready.result(PATIENCE) == WRITE
    theirs.send(b"x")
    assert readable.result(PATIENCE) == READ
    ours.close()
    theirs.close()


def test_an_exception_in_a_callback_is_logged_and_ends_nothing(loop: IoLoop, caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    done = threading.Event()
    ours, theirs = socket.socketpair()
    theirs.send(b"x")

    def on_read(events: int) -> None:
        loop.unregister(ours)
        fail(events)

    def begin() -> None:
        loop.call_later(0.0, fail)
        loop.after_tick(fail)
        loop.register(ours, READ, on_read)
        loop.call_later(0.01, done.set)

    with caplog.at_level(logging.ERROR, "qtchat.net.loop"):
        loop.call_soon(fail)
        loop.call_soon(begin)
        assert done.wait(PATIENCE)
        settle(loop)
    assert [record.getMessage() for record in caplog.records] == ["internal error in a callback of loop test-loop"] * 4
    ours.close()
    theirs.close()


def test_stop_runs_what_was_queued_before_and_drops_what_comes_after() -> None:
    loop = IoLoop("test-loop")
    seen: list[str] = []
    loop.call_soon(seen.append, "before start")
    loop.start()
    loop.call_soon(seen.append, "before stop")
    assert loop.stop(PATIENCE)
    loop.call_soon(seen.append, "after stop")
    assert loop.stop(PATIENCE)
    assert seen == ["before start", "before stop"]
    assert not loop.running


def test_stop_without_start_frees_everything() -> None:
    loop = IoLoop("test-loop")
    assert not loop.running
    assert loop.stop(PATIENCE)
    assert loop.stop(PATIENCE)
    assert loop._wake_reader.fileno() == loop._wake_writer.fileno() == -1


def test_stop_says_when_it_was_not_enough_time() -> None:
    loop = IoLoop("test-loop")
    loop.start()
    release = threading.Event()

    def hang() -> None:
        release.wait(PATIENCE)

    loop.call_soon(hang)
    assert not loop.stop(0.0)
    assert loop.running
    release.set()
    assert loop.stop(PATIENCE)


@pytest.mark.parametrize("method", ["call_later", "after_tick", "register", "modify", "unregister"])
def test_what_belongs_to_the_loops_thread_says_so(loop: IoLoop, method: str) -> None:
    arguments = {"call_later": (0.0, print), "after_tick": (print,), "unregister": (None,)}
    with pytest.raises(AssertionError, match=f"{method} belongs to the loop's thread"):
        getattr(loop, method)(*arguments.get(method, (None, READ, print)))

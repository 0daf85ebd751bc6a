"""Rows 1 and 2 of the fault matrix: the server is killed at random moments, and inside each fsync."""

import random
import sqlite3
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.outcome import Outcome
from tests.faults.people import LOBBY, Crowd
from tests.faults.processes import ServerProcess, StartError
from tests.faults.proxy import Proxy
from tests.faults.raw import RawSender
from tests.faults.tools import injected, strace_inject

READY_LIMIT = 2.0
"""Seconds within which a killed server must be ready again."""


def kill_at_random(folder: Path, *, cycles: int, senders: int = 20, window: int = 4, seed: int = 1) -> Outcome:
    """Row 1: kill -9 under load, start again, `cycles` times; then everything is judged."""
    chance = random.Random(seed)
    outcome = Outcome()
    ready: list[float] = []
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(folder / "people", server.link, senders) as crowd:
            crowd.wait_online()
            den = crowd.share_room("den")
            crowd.talk(window, (LOBBY, den))
            for _ in range(cycles):
                goal = crowd.acked + chance.randrange(1, 10 * senders)
                crowd.board.wait("people are acknowledged", lambda goal=goal: crowd.acked >= goal)  # type: ignore[misc]
                crowd.board.watch(lambda: False, chance.uniform(0, 0.05))
                server.kill()
                if chance.random() < 0.2:  # now and then it is killed while it starts, too
                    server.spawn()
                    crowd.board.watch(lambda: False, chance.uniform(0, 1.0))
                    server.kill()
                    outcome.count("killed while starting")
                ready.append(server.start())
                outcome.count("cycles")
                for talker in crowd.talkers:
                    talker.account.connect_now()
            crowd.settle(server.database)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(crowd.judge(server.database))
        outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
    outcome.note(f"ready again in {statistics.median(ready):.2f} s (median), {max(ready):.2f} s (worst)")
    return outcome


def ready_with_many_rows(
    folder: Path, *, rows: int = 1_000_000, starts: int = 5, limit: float = READY_LIMIT
) -> Outcome:
    """Row 1: a large database, kill -9 with work in the log, and how long until it accepts again."""
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        server.stop()
        fill(server.database, rows)
        times = []
        sender: RawSender | None = None
        for _ in range(starts):
            times.append(server.start())
            with RawSender(server.port, folder / "raw.sent", again=sender) as sender:
                sender.say(20)
            server.kill()
        times.append(server.start())
        server.stop()
    outcome.count("cycles", starts)
    outcome.count("rows", rows)
    # The fastest: on a machine that does other things too, only that one is the server's own.
    outcome.expect(min(times) < limit, f"ready in {min(times):.2f} s at best, the limit is {limit} s")
    outcome.note(f"{rows} rows: ready in {statistics.median(times):.2f} s (median), {max(times):.2f} s (worst)")
    return outcome


def fill(database: Path, rows: int) -> None:
    """Put that many messages into the lobby, past the server, which must not run."""
    connection = sqlite3.connect(database, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        connection.execute("INSERT INTO users (id, nick, created) VALUES (1000000, 'chronicler', 1)")
        (head,) = connection.execute("SELECT head FROM rooms WHERE id = ?", (LOBBY,)).fetchone()
        connection.executemany(
            "INSERT INTO events (room, seq, id, author, ts, kind, text) VALUES (?, ?, ?, 1000000, ?, 'post', ?)",
            (
                (LOBBY, head + number, number.to_bytes(16, "big"), number, f"message number {number} of a long history")
                for number in range(1, rows + 1)
            ),
        )
        connection.execute("UPDATE rooms SET head = ? WHERE id = ?", (head + rows, LOBBY))
        connection.execute("COMMIT")
    finally:
        connection.close()


def kill_inside_fsync(folder: Path, *, numbers: Sequence[int], together: int = 8) -> Outcome:
    """Row 2: for each number, a new server whose every thread dies at its so-manieth fsync.

    Posts go out `together` at a time. Afterwards all are sent again with their ids: what had been acknowledged must be
    a duplicate with the same seq, and nothing may stand twice.
    """
    outcome = Outcome()
    for number in numbers:
        before = strace_inject(f"fsync,fdatasync:signal=KILL:when={number}")
        place = folder / str(number)
        with ServerProcess(place, before=before) as server, outcome.part(f"fsync {number}"):
            log = place / "raw.sent"
            began = time.monotonic()
            killed = not started(server)
            sender: RawSender | None = None
            if not killed:
                sender = RawSender(server.port, log, patience=20)
                with sender:
                    killed = sender.say_until_lost(together, most=400)
            server.kill()
            outcome.count("cycles")
            outcome.count("killed", killed)
            server.before = ()
            server.start()
            with RawSender(server.port, log, again=sender) as after:
                duplicates = after.resend_all()
                acked_before = sender.acked if sender else {}
                outcome.expect(
                    acked_before.keys() <= duplicates,
                    f"{len(acked_before.keys() - duplicates)} acknowledged messages were taken for new ones",
                )
                outcome.count("stored without ack", len(duplicates - acked_before.keys()))
            outcome.expect(server.stop() == 0, "the server did not stop in order")
            outcome.add(after.judge(server.database))
            outcome.expect(time.monotonic() - began < 120, "it took too long")
    return outcome


def kill_inside_checkpoint(folder: Path, *, numbers: Sequence[int] = range(1, 5), messages: int = 2000) -> Outcome:
    """Row 2: the server is asked to stop and dies while SQLite moves the log into the database."""
    outcome = Outcome()
    sender: RawSender | None = None
    log = folder / "raw.sent"
    with ServerProcess(folder) as server:
        for number in numbers:
            server.start()
            with RawSender(server.port, log, again=sender) as sender, outcome.part(f"fsync {number}"):
                sender.say(messages)
                with injected(server.pid, f"fsync,fdatasync:signal=KILL:when={number}"):
                    outcome.count("killed", server.stop() != 0)
                outcome.count("cycles")
        server.start()
        with RawSender(server.port, log, again=sender) as after:
            duplicates = after.resend_all()
        outcome.expect(duplicates == set(after.composed), "acknowledged messages were taken for new ones")
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(after.judge(server.database))
    return outcome


def asked_to_wait(folder: Path, *, people: int = 5, messages: int = 100) -> Outcome:
    """Rows 1 and 9: everybody says more at once than the server takes, which asks them to wait; meanwhile connections
    are reset and the server is killed. Nobody's order suffers."""
    outcome = Outcome()
    with ServerProcess(folder, messages_per_second=10, message_burst=20) as server:
        server.start()
        with Proxy(server.port) as proxy:
            with Crowd(folder / "people", proxy.link(server.link, server.port), people) as crowd:
                crowd.wait_online()
                for number in range(messages):
                    for talker in crowd.talkers:
                        talker.say(f"{talker.nick} {number}")
                for turn in range(6):
                    crowd.board.watch(lambda: False, 1.2)
                    if turn % 2:
                        proxy.break_all()
                    else:
                        server.kill()
                        server.start()
                    outcome.count("cycles")
                crowd.settle(server.database)
            outcome.expect(server.stop() == 0, "the server did not stop in order")
            outcome.add(crowd.judge(server.database))
    return outcome


def started(server: ServerProcess) -> bool:
    """Start a server that may be killed in the attempt."""
    try:
        server.start()
    except StartError:
        return False
    return True

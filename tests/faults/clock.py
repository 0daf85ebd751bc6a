"""Row 13 of the fault matrix: the clock jumps by an hour and by six years, both ways; the monotonic clock goes on."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from tests.faults.outcome import Outcome
from tests.faults.people import Crowd
from tests.faults.processes import ServerProcess
from tests.faults.tools import faketime_library

JUMPS = ("+0", "+1h", "-1h", "+6y", "-6y", "+0")


def jumps(folder: Path, *, talkers: int = 4, steps: Sequence[str] = JUMPS) -> Outcome:
    """The clock of the running server jumps under load, then it is started at each of those times. Nobody loses the
    connection, the order stays, no time runs backwards, and the server keeps its key."""
    outcome = Outcome()
    clock = folder / "clock"
    folder.mkdir(parents=True, exist_ok=True)
    _set(clock, "+0")
    environment = {
        "LD_PRELOAD": str(faketime_library()),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    with ServerProcess(folder, environment=environment) as server:
        server.start()
        link = server.link
        with Crowd(folder / "people", server.link, talkers) as crowd:
            crowd.wait_online()
            crowd.talk(4)
            phases = [len(talker.phases) for talker in crowd.talkers]
            for jump in steps:
                _set(clock, jump)
                _talk_on(crowd, talkers)
                outcome.count("jumps")
            outcome.expect(
                [len(talker.phases) for talker in crowd.talkers] == phases, "a jump of the clock broke connections"
            )
            for jump in steps:
                _set(clock, jump)
                outcome.expect(server.stop() == 0, f"the server did not stop in order at {jump}")
                server.start()
                outcome.expect(server.link == link, f"the server has another key at {jump}")
                _talk_on(crowd, talkers)
                outcome.count("starts")
            crowd.settle(server.database)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
        outcome.add(crowd.judge(server.database))
    connection = sqlite3.connect(server.database)
    times = [ts for (ts,) in connection.execute("SELECT ts FROM events WHERE room = 1 ORDER BY seq")]
    connection.close()
    outcome.expect(times == sorted(times), "times run backwards")
    outcome.note(f"times span {(times[-1] - times[0]) / 1000 / 86400 / 365.25:.1f} years")
    return outcome


def _talk_on(crowd: Crowd, talkers: int) -> None:
    for talker in crowd.talkers:
        talker.account.connect_now()
    goal = crowd.acked + 10 * talkers
    crowd.board.wait("people go on talking", lambda: crowd.acked >= goal)


def _set(clock: Path, jump: str) -> None:
    fresh = clock.with_suffix(".new")
    fresh.write_text(f"{jump}\n")
    fresh.replace(clock)

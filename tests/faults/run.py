"""The fault matrix at full size: `python3 dev.py faults [ROW...] [--long] [--keep]`.

Prints a line for each row as it is done, and a table of all at the end. The exit status is 0 when no promise was
broken; a row that cannot be tried here is skipped, and the table says what it lacks.
"""

import argparse
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import (
    client,
    clock,
    crash,
    discovery,
    disk,
    fuzz,
    fuzz_atheris,
    hostile,
    lan,
    limits,
    model,
    network,
    restore,
    trust,
)
from tests.faults.outcome import CannotRunError, Outcome
from tests.faults.people import NotReachedError
from tests.faults.processes import StartError
from tests.helpers.wire import ClosedByServerError

Attempt = Callable[[Path, bool], Outcome]
"""attempt(folder, long)"""

SHOWN = 5
"""Broken promises of a row that are printed."""
FAILURES = (
    AssertionError,
    ClosedByServerError,
    NotReachedError,
    OSError,
    StartError,
    subprocess.SubprocessError,
    sqlite3.Error,
)
"""What an attempt ends with when a promise is broken so badly that it cannot go on."""


@dataclass(frozen=True)
class Row:
    """`number`: of the matrix, several rows may share one; or D and a number, for finding servers on a network."""

    number: int | str
    name: str
    attempt: Attempt


ROWS = (
    Row(1, "kill -9 at random moments", lambda at, long: crash.kill_at_random(at, cycles=200 if long else 20)),
    Row(1, "start with 1 M rows", lambda at, _: crash.ready_with_many_rows(at)),
    Row(1, "killed while asked to wait", lambda at, _: crash.asked_to_wait(at)),
    Row(2, "kill inside fsync", lambda at, long: crash.kill_inside_fsync(at, numbers=range(1, 51 if long else 21))),
    Row(2, "kill inside checkpoint", lambda at, _: crash.kill_inside_checkpoint(at)),
    Row(3, "failing writes and syncs", lambda at, long: disk.failing_calls(at, senders=20 if long else 10)),
    Row(3, "files may not grow", lambda at, _: disk.no_room_to_grow(at, senders=10)),
    Row(4, "disk full", lambda at, _: disk.full_disk(at)),
    Row(5, "damaged database", lambda at, _: disk.damaged(at)),
    Row(5, "database read-only", lambda at, _: disk.read_only(at)),
    Row(7, "slow readers", lambda at, long: network.slow_readers(at, stalled=10, others=90 if long else 20)),
    Row(9, "resets", lambda at, long: network.resets(at, times=50 if long else 10, people=20)),
    Row(9, "sockets destroyed", lambda at, _: network.killed_sockets(at)),
    Row(11, "delays", lambda at, _: network.delays(at, people=10)),
    Row(11, "cut at every byte", lambda at, long: network.cuts(at, share=1.0 if long else 0.2)),
    Row(12, "strange packets", lambda at, _: network.strange_packets(at)),
    Row(13, "clock jumps", lambda at, _: clock.jumps(at)),
    Row(15, "no descriptors", lambda at, _: limits.no_descriptors(at)),
    Row(17, "malformed frames", lambda at, long: fuzz.fuzz(at, examples=2000 if long else 200)),
    Row(17, "atheris", lambda at, long: fuzz_atheris.fuzz(at, runs=2_000_000 if long else 50_000)),
    Row(17, "a server that lies", lambda at, long: hostile.hostile_server(at, examples=500 if long else 50)),
    Row(17, "clients against a model", lambda at, long: model.clients_against_model(at, examples=100 if long else 10)),
    Row(17, "moderation against a model", lambda at, long: model.hub_against_model(at, examples=1000 if long else 60)),
    Row(18, "slow logins", lambda at, _: limits.slow_logins(at)),
    Row(19, "login storm", lambda at, _: limits.login_storm(at)),
    Row(21, "backup restored", lambda at, _: restore.yesterdays_backup(at)),
    Row(21, "whole folder restored", lambda at, _: restore.yesterdays_backup(at, whole_folder=True, patience=10.0)),
    Row(22, "client killed", lambda at, long: client.killed_with_full_outbox(at, cycles=50 if long else 10)),
    Row(22, "written offline", lambda at, _: client.written_offline(at, messages=200)),
    Row(22, "slow room", lambda at, _: client.written_for_a_slow_room(at, messages=40)),
    Row(22, "profile disk full", lambda at, _: client.full_profile_disk(at)),
    Row(23, "certificate renewed", lambda at, _: trust.renewed_certificate(at)),
    Row(23, "another key", lambda at, _: trust.another_key(at)),
    Row(23, "TLS 1.2, plain text, HTTP", lambda at, _: trust.old_tls(at)),
    Row(23, "server with TLS 1.2 only", lambda at, _: trust.client_meets_old_tls(at)),
    Row(23, "recorded on the way", lambda at, _: trust.captured(at)),
    Row(23, "login relayed", lambda at, _: trust.relayed_login(at)),
    Row("D1", "found by mDNS alone", lambda at, _: discovery.found(at, lan.BROADCAST)),
    Row("D2", "found by broadcast alone", lambda at, _: discovery.found(at, lan.MULTICAST)),
    Row("D3", "found by both", lambda at, _: discovery.found(at)),
    Row("D4", "killed: gone from lists", lambda at, _: discovery.killed(at)),
    Row("D5", "doctor: what is blocked", lambda at, _: discovery.diagnosed(at)),
    Row("D6", "doctor: guest Wi-Fi", lambda at, _: discovery.isolated(at)),
)


@dataclass
class Result:
    """How a row went."""

    row: Row
    seconds: float = 0.0
    skipped: str = ""
    outcome: Outcome = field(default_factory=Outcome)

    @property
    def verdict(self) -> str:
        if self.skipped:
            return "skipped"
        return "RED" if self.outcome.faults else "green"

    def lines(self) -> list[str]:
        """For the table: one line, and what belongs to it."""
        if self.skipped:
            said = [self.skipped]
        else:
            # What must be none is told also when it is none.
            counts = [
                f"{name} {number}" for name, number in self.outcome.counts.items() if number or name in MUST_BE_NONE
            ]
            said = [", ".join(counts), *self.outcome.notes, *self.outcome.faults[:SHOWN]]
            if len(self.outcome.faults) > SHOWN:
                said.append(f"... and {len(self.outcome.faults) - SHOWN} more")
        first, *rest = [line for line in said if line] or [""]
        head = f"{self.row.number:>3}  {self.row.name:26} {self.verdict:8} {self.seconds:6.1f} s  {first}"
        return [head, *(" " * 50 + line for line in rest)]


MUST_BE_NONE = ("lost", "doubled", "reordered")


def run_row(row: Row, folder: Path, *, long: bool) -> Result:
    """Try one row; whatever happens, it becomes a result."""
    result = Result(row)
    began = time.monotonic()
    try:
        result.outcome = row.attempt(folder, long)
    except CannotRunError as reason:
        result.skipped = str(reason)
    except FAILURES as error:
        result.outcome.faults.append(f"{type(error).__name__}: {error}")
    result.seconds = time.monotonic() - began
    return result


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 all green or skipped, 1 a promise was broken, 2 wrong usage."""
    numbers = list(dict.fromkeys(str(row.number) for row in ROWS))
    parser = argparse.ArgumentParser(prog="dev.py faults", description="Break what can break, and judge what is left.")
    shown = ", ".join(numbers)
    parser.add_argument("rows", metavar="ROW", type=str.upper, nargs="*", help=f"of these: {shown}; default all")
    parser.add_argument(
        "--long", action="store_true", help="at full size: 200 kills, every fsync, every byte (an hour)"
    )
    parser.add_argument("--keep", action="store_true", help="keep the data of every row, not only of red ones")
    options = parser.parse_args(arguments)
    unknown = set(options.rows) - set(numbers)
    if unknown:
        parser.error(f"there is no row {min(unknown)}")
    wanted = [row for row in ROWS if not options.rows or str(row.number) in options.rows]
    folder = Path(tempfile.mkdtemp(prefix="qtchat-faults-"))
    results = []
    for at, row in enumerate(wanted):
        place = folder / f"{at}-{row.number}"
        place.mkdir()
        result = run_row(row, place, long=options.long)
        results.append(result)
        print(f"{result.verdict:8} {row.number} {row.name}", flush=True)
        if result.verdict != "RED" and not options.keep:
            shutil.rmtree(place)
    print()
    for result in results:
        print("\n".join(result.lines()))
    verdicts = [result.verdict for result in results]
    print("\n" + ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("green", "RED", "skipped")))
    if any(folder.iterdir()):
        print(f"The data is in {folder}")
    else:
        folder.rmdir()
    return 1 if "RED" in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())

"""The machine under a benchmark: cores, descriptors, and what a process has used. Linux only."""

import argparse
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import NamedTuple

from qtchat.server.records import EventRecord, RoomRecord, UserRecord
from qtchat.server.store import Writes, open_store

SERVER_CORE = 0
LOAD_CORE = 1


def require_linux() -> None:
    """These benchmarks pin processes and read /proc."""
    if sys.platform != "linux":
        sys.exit("This benchmark runs on Linux only.")


def pin(core: int) -> None:
    """Keep the calling thread, and the threads and processes it starts from now on, on one core, if there are two."""
    if len(os.sched_getaffinity(0) | {core}) > 1 and (os.cpu_count() or 1) > 1:
        os.sched_setaffinity(0, {core})


def allow_descriptors(wanted: int) -> int:
    """Raise this process's limit of open files, if need be; children inherit it. Returns what it is now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        if hard < wanted and os.geteuid() == 0:
            hard = wanted
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


class Usage(NamedTuple):
    """Seconds since a process began: on a core, ready but waiting for one, and by the clock."""

    ran: float
    waited: float
    clock: float

    def since(self, before: "Usage") -> "Usage":
        """As shares of the clock's time since `before`; 1 is a whole core."""
        clock = self.clock - before.clock
        return Usage((self.ran - before.ran) / clock, (self.waited - before.waited) / clock, clock)


def usage(pid: int) -> Usage:
    """Of all threads of a process. Waiting shows how much other programs were in the way."""
    ran = waited = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            fields = (task / "schedstat").read_text(encoding="ascii").split()
        except (FileNotFoundError, ProcessLookupError):  # the thread has just ended
            continue
        ran += int(fields[0])
        waited += int(fields[1])
    return Usage(ran / 1e9, waited / 1e9, time.perf_counter())


def me() -> int:
    """The id of this process."""
    return os.getpid()


def memory_kib(pid: int) -> int:
    """KiB of memory of a process, shared pages counted in part (PSS); resident memory where that is not told."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    except (OSError, StopIteration):
        lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
        return int(next(line for line in lines if line.startswith("VmRSS:")).split()[1])


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The option that chooses what `scratch` is given."""
    parser.add_argument("--folder", type=Path, help="where the data goes, on the disk to be measured (/var/tmp)")


@contextmanager
def scratch(base: Path | None) -> Iterator[Path]:
    """A folder on a real disk, removed afterwards. `base`: where; None: /var/tmp, since /tmp is often memory."""
    folder = Path(tempfile.mkdtemp(prefix="qtchat-bench-", dir=base or "/var/tmp"))
    folder.chmod(0o755)  # the servers to compare with run as another user
    try:
        yield folder
    finally:
        rmtree(folder)


def commit_ms(folder: Path, count: int = 300) -> float:
    """Milliseconds of the middle one of `count` commits of one message each, with the server's own store."""
    times = []
    path = folder / "commits"
    with open_store(path) as store:
        store.log.commit(Writes(users=[UserRecord(1, "a", None, 0)], rooms=[RoomRecord(1, "r", "r", "", 0, 0)]))
        for seq in range(1, count + 1):
            writes = Writes(events=[EventRecord(1, seq, seq.to_bytes(16, "big"), 1, seq, "post", "x" * 64)])
            start = time.perf_counter()
            store.log.commit(writes)
            times.append(time.perf_counter() - start)
    rmtree(path)
    return statistics.median(times) * 1e3

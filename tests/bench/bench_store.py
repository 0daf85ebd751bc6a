"""How fast the store is: `python tests/bench/bench_store.py [--folder DIR] [--rows N] [--json FILE]`.

Prints events a second at 1, 50 and 1000 a commit, then fills a store with N rows (1 M) of 64 bytes of text and
prints how long a start, the load and one look-up take. DIR should be on the disk that is to be measured.
"""

import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from qtchat.server.records import EventRecord, RoomRecord, UserRecord
from qtchat.server.store import Store, Writes, open_store
from tests.bench import report

ROOMS = 20
USERS = 100
TEXT = "A message of sixty-four bytes, as people write them in a chat..."


class Source:
    """Makes events in random rooms by random authors, gapless in each room."""

    def __init__(self) -> None:
        self.heads = [0] * (ROOMS + 1)
        self.ts = 1_700_000_000_000

    def people(self) -> Writes:
        return Writes(
            users=[UserRecord(number, f"user{number}", None, self.ts) for number in range(1, USERS + 1)],
            rooms=[
                RoomRecord(number, f"room{number}", f"room{number}", "", self.ts, 0) for number in range(1, ROOMS + 1)
            ],
        )

    def batch(self, size: int) -> Writes:
        self.ts += 3
        return Writes(events=[self.event() for _ in range(size)])

    def event(self) -> EventRecord:
        room = random.randint(1, ROOMS)
        self.heads[room] += 1
        request = self.ts.to_bytes(6, "big") + os.urandom(10)
        return EventRecord(room, self.heads[room], request, random.randint(1, USERS), self.ts, "post", TEXT)


def insert_rate(store: Store, source: Source, size: int, total: int) -> dict[str, float]:
    """Events a second, and milliseconds of a commit: the middle one, and the longest but one in a hundred."""
    times = []
    for _ in range(total // size):
        writes = source.batch(size)
        start = time.perf_counter()
        store.log.commit(writes)
        times.append(time.perf_counter() - start)
    times.sort()
    return {
        "events_per_s": round(size * len(times) / sum(times)),
        "median_ms": round(times[len(times) // 2] * 1e3, 2),
        "p99_ms": round(times[len(times) * 99 // 100] * 1e3, 2),
        "max_ms": round(times[-1] * 1e3, 2),
    }


def milliseconds(start: float) -> float:
    return round((time.perf_counter() - start) * 1e3, 2)


def measure(folder: Path, rows: int) -> dict[str, object]:
    source = Source()
    result: dict[str, object] = {}
    start = time.perf_counter()
    with open_store(folder) as store:
        result["first_start_ms"] = milliseconds(start)
        store.log.commit(source.people())
        for size, total in ((1, 2_000), (50, 100_000), (1000, 300_000)):
            result[f"insert_{size}_a_commit"] = insert_rate(store, source, size, total)
        while sum(source.heads) < rows:
            store.log.commit(source.batch(5000))
    result["rows"] = sum(source.heads)
    result["file_mib"] = round(sum(file.stat().st_size for file in folder.iterdir()) / 2**20)
    start = time.perf_counter()
    with open_store(folder) as store:
        result["open_ms"] = milliseconds(start)
        start = time.perf_counter()
        store.log.load()
        result["load_ms"] = milliseconds(start)
        known = source.event()
        for count in (1, 50):
            ids = [os.urandom(16) for _ in range(count)]
            store.log.find([(1, id_) for id_ in ids])
            start = time.perf_counter()
            for _ in range(200):
                store.log.find([(known.author, id_) for id_ in ids])
            result[f"find_{count}_ms"] = round(milliseconds(start) / 200, 4)
        reader = store.reader()
        reader.after(1, 0, 1)
        for page in (100, 500):
            start = time.perf_counter()
            for _ in range(50):
                reader.before(1, 0, page)
            result[f"page_{page}_ms"] = round(milliseconds(start) / 50, 3)
        reader.close()
    return result


def main() -> int:
    assert __doc__
    parser = report.parser(__doc__)
    parser.add_argument("--folder", type=Path, help="where to make the database (default: the temporary folder)")
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="qtchat-bench-", dir=options.folder))
    try:
        result = measure(folder, options.rows)
    finally:
        shutil.rmtree(folder)
    for name, value in result.items():
        print(f"{name:24} {value}")
    report.save(options.json, {"store": result})
    return 0


if __name__ == "__main__":
    sys.exit(main())

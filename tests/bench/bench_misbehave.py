"""What others feel of somebody who does not read, and of those who flood, among 100 who behave.

    python3 dev.py bench misbehave [--quick] [--json FILE]

The others talk at a steady rate; their p99 should stay below twice what it was. Then the room is busy enough to fill
every buffer of those who do not read: that gives the server's memory for each of them. The server's limits are on.
"""

import argparse
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import Post, Typing
from tests.bench import machine, report
from tests.bench.dialects import ROOM
from tests.bench.load import Client, Load
from tests.bench.servers import furnish, qtchat

CLIENTS = 100
STALLED = 5
RATE = 100
FLOOD_RATE = 1000
TYPING_RATE = 20_000
"""Of what nobody answers, which is cheaper to send."""
TINY_BUFFER = 4096
COLUMNS = {"case": "case", "p50_us": "p50 us", "p99_us": "p99 us", "ratio": "x baseline", "server_cpu": "server"}


def posts() -> bytes:
    return b"".join(encode_frame(Post(os.urandom(16), ROOM, "flood " * 10)) for _ in range(FLOOD_RATE // 100))


def typing() -> bytes:
    return encode_frame(Typing(ROOM)) * (TYPING_RATE // 100)


FLOODS = {"one floods": posts, "one types on": typing}
"""What is sent a hundred times a second, by case."""


class Flood:
    """One client that sends much, from a thread of its own, and throws away what it is told."""

    def __init__(self, client: Client, make: Callable[[], bytes]) -> None:
        self._client = client
        self._make = make
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="flood")

    def __enter__(self) -> "Flood":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        sock = self._client.sock
        due = time.perf_counter()
        while not self._stop.wait(max(0.0, due - time.perf_counter())):
            due += 0.01
            with suppress(OSError):  # TLS would block, or the server has had enough
                while sock.recv(65_536):
                    pass
            with suppress(OSError):
                sock.send(self._make())


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--seconds", type=float, default=5.0, help="of one round (5)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (3)")
    machine.add_folder(parser)
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.repeat = 2.0, 1
    machine.pin(machine.LOAD_CORE)
    machine.allow_descriptors(2000)
    with machine.scratch(options.folder) as folder:
        rows = everybodys_latency(options, folder)
        each = memory_of_the_stalled(folder)
    print(report.table(rows, COLUMNS))
    print(f"{each:.0f} KiB of the server's memory for each client that does not read")
    report.save(options.json, {"misbehave": {"latency": rows, "kib_per_stalled_client": round(each)}})
    return 0


def everybodys_latency(options: argparse.Namespace, folder: Path) -> list[dict[str, Any]]:
    """Of those who behave: alone, beside one who does not read, beside those who flood."""
    home = folder / "latency"
    furnish(home, CLIENTS)
    rounds: dict[str, list[tuple[float, float, float]]] = {case: [] for case in ("baseline", "one stalled", *FLOODS)}
    with qtchat(home, messages_per_second=20) as running:
        behaved, bad = running.crowd(), running.crowd()
        try:
            behaved.connect(range(CLIENTS - 1))
            load = Load(behaved, observers=CLIENTS)
            load.sample_every = 1

            def listen(case: str) -> None:
                figures = load.open_loop(RATE, 64, options.seconds, running.pid)
                rounds[case].append((figures.microseconds(0.5), figures.microseconds(0.99), figures.server_cpu))

            for _ in range(options.repeat):
                listen("baseline")
                bad.connect([CLIENTS - 1], receive_buffer=TINY_BUFFER)
                listen("one stalled")
                bad.drop()
                for case, make in FLOODS.items():
                    bad.connect([CLIENTS - 1])
                    with Flood(bad.clients[0], make):
                        listen(case)
                    bad.drop()
            load.close()
        finally:
            behaved.close()
            bad.close()
    rows: list[dict[str, Any]] = []
    for case, figures in rounds.items():
        p50, p99, cpu = (round(statistics.median(column), 3) for column in zip(*figures, strict=True))
        base = rows[0]["p99_us"] if rows else p99
        rows.append({"case": case, "p50_us": p50, "p99_us": p99, "server_cpu": cpu, "ratio": round(p99 / base, 2)})
    return rows


def memory_of_the_stalled(folder: Path) -> float:
    """KiB for each client that reads nothing while others talk as fast as they can."""
    home = folder / "memory"
    furnish(home, CLIENTS)
    with qtchat(home) as running:
        behaved, bad = running.crowd(), running.crowd()
        try:
            behaved.connect(range(CLIENTS - STALLED))
            load = Load(behaved)

            def busy() -> int:
                load.closed_loop(256, 64, 2.0, running.pid)
                return machine.memory_kib(running.pid)

            busy()
            before = busy()
            bad.connect(range(CLIENTS - STALLED, CLIENTS), receive_buffer=TINY_BUFFER)
            after = busy()
            load.close()
        finally:
            behaved.close()
            bad.close()
    return (after - before) / STALLED


if __name__ == "__main__":
    sys.exit(main())

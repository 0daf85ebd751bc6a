"""What natives feel of plain-text clients in their room: of those who behave, flood, never read, and are killed.

    python3 dev.py bench classic [--quick] [--json FILE]

50 natives talk at a steady rate over TLS; their p99 should stay below twice what it is without the others, who come
from a process of their own. The server's limits are on.
"""

import argparse
import socket
import statistics
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from tests.bench import machine, report
from tests.bench.load import Load
from tests.bench.servers import furnish, qtchat

NATIVES: Final = 50
RATE: Final = 100
READ_SIZE: Final = 1024
COLUMNS: Final = {"case": "case", "p50_us": "p50 us", "p99_us": "p99 us", "ratio": "x alone", "server_cpu": "server"}


def enter(port: int, receive_buffer: int = 0) -> socket.socket:
    """A client of the door of names first."""
    sock = socket.socket()
    if receive_buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    sock.connect(("127.0.0.1", port))
    sock.send(b"plain")
    time.sleep(0.1)  # or the name and the first message arrive as one
    return sock


def behave(port: int) -> None:
    """20 clients that read what comes."""

    def read(sock: socket.socket) -> None:
        while sock.recv(READ_SIZE):
            pass

    for _ in range(20):
        threading.Thread(target=read, args=[enter(port)], daemon=True).start()


def flood(port: int) -> None:
    """One that talks as fast as it can, and reads."""
    sock = enter(port)

    def read() -> None:
        while sock.recv(65_536):
            pass

    def talk() -> None:
        while True:
            sock.sendall(b"flood " * 100)

    for task in (read, talk):
        threading.Thread(target=task, daemon=True).start()


def stall(port: int) -> None:
    """Five that never read; when they are let go, they come again."""

    def stay() -> None:
        while True:
            sock = enter(port, receive_buffer=4096)
            with suppress(OSError):
                while True:
                    time.sleep(0.2)
                    sock.send(b".")  # fails when it was let go

    for _ in range(5):
        threading.Thread(target=stay, daemon=True).start()


def die(port: int) -> None:
    """Some that come, say a word and are killed, ten times a second."""

    def come_and_go() -> None:
        while True:
            sock = enter(port)
            sock.send(b"hello")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            sock.close()

    threading.Thread(target=come_and_go, daemon=True).start()


PEERS: Final[dict[str, Callable[[int], None]]] = {
    "20 plain who behave": behave,
    "1 plain floods": flood,
    "5 plain never read": stall,
    "10 plain killed a second": die,
}


@contextmanager
def beside(case: str, port: int) -> Iterator[None]:
    """The plain clients of this case, in a process of their own."""
    command = [sys.executable, "-P", "-m", "tests.bench.bench_classic", "--peers", case, "--door", str(port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        time.sleep(0.5)
        yield
        process.kill()


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--seconds", type=float, default=5.0, help="of one round (5)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds (3)")
    machine.add_folder(parser)
    parser.add_argument("--peers", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--door", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peers:
        PEERS[options.peers](options.door)
        sys.stdin.read()
        return 0
    if options.quick:
        options.seconds, options.repeat = 2.0, 1
    machine.pin(machine.LOAD_CORE)
    with machine.scratch(options.folder) as folder:
        rows = latency(options, folder / "server")
    print(report.table(rows, COLUMNS))
    report.save(options.json, {"classic": rows})
    return 0


def latency(options: argparse.Namespace, home: Path) -> list[dict[str, Any]]:
    """Of the natives: alone, and beside each kind of plain clients."""
    furnish(home, NATIVES)
    rounds: dict[str, list[tuple[float, float, float]]] = {case: [] for case in ("alone", *PEERS)}
    with qtchat(home, messages_per_second=20, classic=["name-first:0"]) as running:
        (door,) = running.doors
        crowd = running.crowd()
        try:
            crowd.connect(range(NATIVES))
            load = Load(crowd, observers=NATIVES)
            load.sample_every = 1

            def listen(case: str) -> None:
                figures = load.open_loop(RATE, 64, options.seconds, running.pid)
                rounds[case].append((figures.microseconds(0.5), figures.microseconds(0.99), figures.server_cpu))

            for _ in range(options.repeat):
                listen("alone")
                for case in PEERS:
                    with beside(case, door):
                        listen(case)
            load.close()
        finally:
            crowd.close()
    rows: list[dict[str, Any]] = []
    for case, figures in rounds.items():
        p50, p99, cpu = (round(statistics.median(column), 3) for column in zip(*figures, strict=True))
        base = rows[0]["p99_us"] if rows else p99
        rows.append({"case": case, "p50_us": p50, "p99_us": p99, "server_cpu": cpu, "ratio": round(p99 / base, 2)})
    return rows


if __name__ == "__main__":
    sys.exit(main())

"""Logins: how many a second, and a storm in which everybody reconnects at once.

    python3 dev.py bench logins [--quick] [--json FILE]

Each is a TCP connection, a TLS 1.3 handshake and the whole login. For "storm" all clients are known to the server and
begin within a second; the figure is the time until the last one is in. Server and load have one core each.
"""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.bench import machine, report
from tests.bench.load import StuckError
from tests.bench.servers import RIVALS, MissingError, Running, furnish, qtchat

COLUMNS = {
    "server": "server",
    "kind": "kind",
    "clients": "clients",
    "at_once": "at once",
    "per_s": "logins/s",
    "all_in_s": "all in, s",
    "p50_ms": "p50 ms",
    "p99_ms": "p99 ms",
    "load_cpu": "load",
    "server_cpu": "server",
}


def measure(running: Running, kind: str, numbers: range, at_once: int) -> dict[str, Any]:
    """Log these clients in, and out again."""
    crowd = running.crowd()
    try:
        mine, theirs = machine.usage(machine.me()), machine.usage(running.pid)
        times = sorted(crowd.connect(numbers, at_once))
        mine, theirs = machine.usage(machine.me()).since(mine), machine.usage(running.pid).since(theirs)
        waits = sorted(crowd.login_times)
    finally:
        crowd.close()
    return {
        "server": running.name,
        "kind": kind,
        "clients": len(numbers),
        "at_once": at_once,
        "per_s": round(len(times) / times[-1]),
        "all_in_s": round(times[-1], 3),
        "p50_ms": round(waits[len(waits) // 2] * 1e3, 2),
        "p99_ms": round(waits[len(waits) * 99 // 100] * 1e3, 2),
        "load_cpu": round(mine.ran, 3),
        "server_cpu": round(theirs.ran, 3),
    }


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="a storm of 500")
    parser.add_argument("--storm", type=int, default=2000, help="clients in the storm (2000)")
    machine.add_folder(parser)
    options = parser.parse_args()
    storm = 500 if options.quick else options.storm
    machine.pin(machine.LOAD_CORE)
    machine.allow_descriptors(20_000)
    rows: list[dict[str, Any]] = []
    with machine.scratch(options.folder) as folder:
        home = folder / "qtchat"
        furnish(home, storm, events=0)

        def run(name: str, server: Callable[[Path], AbstractContextManager[Running]]) -> None:
            try:
                with server(folder / name) as running:
                    if name == "qtchat":
                        rows.append(measure(running, "first visits", range(storm, storm + 200), 32))
                    rows.append(measure(running, "one by one", range(20), 1))
                    rows.append(measure(running, "many", range(min(500, storm)), 32))
                    try:
                        rows.append(measure(running, "storm", range(storm), storm))
                    except StuckError as stuck:
                        rows.append({"server": name, "kind": f"storm: {stuck}", "clients": storm, "at_once": storm})
                print(report.table([row for row in rows if row["server"] == name], COLUMNS), "\n", flush=True)
            except MissingError as missing:
                print(missing, flush=True)

        for name, server in {"qtchat": qtchat, **RIVALS}.items():
            run(name, server)
    report.save(options.json, {"logins": rows})
    return 0


if __name__ == "__main__":
    sys.exit(main())

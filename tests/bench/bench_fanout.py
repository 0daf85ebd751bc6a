"""Fan-out: everybody is in one room and talks. qtchat beside ngircd and InspIRCd, in one run, with one load generator.

    python3 dev.py bench fanout [--quick] [--json FILE] [--picture FILE.svg]

TLS 1.3 everywhere; the server on one core, the load on the other. qtchat stores every message and syncs it to the disk
before it is delivered, the others keep nothing. "In flight" is how many messages are under way in the whole room; a
delivery is one message at one other client. Figures are medians of several rounds, in which the servers take turns.
The others leave Nagle's algorithm on, so with ordinary clients their messages wait for acknowledgements, up to 40 ms;
therefore they are measured again with clients that acknowledge everything at once ("acked").
Where "load" is near 1 the load generator was the limit; "ceiling" is what it could have taken.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from qtchat.protocol.messages import MAX_IN_FLIGHT
from tests.bench import machine, report
from tests.bench.load import Figures
from tests.bench.servers import RIVALS
from tests.bench.stage import ACKED, QTCHAT, RELAXED, add_options, keep_alive, stage

CLIENTS = (2, 100, 500, 1000)
IN_FLIGHT = (1, 64, 1024)

Row = dict[str, Any]
COLUMNS = {
    "clients": "clients",
    "in_flight": "in flight",
    "server": "server",
    "deliveries_per_s": "deliveries/s",
    "ratio": "qtchat is x",
    "p50_us": "p50 us",
    "p99_us": "p99 us",
    "load_cpu": "load",
    "server_cpu": "server",
    "per_server_cpu_s": "deliv./server CPU s",
    "ceiling": "ceiling",
}


def measure(options: argparse.Namespace, folder: Path, clients: int) -> list[Row]:
    """All depths with one number of clients."""
    with stage(options, folder, clients) as loads:
        rows: list[Row] = []
        for in_flight in options.in_flight:
            if in_flight > clients * MAX_IN_FLIGHT:
                print(
                    f"{clients} clients may have {clients * MAX_IN_FLIGHT} messages in flight, not {in_flight}: skipped"
                )
                continue
            wanted = {name: load for name, load in loads.items() if in_flight == 1 or name != RELAXED}
            rounds: dict[str, list[Figures]] = {name: [] for name in wanted}
            for _ in range(options.repeat):
                for name, (running, load) in wanted.items():
                    keep_alive(loads)
                    rounds[name].append(load.closed_loop(in_flight, options.payload, options.seconds, running.pid))
            found = [row(name, clients, in_flight, options.payload, rounds[name]) for name in wanted]
            compare(found)
            print(report.table(found, COLUMNS), "\n", flush=True)
            rows += found
        return rows


def row(server: str, clients: int, in_flight: int, payload: int, rounds: Sequence[Figures]) -> Row:
    """The medians of all rounds."""

    def middle(values: Sequence[float]) -> float:
        return round(statistics.median(values), 3)

    rate = middle([figures.deliveries_per_s for figures in rounds])
    return {
        "server": server,
        "clients": clients,
        "in_flight": in_flight,
        "payload": payload,
        "deliveries_per_s": rate,
        "p50_us": middle([figures.microseconds(0.5) for figures in rounds]),
        "p99_us": middle([figures.microseconds(0.99) for figures in rounds]),
        "p999_us": middle([figures.microseconds(0.999) for figures in rounds]),
        "load_cpu": middle([figures.load_cpu for figures in rounds]),
        "server_cpu": middle([figures.server_cpu for figures in rounds]),
        "waited": middle([figures.waited for figures in rounds]),
        "per_server_cpu_s": round(statistics.median(f.deliveries_per_s / max(f.server_cpu, 1e-3) for f in rounds)),
        "ceiling": round(statistics.median(f.deliveries_per_s / max(f.load_cpu, 1e-3) for f in rounds)),
        "rounds": [figures.deliveries_per_s for figures in rounds],
    }


def compare(rows: Sequence[Row]) -> None:
    """Add how many times as many deliveries qtchat made."""
    ours = next(row for row in rows if row["server"] == QTCHAT)
    for other in rows:
        other["ratio"] = round(ours["deliveries_per_s"] / max(other["deliveries_per_s"], 1), 2)
        other["p50_ratio"] = round(ours["p50_us"] / max(other["p50_us"], 1e-3), 2)


def picture(rows: Sequence[Row]) -> str:
    groups: dict[str, dict[str, float]] = {}
    for found in rows:
        if found["in_flight"] > 1:
            heading = f"{found['clients']} clients, {found['in_flight']} messages in flight"
            groups.setdefault(heading, {})[found["server"]] = found["deliveries_per_s"]
    unit = "TLS 1.3, one core; qtchat stores and syncs every message, the others keep none. Longer is better."
    return report.bars("Deliveries a second", unit, groups)


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="2 and 100 clients, one short round")
    parser.add_argument("--clients", type=int, nargs="+", default=None, help="(2 100 500 1000)")
    parser.add_argument("--in-flight", type=int, nargs="+", default=IN_FLIGHT)
    add_options(parser)
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the figures there, as SVG")
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.repeat = 1.0, 1
    options.clients = options.clients or ((2, 100) if options.quick else CLIENTS)
    machine.pin(machine.LOAD_CORE)
    machine.allow_descriptors(20_000)
    rows: list[Row] = []
    commits = []
    with machine.scratch(options.folder) as folder:
        for clients in options.clients:
            commits.append(machine.commit_ms(folder))
            rows += measure(options, folder, clients)
    commit = round(statistics.median(commits), 3)
    print(f"one commit takes {commit} ms on this disk")
    plain = [row for row in rows if row["server"] in (QTCHAT, *RIVALS)]
    results = {
        "fanout": plain,
        "fanout_acknowledged_at_once": [row for row in rows if row["server"].endswith(ACKED)],
        "fanout_synchronous_normal": [row for row in rows if row["server"] == RELAXED],
        "commit_ms": commit,
    }
    report.save(options.json, results)
    if options.picture:
        options.picture.write_text(picture(rows), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

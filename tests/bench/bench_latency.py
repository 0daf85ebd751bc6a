"""Latency: 100 clients in one room, messages at a steady rate; how long until each is at each client.

    python3 dev.py bench latency [--quick] [--json FILE]

Unlike in the fan-out benchmark nobody waits for an answer before the next message is sent, and a message's time counts
from when it was due: a server that stalls is not spared the messages that would have come meanwhile.
"""

import statistics
import sys
from typing import Any

from tests.bench import machine, report
from tests.bench.load import Figures
from tests.bench.stage import add_options, keep_alive, stage

COLUMNS = {
    "rate": "messages/s",
    "server": "server",
    "p50_us": "p50 us",
    "p99_us": "p99 us",
    "p999_us": "p99.9 us",
    "load_cpu": "load",
    "server_cpu": "server",
}


def row(server: str, rate: int, clients: int, rounds: list[Figures]) -> dict[str, Any]:
    """The medians of all rounds."""

    def share(part: float) -> float:
        return round(statistics.median(figures.microseconds(part) for figures in rounds), 1)

    return {
        "server": server,
        "clients": clients,
        "rate": rate,
        "p50_us": share(0.5),
        "p99_us": share(0.99),
        "p999_us": share(0.999),
        "load_cpu": round(statistics.median(figures.load_cpu for figures in rounds), 3),
        "server_cpu": round(statistics.median(figures.server_cpu for figures in rounds), 3),
    }


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--rates", type=int, nargs="+", default=[20, 200], help="messages a second (20 200)")
    add_options(parser)
    options = parser.parse_args()
    if options.quick:
        options.seconds, options.repeat = 1.0, 1
    machine.pin(machine.LOAD_CORE)
    machine.allow_descriptors(20_000)
    rows = []
    with machine.scratch(options.folder) as folder:
        commit = machine.commit_ms(folder)
        with stage(options, folder, options.clients) as loads:
            for rate in options.rates:
                for _, load in loads.values():
                    load.sample_every = 1
                rounds: dict[str, list[Figures]] = {name: [] for name in loads}
                for _ in range(options.repeat):
                    for name, (running, load) in loads.items():
                        keep_alive(loads)
                        rounds[name].append(load.open_loop(rate, options.payload, options.seconds, running.pid))
                rows += [row(name, rate, options.clients, rounds[name]) for name in loads]
    print(report.table(rows, COLUMNS))
    print(f"one commit takes {commit:.3f} ms on this disk")
    report.save(options.json, {"latency": rows, "commit_ms": round(commit, 3)})
    return 0


if __name__ == "__main__":
    sys.exit(main())

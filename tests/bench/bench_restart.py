"""Restart: seconds from the start of the process to its ready line, with a million messages in the database.

    python3 dev.py bench restart [--quick] [--json FILE]

Once with nothing stored, then with the messages: after an orderly stop, and after kill -9 in the middle of a load.
"""

import os
import signal
import statistics
import sys
from contextlib import suppress
from pathlib import Path

from tests.bench import machine, report
from tests.bench.load import Load
from tests.bench.servers import furnish, qtchat

CLIENTS = 20
COLUMNS = {"case": "case", "rows": "rows", "ready_s": "ready, s", "all_s": "rounds"}


def start(folder: Path, *, kill: bool) -> float:
    """Seconds to the ready line; then stop it, or kill it while it writes."""
    with qtchat(folder) as running:
        if kill:
            crowd = running.crowd()
            crowd.connect(range(CLIENTS))
            load = Load(crowd)
            load.closed_loop(64, 64, 0.5, running.pid)
            for number, client in enumerate(crowd.clients):
                client.waiting += running.dialect.post(number, 64) * 1
                client.flush()
            with suppress(ProcessLookupError):
                os.kill(running.pid, signal.SIGKILL)
            load.close()
            crowd.close()
        return running.start_s


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="100 000 messages, one round")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=5, help="starts of each kind (5)")
    machine.add_folder(parser)
    options = parser.parse_args()
    stored, repeat = (100_000, 1) if options.quick else (options.rows, options.repeat)
    machine.pin(machine.LOAD_CORE)
    machine.allow_descriptors(1000)
    rows = []
    with machine.scratch(options.folder) as folder:
        for name, count in (("empty", 0), ("full", stored)):
            furnish(folder / name, CLIENTS, events=count)
            start(folder / name, kill=False)  # makes the key, and warms the system's cache
        cases = {"nothing stored": ("empty", False), "after a stop": ("full", False), "after kill -9": ("full", True)}
        for case, (name, kill) in cases.items():
            times = []
            for _ in range(repeat):
                if kill:
                    start(folder / name, kill=True)
                times.append(round(start(folder / name, kill=False), 3))
            count = stored if name == "full" else 0
            rows.append({"case": case, "rows": count, "ready_s": statistics.median(times), "all_s": str(times)})
    print(report.table(rows, COLUMNS))
    report.save(options.json, {"restart": rows})
    return 0


if __name__ == "__main__":
    sys.exit(main())

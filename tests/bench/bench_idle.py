"""Ten thousand people who say nothing: memory for each, and how the others' messages fare meanwhile.

    python3 dev.py bench idle [--quick] [--json FILE]

A hundred clients talk in a room of their own, at a steady rate, before and after the others have come. Memory is the
server's (PSS), so it holds TLS, the session and the user, but not the kernel's socket buffers.
"""

import sys

from tests.bench import machine, report
from tests.bench.dialects import CIRCLE, Native
from tests.bench.load import Load
from tests.bench.servers import furnish, qtchat

COLUMNS = {"idle": "idle", "p50_us": "p50 us", "p99_us": "p99 us", "memory_mib": "server MiB", "server_cpu": "server"}


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="1000 idle connections, a short load")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections (10000)")
    parser.add_argument("--talkers", type=int, default=100, help="clients that talk (100)")
    parser.add_argument("--rate", type=int, default=100, help="messages a second among them (100)")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each load (20)")
    machine.add_folder(parser)
    options = parser.parse_args()
    idle, talkers = (1000 if options.quick else options.idle), options.talkers
    seconds = 3.0 if options.quick else options.seconds
    machine.pin(machine.LOAD_CORE)
    wanted = idle + talkers + 200
    if machine.allow_descriptors(wanted) < wanted:
        print(f"at most {machine.allow_descriptors(wanted)} descriptors are allowed here; {wanted} are needed")
        return 1
    with machine.scratch(options.folder) as folder:
        home = folder / "qtchat"
        furnish(home, idle + talkers, circle=talkers)
        with qtchat(home) as running:
            circle = running.crowd(Native(CIRCLE))
            rest = running.crowd()
            try:
                circle.connect(range(talkers))
                load = Load(circle)
                load.sample_every = 1
                rows = []
                for phase in (0, idle):
                    if phase:
                        before = machine.memory_kib(running.pid)
                        came = rest.connect(range(talkers, talkers + idle), at_once=64)[-1]
                        after = machine.memory_kib(running.pid)
                    figures = load.open_loop(options.rate, 64, seconds, running.pid)
                    rows.append(
                        {
                            "idle": phase,
                            "p50_us": figures.microseconds(0.5),
                            "p99_us": figures.microseconds(0.99),
                            "p999_us": figures.microseconds(0.999),
                            "server_cpu": figures.server_cpu,
                            "memory_mib": round(machine.memory_kib(running.pid) / 1024, 1),
                        }
                    )
                load.close()
            finally:
                circle.close()
                rest.close()
    each = round((after - before) / idle, 2)
    print(report.table(rows, COLUMNS))
    print(f"{each} KiB for each idle connection; {idle} logins took {came:.1f} s")
    report.save(options.json, {"idle": {"phases": rows, "kib_per_connection": each, "logins_s": round(came, 2)}})
    return 0


if __name__ == "__main__":
    sys.exit(main())

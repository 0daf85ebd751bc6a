"""How fast is the desktop program? Run as a script; prints a table, and with --json FILE writes the figures.

    python3 dev.py bench gui [--rows N] [--seconds N] [--json FILE]

Without a screen it measures offscreen. Times are milliseconds, memory is MB of resident memory (Linux only).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from qtchat.client.updates import EventsUpdate
from qtchat.gui.app import SWITCH_INTERVAL
from qtchat.gui.garbage import GarbageCollector
from qtchat.gui.program import Desktop
from tests.bench import bench_timeline, report
from tests.helpers.fake_account import FakeAccount, FakeServer

STARTS: Final = 5
RATE: Final = 50_000
"""Messages per second that arrive."""
TICK: Final = 0.001
"""Seconds between two posts of the network thread."""
BEAT_MS: Final = 5
"""How often the event loop is looked at."""
LIMIT: Final = 60.0
TARGETS: Final = {
    "first_paint_ms": 500.0,
    "start_memory_mb": 130.0,
    "late_p99_ms": 16.0,
    **bench_timeline.TARGETS,
}
"""The figures not to exceed, for 100 000 rows on one core."""
FIGURES: Final = {
    "first_paint_ms": "start to first paint, warm, from source",
    "start_memory_mb": "memory after the start",
    "open_ms": "opening a room",
    "memory_mb": "memory of its timeline",
    "burst_ms": "a burst of 100, painted",
    "frame_ms": "a frame of scrolling",
    "frame_p95_ms": "a frame of scrolling, p95",
    "late_p50_ms": "lateness of the event loop while messages arrive, median",
    "late_p99_ms": "the same, p99",
    "late_max_ms": "the same, worst",
    "arrived_per_s": "messages taken in per second",
}

STARTER: Final = """
import sys
from pathlib import Path
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
from qtchat.__main__ import main
from qtchat.gui.views.main_window import MainWindow

class Watch(QObject):
    painted = False

    def eventFilter(self, watched, event):
        if not self.painted and event.type() == QEvent.Type.Paint and isinstance(watched, MainWindow):
            self.painted = True
            print("painted", flush=True)
            QTimer.singleShot(500, self.tell)
        return False

    def tell(self):
        status = Path("/proc/self/status")
        lines = status.read_text().splitlines() if status.exists() else ["VmRSS: 0 kB"]
        print(next(line.split()[1] for line in lines if line.startswith("VmRSS:")), flush=True)

watch = Watch()
execute = QApplication.exec
QApplication.exec = staticmethod(lambda: (QApplication.instance().installEventFilter(watch), execute())[1])
sys.exit(main(sys.argv[1:]))
"""


def start_once(profile: Path) -> tuple[float, float]:
    """Start the program in a process of its own; milliseconds to the first paint, MB of memory half a second later.

    What Python has compiled is kept, as it is where the program is installed; not in the checkout.
    """
    settings = '{"nick": "Anna", "open_servers": [{"link": "127.0.0.1:9", "nick": "Anna"}]}'
    (profile / "settings.json").write_text(settings, encoding="utf-8")
    command = [sys.executable, "-c", STARTER, "--profile", str(profile)]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(profile / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as program:
        guard = threading.Timer(LIMIT, program.kill)
        guard.start()
        assert program.stdout is not None
        told = program.stdout.readline()
        painted = (time.perf_counter() - began) * 1000
        memory = program.stdout.readline()
        program.terminate()
        program.wait()
        guard.cancel()
        guard.join()
    if told.strip() != "painted":
        raise RuntimeError("the program never painted its window")
    return painted, int(memory) / 1024


def measure_start() -> dict[str, float]:
    """Medians of some starts; the first one only warms the caches."""
    with tempfile.TemporaryDirectory() as folder:
        starts = [start_once(Path(folder)) for _ in range(STARTS + 1)][1:]
    return {
        "first_paint_ms": statistics.median(painted for painted, _ in starts),
        "start_memory_mb": statistics.median(memory for _, memory in starts),
    }


class Pulse:
    """Looks how late the event loop calls back."""

    def __init__(self) -> None:
        self.late: list[float] = []
        self._timer = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._due = time.perf_counter() + BEAT_MS / 1000
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.late.append(max(0.0, now - self._due) * 1000)
        self._due = now + BEAT_MS / 1000


def feed(account: FakeAccount, batches: list[EventsUpdate]) -> None:
    """On a thread of its own, as a network thread does: one batch for each tick."""
    due = time.perf_counter()
    for batch in batches:
        account.on_update(batch)
        due += TICK
        time.sleep(max(0.0, due - time.perf_counter()))


def measure_arrival(application: QApplication, seconds: float) -> dict[str, float]:
    """Let messages arrive in the open room of the whole program, and look how late its event loop is."""
    accounts: list[FakeAccount] = []

    def make(*arguments: object) -> FakeAccount:
        accounts.append(FakeAccount(*arguments))  # type: ignore[arg-type]
        return accounts[-1]

    with tempfile.TemporaryDirectory() as folder:
        desktop = Desktop(
            application, Path(folder), make_server=FakeServer, make_account=make, examine=lambda link, stop: iter(())
        )
        desktop.start("qtchat://127.0.0.1:47300/#ABCD", "Me")
        GarbageCollector(application)
        account = accounts[0]
        account.go_online()
        until(lambda: desktop.chat.room is not None)
        size = round(RATE * TICK)
        batches = [
            EventsUpdate(1, tuple(account.event(1, f"message {tick} {number}") for number in range(size)))
            for tick in range(round(seconds / TICK))
        ]
        began = time.perf_counter()
        pulse = Pulse()
        network = threading.Thread(target=partial(feed, account, batches))
        network.start()
        until(lambda: not network.is_alive() and all(session.settled for session in desktop.sessions.all))
        took = time.perf_counter() - began
        pulse.stop()
        network.join()
        finish(desktop)
    cuts = statistics.quantiles(pulse.late, n=100)
    return {
        "late_p50_ms": cuts[49],
        "late_p99_ms": cuts[98],
        "late_max_ms": max(pulse.late),
        "arrived_per_s": len(batches) * size / took,
    }


def until(condition: Callable[[], bool]) -> None:
    """Run the event loop until `condition` holds."""
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, BEAT_MS)


def finish(desktop: Desktop) -> None:
    """End the program in order."""
    done: list[bool] = []
    desktop.leaving.finished.connect(lambda: done.append(True))
    desktop.leaving.quit_now()
    until(lambda: bool(done))
    desktop.close()
    desktop.window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def main() -> None:
    """Read the arguments, measure, report."""
    parser = report.parser("Measures the desktop program.")
    parser.add_argument("--rows", type=int, default=100_000, help="messages in the room that is opened")
    parser.add_argument("--seconds", type=float, default=3.0, help=f"for how long {RATE:,} messages a second arrive")
    options = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(SWITCH_INTERVAL)
    figures = measure_start()
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    figures |= bench_timeline.measure(options.rows)
    figures |= measure_arrival(application, options.seconds)
    rows = [{"figure": words, "value": figures[name], "most": TARGETS.get(name)} for name, words in FIGURES.items()]
    print(report.table(rows, {"figure": f"{options.rows:,} rows", "value": "value", "most": "not more than"}))
    report.save(options.json, {"gui": {"rows": options.rows, **figures}})


if __name__ == "__main__":
    main()

"""Does the window stay quick while its program hosts? Hosts a chat, lets others talk in it, and looks how late the
event loop calls back.

    python3 dev.py bench hosting [--clients N] [--seconds N] [--repeat N] [--json FILE]

The window sits in the room in which everybody talks. Those run in another process; each load in turn:
"talk": 500 messages a second, half of what the limits of a hosted chat let so many people do; "flood": without those
limits, 64 messages in flight.
For comparison the same with the server in a process of its own. Lateness is milliseconds.
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QApplication

from qtchat.gui.app import SWITCH_INTERVAL
from qtchat.gui.garbage import GarbageCollector
from qtchat.gui.hosting import HostFactory, HostStatus, Newcomers
from qtchat.gui.program import Desktop
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.bench import machine, report
from tests.bench.bench_gui import Pulse, finish, until
from tests.bench.dialects import Native
from tests.bench.load import Crowd, Load
from tests.bench.servers import furnish, public_key, qtchat
from tests.helpers.fake_account import FakeServer

TARGET_P99_MS: Final = 30.0
PAYLOAD: Final = 64
IN_FLIGHT: Final = 64
LOADS: Final = {"talk": 500.0, "flood": 0.0}
"""Messages a second, of all of them together; 0: IN_FLIGHT at a time."""
COLUMNS: Final = {
    "load": "load",
    "server": "server",
    "deliveries_per_s": "deliveries/s",
    "late_p50_ms": "p50",
    "late_p99_ms": "p99",
    "late_max_ms": "worst",
    "most": "p99 not more than",
}


class BenchServer:
    """The hosted server, on 127.0.0.1 and without the limit of what one user may send."""

    def __init__(self, folder: Path) -> None:
        self._server = Server(ServerSettings(data=str(folder), host="127.0.0.1", port=0, messages_per_second=0))
        self.classic: tuple[str, ...] = ()
        self.newcomers = Newcomers()
        self.has_password = self.locked_doors = False
        self.addresses: tuple[str, ...] = ()
        self.link = self.code = self.closed_doors = ""
        self.port = 0
        self.name = "bench"
        self.first_name = ""
        self.again = False

    def start(self) -> None:
        self._server.start()
        self.link, self.code = self._server.link, self._server.code

    def stop(self) -> bool:
        return self._server.stop()

    def status(self) -> HostStatus:
        return self._server.status()

    def rename(self, name: str) -> None:
        self.name = name

    def set_password(self, password: str) -> None:
        """Nobody comes but who is known."""

    def firewall(self) -> str:
        return ""

    def back_up(self, into: Path) -> Path:
        return self._server.back_up(into)


@contextmanager
def window(
    application: QApplication, folder: Path, start: Callable[[Desktop], None], make_server: HostFactory
) -> Iterator[str]:
    """The program with its window in the room; gives the link of the server."""
    desktop = Desktop(application, folder, make_server=make_server, examine=lambda link, stop: iter(()))
    start(desktop)
    GarbageCollector(application)
    until(lambda: desktop.chat.room is not None and not desktop.window.banner.isVisible())
    session = desktop.sessions.current
    assert session is not None
    yield session.link
    finish(desktop)


def answer(process: QProcess) -> bytes:
    """The next line of its output."""
    until(lambda: process.canReadLine() or process.state() == QProcess.ProcessState.NotRunning)
    line = bytes(process.readLine().data())
    if not line:
        raise RuntimeError("those who talk have given up")
    return line


def talkers(port: int, data: Path, options: argparse.Namespace, rate: float) -> dict[str, float]:
    """Let them talk in a process of their own, while the event loop here runs; lateness and deliveries a second."""
    process = QProcess()
    process.setProcessChannelMode(QProcess.ProcessChannelMode.ForwardedErrorChannel)
    arguments = [str(port), str(data), str(options.clients), str(options.seconds), str(rate)]
    process.start(sys.executable, ["-m", "tests.bench.bench_hosting", "--talk", *arguments])
    answer(process)  # they are all in
    pulse = Pulse()
    process.write(b"go\n")
    told: dict[str, float] = json.loads(answer(process))
    pulse.stop()
    until(lambda: process.state() == QProcess.ProcessState.NotRunning)
    cuts = statistics.quantiles(pulse.late, n=100)
    return {
        "deliveries_per_s": told["deliveries_per_s"],
        "late_p50_ms": cuts[49],
        "late_p99_ms": cuts[98],
        "late_max_ms": max(pulse.late),
    }


def talk(port: int, data: Path, clients: int, seconds: float, rate: float) -> None:
    """What the other process does. `rate`: messages a second; 0: as many as are delivered, IN_FLIGHT at a time."""
    machine.pin(machine.LOAD_CORE)
    crowd = Crowd(Native(), port, public_key(data))
    crowd.connect(range(clients))
    load = Load(crowd)
    print("ready", flush=True)
    sys.stdin.readline()
    figures = load.open_loop(rate, PAYLOAD, seconds) if rate else load.closed_loop(IN_FLIGHT, PAYLOAD, seconds)
    print(json.dumps({"deliveries_per_s": asdict(figures)["deliveries_per_s"]}), flush=True)
    load.close()
    crowd.close()


def port_of(link: str) -> int:
    return int(link.partition("#")[0].rstrip("/").rpartition(":")[2])


def measure(application: QApplication, options: argparse.Namespace, rate: float, *, inside: bool) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "hosted"
        furnish(data, options.clients)
        if inside:

            def host(desktop: Desktop) -> None:
                desktop.file.settings.nick, desktop.file.settings.hosting = "Anna", True
                desktop.start()

            with window(application, folder / "profile", host, lambda: BenchServer(data)) as link:
                return talkers(port_of(link), data, options, rate)
        with (
            qtchat(data) as running,
            window(
                application, folder / "profile", lambda desktop: desktop.start(running.link, "Anna"), FakeServer
            ) as link,
        ):
            return talkers(port_of(link), data, options, rate)


def main() -> int:
    assert __doc__
    if sys.argv[1:2] == ["--talk"]:
        talk(int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]), float(sys.argv[6]))
        return 0
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--loads", nargs="+", choices=list(LOADS), default=list(LOADS))
    parser.add_argument("--seconds", type=float, default=5.0, help="of one round (5)")
    parser.add_argument("--repeat", type=int, default=3, help="rounds of each measurement (3)")
    options = parser.parse_args()
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    sys.setswitchinterval(SWITCH_INTERVAL)
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    rows: list[dict[str, Any]] = []
    for load in options.loads:
        for inside in (True, False):
            rounds = [measure(application, options, LOADS[load], inside=inside) for _ in range(options.repeat)]
            figures = {name: statistics.median(each[name] for each in rounds) for name in rounds[0]}
            place = "in the app" if inside else "its own process"
            rows.append({"load": load, "server": place, **figures, "most": TARGET_P99_MS if inside else None})
            print(report.table(rows[-1:], COLUMNS), flush=True)
    print(report.table(rows, COLUMNS))
    report.save(options.json, {"hosting": rows})
    return 0


if __name__ == "__main__":
    sys.exit(main())

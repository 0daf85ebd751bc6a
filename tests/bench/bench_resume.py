"""Resume: the real client comes back and fetches the 10 000 messages that it missed.

    python3 dev.py bench resume [--quick] [--json FILE]

Seconds from the start of the account, and from the moment it is online, until its owner was told of the last one. The
client keeps what it gets on its own disk, too. Client and server have one core each.
"""

import statistics
import sys
import threading
import time
from pathlib import Path

from qtchat.client.account import Account
from qtchat.client.updates import ConnectionUpdate, EventsUpdate, Phase, RoomUpdate, Update
from qtchat.protocol.messages import KIND_POST
from tests.bench import machine, report
from tests.bench.dialects import ROOM
from tests.bench.load import Load
from tests.bench.servers import Running, furnish, qtchat

SENDERS = 20
PATIENCE = 120.0
COLUMNS = {"missed": "missed", "total_s": "from start, s", "online_s": "from online, s", "per_s": "messages/s"}


class Returning:
    """Runs an account until it has been told of a number of messages that it did not know."""

    def __init__(self, profile: Path, link: str, wanted: int) -> None:
        self._wanted = wanted
        self._seen = 0
        self._done = threading.Event()
        self._online = 0.0
        self._end = 0.0
        self._heads: list[int] = []
        self._account = Account(profile, link, profile.name, self._update)  # a name belongs to its key

    def run(self) -> tuple[float, float]:
        """Seconds from the start, and from being online. TimeoutError if the messages do not come."""
        start = time.perf_counter()
        self._account.start()
        done = self._done.wait(PATIENCE)
        assert self._account.stop(), "the account did not stop"
        if not done:
            raise TimeoutError(f"only {self._seen} of {self._wanted} messages came")
        return self._end - start, self._end - self._online

    def _update(self, update: Update) -> None:
        if isinstance(update, ConnectionUpdate) and update.phase is Phase.ONLINE:
            self._online = time.perf_counter()
        if isinstance(update, EventsUpdate) and update.room == ROOM and (update.live or not self._wanted):
            self._seen += sum(event.kind == KIND_POST for event in update.events)
        ready = isinstance(update, RoomUpdate | EventsUpdate) and self._online
        if ready and self._seen >= self._wanted and not self._done.is_set():
            self._end = time.perf_counter()
            self._done.set()


def measure(running: Running, folder: Path, link: str, missed: int) -> dict[str, float]:
    """Meet the server, go, let others talk, come back."""
    Returning(folder, link, 0).run()
    crowd = running.crowd()
    crowd.connect(range(SENDERS))
    load = Load(crowd)
    load.exactly(missed, 64)
    load.close()
    crowd.close()
    total, online = Returning(folder, link, missed).run()
    return {"missed": missed, "total_s": total, "online_s": online, "per_s": missed / online}


def main() -> int:
    assert __doc__
    machine.require_linux()
    parser = report.parser(__doc__)
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--missed", type=int, default=10_000)
    parser.add_argument("--repeat", type=int, default=5, help="rounds (5)")
    machine.add_folder(parser)
    options = parser.parse_args()
    machine.pin(machine.LOAD_CORE)
    machine.allow_descriptors(1000)
    rounds = []
    with machine.scratch(options.folder) as folder:
        furnish(folder / "qtchat", SENDERS)
        with qtchat(folder / "qtchat") as running:
            for number in range(1 if options.quick else options.repeat):
                rounds.append(measure(running, folder / f"profile-{number}", running.link, options.missed))
    middle = {name: round(statistics.median(row[name] for row in rounds), 3) for name in COLUMNS}
    print(report.table([middle], COLUMNS))
    report.save(options.json, {"resume": middle})
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Rows D1 to D6: a server is found by each way alone, its end is noticed, and the doctor tells what blocks the way.

On a network of the trials' own, see lan.py.
"""

import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from tests.faults.lan import BROADCAST, MULTICAST, Lan
from tests.faults.outcome import Outcome
from tests.faults.processes import PATIENCE

APPEARS: Final = 2.0
"""Seconds from the server's start to its place in the list of the others."""
DISAPPEARS: Final = 10.0
"""Seconds from kill -9 until the list shows it no more."""
SERVER, NEAR, FAR = 0, 1, 2
"""Numbers of hosts."""


class Lines:
    """What a program prints, one object of JSON a line, read by a thread of its own."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lines: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="reader", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(json.loads(line))

    def next(self, patience: float = PATIENCE) -> dict[str, Any]:
        """Raises queue.Empty after `patience` seconds."""
        return self._lines.get(timeout=patience)

    def until(self, wanted: Callable[[dict[str, Any]], bool], patience: float) -> dict[str, Any] | None:
        """The next line that is wanted; None if there is none within `patience` seconds."""
        deadline = time.monotonic() + patience
        try:
            while not wanted(line := self.next(max(0.0, deadline - time.monotonic()))):
                pass
        except queue.Empty:
            return None
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join(PATIENCE)


@contextmanager
def _server(lan: Lan, folder: Path) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    """One that is ready, on the first host, and what it said of itself."""
    arguments = ("--json", "--name", "Kitchen", "--data", str(folder / "server"))
    process = lan.spawn(SERVER, "qtchat.server.cli", *arguments)
    with Lines(process) as lines:
        yield process, lines.next()


@contextmanager
def _watchers(lan: Lan) -> Iterator[list[Lines]]:
    with (
        Lines(lan.spawn(NEAR, "tests.faults.watcher")) as near,
        Lines(lan.spawn(FAR, "tests.faults.watcher")) as far,
    ):
        for watcher in (near, far):
            watcher.next()  # it has begun
        yield [near, far]


def _await_appearance(outcome: Outcome, watchers: list[Lines], code: str, began: float, limit: float) -> None:
    """`began`: when the server was ready, monotonic seconds; the clock is the same for all programs of a system."""
    for number, watcher in enumerate(watchers, 1):
        line = watcher.until(lambda line: code in line["servers"], 4 * limit)
        took = line["at"] - began if line else float("inf")
        outcome.note(f"seen by host {number} after {took:.2f} s")
        outcome.expect(took <= limit, f"host {number} saw it after {took:.2f} s, the limit is {limit} s")


def found(folder: Path, *blocked: str, appears: float = APPEARS) -> Outcome:
    """Rows D1 to D3: a server starts while others look around, and the switch drops what is `blocked`."""
    outcome = Outcome()
    with Lan(folder) as lan:
        lan.block(*blocked)
        with _watchers(lan) as watchers, _server(lan, folder) as (_, ready):
            _await_appearance(outcome, watchers, ready["code"], time.monotonic(), appears)
    return outcome


def killed(folder: Path, *, appears: float = APPEARS, disappears: float = DISAPPEARS) -> Outcome:
    """Row D4: kill -9; mDNS goes on listing the server for minutes."""
    outcome = Outcome()
    with Lan(folder) as lan, _watchers(lan) as watchers, _server(lan, folder) as (process, ready):
        _await_appearance(outcome, watchers, ready["code"], time.monotonic(), appears)
        process.kill()
        began = time.monotonic()
        for number, watcher in enumerate(watchers, 1):
            line = watcher.until(lambda line: ready["code"] not in line["servers"], 2 * disappears)
            took = line["at"] - began if line else float("inf")
            outcome.note(f"gone from the list of host {number} after {took:.2f} s")
            outcome.expect(took <= disappears, f"host {number} still shows it after {took:.2f} s")
    return outcome


def diagnosed(folder: Path) -> Outcome:
    """Row D5: the doctor says what is blocked, with the switch dropping nothing, one way, the other, both."""
    outcome = Outcome()
    cases = {
        "nothing": ((), "ok", "by broadcast and by mDNS"),
        "multicast": ((MULTICAST,), "warning", "Multicast (mDNS) is blocked"),
        "broadcasts": ((BROADCAST,), "warning", "Broadcasts are blocked"),
        "both": ((MULTICAST, BROADCAST), "failed", "Both ways are blocked"),
    }
    with Lan(folder) as lan, _server(lan, folder) as (_, ready):
        for name, (blocked, verdict, words) in cases.items():
            lan.block(*blocked)
            with outcome.part(f"blocked: {name}"):
                findings = _examine(outcome, lan, folder, ready["link"], 1 if verdict == "failed" else 0)
                said = findings.get("List of servers", {"outcome": "", "sentence": "", "fix": ""})
                outcome.note(f"blocked: {name}: {said['sentence']}")
                outcome.expect(said["outcome"] == verdict and words in said["sentence"], f"it says {findings}")
                if name == "both":
                    outcome.expect(lan.address(SERVER) in said["fix"], f"no address to type in: {said['fix']}")
                    outcome.expect("client isolation" in said["fix"], f"no word of the access point: {said['fix']}")
                code = findings.get("Encryption and server code", {})
                outcome.expect(code.get("outcome") == "ok", f"the code: {code}")
    return outcome


def isolated(folder: Path) -> Outcome:
    """Row D6: guest Wi-Fi, where the router answers and no other computer does; a firewall on the server; nobody."""
    outcome = Outcome()
    with Lan(folder) as lan, _server(lan, folder) as (_, ready):
        link = ready["link"]
        for name, rule, words in (
            ("all between hosts", "meta protocol { ip, arp }", "keeps its computers apart"),
            ("the port", "tcp dport 47300", "keeps out what is sent"),
        ):
            lan.block(rule)
            with outcome.part(name):
                findings = _examine(outcome, lan, folder, link, 1)
                said = findings.get("Computers of this network", {"sentence": f"nothing: {findings}"})["sentence"]
                outcome.note(f"blocked: {name}: {said}")
                outcome.expect(words in said, f"it says: {said}")
    return outcome


def _examine(outcome: Outcome, lan: Lan, folder: Path, link: str, status: int) -> dict[str, dict[str, str]]:
    """What the doctor finds on the second host, by step."""
    done = lan.call(NEAR, "qtchat.client.cli", "doctor", "--json", "--profile", str(folder / "profile"), link)
    outcome.expect(done.returncode == status, f"exit status {done.returncode}, {done.stderr}")
    return {finding["step"]: finding for finding in map(json.loads, done.stdout.splitlines())}

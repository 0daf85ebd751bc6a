"""Row 22 of the fault matrix: the client is killed with a full outbox, writes while offline, and its disk is full."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.faults.judge import judge
from tests.faults.outcome import CannotRunError, Outcome
from tests.faults.people import Crowd, Talker
from tests.faults.processes import PATIENCE, ServerProcess, die_with_parent

if sys.platform == "linux":
    import resource

ROOT = Path(__file__).resolve().parents[2]


class Person:
    """A client process, see worker.py. `told`: what it has said so far."""

    def __init__(self, folder: Path, nick: str, link: str) -> None:
        self._command = [sys.executable, "-m", "tests.faults.worker", str(folder), nick, link]
        self._log = folder / f"{nick}.log"
        self.told: list[dict[str, Any]] = []
        self.changed = threading.Condition()
        folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Self:
        with self._log.open("a") as log:
            self.process = subprocess.Popen(
                [*die_with_parent(), *self._command],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._listener.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            try:
                pipe.close()
            except BrokenPipeError:  # the last words did not reach it
                continue

    def say(self, *texts: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{text}\n" for text in texts))
        self.process.stdin.flush()

    def leave(self) -> int:
        """End in order; the exit status."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def texts(self, event: str) -> list[str]:
        """The texts it told of in such events."""
        return [line["text"] for line in self.told if line["event"] == event]

    def count(self, event: str) -> int:
        return sum(line["event"] == event for line in self.told)

    def wait(self, what: str, reached: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(reached, PATIENCE), (
                f"not within {PATIENCE:.0f} s: {what}; told {self.told[-3:]}"
            )

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self.changed:
                self.told.append(json.loads(line))
                self.changed.notify_all()


def killed_with_full_outbox(folder: Path, *, cycles: int = 3, messages: int = 40, seed: int = 1) -> Outcome:
    """Each cycle: the server is away, somebody writes, and is killed while they write or while it is sent. At the end
    all that the screen had shown is sent once, in order."""
    chance = random.Random(seed)
    outcome = Outcome()
    people = folder / "people"
    shown: list[str] = []
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(people, server.link, 1, prefix="witness") as crowd:
            crowd.wait_online()
            crowd.settle(server.database)  # from here on the witness reads on, and misses nothing
            for cycle in range(cycles):
                server.kill()
                with Person(people, "anna", server.link) as anna:
                    anna.say(*(f"cycle {cycle} offline {number}" for number in range(messages)))
                    goal = chance.randrange(1, messages)
                    anna.wait("it is shown", lambda goal=goal: anna.count("pending") >= goal)  # type: ignore[misc]
                    if chance.random() < 0.5:
                        server.start()
                        anna.wait("something is acknowledged", lambda: anna.count("acked") > 0)
                    os.kill(anna.process.pid, signal.SIGKILL)
                    anna.process.wait(PATIENCE)
                shown += [text for text in anna.texts("pending") if text not in shown]
                outcome.count("cycles")
                if not server.running:
                    server.start()
            with Person(people, "anna", server.link) as anna:
                anna.wait("anna is online", lambda: anna.count("online") > 0)
                anna.say("the end")
                crowd.board.wait("the end is read", lambda: "the end" in crowd.talkers[0].texts)
                outcome.expect(anna.leave() == 0, "the client did not stop in order")
            shown.append("the end")
            heard = crowd.talkers[0].texts
            # It was killed at any moment: a message may be on the disk, and sent, before the screen could show it.
            outcome.expect([text for text in heard if text in shown] == shown, "what was shown did not arrive in order")
            outcome.expect(len(heard) == len(set(heard)), "a message arrived twice")
            outcome.count("shown", len(shown))
            crowd.settle(server.database)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(crowd.judge(server.database))
    return outcome


def full_profile_disk(folder: Path) -> Outcome:
    """The profile's disk takes nothing more (RLIMIT_FSIZE): what is written stays on the screen, marked, and is not
    sent unsaved; when there is room again it can be sent."""
    if sys.platform != "linux":
        raise CannotRunError("works on Linux only")
    outcome = Outcome()
    people = folder / "people"
    texts = [f"with a full disk {number} " + "x" * 2000 for number in range(30)]
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(people, server.link, 1, prefix="witness") as crowd, Person(people, "anna", server.link) as anna:
            crowd.wait_online()
            crowd.settle(server.database)
            anna.wait("anna is online", lambda: anna.count("online") > 0)
            largest = max(file.stat().st_size for file in (people / "anna").rglob("*") if file.is_file())
            soft, hard = resource.prlimit(anna.process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(anna.process.pid, resource.RLIMIT_FSIZE, (largest + 48 * 1024, hard))
            anna.say(*texts)
            anna.wait("all are shown", lambda: anna.count("pending") >= len(texts))
            anna.wait("each is sent or failed", lambda: anna.count("acked") + anna.count("failed") >= len(texts))
            outcome.expect(anna.count("failed") > 0, "the disk took everything")
            outcome.expect(anna.process.poll() is None, "the client ended")
            outcome.count("failed", anna.count("failed"))
            outcome.expect(anna.texts("pending") == texts, "the screen does not show what was written")
            failed = {line["id"] for line in anna.told if line["event"] == "failed"}
            acked = {line["id"] for line in anna.told if line["event"] == "acked"}
            outcome.expect(not failed & acked, "something was sent that is not on the disk")
            codes = {line["code"] for line in anna.told if line["event"] == "failed"}
            outcome.expect(codes == {"profile"}, f"the reason was {codes}")
            resource.prlimit(anna.process.pid, resource.RLIMIT_FSIZE, (soft, hard))
            anna.say("/retry", "the end")
            crowd.board.wait("everything is read", lambda: {*texts, "the end"} <= set(crowd.talkers[0].texts))
            outcome.expect(anna.leave() == 0, "the client did not stop in order")
            crowd.settle(server.database)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        # A retried message stands where it was retried, so the order is not judged here.
        verdict = crowd.judge(server.database)
        verdict.faults = [fault for fault in verdict.faults if not fault.startswith("reordered")]
        outcome.add(verdict)
    return outcome


def written_offline(folder: Path, *, messages: int = 30) -> Outcome:
    """Written while the server is away, with a restart of the client in between: all of it is sent once, in order."""
    outcome = Outcome()
    people = folder / "people"
    with ServerProcess(folder) as server:
        server.start()
        first = Talker(people, "anna", server.link)
        first.start()
        first.board.wait("anna is online", lambda: first.online)
        server.kill()
        for number in range(messages):
            first.say(f"offline {number}")
        first.board.wait("all is shown", lambda: len(first.waiting) == messages)
        first.stop()
        second = Talker(people, "anna", server.link)
        second.start()
        second.board.wait("all is shown again", lambda: len(second.waiting) == messages)
        outcome.expect(
            list(second.waiting.values()) == [f"offline {number}" for number in range(messages)], "not shown in order"
        )
        server.start()
        second.account.connect_now()
        second.board.wait("all is sent", lambda: not second.waiting)
        second.stop()
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        logs = sorted(people.glob("*.read"))
        outcome.count("shown", messages)
    outcome.add(judge(server.database, [people / "anna.sent"], logs, all_sent=True))
    return outcome


def written_for_a_slow_room(folder: Path, *, messages: int = 12, kills: int = 2) -> Outcome:
    """Written offline for two rooms by turns, of which one takes a message an hour: the other gets all of it at once,
    however often the server is killed meanwhile; and the slow one gets the rest, in order, once it is slow no more."""
    outcome = Outcome()
    people = folder / "people"
    with ServerProcess(folder) as server:
        server.start()
        with Crowd(people, server.link, 2) as crowd:
            crowd.wait_online()
            room = crowd.share_room("slow")
            owner, member = crowd.talkers
            crowd.settle(server.database)
            _set_pace(owner, member, room, 3_600_000)
            quick: list[str] = []
            for kill in range(kills + 1):
                server.kill()
                for number in range(messages):
                    member.say(f"slow {kill}.{number}", room)
                    quick.append(f"quick {kill}.{number}")
                    member.say(quick[-1])
                server.start()
                member.account.connect_now()
                owner.account.connect_now()
                crowd.board.wait("the other room has all", lambda: set(quick) <= set(owner.texts))
                waiting = [text for text in member.waiting.values() if text.startswith("slow")]
                # After a restart the server may take one at once.
                least = (kill + 1) * (messages - 1)
                outcome.expect(len(waiting) >= least, f"only {len(waiting)} wait for the slow room")
                outcome.count("kills")
            _set_pace(owner, member, room, 0)
            crowd.settle(server.database)
            slow = [text for text in owner.texts if text.startswith("slow")]
            said = [f"slow {kill}.{number}" for kill in range(kills + 1) for number in range(messages)]
            outcome.expect(slow == said, "the slow room has not what was written, in order")
            outcome.count("shown", len(said) + len(quick))
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(crowd.judge(server.database))
    return outcome


def _set_pace(owner: Talker, member: Talker, room: int, slow_ms: int) -> None:
    """Until everybody has heard of it."""
    with member.board.changed:
        before = member.heads.get(room, 0)
        owner.account.set_room(room, "slow_ms", str(slow_ms))
    member.board.wait("the pace of the room has changed", lambda: member.heads.get(room, 0) > before)

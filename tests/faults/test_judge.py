"""The judge itself: green for a clean run, red for each fault that is planted in a toy server.

The toy has a store of its own (one SQLite table) and tells its people what the real one tells them; each plant breaks
one promise in the way a real server might.
"""

import ast
import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults import judge as module
from tests.faults.judge import Verdict, judge, text_hash

LOBBY = 1


class Toy:
    """A chat of two senders and one reader, all written down as the judge wants it."""

    def __init__(self, folder: Path, *, unique: bool = True) -> None:
        self.path = folder / "chat.sqlite3"
        self.folder = folder
        self.database = sqlite3.connect(self.path, isolation_level=None)
        rule = ", UNIQUE (author, id)" if unique else ""
        self.database.execute(
            f"CREATE TABLE events (room, seq, id BLOB, author, kind, text, PRIMARY KEY (room, seq){rule})"
        )
        self.senders = [folder / "anna.sent", folder / "ben.sent"]
        self.readers = [folder / "cleo.read"]
        for log in (*self.senders, *self.readers):
            log.touch()

    def write(self, log: Path, **line: object) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")

    def compose(self, sender: int, number: int) -> bytes:
        id = sender.to_bytes(8, "big") + number.to_bytes(8, "big")  # noqa: A001
        self.write(self.senders[sender], event="composed", room=LOBBY, id=id.hex(), hash=text_hash(f"text {number}"))
        return id

    def store(self, seq: int, sender: int, id: bytes, text: str | None = None, kind: str = "post") -> None:  # noqa: A002
        text = text or f"text {int.from_bytes(id[8:], 'big')}"
        self.database.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", (LOBBY, seq, id, sender, kind, text))

    def ack(self, seq: int, sender: int, id: bytes) -> None:  # noqa: A002
        self.write(self.senders[sender], event="acked", room=LOBBY, id=id.hex(), seq=seq)

    def show(self, seq: int, id: bytes, text: str | None = None) -> None:  # noqa: A002
        text = text or f"text {int.from_bytes(id[8:], 'big')}"
        self.write(self.readers[0], event="read", room=LOBBY, seq=seq, id=id.hex(), hash=text_hash(text))

    def say(self, seq: int, sender: int, number: int) -> bytes:
        """One message, as it should be: stored, then acknowledged, then shown."""
        id = self.compose(sender, number)  # noqa: A001
        self.store(seq, sender, id)
        self.ack(seq, sender, id)
        self.show(seq, id)
        return id

    def verdict(self, *, all_sent: bool = True) -> Verdict:
        self.database.close()
        return judge(self.path, self.senders, self.readers, all_sent=all_sent)


def clean(toy: Toy) -> None:
    for number in range(1, 11):
        toy.say(number, number % 2, number)


def test_a_clean_run_is_green(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    clean(toy)
    verdict = toy.verdict()
    assert verdict.green, verdict
    assert verdict.counts == Counter(composed=10, acked=10, stored=10, read=10)


def test_what_is_no_fault_is_green(tmp_path: Path) -> None:
    """A stored message whose ack was lost; one that still waits; events of the server; a reader who came late, one
    that was killed while it wrote, and one whose history was reset."""
    toy = Toy(tmp_path)
    toy.store(1, 0, b"\xff" * 16, kind="joined")
    unacked = toy.compose(0, 1)
    toy.store(2, 0, unacked)
    toy.compose(0, 2)
    toy.show(2, unacked)
    toy.say(3, 1, 3)
    early = tmp_path / "dora.read"
    toy.write(early, event="read", room=LOBBY, seq=90, id="00", hash="00")
    toy.write(early, event="reset")
    early.write_text(early.read_text() + '{"event": "read", "room": 1, "se')
    toy.readers.append(early)
    verdict = toy.verdict(all_sent=False)
    assert verdict.green, verdict
    assert verdict.counts["resets"] == 1


def test_a_reset_of_one_room_leaves_the_others(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    toy.write(toy.readers[0], event="read", room=7, seq=3, id="00", hash="00")
    clean(toy)
    toy.write(toy.readers[0], event="reset", room=7)
    assert toy.verdict().counts == Counter(composed=10, acked=10, stored=10, read=10, resets=1)
    toy.show(10, b"\x77" * 16)
    toy.write(toy.readers[0], event="reset", room=7)
    assert not toy.verdict().green


def fan_out_before_commit(toy: Toy) -> None:
    """The last message was shown, then the process was killed before the commit; the seq went to another one."""
    gone = toy.compose(0, 50)
    toy.show(11, gone)
    toy.store(11, 1, toy.compose(1, 51))


def ack_before_commit(toy: Toy) -> None:
    toy.ack(11, 0, toy.compose(0, 50))


def missing_unique(toy: Toy) -> None:
    """A resend is stored once more."""
    id = toy.say(11, 0, 50)  # noqa: A001
    toy.store(12, 0, id)
    toy.show(12, id)


def resend_gets_a_new_seq(toy: Toy) -> None:
    """It is stored once, but the second ack names another place."""
    toy.ack(12, 0, toy.say(11, 0, 50))


def acked_elsewhere(toy: Toy) -> None:
    id = toy.compose(0, 50)  # noqa: A001
    toy.store(11, 0, id)
    toy.ack(12, 0, id)
    toy.say(12, 1, 51)


def reordered_sender(toy: Toy) -> None:
    first, second = toy.compose(0, 50), toy.compose(0, 51)
    toy.store(11, 0, second)
    toy.store(12, 0, first)


def hole_in_the_log(toy: Toy) -> None:
    id = toy.compose(0, 50)  # noqa: A001
    toy.store(12, 0, id)
    toy.ack(12, 0, id)


def nobody_wrote_it(toy: Toy) -> None:
    toy.store(11, 0, bytes(15) + b"\x99")


def cut_text(toy: Toy) -> None:
    """A partial frame was applied."""
    id = toy.compose(0, 50)  # noqa: A001
    toy.store(11, 0, id, text="te")
    toy.show(11, id, text="te")


def wrong_author(toy: Toy) -> None:
    id = toy.compose(0, 50)  # noqa: A001
    toy.store(11, 1, id)


def never_sent(toy: Toy) -> None:
    """It vanished from the outbox."""
    toy.compose(0, 50)


def reader_skips(toy: Toy) -> None:
    toy.store(11, 0, toy.compose(0, 50))
    toy.say(12, 0, 51)


def reader_repeats(toy: Toy) -> None:
    id = toy.say(11, 0, 50)  # noqa: A001
    toy.show(11, id)


def reader_goes_back(toy: Toy) -> None:
    toy.show(4, b"".join((bytes(8), (4).to_bytes(8, "big"))))


def reader_sees_another_order(toy: Toy) -> None:
    first, second = toy.compose(0, 50), toy.compose(1, 51)
    toy.store(11, 0, first)
    toy.store(12, 1, second)
    toy.show(11, second)
    toy.show(12, first)


def reader_sees_another_text(toy: Toy) -> None:
    id = toy.compose(0, 50)  # noqa: A001
    toy.store(11, 0, id)
    toy.show(11, id, text="not that")


def reader_sees_a_ghost(toy: Toy) -> None:
    toy.show(11, b"\x77" * 16)


@pytest.mark.parametrize(
    ("plant", "kind"),
    [
        (fan_out_before_commit, "unknown"),
        (ack_before_commit, "lost"),
        (missing_unique, "doubled"),
        (resend_gets_a_new_seq, "doubled"),
        (acked_elsewhere, "misplaced"),
        (reordered_sender, "reordered"),
        (hole_in_the_log, "gap"),
        (nobody_wrote_it, "unknown"),
        (cut_text, "altered"),
        (wrong_author, "altered"),
        (never_sent, "lost"),
        (reader_skips, "gap"),
        (reader_repeats, "doubled"),
        (reader_goes_back, "doubled"),
        (reader_sees_another_order, "misplaced"),
        (reader_sees_another_text, "altered"),
        (reader_sees_a_ghost, "unknown"),
    ],
)
def test_a_planted_fault_is_red(tmp_path: Path, plant: Callable[[Toy], None], kind: str) -> None:
    toy = Toy(tmp_path, unique=plant is not missing_unique)
    clean(toy)
    plant(toy)
    verdict = toy.verdict()
    assert not verdict.green
    assert verdict.counts[kind] > 0, verdict


def test_as_a_program(tmp_path: Path) -> None:
    toy = Toy(tmp_path)
    clean(toy)
    toy.database.close()
    logs = ["--senders", *map(str, toy.senders), "--readers", *map(str, toy.readers), "--all-sent"]

    def run(database: Path) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-I", str(module.__file__), str(database), *logs]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    done = run(toy.path)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "green")
    toy.compose(0, 50)
    done = run(toy.path)
    assert (done.returncode, done.stdout.split(":")[0]) == (1, "RED")
    done = run(tmp_path / "nothing.sqlite3")
    assert done.returncode == 2


def test_it_shares_no_code_with_the_server() -> None:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= set(sys.stdlib_module_names)

"""The judge: an independent program that compares what people were promised with what the database holds.

It shares no code with qtchat: it reads the database with sqlite3 and the logs as lines of JSON::

    a sender's log   {"event": "composed", "room": 1, "id": "hex", "hash": "hex"}    before the message is sent
                     {"event": "acked", "room": 1, "id": "hex", "seq": 7}            the server said that it is stored
                     {"event": "refused", "id": "hex"}                               the server said that it never will
    a reader's log   {"event": "read", "room": 1, "seq": 7, "id": "hex", "hash": "hex"}
                     {"event": "reset"}                                              all that was read before is void
                     {"event": "reset", "room": 1}                                   the same for one room

One log belongs to one person. The hash is `text_hash` of the text. A last line without its end is what kill -9 left of
the person, and is not counted.

    python judge.py DATABASE --senders LOG... --readers LOG... [--all-sent]

The exit status is 0 when every promise was kept, 1 when one was broken, 2 when that could not be found out.
"""

import argparse
import hashlib
import json
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

SHOWN = 20
"""Broken promises that are told one by one; the counts tell of all."""


class Row(NamedTuple):
    """One event as it stands in the database."""

    room: int
    seq: int
    id: str
    author: int
    kind: str
    hash: str


@dataclass
class Verdict:
    """`faults`: one sentence for each broken promise. `counts`: how many of what."""

    faults: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def green(self) -> bool:
        return not self.faults

    def fault(self, kind: str, sentence: str) -> None:
        self.counts[kind] += 1
        self.faults.append(f"{kind}: {sentence}")

    def __str__(self) -> str:
        names = ("composed", "acked", "stored", "read", "resets")
        kinds = ("lost", "doubled", "reordered", "misplaced", "gap", "unknown", "altered")
        counts = ", ".join(f"{name} {self.counts[name]}" for name in (*names, *kinds))
        more = [f"... and {len(self.faults) - SHOWN} more"] if len(self.faults) > SHOWN else []
        return "\n".join([("green: " if self.green else "RED: ") + counts, *self.faults[:SHOWN], *more])


def text_hash(text: str) -> str:
    """How a text is written in the logs."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def judge(database: Path, senders: Iterable[Path], readers: Iterable[Path], *, all_sent: bool = False) -> Verdict:
    """Compare. `all_sent`: nothing waits in any outbox any more, so what was composed must be stored."""
    verdict = Verdict()
    rows = read_database(database)
    by_id: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_id[row.id].append(row)
    verdict.counts["stored"] = len(rows)
    _check_log(verdict, rows, by_id)
    composed: set[str] = set()
    for log in senders:
        composed |= _check_sender(verdict, log, by_id, all_sent=all_sent)
    if composed:
        for row in rows:
            if row.kind == "post" and row.id not in composed:
                verdict.fault("unknown", f"nobody composed {row.id}, seq {row.seq} of room {row.room}")
    places = {(row.room, row.seq): row for row in rows}
    for log in readers:
        _check_reader(verdict, log, places, by_id)
    return verdict


def read_database(database: Path) -> list[Row]:
    """All events, by room and seq. sqlite3.Error if it cannot be read."""
    connection = sqlite3.connect(f"{database.absolute().as_uri()}?mode=ro", uri=True)
    try:
        found = connection.execute("SELECT room, seq, id, author, kind, text FROM events ORDER BY room, seq")
        return [
            Row(room, seq, key.hex(), author, kind, text_hash(text)) for room, seq, key, author, kind, text in found
        ]
    finally:
        connection.close()


def read_log(log: Path) -> Iterator[dict[str, Any]]:
    """The whole lines of a log."""
    for line in log.read_text(encoding="utf-8").splitlines(keepends=True):
        if line.endswith("\n"):
            yield json.loads(line)


def _check_log(verdict: Verdict, rows: Sequence[Row], by_id: dict[str, list[Row]]) -> None:
    """The log by itself: seq without gaps from 1, each id once."""
    expected: Counter[int] = Counter()
    for row in rows:
        if row.seq != expected[row.room] + 1:
            verdict.fault("gap", f"room {row.room} has seq {row.seq} after {expected[row.room]}")
        expected[row.room] = row.seq
    for id, found in by_id.items():  # noqa: A001
        if len(found) > 1:
            verdict.fault("doubled", f"{id} is stored as {_places(found)}")


def _check_sender(verdict: Verdict, log: Path, by_id: dict[str, list[Row]], *, all_sent: bool) -> set[str]:
    """One sender: what was acknowledged is there, as said; what is there is as written, in the order written."""
    composed: dict[str, tuple[int, str]] = {}
    refused: set[str] = set()
    acked: dict[str, tuple[int, int]] = {}
    for line in read_log(log):
        match line["event"]:
            case "composed":
                composed[line["id"]] = (line["room"], line["hash"])
            case "refused":
                refused.add(line["id"])
            case "acked":
                place = (line["room"], line["seq"])
                if acked.setdefault(line["id"], place) != place:
                    verdict.fault(
                        "doubled", f"{log.name}: {line['id']} was acked as {acked[line['id']]} and as {place}"
                    )
    verdict.counts["composed"] += len(composed)
    verdict.counts["acked"] += len(acked)
    for id, place in acked.items():  # noqa: A001
        found = by_id.get(id, [])
        if not found:
            verdict.fault("lost", f"{log.name}: {id} was acked as seq {place[1]} of room {place[0]} and is not stored")
        elif place not in [(row.room, row.seq) for row in found]:
            verdict.fault("misplaced", f"{log.name}: {id} was acked as {place} and is stored as {_places(found)}")
    last: dict[int, int] = {}
    authors: set[int] = set()
    for id, (room, hash_) in composed.items():  # noqa: A001
        found = by_id.get(id, [])
        if not found:
            if all_sent and id not in refused and id not in acked:
                verdict.fault("lost", f"{log.name}: {id} was composed and never stored, nor refused")
            continue
        first = found[0]
        authors.add(first.author)
        if (first.room, first.hash) != (room, hash_):
            verdict.fault("altered", f"{log.name}: {id} is stored in room {first.room} with another text or room")
        if first.seq < last.get(room, 0):
            verdict.fault("reordered", f"{log.name}: {id}, seq {first.seq}, was composed after seq {last[room]}")
        last[room] = max(first.seq, last.get(room, 0))
    if len(authors) > 1:
        verdict.fault("altered", f"{log.name}: one sender's messages stand under the authors {sorted(authors)}")
    return set(composed)


def _check_reader(verdict: Verdict, log: Path, places: dict[tuple[int, int], Row], by_id: dict[str, list[Row]]) -> None:
    """One reader: of each room a slice of the database, each event once and in order."""
    last: dict[int, int] = {}
    for line in _since_reset(verdict, list(read_log(log))):
        verdict.counts["read"] += 1
        room, seq, id = line["room"], line["seq"], line["id"]  # noqa: A001
        before = last.get(room)
        if before is not None and seq != before + 1:
            kind = "gap" if seq > before else "doubled"
            verdict.fault(kind, f"{log.name}: read seq {seq} of room {room} after {before}")
        last[room] = seq
        stored = places.get((room, seq))
        if id not in by_id:
            verdict.fault("unknown", f"{log.name}: read {id} as seq {seq} of room {room}, and it is not stored")
        elif stored is None or stored.id != id:
            verdict.fault("misplaced", f"{log.name}: read {id} as seq {seq} of room {room}; it is {_places(by_id[id])}")
        elif stored.hash != line["hash"]:
            verdict.fault("altered", f"{log.name}: read another text of {id} than is stored")


def _since_reset(verdict: Verdict, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was read, without what a reset made void."""
    kept: list[dict[str, Any]] = []
    for line in lines:
        if line["event"] == "reset":
            verdict.counts["resets"] += 1
            kept = [other for other in kept if "room" in line and other["room"] != line["room"]]
        else:
            kept.append(line)
    return kept


def _places(rows: Iterable[Row]) -> str:
    return " and ".join(f"seq {row.seq} of room {row.room}" for row in rows)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status: 0 green, 1 red, 2 cannot judge."""
    parser = argparse.ArgumentParser(description="Compare the logs of senders and readers with the database.")
    parser.add_argument("database", type=Path)
    parser.add_argument("--senders", type=Path, nargs="*", default=[])
    parser.add_argument("--readers", type=Path, nargs="*", default=[])
    parser.add_argument(
        "--all-sent", action="store_true", help="Every outbox is empty: all that was composed is stored."
    )
    options = parser.parse_args(arguments)
    try:
        verdict = judge(options.database, options.senders, options.readers, all_sent=options.all_sent)
    except (OSError, ValueError, KeyError, sqlite3.Error) as error:
        print(f"cannot judge: {error}", file=sys.stderr)
        return 2
    print(verdict)
    return 0 if verdict.green else 1


if __name__ == "__main__":
    sys.exit(main())

"""Messages that wait for the server, and their ids."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.database import open_database
from qtchat.client.outbox import Outbox, OutboxItem, _Ids, new_id

A, B, C = (bytes([number]) * 16 for number in (3, 2, 1))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(tmp_path / "server.db")[0]) as connection:
        yield connection


@pytest.fixture
def outbox(database: sqlite3.Connection) -> Outbox:
    outbox = Outbox(database)
    for number, message_id in enumerate((A, B, C)):
        outbox.add(message_id, 7, f"text {number} \U0001f600\n<b>", 1000 - number)
    return outbox


def ids(outbox: Outbox) -> list[bytes]:
    return [item.id for item in outbox.items()]


def test_items_come_back_whole_and_in_the_order_of_adding(outbox: Outbox) -> None:
    assert outbox.items() == [
        OutboxItem(message_id, 7, f"text {number} \U0001f600\n<b>", 1000 - number)
        for number, message_id in enumerate((A, B, C))
    ]


def test_what_was_added_is_committed(outbox: Outbox, tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "server.db")[0]) as other:
        assert ids(Outbox(other)) == [A, B, C]


def test_what_was_added_survives_power_loss(outbox: Outbox, database: sqlite3.Connection) -> None:
    statements: list[str] = []
    database.set_trace_callback(statements.append)
    outbox.add(bytes(16), 7, "typed just now", 1)
    modes = [statement for statement in statements if "synchronous" in statement]
    assert modes == ["PRAGMA synchronous = FULL"]
    assert statements.index(modes[0]) < statements.index("COMMIT")


@pytest.mark.parametrize("durable", [True, False])
def test_remove(outbox: Outbox, durable: bool) -> None:
    outbox.remove(B, durable=durable)
    outbox.remove(B, durable=durable)
    assert ids(outbox) == [A, C]


def test_a_later_message_stays_behind_even_if_the_last_was_removed(outbox: Outbox) -> None:
    outbox.remove(C)
    outbox.add(C, 7, "again", 1)
    assert ids(outbox) == [A, B, C]


def test_a_refused_message_stays_in_its_place_until_retried(outbox: Outbox) -> None:
    outbox.fail(B, "text_invalid", "No.")
    assert [(item.problem_code, item.problem_text) for item in outbox.items()] == [
        (None, None),
        ("text_invalid", "No."),
        (None, None),
    ]
    outbox.retry(B)
    assert ids(outbox) == [A, B, C]
    assert all(item.problem_code is None and item.problem_text is None for item in outbox.items())


def test_unknown_ids_are_ignored(outbox: Outbox) -> None:
    before = outbox.items()
    for message_id in (b"", bytes(16)):
        outbox.remove(message_id)
        outbox.fail(message_id, "code", "text")
        outbox.retry(message_id)
    assert outbox.items() == before


def test_an_id_is_added_once(outbox: Outbox) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        outbox.add(A, 7, "again", 1)
    assert ids(outbox) == [A, B, C]


def test_an_id_begins_with_its_time() -> None:
    made = _Ids().make(0x0123456789AB)
    assert len(made) == 16
    assert made[:6].hex() == "0123456789ab"


@given(st.lists(st.integers(-(2**60), 2**60) | st.integers(1000, 1003), min_size=2, max_size=50))
def test_ids_rise_whatever_the_clock_does(times: list[int]) -> None:
    ids = _Ids()
    made = [ids.make(time) for time in times]
    assert made == sorted(set(made))


def test_ids_are_unique_and_rise_in_every_thread() -> None:
    def make(_: int) -> list[bytes]:
        return [new_id(1000) for _ in range(500)]

    with ThreadPoolExecutor(4) as pool:
        runs = list(pool.map(make, range(4)))
    assert all(run == sorted(run) for run in runs)
    assert len({made for run in runs for made in run}) == 2000


def test_what_a_message_answers_is_kept_until_the_history_is_another_one(outbox: Outbox) -> None:
    outbox.add(bytes(16), 1, "answer", 2, 77)
    assert outbox.items()[-1].reply_to == 77
    outbox.fail(bytes(16), "busy", "Later.")
    outbox.retry(bytes(16))
    assert outbox.items()[-1] == OutboxItem(bytes(16), 1, "answer", 2, reply_to=77)
    outbox.forget_replies()
    assert outbox.items()[-1] == OutboxItem(bytes(16), 1, "answer", 2)

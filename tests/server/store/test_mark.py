"""The mark shows when acknowledged events are missing, whatever SQLite makes of the files."""

import shutil
from pathlib import Path

import pytest

from qtchat.server.store import StoreBehind, Writes, open_store
from qtchat.server.store.mark import MARK_NAME, Mark
from tests.server.store.conftest import MakeEvent

NAME = "qtchat.sqlite3"


def fill(folder: Path, people: Writes, make_event: MakeEvent, count: int) -> None:
    with open_store(folder) as store:
        store.log.load()
        store.log.commit(people)
        for seq in range(1, count + 1):
            store.log.commit(Writes(events=[make_event(seq)]))


def test_it_counts_what_was_committed(tmp_path: Path, people: Writes, make_event: MakeEvent) -> None:
    fill(tmp_path, people, make_event, 3)
    mark = Mark(tmp_path)
    assert mark.read() == 3
    mark.close()


def test_a_cut_write_ahead_log_is_refused(tmp_path: Path, people: Writes, make_event: MakeEvent) -> None:
    live, left = tmp_path / "live", tmp_path / "left"
    with open_store(live) as store:
        store.log.load()
        store.log.commit(people)
        for seq in range(1, 6):
            store.log.commit(Writes(events=[make_event(seq)]))
        shutil.copytree(live, left)  # what kill -9 leaves behind
    wal = left / f"{NAME}-wal"
    wal.write_bytes(wal.read_bytes()[:-100])
    before = {file.name: file.read_bytes() for file in left.iterdir()}
    with pytest.raises(StoreBehind, match=r"lacks 1 events.*-wal.*--restored"):
        open_store(left)
    before.pop(f"{NAME}-shm", None)  # SQLite's own scratch
    assert {name: (left / name).read_bytes() for name in before} == before


def test_a_backup_is_refused_until_it_is_said_to_be_one(tmp_path: Path, people: Writes, make_event: MakeEvent) -> None:
    fill(tmp_path, people, make_event, 2)
    backup = (tmp_path / NAME).read_bytes()
    with open_store(tmp_path) as store:
        before = store.log.load()
        store.log.commit(Writes(events=[make_event(3)]))
    (tmp_path / NAME).write_bytes(backup)
    with pytest.raises(StoreBehind):
        open_store(tmp_path)
    with open_store(tmp_path, restored=True) as store:
        after = store.log.load()
    assert (after.server_id, after.epoch) == (before.server_id, before.epoch + 1)
    with open_store(tmp_path) as store:  # said once, it holds
        assert store.log.load().epoch == after.epoch


def test_a_database_that_was_moved_away_is_not_replaced_in_silence(
    tmp_path: Path, people: Writes, make_event: MakeEvent
) -> None:
    fill(tmp_path, people, make_event, 2)
    (tmp_path / NAME).rename(tmp_path / "elsewhere")
    with open_store(tmp_path) as store, pytest.raises(StoreBehind):
        store.log.load()


@pytest.mark.parametrize("content", [b"", b"garbage", b"12", b"\0" * 21])
def test_a_mark_that_power_loss_garbled_is_none(
    tmp_path: Path, people: Writes, make_event: MakeEvent, content: bytes
) -> None:
    fill(tmp_path, people, make_event, 2)
    (tmp_path / MARK_NAME).write_bytes(content)
    with open_store(tmp_path) as store:
        assert store.log.load().rooms[0].head == 2
    assert int((tmp_path / MARK_NAME).read_bytes()[:20]) == 2

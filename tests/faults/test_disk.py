"""Rows 3, 4 and 5 of the fault matrix in small: the disk takes nothing, or the database is damaged."""

from tests.faults import disk
from tests.faults.conftest import TryRow


def test_no_room_to_grow(try_row: TryRow) -> None:
    try_row(disk.no_room_to_grow)


def test_damaged_database(try_row: TryRow) -> None:
    try_row(disk.damaged, damages=disk.DAMAGES[1:9:4])  # one of the database, one of its log; each takes two starts


def test_database_that_may_not_be_written(try_row: TryRow) -> None:
    try_row(disk.read_only)

"""Rows 1 and 2 of the fault matrix in small: the server is killed."""

import math

from tests.faults import crash
from tests.faults.conftest import TryRow


def test_kill_at_random_moments(try_row: TryRow) -> None:
    try_row(crash.kill_at_random, cycles=5)


def test_start_after_a_kill_with_many_rows(try_row: TryRow) -> None:
    try_row(
        crash.ready_with_many_rows, rows=20_000, starts=2, limit=math.inf
    )  # what it takes is measured by dev.py faults

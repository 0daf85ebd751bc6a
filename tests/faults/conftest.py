"""Rows of the fault matrix as tests: small enough for every run. `python3 dev.py faults` runs them at full size."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.outcome import CannotRunError, Outcome

TryRow = Callable[..., None]
"""try_row(row, **options): fails with every promise that was broken, is skipped where the row cannot be run."""


@pytest.fixture
def try_row(tmp_path: Path) -> TryRow:
    if sys.platform == "win32":
        pytest.skip("Windows has neither kill -9 nor an orderly SIGTERM")

    def attempt(row: Callable[..., Outcome], **options: object) -> None:
        try:
            outcome = row(tmp_path, **options)
        except CannotRunError as reason:
            pytest.skip(str(reason))
        outcome.assert_green()

    return attempt

"""Row 21 of the fault matrix."""

import pytest

from tests.faults import restore
from tests.faults.conftest import TryRow


def test_yesterdays_backup(try_row: TryRow) -> None:
    try_row(restore.yesterdays_backup)


@pytest.mark.parametrize("after", [60, 29, 5])
def test_yesterdays_backup_of_the_whole_folder(try_row: TryRow, after: int) -> None:
    """The log is then longer than what the returned ones had seen, just as long (with an arrival), or shorter."""
    try_row(restore.yesterdays_backup, whole_folder=True, between=30, after=after)

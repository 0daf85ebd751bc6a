"""Row 13 of the fault matrix in small, where libfaketime is installed."""

from tests.faults import clock
from tests.faults.conftest import TryRow


def test_the_clock_jumps(try_row: TryRow) -> None:
    try_row(clock.jumps, talkers=2, steps=("+6y", "-6y"))

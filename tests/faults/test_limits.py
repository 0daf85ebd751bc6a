"""Rows 15, 18 and 19 of the fault matrix in small: no descriptors, slow logins, a storm of logins."""

import math

from tests.faults import limits
from tests.faults.conftest import TryRow


def test_no_descriptors(try_row: TryRow) -> None:
    try_row(limits.no_descriptors)


def test_slow_logins(try_row: TryRow) -> None:
    try_row(limits.slow_logins, sockets=100, rounds=1, limit=math.inf)


def test_login_storm(try_row: TryRow) -> None:
    try_row(limits.login_storm, count=100)

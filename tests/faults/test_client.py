"""Row 22 of the fault matrix: the client is killed, is offline, has no room."""

from tests.faults import client
from tests.faults.conftest import TryRow


def test_killed_with_a_full_outbox(try_row: TryRow) -> None:
    try_row(client.killed_with_full_outbox)


def test_full_profile_disk(try_row: TryRow) -> None:
    try_row(client.full_profile_disk)


def test_written_offline(try_row: TryRow) -> None:
    try_row(client.written_offline)


def test_written_for_a_slow_room(try_row: TryRow) -> None:
    try_row(client.written_for_a_slow_room)

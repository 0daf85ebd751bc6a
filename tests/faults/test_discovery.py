"""Rows D1 to D6 in small: each makes a network of its own, so they need root. How soon, dev.py faults measures."""

from tests.faults import discovery, lan
from tests.faults.conftest import TryRow
from tests.faults.processes import PATIENCE


def test_found_by_mdns_alone(try_row: TryRow) -> None:
    try_row(lambda folder: discovery.found(folder, lan.BROADCAST, appears=PATIENCE))


def test_found_by_broadcast_alone(try_row: TryRow) -> None:
    try_row(lambda folder: discovery.found(folder, lan.MULTICAST, appears=PATIENCE))


def test_killed(try_row: TryRow) -> None:
    try_row(discovery.killed, appears=PATIENCE, disappears=PATIENCE)


def test_the_doctor_says_what_is_blocked(try_row: TryRow) -> None:
    try_row(discovery.diagnosed)


def test_the_doctor_knows_guest_wifi_and_firewalls(try_row: TryRow) -> None:
    try_row(discovery.isolated)

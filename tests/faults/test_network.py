"""Rows 7, 9, 11 and 12 of the fault matrix in small: slow readers, resets, cuts, strange packets."""

import math

from tests.faults import network
from tests.faults.conftest import TryRow


def test_slow_reader(try_row: TryRow) -> None:
    try_row(network.slow_readers)


def test_resets(try_row: TryRow) -> None:
    try_row(network.resets, times=3, limit=math.inf)


def test_delays(try_row: TryRow) -> None:
    try_row(network.delays, people=3)


def test_cuts(try_row: TryRow) -> None:
    try_row(network.cuts, share=0.02)


def test_strange_packets(try_row: TryRow) -> None:
    try_row(network.strange_packets)

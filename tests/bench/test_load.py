"""The load generator counts every delivery, once, whether it decrypts what it gets or measures it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.dialects import MARK, Native
from tests.bench.load import Client, Crowd, Load
from tests.bench.servers import furnish, public_key
from tests.helpers.servers import running_server

CLIENTS = 5
MESSAGES = 700

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the benchmarks run on Linux")


@pytest.fixture
def crowd(tmp_path: Path) -> Iterator[Crowd]:
    furnish(tmp_path, CLIENTS)
    with running_server(tmp_path, messages_per_second=0) as server:
        crowd = Crowd(Native(), server.port, public_key(tmp_path))
        crowd.connect(range(CLIENTS))
        yield crowd
        crowd.close()


@pytest.mark.parametrize("observers", [1, CLIENTS])
def test_every_message_arrives_at_every_client(crowd: Crowd, observers: int) -> None:
    load = Load(crowd, observers=observers)
    load.exactly(MESSAGES, 64, in_flight=50)
    assert sum(client.sealed for client in crowd.clients) == CLIENTS - observers
    # An acknowledgement and an event for each message of one's own, an event for each of the others'.
    sealed = [client.arrived for client in crowd.clients if client.sealed]
    assert sealed == [MESSAGES - 3] * (CLIENTS - observers)
    assert all(client.unanswered == 0 for client in crowd.clients)
    load.close()


def test_figures_are_consistent(crowd: Crowd) -> None:
    load = Load(crowd)
    load.sample_every = 1
    figures = load.closed_loop(8, 64, seconds=0.2)
    assert figures.deliveries_per_s == pytest.approx(figures.messages_per_s * (CLIENTS - 1), rel=0.2)
    assert figures.latencies == sorted(figures.latencies)
    assert 0 < figures.microseconds(0.5) <= figures.microseconds(0.99) < 5e6
    load.close()


def test_a_mark_that_is_cut_counts_once(crowd: Crowd) -> None:
    data = b"0000000001" + MARK + b"." * 5 + MARK + b"." * 20
    load = Load(crowd)
    for cut in range(1, len(data)):
        client = Client(crowd.clients[0].sock, 0)
        load._arrived, load._sample_in = 0, 1000
        for piece in (data[:cut], data[cut:]):
            load._buffer[: len(piece)] = piece
            load._count(client, len(piece))
        assert load._arrived == 2, cut
    load.close()

"""What the tests of connections share."""

import socket
from collections.abc import Iterator

import pytest

from qtchat.net.loop import IoLoop
from qtchat.net.tls import client_context, load_or_create_identity, server_context
from tests.net.connections import PATIENCE, Contexts, Pair


@pytest.fixture(scope="package")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Contexts:
    identity = load_or_create_identity(tmp_path_factory.mktemp("identity"))
    return server_context(identity), client_context(), identity.public_key


@pytest.fixture
def loop(caplog: pytest.LogCaptureFixture) -> Iterator[IoLoop]:
    loop = IoLoop("test-loop")
    loop.start()
    yield loop
    assert loop.stop(PATIENCE)
    assert [record.getMessage() for record in caplog.records] == []  # an internal error would be logged


@pytest.fixture
def sockets() -> Iterator[list[socket.socket]]:
    """Those that a test keeps for itself; closed in the end."""
    kept: list[socket.socket] = []
    yield kept
    for sock in kept:
        sock.close()


@pytest.fixture(params=["plain", "tls"])
def pair(request: pytest.FixtureRequest, loop: IoLoop, contexts: Contexts) -> Iterator[Pair]:
    pair = Pair(loop, contexts[:2] if request.param == "tls" else None)
    yield pair
    for connection, recorder in ((pair.server, pair.here), (pair.client, pair.there)):
        loop.call_soon(connection.abort, "the test is over")
        assert recorder.reason
        assert not connection.open
        assert connection.outbox_size == 0

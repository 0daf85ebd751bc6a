"""A running server, and clients that are closed at the end."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.server.app import Server
from tests.helpers.servers import running_server
from tests.helpers.wire import Connect, WireClient


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    """connect(nick) logs in, connect() only connects; all are closed before the server stops."""
    with ExitStack() as clients:

        def make(nick: str = "", key: SigningKey | None = None, *, receive_buffer: int = 0) -> WireClient:
            client = clients.enter_context(WireClient(server.port, key, receive_buffer=receive_buffer))
            if nick:
                client.login(nick)
            return client

        yield make

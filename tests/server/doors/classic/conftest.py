"""A server with a door for each dialect, and programs that come in by them."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.server.app import Server
from qtchat.server.doors import classic_backlog
from tests.helpers.logs import LogWatch
from tests.helpers.plain import PlainClient, Terminal
from tests.helpers.plain_doors import Enter, port_of
from tests.helpers.servers import running_server


@pytest.fixture
def server(tmp_path: Path, log: LogWatch) -> Iterator[Server]:
    doors = tuple(f"{name}:0" for name in DIALECTS)
    with running_server(tmp_path / "server", classic=doors, messages_per_second=0) as running:
        yield running


@pytest.fixture
def enter(server: Server, log: LogWatch) -> Iterator[Enter]:
    """enter(dialect, nick): a client that has come in; all are closed at the end."""
    with ExitStack() as clients:

        def make(dialect: str, nick: str = "", **options: int) -> PlainClient:
            before = len(log.lines())
            client = clients.enter_context(PlainClient(dialect, port_of(server, dialect), nick, **options))
            log.wait_until(lambda: any("came in by" in line for line in log.lines()[before:]))
            return client

        yield make


@pytest.fixture
def terminal(server: Server) -> Iterator[Terminal]:
    with Terminal(port_of(server, "lines")) as nc:
        yield nc


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who talks much needs not wait for it."""
    monkeypatch.setattr(classic_backlog, "BYTES_PER_SECOND", 2**30)

"""A running server, and clients that are closed at the end; and a hub alone, with stand-ins around it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.messages import PRESENCE
from qtchat.server.app import Server
from qtchat.server.handlers.roles import claim_hash
from qtchat.server.hub import Hub
from qtchat.server.locks import Locks
from qtchat.server.readers import Readers
from qtchat.server.state import Rules
from qtchat.server.store import RoomLog, Store, open_store
from tests.helpers.hubs import Bench, Clock, FakeLoop, WatchedLog
from tests.helpers.moderation import TOKEN, Serve, Time
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import PATIENCE, Connect, WireClient


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "server") as running:
        yield running


@pytest.fixture
def connect(server: Server) -> Iterator[Connect]:
    """connect(nick) logs in, connect() only connects; all are closed before the server stops."""
    with ExitStack() as clients:

        def make(
            nick: str = "",
            key: SigningKey | None = None,
            *,
            receive_buffer: int = 0,
            capabilities: tuple[str, ...] = (PRESENCE,),
        ) -> WireClient:
            client = clients.enter_context(WireClient(server.port, key, receive_buffer=receive_buffer))
            if nick:
                client.login(nick, capabilities)
            return client

        yield make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("qtchat.server.hub.time", clock)
    return clock


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


@pytest.fixture
def bench(store: Store, clock: Clock) -> Iterator[Bench]:
    """Presence is told after a minute of the test's own clock."""
    with no_thread_left():
        log, loop = WatchedLog(store.log), FakeLoop()
        readers = Readers(store.reader, 1)
        hub = Hub(cast(RoomLog, log), readers, "lobby", 60.0, clock=lambda: 7.0)
        hub.open()
        readers.start()
        try:
            yield Bench(hub, log, loop)
        finally:
            assert hub.stop(PATIENCE)
            assert readers.stop(PATIENCE)


@pytest.fixture
def wall() -> Time:
    return Time()


@pytest.fixture
def serve(tmp_path: Path, wall: Time) -> Serve:
    """serve(rules, locks) runs a hub on the same folder each time."""

    @contextmanager
    def run(rules: Rules | None = None, locks: Locks | None = None) -> Iterator[Bench]:
        with no_thread_left(), open_store(tmp_path / "data") as store:
            log, loop = WatchedLog(store.log), FakeLoop()
            readers = Readers(store.reader, 1)
            rules = rules or Rules(claim=claim_hash(TOKEN))
            hub = Hub(cast(RoomLog, log), readers, "lobby", 60.0, clock=wall, rules=rules, locks=locks)
            hub.open()
            readers.start()
            try:
                yield Bench(hub, log, loop)
            finally:
                assert hub.stop(PATIENCE)
                assert readers.stop(PATIENCE)

    return run

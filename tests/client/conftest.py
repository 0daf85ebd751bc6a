"""A running server, and users that are stopped before it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qtchat.server.app import Server
from tests.helpers.accounts import User, start_server
from tests.helpers.servers import running_server

Enter = Callable[..., User]
"""enter(nick, link=..., profile=...): a started user, by default with a profile of that name and the server's link."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "running", messages_per_second=0) as running:
        yield running


@pytest.fixture
def enter(server: Server, tmp_path: Path) -> Iterator[Enter]:
    with ExitStack() as users:

        def make(nick: str, link: str = "", profile: str = "") -> User:
            return users.enter_context(User(tmp_path / (profile or nick), link or server.link, nick))

        yield make


@pytest.fixture
def two_servers(server: Server, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """start(folder, port=0, **options): servers one after the other; the last one is stopped at the end."""
    running: list[Server] = []

    def start(folder: str, port: int = 0, **options: int) -> Server:
        running.append(start_server(tmp_path / folder, port, **options))
        return running[-1]

    yield start
    for server in running:
        server.stop()

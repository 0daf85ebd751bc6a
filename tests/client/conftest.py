"""A running server, and users that are stopped before it; and for parts of an account a line that leads nowhere."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from qtchat.client.follower import Follower
from qtchat.client.marks import ReadMarks
from qtchat.protocol.messages import Room
from qtchat.server.app import Server
from tests.client.following import lobby, page
from tests.helpers.accounts import User, start_server
from tests.helpers.lines import FakeLine
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


@pytest.fixture
def line(tmp_path: Path) -> Iterator[FakeLine]:
    with closing(FakeLine(tmp_path)) as line:
        yield line


@pytest.fixture
def shown() -> list[Room]:
    """Of which the follower has told."""
    return []


@pytest.fixture
def left() -> list[Room]:
    """Of which it has told that we are not there any more."""
    return []


@pytest.fixture
def follower(line: FakeLine, shown: list[Room], left: list[Room]) -> Follower:
    follower = Follower(line, ReadMarks(line), shown.append, left.append)
    line.on_pump = follower.pump
    return follower


@pytest.fixture
def at_10(line: FakeLine, follower: Follower) -> Follower:
    """We hold 1 to 10 of room 1, on the disk too."""
    follower.room(lobby(10))
    follower.pump()
    (request,) = line.take_sent()
    follower.history(page(request, 1, 10, 10), request)
    line.run_disk()
    line.take_told()
    return follower

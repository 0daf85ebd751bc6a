"""A running server, and users that are stopped before it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qtchat.server.app import Server
from tests.helpers.accounts import User
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

"""A real server for tests, on a free port of 127.0.0.1, that must stop in order and leave no thread behind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qtchat.server.app import Server
from qtchat.server.config import ServerSettings


@contextmanager
def running_server(folder: Path, **options: Any) -> Iterator[Server]:
    """A started server with its data in `folder`. `options`: of ServerSettings, besides data, host and port."""
    with no_thread_left():
        server = Server(ServerSettings(data=str(folder), host="127.0.0.1", port=0, **options))
        server.start()
        try:
            yield server
        finally:
            assert server.stop(), "the server did not stop in time"


@contextmanager
def no_thread_left() -> Iterator[None]:
    """Fails when a thread that was started inside has not ended."""
    before = set(threading.enumerate())
    yield
    left = [thread.name for thread in threading.enumerate() if thread not in before]
    assert not left, f"threads that were left behind: {left}"

"""What holds for every test: no screen is needed, no thread outlives its test, and nobody else's servers are found."""

import os
import threading
from collections.abc import Iterator

import pytest

from tests.helpers.quiet_network import own_network

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PATIENCE = 5.0
"""Seconds a thread that was told to end may take for it."""


def pytest_configure(config: pytest.Config) -> None:
    # The offscreen platform warns of every window that has size hints, or is raised: true of any real window.
    config.addinivalue_line("qt_log_ignore", r"^This plugin does not support (propagateSizeHints|raise|grabbing)")


@pytest.fixture(autouse=True)
def _no_leaked_threads() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    fresh = [thread for thread in threading.enumerate() if thread not in before]
    for thread in fresh:
        thread.join(PATIENCE)
    leaked = [thread.name for thread in fresh if thread.is_alive()]
    if leaked:
        pytest.fail(f"threads outlived the test: {', '.join(leaked)}")


@pytest.fixture(autouse=True)
def _own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    own_network(monkeypatch)

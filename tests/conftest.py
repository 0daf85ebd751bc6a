"""What holds for every test: no screen is needed, no thread outlives its test, nobody else's servers are found, and
garbage is collected between the tests on the main thread, as in the program (see qtchat.gui.garbage)."""

import gc
import os
import socket
import threading
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from PySide6.QtWidgets import QApplication

from tests.helpers.patient import PatientBot
from tests.helpers.quiet_network import own_network

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

NEW_OBJECTS = 10_000
"""After so many more of them garbage is looked for."""
PATIENCE = 30.0
"""Seconds a thread that was told to end may take for it."""


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()
    # A busy machine is no failure, and what is found is found in every run, or in none.
    settings.register_profile("suite", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("suite")
    # The offscreen platform warns of every window that has size hints, or is raised: true of any real window.
    config.addinivalue_line("qt_log_ignore", r"^This plugin does not support (propagateSizeHints|raise|grabbing)")


@pytest.fixture(autouse=True)
def _garbage_on_the_main_thread() -> Iterator[None]:
    yield
    young, middle, old = gc.get_count()
    if young > NEW_OBJECTS:
        gc.collect(0 if middle < 10 else 1 if old < 10 else 2)


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


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> PatientBot:
    return PatientBot(request)


@pytest.fixture
def shut_port() -> Iterator[int]:
    """A port of 127.0.0.1 that nobody listens on, bound so that it stays so."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.fixture(autouse=True)
def _own_network(monkeypatch: pytest.MonkeyPatch) -> None:
    own_network(monkeypatch)

"""Tools of the system: run, missing, failing, hanging."""

import sys
import threading

import pytest

from qtchat.net.checks import tools
from qtchat.net.checks.tools import run_tool

FOR_EVER = [sys.executable, "-c", "import threading; threading.Event().wait()"]


def test_what_it_prints_is_told() -> None:
    assert run_tool([sys.executable, "-c", "print('yes')"]) == "yes\n"


def test_one_that_is_missing_or_fails_tells_nothing() -> None:
    assert run_tool(["no-such-tool-anywhere"]) is None
    assert run_tool([sys.executable, "-c", "print('no'); raise SystemExit(1)"]) is None


def test_one_that_cannot_be_run_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("qtchat.net.checks.tools.subprocess.Popen", refuse)
    assert run_tool([sys.executable]) is None


def test_one_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "PATIENCE", 0.0)
    assert run_tool(FOR_EVER) is None


def test_whoever_wants_to_stop_is_obeyed() -> None:
    stop = threading.Event()
    stop.set()
    assert run_tool(FOR_EVER, stop) is None

"""`qtchat-cli find` beside an announced server; everything stays on loopback."""

import json
from pathlib import Path

import pytest

from qtchat.client import cli, discovery, find_cli
from qtchat.client.discovery import Discovery
from qtchat.client.elsewhere import MAX_ELSEWHERE
from qtchat.net.announcement import Announcement
from qtchat.server.announcer import Announcer
from tests.helpers.quiet_network import LOOPBACK, only_broadcasts
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import PATIENCE


@pytest.fixture(autouse=True)
def _nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    only_broadcasts(monkeypatch)


def test_whoever_hosts_is_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with no_thread_left(), running_server(tmp_path) as server:
        announcement = Announcement(bytes(16), "Kit\x1b[2Jchen", "ABCDE", 2, "1.0", server.port)
        told = Announcer(announcement, LOOPBACK, lambda tell: tell(2))
        told.start()
        try:
            assert cli.main(["find", "--interface", LOOPBACK, "--seconds", "2"]) == 0
            assert capsys.readouterr().out == (
                f"Kit\N{REPLACEMENT CHARACTER}[2Jchen\t2\t{server.code}\tqtchat://{LOOPBACK}:{server.port}/\n"
            )
            assert cli.main(["find", "--interface", LOOPBACK, "--seconds", "2", "--json"]) == 0
            facts = json.loads(capsys.readouterr().out)
            assert (facts["name"], facts["code"]) == ("Kit\x1b[2Jchen", server.code)
            assert facts["addresses"] == [{"host": LOOPBACK, "port": server.port}]
        finally:
            assert told.stop(PATIENCE)


def test_nobody_is_told_of_with_a_status(capsys: pytest.CaptureFixture[str]) -> None:
    with no_thread_left():
        assert find_cli.main(["--interface", LOOPBACK, "--seconds", "0.2"]) == 1
    assert "doctor" in capsys.readouterr().err


def test_it_ends_when_somebody_interrupts(monkeypatch: pytest.MonkeyPatch) -> None:
    start = Discovery.start

    def interrupted(self: Discovery) -> None:
        start(self)
        self._on_change(None)  # type: ignore[arg-type]  # what the handler of the signal does

    monkeypatch.setattr(Discovery, "start", interrupted)
    with no_thread_left():
        assert find_cli.main(["--interface", LOOPBACK, "--seconds", "3600"]) == 1


def test_it_also_looks_where_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "networks", lambda _interface: [])  # as behind a router
    with no_thread_left(), running_server(tmp_path) as server:
        there = f"{LOOPBACK}:{server.port}"
        found = ["find", "--interface", LOOPBACK, "--seconds", "2", "--also", f"{LOOPBACK}:1", "--also", there]
        assert cli.main(found) == 0
        assert capsys.readouterr().out == f"{there}\t?\t{server.code}\tqtchat://{there}/\n"
        assert cli.main([*found, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["people"] is None


@pytest.mark.parametrize(
    ("options", "reason"),
    [(["--also", "lab:x"], "port"), (["--also", "lab"] * (MAX_ELSEWHERE + 1), "at most")],
)
def test_addresses_that_cannot_be_are_refused(
    options: list[str], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        find_cli.main(options)
    assert reason in capsys.readouterr().err


def test_an_interface_is_an_address(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        find_cli.main(["--interface", "eth7"])
    assert ended.value.code == 2
    assert "'eth7' is not an IP address" in capsys.readouterr().err

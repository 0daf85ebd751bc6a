"""The locks of a server do not hold at its plain-text doors: with one on, only this computer gets there, and the host
is told."""

import logging
import socket
from pathlib import Path
from typing import Any

import pytest

from qtchat.net.checks.findings import Outcome
from qtchat.server.config import ServerSettings
from qtchat.server.doctor import PLAIN_DOORS, Doctor
from qtchat.server.doors.entrance import Entrance, PlainDoor
from qtchat.server.passwords import write_password
from qtchat.server.running import read_running
from tests.helpers.servers import no_thread_left, running_server

DOOR = "nick-en:0"
LOCKS: dict[str, tuple[dict[str, Any], str]] = {
    "password": ({}, "need no password"),
    "approval": ({"approve_newcomers": True}, "wait for no approval"),
    "guests": ({"newcomer_role": "guest"}, "may write at once"),
    "two": ({"approve_newcomers": True, "newcomer_role": "guest"}, "wait for no approval and may write at once"),
}


@pytest.fixture
def beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door counts as one that others reach."""
    monkeypatch.setattr(Entrance, "local", False)


def prepare(folder: Path, lock: str) -> dict[str, Any]:
    """The options of a server with this lock."""
    if lock == "password":
        write_password(folder, "sesame")
    return LOCKS[lock][0]


def asks_for_a_nick(port: int) -> bool:
    with socket.create_connection(("127.0.0.1", port), 20) as client:
        return client.recv(100) == b"NICK"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_door_to_this_computer_opens_and_the_host_is_told_who_comes_in(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, lock: str
) -> None:
    options, without = prepare(tmp_path, lock), LOCKS[lock][1]
    with running_server(tmp_path, classic=(DOOR, DOOR), **options) as server:
        lines = [record.message for record in caplog.records if record.levelno == logging.WARNING]
        assert len(lines) == 2
        for line, entrance, door in zip(lines, server.entrances, server.plain_doors, strict=True):
            assert line.startswith(f"the door {entrance} is not encrypted")
            assert line.endswith(f"; people who come in there {without}")
            assert door == PlainDoor(str(entrance), without=without)
            assert asks_for_a_nick(entrance.port)


@pytest.mark.usefixtures("beyond")
@pytest.mark.parametrize("lock", LOCKS)
def test_a_door_that_others_reach_stays_shut(tmp_path: Path, caplog: pytest.LogCaptureFixture, lock: str) -> None:
    options, without = prepare(tmp_path, lock), LOCKS[lock][1]
    with running_server(tmp_path, classic=(DOOR,), **options) as server:
        assert server.entrances == []
        assert server.plain_doors == [PlainDoor(DOOR, shut=True, without=without)]
        (said,) = (record for record in caplog.records if record.levelno == logging.ERROR)
        assert said.message.startswith(f"the plain-text door {DOOR} stays shut, for people who come in there {without}")
        assert "classic_unlocked" in said.message
    caplog.clear()


@pytest.mark.usefixtures("beyond")
@pytest.mark.parametrize("options", [{}, {"approve_newcomers": True, "classic_unlocked": True}])
def test_it_opens_where_no_lock_is_on_or_the_host_wants_it_so(tmp_path: Path, options: dict[str, Any]) -> None:
    with running_server(tmp_path, classic=(DOOR,), **options) as server:
        assert asks_for_a_nick(server.entrances[0].port)


@pytest.mark.parametrize(("options", "outcome"), [({}, Outcome.OK), ({"approve_newcomers": True}, Outcome.WARNING)])
def test_the_doctor_tells_of_an_open_door(tmp_path: Path, options: dict[str, Any], outcome: Outcome) -> None:
    with running_server(tmp_path, classic=(DOOR,), **options) as server:
        with no_thread_left():
            found = Doctor(ServerSettings(data=str(tmp_path), host="127.0.0.1")).examine()
            (told,) = [finding for finding in found if finding.step == PLAIN_DOORS]
        assert told.outcome is outcome
        assert told.told().sentence.startswith(f"{server.entrances[0]} is open")
        assert ("wait for no approval" in told.told().sentence) is bool(options)


@pytest.mark.usefixtures("beyond")
def test_the_doctor_tells_of_a_door_that_stays_shut(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running_server(tmp_path, classic=(DOOR,), approve_newcomers=True):
        running = read_running(tmp_path)
        assert running is not None
        assert [door.shut for door in running.plain_doors] == [True]
        with no_thread_left():
            found = Doctor(ServerSettings(data=str(tmp_path), host="127.0.0.1")).examine()
            (told,) = [finding for finding in found if finding.step == PLAIN_DOORS]
        assert told.outcome is Outcome.WARNING
        assert told.told().sentence == f"{DOOR} stays shut, for people who come in there wait for no approval."
    caplog.clear()

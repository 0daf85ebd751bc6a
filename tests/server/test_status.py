"""The numbers that a host is shown."""

from pathlib import Path

import pytest

from qtchat.net.checks.firewall import Firewall
from qtchat.protocol.messages import Ack, OpenDirect, Post
from qtchat.server import status
from qtchat.server.status import folder_size
from tests.helpers.servers import running_server
from tests.helpers.wire import WireClient, new_id


def test_people_rooms_and_entries_are_counted(tmp_path: Path) -> None:
    with running_server(tmp_path, classic=("lines:0",)) as server:
        empty = server.status()
        assert (empty.people.online, empty.people.known, empty.people.rooms) == (0, 0, 1)
        assert [door.partition(":")[0] for door in empty.doors] == ["lines"]
        with WireClient(server.port) as ann:
            ann.login("Ann")
            ann.send(Post(new_id(), 1, "hello"))
            ann.expect(Ack)
            ann.send(OpenDirect(new_id(), 1))
            now = server.status()
            assert (now.people.online, now.people.known, now.people.rooms) == (1, 1, 1)
            assert now.people.entries > empty.people.entries
        assert now.disk == pytest.approx(folder_size(tmp_path), abs=1_000_000)
        assert now.last_backup == 0


def test_the_size_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "a").write_bytes(bytes(100))
    (tmp_path / "inside" / "b").write_bytes(bytes(20))
    assert folder_size(tmp_path) == 120
    assert folder_size(tmp_path / "nothing") == 0


def test_a_firewall_is_named_with_the_command_that_opens_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status, "find_firewalls", lambda port: [Firewall("ufw", False, f"sudo ufw allow {port}/tcp")])
    lines = status.closed_firewall(47300).splitlines()
    keeps_out = "It is switched on (ufw) and keeps others out: they cannot reach a chat that runs on this computer."
    assert lines == [f"Firewall of this computer: {keeps_out}", "sudo ufw allow 47300/tcp"]
    monkeypatch.setattr(status, "find_firewalls", lambda _port: [Firewall("ufw", True, "")])
    assert status.closed_firewall(47300) == ""

"""What a running server says about itself in its data folder."""

import sys
from pathlib import Path

import pytest

from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from qtchat.server.running import RUNNING_FILE, Running, is_running, read_running, remove_running, write_running
from qtchat.server.store import StoreLocked
from tests.helpers.servers import running_server

EXAMPLE = Running(("192.0.2.7", "2001:db8::7"), 47300, "qtchat://192.0.2.7/", "", "", discoverable=True)


def test_what_is_written_is_read_and_removed(tmp_path: Path) -> None:
    assert read_running(tmp_path) is None
    write_running(tmp_path, EXAMPLE)
    assert read_running(tmp_path) == EXAMPLE
    if sys.platform != "win32":
        assert (tmp_path / RUNNING_FILE).stat().st_mode & 0o777 == 0o600
    remove_running(tmp_path)
    remove_running(tmp_path)
    assert read_running(tmp_path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff", b'{"port": "many"}'])
def test_what_is_damaged_says_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / RUNNING_FILE).write_bytes(content)
    assert read_running(tmp_path) is None


def test_a_folder_that_cannot_be_written_is_only_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_running(tmp_path / "missing", EXAMPLE)
    assert "cannot be written" in caplog.text


def test_a_server_says_where_it_is_until_it_stops(tmp_path: Path) -> None:
    tmp_path.joinpath(RUNNING_FILE).write_bytes(b"of one that was killed")
    with running_server(tmp_path) as server:
        running = read_running(tmp_path)
        assert running == Running(("127.0.0.1",), server.port, server.link, "127.0.0.1", "", discoverable=True)
        assert is_running(tmp_path)
        with pytest.raises(StoreLocked):
            Server(ServerSettings(data=str(tmp_path), host="127.0.0.1", port=0)).start()
        assert read_running(tmp_path) == running  # a second one takes nothing away
    assert read_running(tmp_path) is None
    assert not is_running(tmp_path)

"""A copy of a working server is a server itself: the same one, as it was then."""

import stat
import sys
import time
from pathlib import Path

import pytest

from qtchat.net.tls import KEY_FILE
from qtchat.protocol.messages import Ack, GetHistory, History, Post
from qtchat.server.app import Server
from qtchat.server.backup import BackupError, back_up, last_backup
from qtchat.server.config import ServerSettings
from qtchat.server.naming import read_name, write_name
from qtchat.server.store.open import DATABASE_NAME
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import WireClient, new_id

LOBBY = 1


def say(server: Server, text: str, nick: str) -> None:
    with WireClient(server.port) as client:
        client.login(nick)
        client.send(Post(new_id(), LOBBY, text))
        client.expect(Ack)


def texts(server: Server) -> list[str]:
    with WireClient(server.port) as reader:
        reader.login("Reader")
        reader.send(GetHistory(new_id(), LOBBY, 0, 100))
        return [event.text for event in reader.expect(History).events if event.kind == "post"]


def test_a_copy_made_while_people_talk_is_the_same_server(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        say(server, "before", "Ann")
        copy = server.back_up(tmp_path / "copies")
        say(server, "after", "Ben")
        code = server.code
        assert server.status().last_backup == last_backup(tmp_path / "data") > 0
    assert copy.parent == tmp_path / "copies"
    assert sorted(path.name for path in copy.iterdir()) == ["README.txt", DATABASE_NAME, "server.crt", "server.key"]
    assert "--restored" in (copy / "README.txt").read_text()
    with no_thread_left(), Server(ServerSettings(data=str(copy), host="127.0.0.1", port=0), restored=True) as restored:
        assert restored.code == code
        assert texts(restored) == ["before"]


@pytest.mark.skipif(sys.platform == "win32", reason="the folder of the user's profile keeps others out there")
def test_a_copy_is_for_nobody_else(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        copy = server.back_up(tmp_path)
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in copy.iterdir()} == {0o600}


def test_a_copy_is_called_like_the_chat(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        write_name(tmp_path / "data", "Class 7b")
        copy = server.back_up(tmp_path)
    assert read_name(copy) == "Class 7b"


def test_what_could_not_be_finished_leaves_nothing_behind(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        (tmp_path / "data" / KEY_FILE).unlink()
        with pytest.raises(BackupError, match="could not be made"):
            server.back_up(tmp_path / "copies")
    assert list((tmp_path / "copies").iterdir()) == []


def test_where_no_folder_can_be_made_there_is_no_copy(tmp_path: Path) -> None:
    for name in ("file", DATABASE_NAME):
        (tmp_path / name).write_text("")
    with pytest.raises(BackupError, match="cannot be made"):
        back_up(tmp_path, tmp_path / "file")


def test_two_copies_in_one_second_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_763_740_000.0)
    with running_server(tmp_path / "data") as server:
        first = server.back_up(tmp_path)
        with pytest.raises(BackupError, match="cannot be made"):
            server.back_up(tmp_path)
        assert (first / DATABASE_NAME).exists()


def test_nobody_knows_of_a_copy(tmp_path: Path) -> None:
    assert last_backup(tmp_path) == 0
    (tmp_path / "last-backup").write_text("yesterday")
    assert last_backup(tmp_path) == 0

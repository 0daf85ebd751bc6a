"""What a chat is called, where that is kept with its data."""

import logging
from pathlib import Path

import pytest

from qtchat.server.naming import MAX_NAME, NAME_FILE, clean_name, read_name, write_name
from tests.helpers.servers import running_server


def test_a_name_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "new"
    assert read_name(folder) == ""
    write_name(folder, "Чат Анны 🎉")
    assert read_name(folder) == "Чат Анны 🎉"
    write_name(folder, "Kitchen")
    assert read_name(folder) == "Kitchen"


def test_what_cannot_be_read_is_no_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / NAME_FILE).write_bytes(b"\xff\xfe")
    with caplog.at_level(logging.WARNING):
        assert read_name(tmp_path) == ""
    assert "cannot be read" in caplog.text


@pytest.mark.parametrize(
    ("text", "name"), [(" a\n b\x1b[2J\u202e ", "a b [2J"), ("x" * 100, "x" * MAX_NAME), ("\u200b\n", "")]
)
def test_a_name_is_one_bounded_line(text: str, name: str) -> None:
    assert clean_name(text) == name


def test_a_server_is_called_as_its_data_say_unless_told_otherwise(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        assert server.name == server.settings.shown_name
    write_name(tmp_path, "Anna's chat")
    with running_server(tmp_path) as server:
        assert server.name == "Anna's chat"
    with running_server(tmp_path, name="Kitchen") as server:
        assert server.name == "Kitchen"

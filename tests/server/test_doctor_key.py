"""The key of the doctor: made once, and no hindrance to a server."""

from pathlib import Path

import pytest

from qtchat.server.doctor_key import KEY_FILE, load_or_create_doctor_key
from tests.helpers.servers import running_server


def test_it_is_made_once(tmp_path: Path) -> None:
    first = load_or_create_doctor_key(tmp_path)
    assert load_or_create_doctor_key(tmp_path).public_key == first.public_key


def test_a_damaged_one_is_named_and_keeps_no_server_from_starting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / KEY_FILE).write_text("no key")
    with pytest.raises(ValueError, match=f"{KEY_FILE} is damaged"):
        load_or_create_doctor_key(tmp_path)
    with running_server(tmp_path):
        assert "the doctor will be a stranger here" in caplog.text

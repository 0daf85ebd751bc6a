"""Portable mode: data beside the program, for a bundle with the file that says so."""

import sys
from pathlib import Path

import pytest

from qtchat.client.profile import default_profile
from qtchat.net.portable import portable_data
from qtchat.server.config import ServerSettings


def bundle(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))


def test_without_the_file_nothing_is_portable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(tmp_path / "qtchat" / "qtchat", monkeypatch)
    assert portable_data() is None
    assert not default_profile().is_relative_to(tmp_path)


def test_what_is_no_bundle_is_not_portable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "portable").touch()
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert portable_data() is None


def test_profile_and_server_are_beside_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(tmp_path / "stick" / "qtchat.exe", monkeypatch)
    (tmp_path / "stick" / "portable").touch()
    assert default_profile() == tmp_path / "stick" / "data" / "profile"
    assert ServerSettings().folder == tmp_path / "stick" / "data" / "server"
    assert ServerSettings(data="/elsewhere").folder == Path("/elsewhere"), "what is asked for comes first"


def test_a_program_that_is_linked_to_is_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundle(tmp_path / "stick" / "qtchat", monkeypatch)
    (tmp_path / "stick" / "portable").touch()
    (tmp_path / "qtchat").symlink_to(tmp_path / "stick" / "qtchat")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "qtchat"))
    assert portable_data() == tmp_path / "stick" / "data"


def test_of_an_application_of_macos_it_is_beside_the_application(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle(tmp_path / "qtchat.app" / "Contents" / "MacOS" / "qtchat", monkeypatch)
    assert portable_data() is None
    (tmp_path / "portable").touch()
    assert portable_data() == tmp_path / "data"

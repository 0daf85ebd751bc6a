"""Where the files beside the code are."""

from pathlib import Path

import pytest

from qtchat.gui import resources


def test_icons_are_found_in_this_checkout() -> None:
    assert resources.resource("icons", "qtchat.svg").is_file()


def test_an_installation_keeps_them_inside_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "qtchat" / "resources" / "icons").mkdir(parents=True)
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "qtchat")
    assert resources.resources_folder() == tmp_path / "qtchat" / "resources"


def test_an_installation_without_them_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "qtchat")
    with pytest.raises(FileNotFoundError, match="resources"):
        resources.resources_folder()


def test_the_licences_stand_beside_the_icons() -> None:
    notice = resources.resource("icons", "LICENSE.txt").read_text(encoding="utf-8")
    assert "ISC License" in notice
    assert "The MIT License (MIT)" in notice

"""What a bundle says that it is made of."""

from pathlib import Path

import pytest

from qtchat.gui import licences


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(licences, "resource", lambda *parts: tmp_path.joinpath(*parts[1:]))
    return tmp_path


def test_a_checkout_has_no_list(folder: Path) -> None:
    assert licences.bundled_parts() == []


def test_the_list_of_a_bundle_is_read_with_its_texts(folder: Path) -> None:
    (folder / "index.json").write_text(
        '[{"name": "Qt", "version": "6", "licence": "LGPL-3.0-only", "kind": "pypi", "file": "Qt.txt"}]'
    )
    (folder / "Qt.txt").write_text("Свобода", encoding="utf-8")
    (part,) = licences.bundled_parts()
    assert part == licences.Part("Qt", "6", "LGPL-3.0-only", "Qt.txt")
    assert part.text() == "Свобода"

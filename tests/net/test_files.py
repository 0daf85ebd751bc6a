"""Files that are whole or not there."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qtchat.net.files import create_file, free_damaged_name, replace_file


def test_create_makes_a_private_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    create_file(path, b"content")
    assert path.read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [path]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_create_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(FileExistsError):
        create_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_of_many_who_create_one_succeeds(tmp_path: Path) -> None:
    path = tmp_path / "a"

    def create(number: int) -> int | None:
        try:
            create_file(path, b"%d" % number)
        except FileExistsError:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        winners = [number for number in pool.map(create, range(32)) if number is not None]
    assert [b"%d" % number for number in winners] == [path.read_bytes()]


def test_create_works_and_stays_exclusive_without_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "a"
    create_file(path, b"content")
    assert path.read_bytes() == b"content"
    with pytest.raises(FileExistsError):
        create_file(path, b"new")
    assert path.read_bytes() == b"content"
    assert list(tmp_path.iterdir()) == [path]


def test_replace_makes_and_replaces(tmp_path: Path) -> None:
    path = tmp_path / "a"
    replace_file(path, b"one")
    replace_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_replace_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    replace_file(path, b"old")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space left"):
        replace_file(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_name_for_a_damaged_file_is_free_with_all_its_companions(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    assert free_damaged_name(path).name == "a.json.damaged-1"
    (tmp_path / "a.json.damaged-1-wal").touch()
    assert free_damaged_name(path).name == "a.json.damaged-1"
    assert free_damaged_name(path, "-wal").name == "a.json.damaged-2"

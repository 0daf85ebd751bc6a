"""The hash of the password that newcomers may need."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from qtchat.server.passwords import (
    PASSWORD_FILE,
    PasswordDamaged,
    hash_password,
    is_right,
    read_password,
    write_password,
)


def test_only_what_it_was_made_of_is_right() -> None:
    hashed = hash_password("Käse")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert hashed != hash_password("Käse"), "each has a salt of its own"
    assert is_right("Käse", hashed)
    assert is_right("Ka\u0308se", hashed), "however the keyboard composes it"
    for other in ("käse", "", "Käse "):
        assert not is_right(other, hashed)


def test_it_is_kept_as_a_hash_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    assert read_password(folder) == ""
    write_password(folder, "open sesame")
    file = folder / PASSWORD_FILE
    assert "sesame" not in file.read_text()
    assert is_right("open sesame", read_password(folder))
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0
    write_password(folder, "")
    assert read_password(folder) == ""
    write_password(folder, "")


def test_nothing_fits_a_damaged_hash() -> None:
    assert not is_right("x", "not a hash")


def test_a_file_of_the_hash_alone_is_taken(tmp_path: Path) -> None:
    hashed = hash_password("open sesame")
    (tmp_path / PASSWORD_FILE).write_text(f"{hashed}\n")
    assert read_password(tmp_path) == hashed


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"\n",
        lambda _: b"secret\n",
        lambda _: b"\xff\xfe\x00",
        lambda whole: whole[:60],
        lambda whole: whole[:100],
        lambda whole: whole[:-20],
        lambda whole: whole + whole,
        lambda whole: whole.replace(b"m=19456", b"m=99999999"),
        lambda whole: whole.replace(b"argon2id", b"argon2i"),
        lambda whole: whole[:50] + bytes([whole[50] ^ 1]) + whole[51:],
        lambda whole: whole[:90] + (b"A" if whole[90:91] != b"A" else b"B") + whole[91:],
    ],
)
def test_a_damaged_file_is_named_with_the_way_out(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    write_password(tmp_path, "open sesame")
    file = tmp_path / PASSWORD_FILE
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(PasswordDamaged, match="cannot be used") as caught:
        read_password(tmp_path)
    assert str(file) in str(caught.value)
    assert "set-password" in str(caught.value)
    write_password(tmp_path, "again")
    assert is_right("again", read_password(tmp_path))


def test_a_file_that_cannot_be_read_is_no_open_door(tmp_path: Path) -> None:
    (tmp_path / PASSWORD_FILE).mkdir()
    with pytest.raises(PasswordDamaged):
        read_password(tmp_path)

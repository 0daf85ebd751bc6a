"""The hash of the password that newcomers may need."""

import os
from pathlib import Path

from qtchat.server.passwords import PASSWORD_FILE, hash_password, is_right, read_password, write_password


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

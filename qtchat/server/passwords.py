"""The password that a server may want from newcomers: only its Argon2id hash (RFC 9106) is kept, in the data folder."""

import os
import unicodedata
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from qtchat.net.files import replace_file

PASSWORD_FILE: Final = "qtchat.password"  # noqa: S105 (its name)
MEMORY_KIB: Final = 19 * 1024
ITERATIONS: Final = 2
LANES: Final = 1
"""The least that OWASP's Password Storage Cheat Sheet recommends, so that a small computer can be a server too; trying
over the network is slowed down in other ways. Measured 36 ms."""


def hash_password(password: str) -> str:
    """In the form of the Password Hashing Competition: parameters, salt and hash in one text."""
    kdf = Argon2id(salt=os.urandom(16), length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    return kdf.derive_phc_encoded(_bytes(password))


def is_right(password: str, hashed: str) -> bool:
    """Whether `hashed` was made of `password`. Nothing fits what is no hash."""
    try:
        Argon2id.verify_phc_encoded(_bytes(password), hashed)
    except InvalidKey:
        return False
    return True


def read_password(folder: Path) -> str:
    """The hash of the password, empty if newcomers need none. Raises OSError."""
    try:
        return (folder / PASSWORD_FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def write_password(folder: Path, password: str) -> None:
    """What newcomers need from the next start of the server on; empty: nothing. Raises OSError."""
    path = folder / PASSWORD_FILE
    if not password:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, hash_password(password).encode("ascii") + b"\n")


def _bytes(password: str) -> bytes:
    """The same for however the keyboard composed it."""
    return unicodedata.normalize("NFC", password).encode()

"""The password that a server may want from newcomers: only its Argon2id hash (RFC 9106) is kept, in the data folder."""

import hashlib
import os
import re
import unicodedata
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from qtchat.net.files import replace_file
from qtchat.server.store.errors import StoreError

PASSWORD_FILE: Final = "qtchat.password"  # noqa: S105 (its name)
MEMORY_KIB: Final = 19 * 1024
ITERATIONS: Final = 2
LANES: Final = 1
"""The least that OWASP's Password Storage Cheat Sheet recommends, so that a small computer can be a server too; trying
over the network is slowed down in other ways. Measured 36 ms."""
_HASH: Final = re.compile(r"\$argon2id\$v=19\$m=\d{1,6},t=\d{1,2},p=\d{1,2}\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}")
"""With 16 bytes of salt and 32 of hash. A line that asks for gigabytes of memory is not even tried."""


class PasswordDamaged(StoreError):  # noqa: N818   like its kin
    """The file of the password cannot be used: without one anybody could come in, with a wrong one nobody new."""

    def __init__(self, path: Path, detail: object) -> None:
        text = (
            f"The password for newcomers in {path} cannot be used: {detail}. Set it anew with qtchat-server "
            "set-password and the same --data, or put the file of a backup in its place; to want no password, remove "
            "the file."
        )
        super().__init__(path, text)


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
    """The hash of the password, empty if newcomers need none. Raises PasswordDamaged."""
    path = folder / PASSWORD_FILE
    try:
        hashed, *checks = path.read_text(encoding="ascii").split() or [""]
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise PasswordDamaged(path, error.strerror or error) from error
    except UnicodeDecodeError as error:
        raise PasswordDamaged(path, "the file is damaged") from error
    if not _HASH.fullmatch(hashed) or checks not in ([], [_check(hashed)]):
        raise PasswordDamaged(path, "the file is damaged" if hashed else "the file is empty")
    return hashed


def write_password(folder: Path, password: str) -> None:
    """What newcomers need from the next start of the server on; empty: nothing. Raises OSError."""
    path = folder / PASSWORD_FILE
    if not password:
        path.unlink(missing_ok=True)
        return
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    hashed = hash_password(password)
    replace_file(path, f"{hashed}\n{_check(hashed)}\n".encode("ascii"))


def _check(hashed: str) -> str:
    """What tells a damaged line from one that nothing fits."""
    return hashlib.sha256(hashed.encode("ascii")).hexdigest()


def _bytes(password: str) -> bytes:
    """The same for however the keyboard composed it."""
    return unicodedata.normalize("NFC", password).encode()

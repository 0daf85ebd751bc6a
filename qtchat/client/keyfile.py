"""A profile's key in one file, sealed with a passphrase: to keep it safe, or to be the same user on another computer.

The file is JSON text. The key is made of the passphrase by Argon2id (RFC 9106) and seals the profile's key with
ChaCha20-Poly1305 (RFC 8439), which also vouches for everything else in the file. All of it takes about half a second.
"""

import os
import unicodedata
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, NoReturn

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from qtchat.client.errors import ProfileError
from qtchat.client.trust import KEY_FILE, key_content, read_key
from qtchat.net.files import create_file, replace_file
from qtchat.net.signature import SigningKey

MIN_PASSPHRASE: Final = 8
"""Characters. Whoever gets hold of the file can try as many passphrases as they like."""
MEMORY_KIB: Final = 64 * 1024
ITERATIONS: Final = 3
LANES: Final = 4
"""The second recommended choice of RFC 9106, section 4: for where 2 GiB are too much."""
VERSION: Final = 1
_MAX_FILE: Final = 16 * 1024
_NOT_ONE: Final = "{path} is no exported qtchat key, or it is damaged."


class KeyFileProblem(StrEnum):
    """What can go wrong, for programs."""

    WEAK = "weak"
    """The passphrase is shorter than MIN_PASSPHRASE."""
    WRONG = "wrong"
    """The passphrase does not fit, or the file was changed: nobody can tell which."""
    DAMAGED = "damaged"
    NEWER = "newer"
    """A newer version wrote the file."""
    EXISTS = "exists"
    """There is a file already where the key should go."""
    NO_KEY = "no_key"
    """The profile has no key to be exported."""
    FILE = "file"
    """A file cannot be read or written."""


class KeyFileError(ProfileError):
    """A key was neither exported nor imported, and nothing was changed. The text is a sentence for people."""

    def __init__(self, reason: KeyFileProblem, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class _Header(msgspec.Struct, frozen=True):
    """All but the sealed key. The bounds keep a file from taking all memory, or all day."""

    version: int
    memory_kib: Annotated[int, msgspec.Meta(ge=8 * 1024, le=1024 * 1024)]
    iterations: Annotated[int, msgspec.Meta(ge=1, le=16)]
    lanes: Annotated[int, msgspec.Meta(ge=1, le=16)]
    salt: Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
    nonce: Annotated[bytes, msgspec.Meta(min_length=12, max_length=12)]
    format: Literal["qtchat key"] = "qtchat key"
    kdf: Literal["argon2id"] = "argon2id"
    cipher: Literal["chacha20-poly1305"] = "chacha20-poly1305"


class _File(msgspec.Struct, frozen=True):
    header: _Header
    sealed: Annotated[bytes, msgspec.Meta(min_length=80, max_length=80)]


class _VersionOnly(msgspec.Struct, frozen=True):
    version: int
    format: Literal["qtchat key"]


class _Versioned(msgspec.Struct, frozen=True):
    header: _VersionOnly


def export_key(profile: Path, path: Path, passphrase: str, *, replace: bool = False) -> None:
    """Write the profile's key to `path`, which must not exist unless `replace`. Only the owner may read that file.

    Raises KeyFileError.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        text = f"The passphrase needs at least {MIN_PASSPHRASE} characters: whoever finds the file can try many."
        raise KeyFileError(KeyFileProblem.WEAK, text)
    header = _Header(VERSION, MEMORY_KIB, ITERATIONS, LANES, os.urandom(16), os.urandom(12))
    cipher = ChaCha20Poly1305(_stretched(passphrase, header))
    sealed = cipher.encrypt(header.nonce, _key_of(profile).to_bytes(), _vouched(header))
    content = msgspec.json.format(msgspec.json.encode(_File(header, sealed))) + b"\n"
    try:
        (replace_file if replace else create_file)(path, content)
    except FileExistsError as error:
        raise KeyFileError(KeyFileProblem.EXISTS, f"There is already a file {path}.") from error
    except OSError as error:
        _cannot(path, error)


def import_key(profile: Path, path: Path, passphrase: str) -> Path | None:
    """Make the key in the file `path` the profile's. The key that it had is kept aside: returns where, None if it had
    none, or this one.

    Only while no account of this profile runs. Raises KeyFileError.
    """
    content = key_content(_unsealed(path, passphrase))
    target = profile / KEY_FILE
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = target.read_bytes() if target.exists() else None
        if old is None:
            create_file(target, content)
        if old is None or old.strip() == content.strip():
            return None
        aside = _keep(target, old)
        replace_file(target, content)
    except OSError as error:
        _cannot(target, error)
    return aside


def _keep(target: Path, content: bytes) -> Path:
    number = 1
    while True:
        aside = target.with_name(f"{target.name}.replaced-{number}")
        try:
            create_file(aside, content)
        except FileExistsError:
            number += 1
        else:
            return aside


def _key_of(profile: Path) -> SigningKey:
    path = profile / KEY_FILE
    try:
        return read_key(path)
    except FileNotFoundError as error:
        raise KeyFileError(KeyFileProblem.NO_KEY, f"There is no key in the profile {profile} yet.") from error
    except OSError as error:
        _cannot(path, error)
    except ValueError as error:
        raise KeyFileError(KeyFileProblem.DAMAGED, f"The key of this profile, {path}, is damaged.") from error


def _unsealed(path: Path, passphrase: str) -> SigningKey:
    file = _read(path)
    try:
        cipher = ChaCha20Poly1305(_stretched(passphrase, file.header))
        return SigningKey.from_bytes(cipher.decrypt(file.header.nonce, file.sealed, _vouched(file.header)))
    except InvalidTag as error:
        text = "The passphrase is wrong, or the file was changed."
        raise KeyFileError(KeyFileProblem.WRONG, text) from error
    except ValueError as error:
        raise KeyFileError(KeyFileProblem.DAMAGED, _NOT_ONE.format(path=path)) from error


def _read(path: Path) -> _File:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE)
    except OSError as error:
        _cannot(path, error)
    try:
        version = msgspec.json.decode(content, type=_Versioned).header.version
        if version > VERSION:
            text = f"{path} was written by a newer version of qtchat. Please update this one."
            raise KeyFileError(KeyFileProblem.NEWER, text)
        return msgspec.json.decode(content, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise KeyFileError(KeyFileProblem.DAMAGED, _NOT_ONE.format(path=path)) from error


def _stretched(passphrase: str, header: _Header) -> bytes:
    """The same for however the keyboard composed the passphrase."""
    kdf = Argon2id(
        salt=header.salt,
        length=32,
        iterations=header.iterations,
        lanes=header.lanes,
        memory_cost=header.memory_kib,
    )
    return kdf.derive(unicodedata.normalize("NFKC", passphrase).encode("utf-8", "surrogatepass"))


def _vouched(header: _Header) -> bytes:
    return msgspec.json.encode(header)


def _cannot(path: Path, error: OSError) -> NoReturn:
    text = f"{path} cannot be read or written: {error.strerror or error}."
    raise KeyFileError(KeyFileProblem.FILE, text) from error

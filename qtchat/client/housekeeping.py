"""What a profile holds, for whoever wants to know it or be rid of it. Everything here waits for the disk."""

import hashlib
from pathlib import Path
from typing import Final

from qtchat.client.cache import Cache
from qtchat.client.database import open_database, plain_errors
from qtchat.client.trust import load_or_create_key

HISTORY_FOLDER: Final = "servers"
DATABASE: Final = "chat.sqlite3"
_GROUP: Final = 4
_SHOWN: Final = 32
"""Hexadecimal digits of a fingerprint: 128 bits."""


def history_folder(profile: Path) -> Path:
    """Where the local history is: a folder for each server."""
    return profile / HISTORY_FOLDER


def key_fingerprint(profile: Path) -> str:
    """By what people can tell the profile's key, in groups. Raises ProfileError."""
    digits = hashlib.sha256(load_or_create_key(profile).public_key).hexdigest()[:_SHOWN]
    return " ".join(digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP))


def history_size(profile: Path) -> int:
    """Bytes that the local history takes. A file that goes away meanwhile counts nothing."""
    total = 0
    for path in history_folder(profile).glob("*/*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total


def clear_history(profile: Path) -> None:
    """Remove what was received from every server; what waits to be sent is kept.

    Only while no account of this profile runs. Raises ProfileError.
    """
    for path in history_folder(profile).glob(f"*/{DATABASE}"):
        database, _moved = open_database(path)
        try:
            Cache(database).reset()
            with plain_errors():
                database.execute("VACUUM")  # else the file keeps its size, and the words stay in it
        finally:
            database.close()

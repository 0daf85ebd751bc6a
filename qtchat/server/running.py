"""Where the server of a data folder can be reached: what it says itself, for the commands that are run beside it."""

import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from qtchat.net.files import replace_file
from qtchat.server.doors.entrance import PlainDoor
from qtchat.server.store import StoreLocked
from qtchat.server.store.lock import FolderLock

logger = logging.getLogger(__name__)

RUNNING_FILE: Final = "running.json"


@dataclass(frozen=True, slots=True)
class Running:
    """`addresses`: for others, best first; `link`: the invitation; `plain_doors`: also those that stay shut; the rest
    as in ServerSettings, with the port that the server has got."""

    addresses: tuple[str, ...]
    port: int
    link: str
    host: str
    interface: str
    discoverable: bool
    plain_doors: tuple[PlainDoor, ...] = ()


def write_running(folder: Path, running: Running) -> None:
    """For its user alone. A server that cannot write it works all the same."""
    try:
        replace_file(folder / RUNNING_FILE, msgspec.json.encode(running) + b"\n")
    except OSError as error:
        logger.warning("%s cannot be written: %s", folder / RUNNING_FILE, error.strerror or error)


def remove_running(folder: Path) -> None:
    """By the server that holds the folder."""
    with contextlib.suppress(OSError):  # what is left is not believed without the lock
        (folder / RUNNING_FILE).unlink(missing_ok=True)


def read_running(folder: Path) -> Running | None:
    """What the server says that runs on `folder`; None if it says nothing. Look first whether it `is_running`."""
    try:
        return msgspec.json.decode((folder / RUNNING_FILE).read_bytes(), type=Running)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError):
        return None


def is_running(folder: Path) -> bool:
    """Whether a server holds `folder`. Raises StoreReadOnly."""
    try:
        FolderLock(folder).release()
    except StoreLocked:
        return True
    return False

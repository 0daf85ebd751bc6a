"""A copy of a server's data, made while it runs: SQLite's own way to copy a database, and the server's identity.

The copy is a data folder itself: `qtchat-server --data COPY --restored` is the same server as it was then.
"""

import os
import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from qtchat.net.files import create_file, replace_file
from qtchat.net.tls import CERTIFICATE_FILE, KEY_FILE
from qtchat.server.naming import NAME_FILE
from qtchat.server.passwords import PASSWORD_FILE
from qtchat.server.store.open import DATABASE_NAME

LAST_FILE: Final = "last-backup"
"""In the data folder: when the last copy was made, ms since 1970, UTC."""
README: Final = """\
This is a copy of a qtchat server: everything that was said, and the key by which people recognise the server.
Whoever has the key can pass for the server, so keep this folder as safe as the server itself.

To go on with it, move the folder to its new place and run: qtchat-server --data FOLDER --restored
The option --restored is needed the first time only.
"""


class BackupError(Exception):
    """There is no copy; the text says why."""


def back_up(data: Path, into: Path) -> Path:
    """Copy the data folder `data` into a new folder in `into`, and return that; the server may go on working.

    Takes about a second for each 100 MB. Raises BackupError, and leaves nothing behind.
    """
    if not (data / DATABASE_NAME).exists():
        raise BackupError(f"There is no chat in {data} to be copied. Is the folder right?")
    now = time.time()
    copy = into / time.strftime("qtchat-backup-%Y-%m-%d-%H%M%S", time.localtime(now))
    try:
        copy.mkdir(mode=0o700, parents=True)
    except OSError as error:
        raise BackupError(f"{copy} cannot be made: {error.strerror or error}") from error
    try:
        _copy_database(data / DATABASE_NAME, copy / DATABASE_NAME)
        for name in (KEY_FILE, CERTIFICATE_FILE):
            create_file(copy / name, (data / name).read_bytes())
        for name in (PASSWORD_FILE, NAME_FILE):  # who restores a copy must not find the door open
            if (data / name).exists():
                create_file(copy / name, (data / name).read_bytes())
        create_file(copy / "README.txt", README.encode())
        replace_file(data / LAST_FILE, str(round(now * 1000)).encode())
    except (OSError, sqlite3.Error) as error:
        shutil.rmtree(copy, ignore_errors=True)
        raise BackupError(f"The copy could not be made: {error}") from error
    return copy


def last_backup(data: Path) -> int:
    """When the last copy was made, ms since 1970, UTC; 0 if none was, or nobody knows."""
    try:
        return int((data / LAST_FILE).read_bytes())
    except (OSError, ValueError):
        return 0


def _copy_database(source: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))  # messages are not for the others here
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as database,
        closing(sqlite3.connect(target, isolation_level=None)) as copy,
    ):
        # All pages at once: it reads one state of the database, and no writer makes it begin anew. None has to wait.
        database.backup(copy, pages=-1)
        copy.execute("PRAGMA journal_mode = DELETE").close()  # one file, without a log beside it
        if (verdict := copy.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(verdict)

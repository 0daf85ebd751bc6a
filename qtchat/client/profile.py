"""Where a profile is, and what its owner is called when nobody said."""

import getpass
import os
from pathlib import Path

import platformdirs

from qtchat.net.portable import portable_data
from qtchat.protocol.names import NameProblemError, clean_nick


def default_profile() -> Path:
    """The folder of the profile that app and command line share unless told otherwise."""
    return (portable_data() or platformdirs.user_data_path("qtchat", appauthor=False)) / "profile"


def default_nick() -> str:
    """The name of the computer's user, if it can serve as a nick."""
    try:
        return clean_nick(getpass.getuser())
    except (OSError, KeyError, NameProblemError):  # no such user in the system, as in some containers
        return "Guest"


def private(path: str, flags: int) -> int:
    """An opener for `open`: a new file is one that nobody else may read, whatever folder it stands in."""
    return os.open(path, flags, 0o600)

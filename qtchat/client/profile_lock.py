"""One desktop program to a profile: two would send twice what waits, and overwrite each other's settings."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from qtchat.client.errors import ProfileError
from qtchat.net.locking import lock

logger = logging.getLogger(__name__)

FILE_NAME: Final = "in-use"


class ProfileInUseError(ProfileError):
    """Another program has this profile open."""


@contextmanager
def profile_lock(profile: Path) -> Iterator[None]:
    """Keep the profile for this process; it ends with the process, kill -9 included. Raises ProfileInUseError.

    Where no file can be made, nothing is locked: whoever opens the profile then will say what is wrong with it.
    """
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = (profile / FILE_NAME).open("a")
    except OSError as error:
        logger.warning("the profile cannot be locked: %s", error)
        yield
        return
    with file:
        try:
            lock(file.fileno(), wait=False)
        except OSError as error:
            raise ProfileInUseError(f"The profile {profile} is open in another qtchat.") from error
        yield

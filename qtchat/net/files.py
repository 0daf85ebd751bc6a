"""Small files that must never be half written: keys, certificates, lists of known servers.

Content goes to a temporary file beside the target, reaches the disk, and only then gets its name. So after a
crash or a power loss there is the old file or the new one, never a part of one. Every file is made with mode
0600 (on Windows the folder in the user's profile keeps others out).
"""

import os
import tempfile
from pathlib import Path


def create_file(path: Path, content: bytes) -> None:
    """Make `path`, which must not exist. Raises FileExistsError if it does, another OSError if it cannot be written.

    Of two programs that try at the same moment, one succeeds.
    """
    temporary = _write_temporary(path, content)
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        raise
    except OSError:
        # FAT and some network folders have no hard links. Nothing else there is both exclusive and complete, so
        # between the next two lines another program could still come first.
        if path.exists():
            raise FileExistsError(path) from None
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Give `path` new content, whether it exists or not. Raises OSError and leaves the old content if that fails."""
    temporary = _write_temporary(path, content)
    try:
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def free_damaged_name(path: Path, *suffixes: str) -> Path:
    """The first of PATH.damaged-1, PATH.damaged-2, ... that is not taken, neither alone nor with one of `suffixes`."""
    number = 1
    while True:
        candidate = path.with_name(f"{path.name}.damaged-{number}")
        if not any(candidate.with_name(candidate.name + suffix).exists() for suffix in ("", *suffixes)):
            return candidate
        number += 1


def _write_temporary(path: Path, content: bytes) -> Path:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", suffix=".new", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _sync_folder(folder: Path) -> None:
    """A new name survives a power loss only once the folder that holds it is on the disk too."""
    if os.name != "posix":  # Windows cannot open a folder, and its file systems log their names themselves
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

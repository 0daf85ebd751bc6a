"""Portable mode: a file called `portable` beside the program keeps all data there, as on a USB stick."""

import sys
from pathlib import Path
from typing import Final

MARK: Final = "portable"
"""Name of the file; what is in it does not matter."""
DATA: Final = "data"
"""Name of the folder beside it."""


def portable_data() -> Path | None:
    """The folder for all data if this is a bundle in portable mode, else None.

    Of an application of macOS, a folder called NAME.app, the place is beside that folder.
    """
    if not getattr(sys, "frozen", False):
        return None
    program = Path(sys.executable).resolve()
    places = [parent.parent for parent in program.parents if parent.suffix == ".app"] or [program.parent]
    return places[-1] / DATA if (places[-1] / MARK).exists() else None

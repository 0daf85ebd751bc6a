"""What a chat is called, where that is kept with its data: the app names one when it is hosted for the first time.

Kept there, it stays when the folder is moved, and whoever hosts it then.
"""

import logging
from pathlib import Path
from typing import Final

from qtchat.net.files import replace_file

NAME_FILE: Final = "qtchat.name"
MAX_NAME: Final = 64
"""Characters."""

logger = logging.getLogger(__name__)


def read_name(folder: Path) -> str:
    """The name of the chat in this folder, empty if it was not given one, or it cannot be read."""
    try:
        return clean_name((folder / NAME_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        logger.warning("the name of this chat cannot be read: %s", error)
        return ""


def write_name(folder: Path, name: str) -> None:
    """What it is called from the next start on. Raises OSError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(folder / NAME_FILE, clean_name(name).encode() + b"\n")


def clean_name(text: str) -> str:
    """In one line, bounded, and of nothing that cannot be seen."""
    words = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return words[:MAX_NAME].strip()

"""What the dialog shows that is no setting."""

from pathlib import Path

from msgspec import Struct


class Facts(Struct, frozen=True):
    """`profile`: the folder with key, history and settings. `has_tray`: can this desktop keep an icon of us?"""

    profile: Path
    has_tray: bool

"""What the dialog shows that is no setting."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Facts:
    """`profile`: the folder with key, history and settings. `has_tray`: can this desktop keep an icon of us?"""

    profile: Path
    has_tray: bool

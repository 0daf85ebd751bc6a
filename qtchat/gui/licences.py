"""What this program was bundled with, with versions and licences: a list that is made when the bundle is."""

import msgspec

from qtchat.gui.resources import resource

FOLDER = "licences"


class Part(msgspec.Struct, frozen=True):
    """Somebody's work in the bundle. `licence`: its name; `file`: where the text is, in the folder of them."""

    name: str
    version: str
    licence: str
    file: str

    def text(self) -> str:
        """The whole text. Raises OSError if it is not there any more."""
        return resource(FOLDER, self.file).read_text(encoding="utf-8")


def bundled_parts() -> list[Part]:
    """All of them by name; none where the program does not run from a bundle."""
    try:
        index = resource(FOLDER, "index.json").read_bytes()
    except FileNotFoundError:
        return []
    return msgspec.json.decode(index, type=list[Part])

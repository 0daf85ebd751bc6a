"""What names look like: by the skeleton of Unicode Technical Standard 39, two names that look alike are one.

The data is Unicode's own confusables.txt, reduced to its pairs, in resources/unicode. The libraries that bring it along
have older data, and none of them makes skeletons by its rules. Skeletons are never stored, so newer data needs no
migration.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

from qtchat.protocol.names import fold

_PACKAGE: Final = Path(__file__).resolve().parent.parent


def looks_of(name: str) -> frozenset[str]:
    """The skeletons of a name: as it is written, and as it is compared. Names with one in common look alike.

    Both, since capital I is taken for small L as it stands, and for small I where case does not matter.
    """
    return frozenset({_skeleton(name), _skeleton(fold(name))})


def _skeleton(name: str) -> str:
    decomposed = unicodedata.normalize("NFD", name)
    return unicodedata.normalize("NFD", decomposed.translate(_confusables()))


@cache
def _confusables() -> dict[int, str]:
    """Character -> what it is taken for. Raises FileNotFoundError if the installation lacks the file."""
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):  # installed, and in a source checkout
        if (folder / "unicode").is_dir():
            break
    else:
        raise FileNotFoundError(f"the folder resources/unicode is missing from this installation at {_PACKAGE}")
    table = {}
    for line in (folder / "unicode" / "confusables.txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            source, _, target = line.partition(";")
            table[int(source, 16)] = "".join(chr(int(point, 16)) for point in target.split())
    return table

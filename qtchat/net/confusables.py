"""What texts look like: of Unicode Technical Standard 39, the skeletons, which are equal where two texts look alike.

The data is Unicode's own confusables.txt, reduced to its pairs, in resources/unicode. The libraries that bring it along
have older data, and none of them makes skeletons by its rules. Skeletons are never stored, so newer data needs no
migration.
"""

import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

_PACKAGE: Final = Path(__file__).resolve().parent.parent


def skeleton(text: str) -> str:
    """What `text` looks like. The first call reads the data, which takes some milliseconds; raises FileNotFoundError
    if the installation lacks it."""
    decomposed = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFD", decomposed.translate(_confusables()))


@cache
def _confusables() -> dict[int, str]:
    """Character -> what it is taken for."""
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

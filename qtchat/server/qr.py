"""An invitation as a QR code of characters, for a terminal."""

from itertools import zip_longest
from typing import Final

import segno

QUIET_ZONE: Final = 4
"""Modules of white around the code, as its standard wants."""
_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}
_BLACK_ON_WHITE: Final = "\x1b[30;107m"
_USUAL: Final = "\x1b[0m"


def qr_text(link: str, *, colours: bool) -> str:
    """The code of `link` in half blocks, black where ink goes.

    `colours`: fix them by escape sequences, for a terminal may be light or dark; without, it is right on light ground.
    """
    rows = [list(row) for row in segno.make_qr(link, error="m").matrix_iter(border=QUIET_ZONE)]
    lines = []
    for upper, lower in zip_longest(rows[::2], rows[1::2]):
        pairs = zip(upper, lower or [0] * len(upper), strict=True)
        line = "".join(_HALVES[bool(top), bool(bottom)] for top, bottom in pairs)
        lines.append(f"{_BLACK_ON_WHITE}{line}{_USUAL}" if colours else line)
    return "\n".join(lines)

"""The colour font for emoji."""

from functools import cache
from typing import Final

from PySide6.QtGui import QFont, QFontDatabase

_FAMILIES: Final = ("Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", "Twemoji", "JoyPixels")


@cache
def _installed() -> tuple[str, ...]:
    # Only those that are there: Qt searches long, and warns, for a family that is missing.
    return tuple(family for family in _FAMILIES if QFontDatabase.hasFamily(family))


def emoji_font(pixels: int) -> QFont:
    """The computer's colour font of that size; where it has none, whatever Qt finds."""
    font = QFont()
    if _installed():
        font.setFamilies([*_installed(), font.family()])
    font.setPixelSize(pixels)
    return font

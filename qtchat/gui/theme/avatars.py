"""Round avatars with one initial."""

import unicodedata

from PySide6.QtCore import QRectF, Qt, QTextBoundaryFinder
from PySide6.QtGui import QColor, QFont, QPainter, QPen

LIGHT_INK = QColor("#FFFFFF")
DARK_INK = QColor("#0B1520")
_MIN_CONTRAST = 4.5
MOST_MARKS = 4
"""Accents on one letter that any language needs; who has more of them fills the whole avatar."""


def initial(name: str) -> str:
    """The first letter, digit or emoji of `name` in upper case, whole as the eye sees it; "?" if it has none."""
    finder = QTextBoundaryFinder(QTextBoundaryFinder.BoundaryType.Grapheme, name)
    start = 0
    # The finder counts in UTF-16 units, Python in code points: only positions inside this encoding fit.
    units = name.encode("utf-16-le", "surrogatepass")
    while (end := finder.toNextBoundary()) != -1:
        cluster = units[2 * start : 2 * end].decode("utf-16-le", "replace")
        if unicodedata.category(cluster[0])[0] in "LN" or unicodedata.category(cluster[0]) == "So":
            if sum(unicodedata.category(character) in ("Mn", "Me") for character in cluster) > MOST_MARKS:
                cluster = cluster[0]
            upper = cluster.upper()
            return upper if len(upper) == len(cluster) else cluster
        start = end
    return "?"


def ink_on(ground: QColor) -> QColor:
    """White where it can be read on `ground`, else near-black."""
    return LIGHT_INK if _contrast(LIGHT_INK, ground) >= _MIN_CONTRAST else DARK_INK


def paint_avatar(painter: QPainter, rect: QRectF, name: str, color: QColor) -> None:
    """Fill the circle in `rect` with `color` and set the initial of `name` in its middle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawEllipse(rect)
    font = QFont(painter.font())
    font.setPixelSize(max(1, round(rect.height() * 0.42)))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QPen(ink_on(color)))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, initial(name))
    painter.restore()


def _contrast(first: QColor, second: QColor) -> float:
    """The contrast ratio of WCAG 2: 1 to 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: QColor) -> float:
    channels = (color.redF(), color.greenF(), color.blueF())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

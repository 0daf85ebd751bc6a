"""Words that may do harm, and what must hold of whatever shows them."""

from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QLabel, QTextEdit, QWidget

from tests.helpers.lure import Lure

HOSTILE = {
    "bold": "<b>x</b>",
    "picture": "<img src={picture}>",
    "address": "<img src=http://{address}>",
    "override": "evil\u202egpj.exe",
    "joiner": "An\u200dna",
    "marks": "x" + "\u0301" * 10_000,
    "lookalike": "Аnnа",  # the first and the last letter are Cyrillic; nobody but her key is Anna
    "endless": "W" * 4_000,
    "lines": "one\ntwo\r\nthree\u2028four\u2029five\x0bsix\tseven\x1b[31meight\0",
    "amp": "&amp; &x %n {nick} [*]",
}
MOST_HIGH, MOST_WIDE = 1_000, 1_200
"""Pixels that no dialog needs for such words."""
ROLES = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole)
TURNING = "\u202a\u202b\u202d\u202e\u2066\u2067"
"""What turns text around that comes behind it."""


def baited(words: str, bait: Lure) -> str:
    """They name what nobody may open."""
    return words.replace("{picture}", str(bait.picture)).replace("{address}", bait.address)


def check(widget: QWidget) -> None:
    """Every label in it is plain text, every tool tip escaped, and it fits on a screen."""
    assert not widget.findChildren(QTextEdit), "only a QPlainTextEdit takes nothing for HTML"
    for label in (*widget.findChildren(QLabel), *([widget] if isinstance(widget, QLabel) else [])):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text(), label.objectName()
    for child in (widget, *widget.findChildren(QWidget)):
        check_tip(child.toolTip())
    for title in (widget.windowTitle(), widget.accessibleName()):
        assert not set(title) & {*TURNING, "\n"}
    assert widget.sizeHint().width() <= MOST_WIDE
    assert widget.sizeHint().height() <= MOST_HIGH
    image = widget.grab().toImage()
    assert isinstance(image, QImage)
    assert not image.isNull()


def check_tip(tip: str) -> None:
    """Nothing in it but our own <qt> and <br> is a tag; where it is shown as Qt does it, nothing is loaded."""
    assert "<" not in tip.removeprefix("<qt>").removesuffix("</qt>").replace("<br>", "")
    if tip:
        label = QLabel(tip)
        label.grab()
        label.deleteLater()


def check_rows(model: QAbstractItemModel, least: int = 1) -> None:
    """What the rows of a list say to eyes, ears and the mouse stays on its line, and turns nothing around."""
    assert model.rowCount() >= least
    for row in range(model.rowCount()):
        display, spoken, tip = (str(model.index(row, 0).data(role) or "") for role in ROLES)
        assert not set(display + spoken) & set(TURNING)
        assert "\n" not in display
        assert len(display) < 1_000
        check_tip(tip)

"""A row of colours, of which one is chosen for one's own name and avatar."""

from typing import Final

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QConicalGradient, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QRadioButton, QWidget

from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_4
from qtchat.protocol.messages import MAX_COLOR

SWATCH: Final = 28
"""Pixels, with the ring around the chosen one."""
RING: Final = 2


def color_names() -> tuple[str, ...]:
    """What the colours are called, from 0 on, in the language in force."""
    tr = QCoreApplication.translate
    return (
        tr("Colors", "Any colour"),
        tr("Colors", "Red"),
        tr("Colors", "Blue"),
        tr("Colors", "Green"),
        tr("Colors", "Brown"),
        tr("Colors", "Violet"),
        tr("Colors", "Teal"),
        tr("Colors", "Orange"),
        tr("Colors", "Pink"),
    )


class ColorChoice(QWidget):
    """Asks: chosen(int), 1 to MAX_COLOR, or 0 for whichever the server gives. One stop of the Tab key; the arrow keys
    go from colour to colour."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, color: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("color_choice")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE_4)
        self.swatches = [Swatch(theme, number, name, self) for number, name in enumerate(color_names())]
        for swatch in self.swatches:
            row.addWidget(swatch)
            swatch.clicked.connect(self._tell)
            swatch.toggled.connect(swatch.update)
        row.addStretch()
        self.set_color(color)
        theme.changed.connect(self.update)

    @property
    def color(self) -> int:
        return next(swatch.number for swatch in self.swatches if swatch.isChecked())

    def set_color(self, color: int) -> None:
        """Show which one is chosen."""
        self.swatches[color if 0 <= color <= MAX_COLOR else 0].setChecked(True)
        for swatch in self.swatches:  # Qt does this only once one of them has the keyboard
            focus = Qt.FocusPolicy.StrongFocus if swatch.isChecked() else Qt.FocusPolicy.ClickFocus
            swatch.setFocusPolicy(focus)

    def _tell(self) -> None:
        self.chosen.emit(self.color)


class Swatch(QRadioButton):
    """One colour."""

    def __init__(self, theme: Theme, number: int, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.number = number
        self._theme = theme
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setFixedSize(SWATCH, SWATCH)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(SWATCH, SWATCH)

    def hitButton(self, _place: object) -> bool:
        """All of it; the style would take the little circle of a radio button."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        outside = QRectF(self.rect()).adjusted(RING / 2, RING / 2, -RING / 2, -RING / 2)
        if self.isChecked() or self.hasFocus():
            painter.setPen(QPen(self._theme.color("text" if self.isChecked() else "accent"), RING))
            painter.drawEllipse(outside)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._fill())
        inset = 2 * RING + 1
        painter.drawEllipse(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))
        painter.end()

    def _fill(self) -> QBrush:
        if self.number:
            return QBrush(self._theme.person_color(self._theme.color_key(self.number)))
        colors = [QColor(color) for color in self._theme.palette.people]
        gradient = QConicalGradient(QPointF(self.rect().center()), 90)
        for place, color in enumerate([*colors, colors[0]]):
            gradient.setColorAt(place / len(colors), color)
        return QBrush(gradient)

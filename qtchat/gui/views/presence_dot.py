"""The dot at an avatar that tells whether somebody is here."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from qtchat.gui.models.presence import Presence
from qtchat.gui.theme.theme import Theme


def paint_presence(painter: QPainter, avatar: QRectF, presence: Presence, theme: Theme, ground: QColor) -> None:
    """The dot at the lower right of an avatar that stands on `ground`: full for online, a ring for away, none else."""
    if presence is Presence.OFFLINE:
        return
    size = max(8.0, avatar.width() / 4)
    dot = QRectF(avatar.right() - size + 1, avatar.bottom() - size + 1, size, size)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(dot.adjusted(-2, -2, 2, 2))
    if presence is Presence.ONLINE:
        painter.setBrush(theme.color("ok"))
        painter.drawEllipse(dot)
    else:
        painter.setPen(QPen(theme.color("warn"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(dot.adjusted(1, 1, -1, -1))

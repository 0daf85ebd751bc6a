"""A QR code, drawn: black on white in every theme, since that is what cameras read."""

import importlib

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from qtchat.gui.theme.tokens import RADIUS_BUTTON

QUIET_ZONE = 4
"""Modules of white around the code, as its standard wants."""
SIZE = 236
"""Pixels that the code may take, the white around it included."""


def qr_image(text: str, size: int) -> QImage:
    """The code of `text`, as large as fits into `size` pixels with whole pixels for each module."""
    segno = importlib.import_module("segno")  # late: with all that it imports it takes 11 ms of the start
    rows = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(border=QUIET_ZONE)]
    side = len(rows)
    image = QImage(side, side, QImage.Format.Format_Grayscale8)
    image.fill(Qt.GlobalColor.white)
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                image.setPixelColor(x, y, QColor(Qt.GlobalColor.black))
    whole = max(1, size // side) * side
    return image.scaled(whole, whole)  # without smoothing: edges stay sharp


class QrCode(QWidget):
    """The code of a text on a white card."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        side = qr_image(text, SIZE).width()
        self.setFixedSize(side, side)
        self.setAccessibleName(self.tr("QR code of the invitation"))

    def paintEvent(self, _event: QPaintEvent) -> None:
        ratio = self.devicePixelRatioF()
        image = qr_image(self._text, round(self.width() * ratio))
        image.setDevicePixelRatio(ratio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(Qt.GlobalColor.white)
        painter.drawRoundedRect(QRectF(self.rect()), RADIUS_BUTTON, RADIUS_BUTTON)
        gap = round((self.width() - image.width() / ratio) / 2)
        painter.drawImage(gap, gap, image)
        painter.end()

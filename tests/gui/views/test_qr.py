"""QR codes: sharp, large enough, and read by a library in both themes."""

import pytest
import zxingcpp
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.invitation_dialog import InvitationDialog
from qtchat.gui.views.qr import QUIET_ZONE, SIZE, QrCode, qr_image

CODE = "ABCDE-FGHIJ-KLMNO-PQRST-UVWXY"
LINK = f"qtchat://192.168.1.5:47300,[fd00::1]:47300/#{CODE}"


def read(image: QImage) -> str:
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = memoryview(bytes(grey.constBits())).cast("B", (grey.height(), grey.bytesPerLine()))
    (code,) = zxingcpp.read_barcodes(rows)
    return str(code.text)


@pytest.mark.parametrize("text", ["x", LINK, "qtchat://" + ",".join(f"10.0.0.{n}:47300" for n in range(16))])
def test_it_fits_with_white_around(text: str) -> None:
    image = qr_image(text, SIZE)
    assert SIZE / 2 < image.width() <= SIZE
    module = next(x for x in range(image.width()) if image.pixelColor(x, x).lightness() < 128) // QUIET_ZONE
    assert image.width() % module == 0
    assert read(image) == text


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_it_is_read_in_both_themes(qtbot: QtBot, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    dialog = InvitationDialog(theme, LINK, CODE, None, ("192.168.1.5:47300",))
    qtbot.addWidget(dialog)
    dialog.show()
    assert read(dialog.grab().toImage()) == LINK


def test_a_screen_reader_is_told_what_it_is(qtbot: QtBot) -> None:
    widget = QrCode(LINK)
    qtbot.addWidget(widget)
    assert "QR" in widget.accessibleName()

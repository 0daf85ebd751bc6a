"""`qtchat --smoke-test`: does everything that a build can lack work? For packages and continuous integration."""

import sqlite3
import ssl

from PySide6.QtGui import QImage

from qtchat.gui.theme.icons import Icons
from qtchat.gui.views.main_window import MainWindow


class SmokeError(Exception):
    """Something that the program cannot do without does not work; the text says what."""


def smoke_test(window: MainWindow, icons: Icons) -> None:
    """Paint one window and say so, load an icon, open SQLite and TLS. Raises SmokeError, or what libraries raise."""
    picture = window.grab().toImage()
    if picture.isNull() or _plain(picture):
        raise SmokeError("the window was painted empty")
    print("The window is painted.", flush=True)  # noqa: T201 (how long that took is measured)
    if icons.pixmap("qtchat", 64, "accent").isNull():
        raise SmokeError("the icon was not drawn")
    database = sqlite3.connect(":memory:")
    try:
        database.execute("SELECT sqlite_version()").fetchone()
    finally:
        database.close()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3


def _plain(picture: QImage) -> bool:
    """All of one colour."""
    places = [(x, y) for x in range(0, picture.width(), 8) for y in range(0, picture.height(), 8)]
    return len({picture.pixel(x, y) for x, y in places}) < 2

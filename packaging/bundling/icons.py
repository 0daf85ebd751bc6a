"""The program's icon in every size and container that a system asks for, drawn from resources/icons/qtchat.svg."""

import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from bundling.place import ROOT

SVG: Final = ROOT / "resources" / "icons" / "qtchat.svg"
LINUX_SIZES: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 128, 256)
INSTALLER_SIZES: Final = (55, 83, 110, 138)
"""For screens from 100 to 250 %."""
ICNS_KINDS: Final = {
    b"icp4": 16,
    b"icp5": 32,
    b"ic07": 128,
    b"ic08": 256,
    b"ic09": 512,
    b"ic11": 32,  # from here on for screens with twice the pixels
    b"ic12": 64,
    b"ic13": 256,
    b"ic14": 512,
    b"ic10": 1024,
}
"""What the format calls a PNG picture -> its pixels."""


def draw(sizes: Iterable[int]) -> dict[int, bytes]:
    """The icon as PNG files, by their width in pixels."""
    return {size: draw_file(SVG, size) for size in sizes}


def draw_file(svg: Path, width: int, form: str = "PNG", ground: Qt.GlobalColor = Qt.GlobalColor.transparent) -> bytes:
    """A drawing as a picture so many pixels wide. There has to be a QGuiApplication if there are words in it."""
    renderer = QSvgRenderer(str(svg))
    size = renderer.defaultSize()
    height = round(width * size.height() / size.width())
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(ground)
    painter = QPainter(image)
    renderer.render(painter, QRectF(0, 0, width, height))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if ground != Qt.GlobalColor.transparent:
        image = image.convertToFormat(QImage.Format.Format_RGB888)
    QImageWriter(buffer, QByteArray(form.encode())).write(image)
    return bytes(data.data())


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon that holds these PNG pictures, at most 256 pixels wide each."""
    header = struct.pack("<HHH", 0, 1, len(pictures))
    offset = len(header) + 16 * len(pictures)
    entries, body = b"", b""
    for size, png in sorted(pictures.items()):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(png), offset + len(body))
        body += png
    return header + entries + body


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon that holds these PNG pictures (by their pixels), each under all the names that it has."""
    named = [(kind, pictures[size]) for kind, size in ICNS_KINDS.items() if size in pictures]
    body = b"".join(kind + struct.pack(">I", 8 + len(png)) + png for kind, png in named)
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def write_icon(folder: Path, platform: str) -> Path | None:
    """The icon that the program file itself bears on `platform` (sys.platform); None where there is none.

    For Windows beside it, as small-*.bmp, what the installer shows.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if platform == "win32":
        path = folder / "qtchat.ico"
        path.write_bytes(ico(draw(ICO_SIZES)))
        for size in INSTALLER_SIZES:
            (folder / f"small-{size}.bmp").write_bytes(draw_file(SVG, size, "BMP", Qt.GlobalColor.white))
    elif platform == "darwin":
        path = folder / "qtchat.icns"
        path.write_bytes(icns(draw(set(ICNS_KINDS.values()))))
    else:
        return None
    return path

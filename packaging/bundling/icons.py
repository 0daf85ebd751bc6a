"""The program's icon in every size and container that a system asks for, drawn from resources/icons/qtchat.svg."""

import struct
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgRenderer

from bundling.place import ROOT

SVG: Final = ROOT / "resources" / "icons" / "qtchat.svg"
LINUX_SIZES: Final = (16, 22, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES: Final = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS_KINDS: Final = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10"}
"""Pixels -> the name that the format has for a PNG picture of this size."""


def draw(sizes: tuple[int, ...]) -> dict[int, bytes]:
    """The icon as PNG files, by their width in pixels."""
    renderer = QSvgRenderer(str(SVG))
    pictures = {}
    for size in sizes:
        image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        renderer.render(painter, QRectF(0, 0, size, size))
        painter.end()
        data = QByteArray()
        buffer = QBuffer(data)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        QImageWriter(buffer, QByteArray(b"PNG")).write(image)
        pictures[size] = bytes(data.data())
    return pictures


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
    """A macOS icon that holds these PNG pictures, of the sizes in ICNS_KINDS."""
    body = b"".join(ICNS_KINDS[size] + struct.pack(">I", 8 + len(png)) + png for size, png in sorted(pictures.items()))
    return b"icns" + struct.pack(">I", 8 + len(body)) + body


def write_icon(folder: Path, platform: str) -> Path | None:
    """The icon that the program file itself bears on `platform` (sys.platform); None where there is none."""
    folder.mkdir(parents=True, exist_ok=True)
    if platform == "win32":
        path = folder / "qtchat.ico"
        path.write_bytes(ico(draw(ICO_SIZES)))
    elif platform == "darwin":
        path = folder / "qtchat.icns"
        path.write_bytes(icns(draw(tuple(ICNS_KINDS))))
    else:
        return None
    return path

"""The program's icons: vendored SVG outlines, recoloured and drawn in the size that is asked for."""

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from qtchat.gui.resources import resource
from qtchat.gui.theme.theme import Theme

ICON_SIZE = 20
"""Pixels of an icon in a button, where nothing else was asked for."""


class Icons:
    """Icons by their Lucide names, e.g. "check-check". A name without a file is a KeyError: our own bug."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        self._sources: dict[str, str] = {}
        self._pixmaps: dict[tuple[str, int, str, float], QPixmap] = {}

    def pixmap(self, name: str, size: int, color: QColor | str, ratio: float = 1.0) -> QPixmap:
        """`name` drawn `size` device-independent pixels wide and high, for a screen of that pixel ratio.

        `color`: a QColor, or the name of a token of the theme in force. The result is cached and shared.
        """
        ink = QColor(color) if isinstance(color, QColor) else self._theme.color(color)
        key = (name, size, ink.name(QColor.NameFormat.HexArgb), ratio)
        pixmap = self._pixmaps.get(key)
        if pixmap is None:
            pixmap = self._pixmaps[key] = self._draw(name, size, ink, ratio)
        return pixmap

    def icon(self, name: str, color: QColor | str = "sub", size: int = ICON_SIZE) -> QIcon:
        """`name` as a QIcon of that size, drawn when it is shown. Ask again after the theme has changed."""
        ink = QColor(color) if isinstance(color, QColor) else self._theme.color(color)
        return QIcon(_Engine(self, name, ink, self._theme.color("line"), size))

    def _draw(self, name: str, size: int, ink: QColor, ratio: float) -> QPixmap:
        source = self._source(name).replace("currentColor", ink.name())
        renderer = QSvgRenderer(QByteArray(source.encode()))
        pixels = max(1, round(size * ratio))
        pixmap = QPixmap(QSize(pixels, pixels))
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setOpacity(ink.alphaF())
        renderer.render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def _source(self, name: str) -> str:
        source = self._sources.get(name)
        if source is None:
            path = resource("icons", f"{name}.svg")
            if not path.is_file():
                raise KeyError(name)
            source = self._sources[name] = path.read_text(encoding="utf-8")
        return source


class _Engine(QIconEngine):
    """Draws an icon in the size, and for the pixel ratio, that it is shown in: all there might be would take longer."""

    def __init__(self, icons: Icons, name: str, ink: QColor, disabled: QColor, size: int) -> None:
        super().__init__()
        self._icons, self._name, self._ink, self._disabled, self._size = icons, name, ink, disabled, size

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, _state: QIcon.State, scale: float) -> QPixmap:
        """For a screen with `scale` pixels for one of ours. Some versions of Qt give `size` in those of the screen, and
        some in ours; it is only a bound to us."""
        side = min(size.width(), size.height(), self._size)
        return self._icons.pixmap(self._name, side, self._disabled if mode == QIcon.Mode.Disabled else self._ink, scale)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatioF()
        pixmap = self.scaledPixmap(rect.size(), mode, state, ratio)
        place = QRect(rect.topLeft(), pixmap.deviceIndependentSize().toSize())
        place.moveCenter(rect.center())
        painter.drawPixmap(place.topLeft(), pixmap)

    def clone(self) -> QIconEngine:
        return _Engine(self._icons, self._name, self._ink, self._disabled, self._size)

"""Where the rows are on the screen, for screen readers; see accessible.py."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtWidgets import QAbstractButton, QWidget

from qtchat.client.state import Entry
from qtchat.gui.views.timeline.scene import Scene


class RowsOnScreen:
    """A scene, in the coordinates of the screen."""

    def __init__(self, scene: Scene, viewport: QWidget, bottom_button: QAbstractButton) -> None:
        self._scene = scene
        self._viewport = viewport
        self.bottom_button = bottom_button

    @property
    def shown_entries(self) -> Sequence[Entry]:
        """All rows, seen or not."""
        return self._scene.entries

    @property
    def ringed(self) -> Entry | None:
        """The message that the keyboard is on."""
        return self._scene.ringed

    def row_rect(self, row: int) -> QRect:
        """Where a row is; empty when it is out of sight."""
        placed = self._scene.placed_row(row)
        if placed is None:
            return QRect()
        corner = self._viewport.mapToGlobal(QPoint(0, placed.y))
        return QRect(corner.x(), corner.y(), placed.row.width, placed.row.height)

    def row_at(self, point: QPoint) -> int | None:
        """The row under a point."""
        found = self._scene.hit(QPointF(self._viewport.mapFromGlobal(point)))
        return found.placed.index if found is not None and found.placed is not None else None

"""Where the rows are on the screen, for screen readers; see accessible.py."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QPointF, QRect
from PySide6.QtGui import QAccessibleActionInterface
from PySide6.QtWidgets import QAbstractButton, QWidget

from qtchat.client.state import Entry
from qtchat.gui.views.timeline.accessible import SHOW_SENDER
from qtchat.gui.views.timeline.actions import MessageActions
from qtchat.gui.views.timeline.keyboard import Keyboard
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.ways import Way
from qtchat.gui.views.timeline.words import about_sender
from qtchat.protocol.messages import KIND_POST


class RowsOnScreen:
    """A scene, in the coordinates of the screen, with what keys and the mouse do there."""

    def __init__(
        self,
        scene: Scene,
        viewport: QWidget,
        bottom_button: QAbstractButton,
        keyboard: Keyboard,
        actions: MessageActions,
    ) -> None:
        self._scene = scene
        self._viewport = viewport
        self._keyboard = keyboard
        self._actions = actions
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

    def actions_of(self, row: int) -> list[str]:
        """What can be done with a row. Only where the keyboard stops, something can."""
        if self._scene.arrangement.stop_beside(row, 1) != row:
            return []
        entry, actions = self._scene.entries[row], QAccessibleActionInterface
        known = [actions.pressAction(), actions.setFocusAction()]
        if entry.kind == KIND_POST:
            known.append(actions.showMenuAction())
        if entry.kind == KIND_POST and not entry.own:
            known.append(SHOW_SENDER)
        return [*known, *self._actions.ways(entry)]

    def words_of(self, row: int, action: str) -> str:
        """What one of these is called; "" where Qt has a name for it."""
        if action == SHOW_SENDER:
            return about_sender()
        way = self._way(row, action)
        return way.words if way is not None else ""

    def act(self, row: int, action: str) -> None:
        """Do one of these, as the keyboard would on this row."""
        if action not in self.actions_of(row):
            return
        self._keyboard.go_to(row)
        placed = self._scene.placed_row(row)
        if (way := self._way(row, action)) is not None:
            way.go()
        elif action == SHOW_SENDER and placed is not None:
            self._actions.show_sender(placed)
        elif action != QAccessibleActionInterface.setFocusAction():
            self._keyboard.enter()

    def _way(self, row: int, action: str) -> Way | None:
        return self._actions.ways(self._scene.entries[row]).get(action)

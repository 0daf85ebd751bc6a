"""Following the model: what its changes mean for everything that stands on rows."""

from PySide6.QtCore import QModelIndex, QObject, Signal
from PySide6.QtWidgets import QWidget

from qtchat.client.state import Delivery
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.views.timeline import accessible
from qtchat.gui.views.timeline.jump import Jump
from qtchat.gui.views.timeline.older import OlderRows
from qtchat.gui.views.timeline.pointer import Pointer
from qtchat.gui.views.timeline.scene import Scene
from qtchat.protocol.messages import KIND_POST


class Follower(QObject):
    """Moves the scene, and what the mouse holds, as the model says. It shows nothing by itself."""

    changed = Signal()
    """There is something else to show."""
    arrived = Signal(int)
    """The message that was waited for is here: its seq."""

    def __init__(
        self, view: QWidget, model: TimelineModel, scene: Scene, pointer: Pointer, older: OlderRows, jump: Jump
    ) -> None:
        super().__init__(view)
        self._view, self._model, self._scene = view, model, scene
        self._pointer, self._older, self._jump = pointer, older, jump
        model.modelReset.connect(self._reset)
        model.rowsInserted.connect(self._inserted)
        model.rowsRemoved.connect(self._removed)
        model.dataChanged.connect(self._replaced)
        model.posted.connect(self._posted)
        self._reset()

    def _reset(self) -> None:
        model = self._model
        self._scene.reset(model.entries)
        self._pointer.forget()
        self._jump.forget()
        self._older.reset(model.at_start, model.gap)
        accessible.forget_items(self._view)
        self.changed.emit()

    def _inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        self._scene.inserted(first, count)
        self._pointer.rows_moved(first, count)
        entries = self._model.entries
        if len(entries) == count:  # whatever was said about the start of an empty room is void; seq counts from 1
            self._older.reset(at_start=entries[0].seq == 1)
        if first == 0:
            self._older.came()
            self._jump.went_on()
        self.changed.emit()
        awaited = self._jump.awaited
        if awaited and self._scene.find(awaited) is not None:
            self.arrived.emit(awaited)

    def _removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        self._scene.removed(first, count)
        self._pointer.rows_moved(first, -count)
        if first == 0:
            self._older.trimmed()
            self._jump.went_on()
        self.changed.emit()

    def _replaced(self, first: QModelIndex, last: QModelIndex) -> None:
        self._scene.replaced(first.row(), last.row() - first.row() + 1)
        self.changed.emit()

    def _posted(self, first: int, count: int) -> None:
        entries = self._model.entries[first : first + count]
        if any(entry.own and entry.delivery is Delivery.WAITING for entry in entries):
            self._scene.arrangement.to_bottom()  # somebody who has just written wants to see it
        if self._view.isVisible():
            accessible.announce(self._view, [entry for entry in entries if entry.kind == KIND_POST and not entry.own])

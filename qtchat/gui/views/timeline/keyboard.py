"""The keys of the timeline."""

from typing import Final, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from qtchat.gui.views.timeline.actions import MessageActions
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.scrolling import LINE_STEP

REPLY_KEYS: Final = frozenset({int(Qt.Key.Key_R), ord("К")})
"""R, and what stands on that key where one types Russian."""
EDIT_KEYS: Final = frozenset({int(Qt.Key.Key_E), ord("У")})
MENU_KEYS: Final = frozenset({int(Qt.Key.Key_Return), int(Qt.Key.Key_Enter)})
"""The menu key itself reaches the view as an event of its own."""


class Keyed(Protocol):
    """What keys have the view do."""

    def scroll_by(self, pixels: int) -> None: ...
    def to_bottom(self) -> None: ...
    def scrolled(self) -> None: ...
    def ring_moved(self) -> None: ...


class Keyboard:
    """Does what a key stands for."""

    def __init__(self, view: Keyed, scene: Scene, actions: MessageActions) -> None:
        self._view, self._scene, self._actions = view, scene, actions

    def handle(self, event: QKeyEvent) -> bool:
        """False where the key stands for nothing here."""
        view, key = self._view, event.key()  # a plain number: not every one is in Qt.Key
        if event.matches(QKeySequence.StandardKey.Copy):
            self._actions.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self._scene.select_all()
            view.ring_moved()
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            page = max(LINE_STEP, self._scene.height - 2 * LINE_STEP)
            view.scroll_by(page if key == Qt.Key.Key_PageDown else -page)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._step(1 if key == Qt.Key.Key_Down else -1)
        elif key == Qt.Key.Key_Home:
            self._scene.arrangement.scroll_to(0)
            view.scrolled()
        elif key == Qt.Key.Key_End:
            view.to_bottom()
        elif key == Qt.Key.Key_Escape:
            self._escape()
        elif key in MENU_KEYS or (key == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier):
            self.enter()
        else:
            return self._on_message(event)
        return True

    def go_to(self, row: int) -> None:
        """Be on this row, wherever it is."""
        self._scene.put_ring(row)
        self._view.ring_moved()

    def enter(self) -> None:
        """Open the menu of the message meant, or unfold the line."""
        self._actions.menu_by_key()
        self._view.ring_moved()

    def _step(self, step: int) -> None:
        if self._scene.move_ring(step):
            self._view.scrolled()
            self._view.ring_moved()
        else:
            self._view.scroll_by(2 * step * LINE_STEP)

    def _escape(self) -> None:
        """Let go of one thing at a time: what is selected, the message that is ringed, the place."""
        scene = self._scene
        if scene.selection.ends or scene.ring.row is not None:
            if scene.selection.ends:
                scene.selection.clear()
            else:
                scene.ring.row = None
            self._view.ring_moved()
        else:
            self._view.to_bottom()

    def _on_message(self, event: QKeyEvent) -> bool:
        """Keys that mean the message under the ring."""
        entry, key = self._scene.ringed, event.key()
        if entry is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in REPLY_KEYS:
            self._actions.reply(entry)
        elif key in EDIT_KEYS:
            self._actions.edit(entry)
        elif key == Qt.Key.Key_Delete:
            self._actions.delete(entry)
        else:
            return False
        return True

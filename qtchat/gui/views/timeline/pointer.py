"""The mouse over the timeline: selecting, clicking, cursors and tool tips."""

import re
from typing import Final

from PySide6.QtCore import QBasicTimer, QEvent, QObject, QPointF, Qt, QTimerEvent, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from qtchat.gui.views.controls import plain_tip
from qtchat.gui.views.timeline.hit import BUTTONS, CLICKABLE, Hit, Part
from qtchat.gui.views.timeline.rows import Row
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.selection import Position
from qtchat.gui.views.timeline.text import utf16_length
from qtchat.gui.views.timeline.tips import Tips

_AUTO_SCROLL_MS: Final = 30
_MAX_AUTO_SCROLL: Final = 60
_WORD = re.compile(r"\w+|\s+|[^\w\s]+")


class Pointer(QObject):
    """Watches the view's viewport. It decides nothing: clicks and scrolling are told by signals."""

    selection_changed = Signal()
    selected = Signal()
    """The mouse was released, or clicked twice, with something selected."""
    clicked = Signal(object)
    """A Hit: a part of a message that does something was clicked."""
    double_clicked = Signal(object)
    """A Hit: a message was clicked twice, but not its text."""
    hovered = Signal(object)
    """A Hit, or None: the mouse is on another row, on another part of it, or on none. Not while it selects."""
    scroll_wanted = Signal(int)
    """Pixels to scroll because the mouse selects beyond an edge."""

    def __init__(self, viewport: QWidget, scene: Scene, tips: Tips) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._scene = scene
        self._selection = scene.selection
        self._tips = tips
        self._pressed: Hit | None = None
        self._origin: Position | None = None
        self._mouse = QPointF()
        self._inside = False
        self._under: tuple[Row, int, Part] | None = None  # the row, its place, and the part of it
        self._scroll_timer = QBasicTimer()
        viewport.setMouseTracking(True)
        viewport.installEventFilter(self)

    def rows_moved(self, first: int, count: int) -> None:
        """`count` rows came (or, negative, went) at `first` while the mouse may be held down."""
        if self._origin is not None and self._origin.row >= first:
            self._origin = self._origin._replace(row=max(first, self._origin.row + count))

    def forget(self) -> None:
        """Other rows altogether are shown: what the mouse was doing is over."""
        self._pressed = self._origin = None
        self._hover(None)
        self._scroll_timer.stop()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent):
            if kind == QEvent.Type.MouseMove:
                self._moved(event)
            elif event.button() != Qt.MouseButton.LeftButton:
                return False
            elif kind == QEvent.Type.MouseButtonPress:
                self._press(event)
            elif kind == QEvent.Type.MouseButtonRelease:
                self._release(event)
            elif kind == QEvent.Type.MouseButtonDblClick:
                self._double_click(event)
            event.accept()
            return True
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tool_tip(event)
            return True
        if kind == QEvent.Type.Leave:
            self._inside = False
            self._hover(None)
        return False

    def timerEvent(self, _event: QTimerEvent) -> None:
        beyond = self._beyond()
        if not beyond or self._origin is None:
            self._scroll_timer.stop()
            return
        self.scroll_wanted.emit(beyond)
        self._extend(self._mouse)

    def update_cursor(self) -> None:
        """What is under the mouse may have changed without the mouse being moved."""
        found = self._scene.hit(self._mouse)
        self._hover(found if self._inside and self._origin is None else None)
        shape = Qt.CursorShape.ArrowCursor
        if found is not None and found.part in CLICKABLE:
            shape = Qt.CursorShape.PointingHandCursor
        elif (found is not None and found.on_text) or self._origin is not None:
            shape = Qt.CursorShape.IBeamCursor
        if self._viewport.cursor().shape() != shape:
            self._viewport.setCursor(shape)

    def _press(self, event: QMouseEvent) -> None:
        self._mouse, self._inside = event.position(), True
        self._pressed = found = self._scene.hit(event.position())
        if found is None:
            return
        if found.part in BUTTONS:
            self._selection.clear()
            self.selection_changed.emit()
            return
        extends = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._selection.anchor is not None
        self._origin = self._selection.anchor if extends else found.position
        assert self._origin is not None
        self._selection.select(self._origin, found.position)
        self.selection_changed.emit()

    def _moved(self, event: QMouseEvent) -> None:
        self._mouse, self._inside = event.position(), True
        if self._origin is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self.update_cursor()
            return
        self._extend(event.position())
        if self._beyond() and not self._scroll_timer.isActive():
            self._scroll_timer.start(_AUTO_SCROLL_MS, self)

    def _release(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._origin = self._pressed, None, None
        self._scroll_timer.stop()
        found = self._scene.hit(event.position())
        if self._selection.ends:
            self.selected.emit()
            return
        if pressed is not None and found is not None and found.part in CLICKABLE and found.same_part(pressed):
            self.clicked.emit(found)

    def _extend(self, point: QPointF) -> None:
        found = self._scene.hit(point)
        if found is not None and self._origin is not None:
            self._selection.select(self._origin, found.position)
            self.selection_changed.emit()

    def _hover(self, found: Hit | None) -> None:
        under = None
        if found is not None and found.placed is not None:
            under = (found.placed.row, found.placed.y, found.part)
        if under != self._under:
            self._under = under
            self.hovered.emit(found)

    def _double_click(self, event: QMouseEvent) -> None:
        found = self._scene.hit(event.position())
        if found is None or found.placed is None:
            return
        if found.on_text:
            self._select_word(found)
        elif found.part not in CLICKABLE:
            self.double_clicked.emit(found)

    def _select_word(self, found: Hit) -> None:
        start = 0
        for match in _WORD.finditer(self._scene.row_text(found.position.row)):
            end = start + utf16_length(match.group())
            if start <= found.position.at <= end and (match.group().strip() or found.position.at < end):
                row = found.position.row
                self._selection.select(Position(row, start), Position(row, end))
                self.selection_changed.emit()
                return
            start = end

    def _beyond(self) -> int:
        """How far the mouse is above (negative) or below the viewport, as a speed."""
        y, height = round(self._mouse.y()), self._viewport.height()
        beyond = y if y < 0 else max(0, y - height)
        return max(-_MAX_AUTO_SCROLL, min(_MAX_AUTO_SCROLL, beyond))

    def _tool_tip(self, event: QHelpEvent) -> None:
        found = self._scene.hit(QPointF(event.pos()))
        text = self._tips.text(found) if found is not None else ""
        QToolTip.showText(event.globalPos(), plain_tip(text).replace("\n", "<br>") if text else "", self._viewport)

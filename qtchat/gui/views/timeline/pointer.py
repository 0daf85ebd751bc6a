"""The mouse over the timeline: selecting, links, the retry of a failed message, cursors and tooltips."""

import html
import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QBasicTimer, QEvent, QObject, QPointF, Qt, QTimerEvent, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent
from PySide6.QtWidgets import QToolTip, QWidget

from qtchat.client.state import Delivery
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.timeline.hit import Hit
from qtchat.gui.views.timeline.rows import utf16_length
from qtchat.gui.views.timeline.selection import Position, Selection
from qtchat.gui.views.timeline.words import stamp_text, translate

_AUTO_SCROLL_MS: Final = 30
_MAX_AUTO_SCROLL: Final = 60
_WORD = re.compile(r"\w+|\s+|[^\w\s]+")


class Pointer(QObject):
    """Watches the view's viewport. It decides nothing: clicks and scrolling are told by signals."""

    selection_changed = Signal()
    selected = Signal()
    """The mouse was released, or clicked twice, with something selected."""
    link_clicked = Signal(str)
    retry_clicked = Signal(int)
    """The row whose message is to be sent again."""
    scroll_wanted = Signal(int)
    """Pixels to scroll because the mouse selects beyond an edge."""

    def __init__(
        self,
        viewport: QWidget,
        selection: Selection,
        find: Callable[[QPointF], Hit | None],
        row_text: Callable[[int], str],
    ) -> None:
        super().__init__(viewport)
        self._viewport = viewport
        self._selection = selection
        self._find = find
        self._row_text = row_text
        self._pressed: Hit | None = None
        self._origin: Position | None = None
        self._mouse = QPointF()
        self._scroll_timer = QBasicTimer()
        viewport.setMouseTracking(True)
        viewport.installEventFilter(self)

    @property
    def position(self) -> QPointF:
        """Where the mouse was seen last."""
        return self._mouse

    def rows_moved(self, first: int, count: int) -> None:
        """`count` rows came (or, negative, went) at `first` while the mouse may be held down."""
        if self._origin is not None and self._origin.row >= first:
            self._origin = self._origin._replace(row=max(first, self._origin.row + count))

    def forget(self) -> None:
        """Other rows altogether are shown: what the mouse was doing is over."""
        self._pressed = self._origin = None
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
                self._select_word(event)
            event.accept()
            return True
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tool_tip(event)
            return True
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
        found = self._find(self._mouse)
        shape = Qt.CursorShape.ArrowCursor
        if found is not None and (found.link or found.on_retry):
            shape = Qt.CursorShape.PointingHandCursor
        elif (found is not None and found.on_text) or self._origin is not None:
            shape = Qt.CursorShape.IBeamCursor
        if self._viewport.cursor().shape() != shape:
            self._viewport.setCursor(shape)

    def _press(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        self._pressed = found = self._find(event.position())
        if found is None:
            return
        extends = event.modifiers() & Qt.KeyboardModifier.ShiftModifier and self._selection.anchor is not None
        self._origin = self._selection.anchor if extends else found.position
        assert self._origin is not None
        self._selection.select(self._origin, found.position)
        self.selection_changed.emit()

    def _moved(self, event: QMouseEvent) -> None:
        self._mouse = event.position()
        if self._origin is None or not event.buttons() & Qt.MouseButton.LeftButton:
            self.update_cursor()
            return
        self._extend(event.position())
        if self._beyond() and not self._scroll_timer.isActive():
            self._scroll_timer.start(_AUTO_SCROLL_MS, self)

    def _release(self, event: QMouseEvent) -> None:
        pressed, self._pressed, self._origin = self._pressed, None, None
        self._scroll_timer.stop()
        found = self._find(event.position())
        if self._selection.ends:
            self.selected.emit()
            return
        if pressed is None or found is None:
            return
        if pressed.placed is None or found.placed is None or pressed.placed.row.entry is not found.placed.row.entry:
            return
        if pressed.on_retry and found.on_retry:
            self.retry_clicked.emit(found.position.row)
        elif found.link and found.link == pressed.link:
            self.link_clicked.emit(found.link)

    def _extend(self, point: QPointF) -> None:
        found = self._find(point)
        if found is not None and self._origin is not None:
            self._selection.select(self._origin, found.position)
            self.selection_changed.emit()

    def _select_word(self, event: QMouseEvent) -> None:
        found = self._find(event.position())
        if found is None or not found.on_text:
            return
        start = 0
        for match in _WORD.finditer(self._row_text(found.position.row)):
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
        found = self._find(QPointF(event.pos()))
        text = ""
        if found is not None and found.placed is not None:
            entry = found.placed.row.entry
            if found.on_retry or (found.on_meta and entry.delivery is Delivery.FAILED):
                told = entry.problem and problem_sentence(entry.problem)
                text = told or translate("Timeline", "This message was not sent.")
            elif found.on_meta:
                text = stamp_text(entry.ts)
            elif found.link:
                text = found.link
        # A tooltip guesses at rich text, so it gets rich text that shows every character as it is.
        QToolTip.showText(event.globalPos(), f"<qt>{html.escape(text)}</qt>" if text else "", self._viewport)

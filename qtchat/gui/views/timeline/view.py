"""The timeline's widget: it scrolls, paints what the arrangement places, and tells what somebody wants by signals."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, QModelIndex, QPoint, QPointF, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QClipboard,
    QContextMenuEvent,
    QFocusEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from qtchat.client.state import Delivery, Entry
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_8, SPACE_16
from qtchat.gui.views.timeline import accessible
from qtchat.gui.views.timeline.arrangement import Arrangement, Placed
from qtchat.gui.views.timeline.grouping import row_of_seq
from qtchat.gui.views.timeline.hit import Hit, hit
from qtchat.gui.views.timeline.look import DAY_HEIGHT, PILL_HEIGHT, Look
from qtchat.gui.views.timeline.menu import message_menu
from qtchat.gui.views.timeline.older import OlderRows
from qtchat.gui.views.timeline.overlays import LoadingBar, ToBottomButton
from qtchat.gui.views.timeline.paint import RowPainter
from qtchat.gui.views.timeline.pointer import Pointer
from qtchat.gui.views.timeline.selection import END, Position, Selection, copied_text, row_text
from qtchat.gui.views.timeline.words import day_text
from qtchat.protocol.messages import KIND_POST

FRAME_MS: Final = 16
"""Model changes are shown together, at most once in this time."""
REESTIMATE_MS: Final = 150
"""After the width has rested for so long, the rows out of sight are estimated anew."""
PILL_MS: Final = 1200
"""How long the date floats after the last scrolling."""
LOADING_MS: Final = 150
"""An answer that comes sooner shows no loading bar."""
TO_BOTTOM_AFTER: Final = 480
"""Pixels above the bottom from which on the button to the bottom is shown."""
LINE_STEP: Final = 20
FOCUS_LINE: Final = 2
"""Pixels of the frame around a timeline that the keyboard has been led to."""
KEYBOARD_REASONS: Final = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)


class TimelineView(QAbstractScrollArea):
    """Shows a TimelineModel. It never opens a link, sends or loads anything by itself."""

    older_wanted = Signal()
    """The top is near: load older rows. Emitted once until rows come or `older_answered` is called."""
    reached_end = Signal()
    """Somebody looks at the newest row in the active window; once for each newest row."""
    retry_wanted = Signal(bytes)
    """The id of a failed message that is to be sent again."""
    discard_wanted = Signal(bytes)
    """The id of a failed message that is to be thrown away."""
    link_activated = Signal(str)
    """An http or https address was clicked."""

    def __init__(self, model: TimelineModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._icons = icons
        look = Look(theme)
        self._arrangement = Arrangement(look)
        self._painter = RowPainter(look, icons)
        self._placed: list[Placed] = []
        self._dirty = True
        self._syncing = False
        self._selection = Selection()
        self._older = OlderRows()
        self._focus_shown = False
        self._seen = 0  # the newest seq that was in sight
        self._told_end: tuple[bytes, int | None] | None = None

        self._frame = self._single_shot(FRAME_MS)
        self._frame.timeout.connect(self.refresh)
        self._since_frame = QElapsedTimer()
        self._since_frame.start()
        self._reestimate = self._single_shot(REESTIMATE_MS)
        self._reestimate.timeout.connect(self._estimate_again)
        self._pill = self._single_shot(PILL_MS)
        self._pill.timeout.connect(self.viewport().update)
        self._loading_delay = self._single_shot(LOADING_MS)
        self._build()
        self._connect()
        self._model_reset()

    def _single_shot(self, interval: int) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        return timer

    def _build(self) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.verticalScrollBar().setSingleStep(LINE_STEP)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 120)
        self.setAccessibleName(self.tr("Messages"))
        viewport = self.viewport()
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.setAutoFillBackground(False)
        self._button = ToBottomButton(self._theme, self._icons, viewport)
        self._loading = LoadingBar(self._theme, viewport)
        self._pointer = Pointer(viewport, self._selection, self._hit, self._row_text)
        accessible.register(self, self)

    def _connect(self) -> None:
        model = self._model
        model.modelReset.connect(self._model_reset)
        model.rowsInserted.connect(self._rows_inserted)
        model.rowsRemoved.connect(self._rows_removed)
        model.dataChanged.connect(self._rows_replaced)
        model.posted.connect(self._posted)
        self._theme.changed.connect(self._theme_changed)
        self._button.clicked.connect(self.to_bottom)
        self._pointer.selection_changed.connect(self.viewport().update)
        self._pointer.selected.connect(self._offer_selection)
        self._pointer.link_clicked.connect(self.link_activated)
        self._pointer.retry_clicked.connect(self._retry_row)
        self._pointer.scroll_wanted.connect(self.scroll_by)
        self._loading_delay.timeout.connect(self._loading.show)

    # -- what the owner calls ---------------------------------------------------------------------------

    @property
    def model(self) -> TimelineModel:
        """The model shown."""
        return self._model

    @property
    def rows_in_sight(self) -> list[Placed]:
        """The rows shown, top to bottom, laid out and placed."""
        if self._dirty:
            self._place()
        return self._placed

    @property
    def at_bottom(self) -> bool:
        """Is the newest row in sight, and will newer ones be?"""
        return self._arrangement.stick

    @property
    def new_count(self) -> int:
        """Messages of others that stand below all that was in sight."""
        entries = self._model.entries
        unseen = range(row_of_seq(entries, self._seen + 1), len(entries))
        return sum(entries[row].kind == KIND_POST and not entries[row].own for row in unseen)

    def set_unread_from(self, seq: int | None) -> None:
        """Put the unread bar above the first row from `seq` on, and go there. None takes the bar away.

        Call it right after the model was given a room.
        """
        row = self._arrangement.set_unread_from(seq)
        if row is not None and seq is not None:
            self._seen = seq - 1
            self._arrangement.scroll_to_row(row)
        self._schedule()

    def older_answered(self, at_start: bool, gap: bool = False) -> None:
        """The request for older rows was answered. `at_start`: nothing more lies before; `gap`: it did once."""
        self._older.answered(at_start)
        self._hide_loading()
        self._arrangement.set_gap(gap)
        self._schedule()

    def to_bottom(self) -> None:
        """Go to the newest row and stay with it."""
        self._arrangement.to_bottom()
        self.refresh()

    def scroll_by(self, pixels: int) -> None:
        """Scroll down (up, where negative) as somebody's hand would."""
        self._arrangement.scroll_by(pixels)
        self._scrolled()

    def refresh(self) -> None:
        """Show all changes now, and tell what follows from them."""
        self._frame.stop()
        self._since_frame.restart()
        self._place()
        self._sync_scroll_bar()
        self._update_button()
        self.viewport().update()
        if self.isVisible():
            self._ask_for_older()
            self._tell_end()

    def copy(self) -> None:
        """Put the selected text on the clipboard."""
        text = copied_text(self._arrangement, self._selection)
        if text:
            QGuiApplication.clipboard().setText(text)

    def select_all(self) -> None:
        """Select every row."""
        if self._model.entries:
            self._selection.select(Position(0, 0), Position(len(self._model.entries) - 1, END))
            self.viewport().update()

    # -- for screen readers; see accessible.py ------------------------------------------------------------

    @property
    def shown_entries(self) -> Sequence[Entry]:
        """The model's entries."""
        return self._model.entries

    @property
    def bottom_button(self) -> ToBottomButton:
        """The button to the bottom."""
        return self._button

    def row_rect(self, row: int) -> QRect:
        """Where a row is on the screen; empty when it is out of sight."""
        for placed in self.rows_in_sight:
            if placed.index == row:
                corner = self.viewport().mapToGlobal(QPoint(0, placed.y))
                return QRect(corner.x(), corner.y(), placed.row.width, placed.row.height)
        return QRect()

    def row_at(self, point: QPoint) -> int | None:
        """The row under a point of the screen."""
        found = self._hit(QPointF(self.viewport().mapFromGlobal(point)))
        return found.placed.index if found is not None and found.placed is not None else None

    # -- model --------------------------------------------------------------------------------------------

    def _model_reset(self) -> None:
        self._arrangement.reset(self._model.entries, gap=self._model.gap)
        self._selection.clear()
        self._pointer.forget()
        accessible.forget_items(self)
        self._seen, self._told_end = 0, None
        for entry in reversed(self._model.entries):
            if entry.seq is not None:
                self._seen = entry.seq
                break
        self._older.reset(self._model.at_start)
        self._pill.stop()
        self._hide_loading()
        self._schedule()

    def _rows_inserted(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        self._arrangement.inserted(first, count)
        self._selection.inserted(first, count)
        self._pointer.rows_moved(first, count)
        entries = self._model.entries
        if len(entries) == count:  # whatever was said about the start of an empty room is void; seq counts from 1
            self._older.reset(at_start=entries[0].seq == 1)
        if first == 0:
            self._older.came()
            self._hide_loading()
        self._schedule()

    def _rows_removed(self, _parent: QModelIndex, first: int, last: int) -> None:
        count = last - first + 1
        self._arrangement.removed(first, count)
        self._selection.removed(first, count)
        self._pointer.rows_moved(first, -count)
        if first == 0:
            self._older.trimmed()
        self._schedule()

    def _rows_replaced(self, first: QModelIndex, last: QModelIndex) -> None:
        self._arrangement.replaced(first.row(), last.row() - first.row() + 1)
        self._schedule()

    def _posted(self, first: int, count: int) -> None:
        entries = self._model.entries[first : first + count]
        if any(entry.own and entry.delivery is Delivery.WAITING for entry in entries):
            self._arrangement.to_bottom()  # somebody who has just written wants to see it
        if self.isVisible():
            accessible.announce(self, [entry for entry in entries if entry.kind == KIND_POST and not entry.own])

    def _theme_changed(self) -> None:
        look = Look(self._theme)
        self._painter = RowPainter(look, self._icons)
        self._arrangement.restyle(look)
        self._button.update()
        self._schedule()

    # -- place and show -----------------------------------------------------------------------------------

    def _schedule(self) -> None:
        """Something changed: show it soon, together with what else changes until then."""
        self._dirty = True
        if not self._frame.isActive():
            self._frame.start(max(0, FRAME_MS - self._since_frame.elapsed()))

    def _place(self) -> None:
        self._dirty = False
        self._placed = self._arrangement.place(self.viewport().height())
        self._seen = max([self._seen, *(placed.row.entry.seq or 0 for placed in self._placed)])

    def _sync_scroll_bar(self) -> None:
        bar = self.verticalScrollBar()
        if bar.isSliderDown():  # the hand leads; see scrollContentsBy
            return
        height = self.viewport().height()
        maximum = min(max(0, self._arrangement.total - height), 2**31 - 1)
        self._syncing = True
        bar.setPageStep(max(1, height - 2 * LINE_STEP))
        bar.setRange(0, maximum)
        bar.setEnabled(maximum > 0)
        bar.setValue(maximum if self._arrangement.stick else self._arrangement.offset)
        self._syncing = False

    def _update_button(self) -> None:
        away = self._arrangement.total - self.viewport().height() - self._arrangement.offset
        wanted = not self._arrangement.stick and away > TO_BOTTOM_AFTER
        if wanted and self._button.count != (count := self.new_count):
            self._button.set_count(count)
        if self._button.isVisibleTo(self.viewport()) != wanted:
            self._button.setVisible(wanted)

    def _scrolled(self) -> None:
        """Somebody scrolled: show at once, with the date floating."""
        self._older.scrolled()
        self._pill.start()
        self.refresh()
        self._pointer.update_cursor()

    def _estimate_again(self) -> None:
        self._arrangement.estimate()
        self._schedule()

    def _ask_for_older(self) -> None:
        if self._placed and self._older.ask(self._arrangement.offset, self.viewport().height()):
            self._loading_delay.start()
            self.older_wanted.emit()

    def _hide_loading(self) -> None:
        self._loading_delay.stop()
        self._loading.hide()

    def _tell_end(self) -> None:
        if not self._arrangement.stick or not self._placed or not self.isActiveWindow():
            return
        newest = self._model.entries[-1]
        end = (newest.id, newest.seq)
        if end != self._told_end:
            self._told_end = end
            self.reached_end.emit()

    # -- events -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._dirty:
            self._place()
        viewport = self.viewport()
        painter = QPainter(viewport)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), self._theme.color("chat"))
        if not self._placed:
            known = self._model.room is not None
            words = self.tr("No messages yet. Write the first one.") if known else ""
            self._painter.empty(painter, viewport.rect(), words)
        clip = QRectF(event.rect())
        for placed in self._placed:
            if placed.y < clip.bottom() and placed.y + placed.row.height > clip.top():
                selected = self._selection.range_in(placed.index)
                self._painter.paint(painter, placed.row, placed.y, clip, selected)
        if self._placed and self._pill.isActive():
            self._paint_floating_date(painter)
        if self._focus_shown:
            self._paint_focus(painter)
        painter.end()

    def _paint_focus(self, painter: QPainter) -> None:
        inside = FOCUS_LINE / 2
        painter.setPen(QPen(self._theme.color("accent"), FOCUS_LINE))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(self.viewport().rect()).adjusted(inside, inside, -inside, -inside))

    def _paint_floating_date(self, painter: QPainter) -> None:
        for placed in self._placed:
            if placed.row.context.day and -PILL_HEIGHT < placed.y < DAY_HEIGHT:  # the separator itself is in sight
                return
        self._painter.pill(painter, self.viewport().width(), SPACE_8, day_text(self._placed[0].row.entry.ts))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        viewport = self.viewport()
        self._arrangement.width = viewport.width()
        if not self._arrangement.is_estimated:
            self._reestimate.start()
        button = self._button.size()
        self._button.move(viewport.width() - button.width() - SPACE_16, viewport.height() - button.height() - SPACE_16)
        self._loading.setGeometry(0, 0, viewport.width(), self._loading.height())
        self._schedule()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._schedule()

    def event(self, event: QEvent) -> bool:
        # Not ActivationChange, which only the window itself is sent.
        if event.type() == QEvent.Type.WindowActivate:
            self._schedule()
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._focus_shown = event.reason() in KEYBOARD_REASONS
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._focus_shown = False
        self.viewport().update()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        """The scroll bar was moved, by wheel, key, hand or screen reader."""
        if self._syncing:
            return
        bar, arrangement = self.verticalScrollBar(), self._arrangement
        height = self.viewport().height()
        if bar.value() >= bar.maximum():
            arrangement.to_bottom()
        elif bar.isSliderDown():  # its range rests while it is held, so what counts is how far along it is
            arrangement.scroll_to(round((arrangement.total - height) * bar.value() / max(1, bar.maximum())))
        elif abs(bar.value() - arrangement.offset) <= 2 * height:
            arrangement.scroll_by(bar.value() - arrangement.offset)
        else:
            arrangement.scroll_to(bar.value())
        self._scrolled()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        page = max(LINE_STEP, self.viewport().height() - 2 * LINE_STEP)
        steps: dict[int, int] = {
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Up: -2 * LINE_STEP,
            Qt.Key.Key_Down: 2 * LINE_STEP,
        }
        key = event.key()  # a plain number: not every one is in Qt.Key
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif key in steps:
            self.scroll_by(steps[key])
        elif key == Qt.Key.Key_Home:
            self._arrangement.scroll_to(0)
            self._scrolled()
        elif key == Qt.Key.Key_End:
            self.to_bottom()
        elif key == Qt.Key.Key_Escape:
            if self._selection.ends:
                self._selection.clear()
                self.viewport().update()
            else:
                self.to_bottom()
        else:
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        found = self._hit_for_keyboard() if keyboard else self._hit(QPointF(event.pos()))
        if found is None or found.placed is None or not (found.on_bubble or keyboard):
            return
        menu = message_menu(self, self._icons, found, bool(self._selection.ends))
        menu.copy_selection.connect(self.copy)
        menu.retry_wanted.connect(self.retry_wanted)
        menu.discard_wanted.connect(self.discard_wanted)
        spot = event.globalPos()
        if keyboard:
            spot = self.viewport().mapToGlobal(QPoint(self.viewport().width() // 2, max(0, found.placed.y)))
        menu.popup(spot)

    # -- inside -------------------------------------------------------------------------------------------

    def _hit(self, point: QPointF) -> Hit | None:
        return hit(self.rows_in_sight, point)

    def _hit_for_keyboard(self) -> Hit | None:
        """The message a menu key means: the newest failed one in sight, else the newest."""
        bubbles = [item for item in self.rows_in_sight if item.row.bubble is not None]
        failed = [item for item in bubbles if item.row.entry.delivery is Delivery.FAILED]
        chosen = (failed or bubbles)[-1:]
        return Hit(Position(chosen[0].index, 0), chosen[0]) if chosen else None

    def _row_text(self, row: int) -> str:
        return row_text(self._arrangement, row)

    def _offer_selection(self) -> None:
        """Where the system pastes by the middle button, what is selected is what it pastes."""
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection():
            clipboard.setText(copied_text(self._arrangement, self._selection), QClipboard.Mode.Selection)

    def _retry_row(self, row: int) -> None:
        self.retry_wanted.emit(self._model.entries[row].id)

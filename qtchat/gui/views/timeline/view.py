"""The timeline's widget: it scrolls, shows what the scene places, and tells what somebody wants by signals."""

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, QTimer
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QWidget

from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.theme.tokens import SPACE_16
from qtchat.gui.views.timeline import accessible
from qtchat.gui.views.timeline.actions import MessageActions
from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.asking import AskingArea
from qtchat.gui.views.timeline.canvas import Canvas
from qtchat.gui.views.timeline.following import Follower
from qtchat.gui.views.timeline.hover import HoverBar
from qtchat.gui.views.timeline.jump import Jump
from qtchat.gui.views.timeline.keyboard import Keyboard
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.motion import Fade
from qtchat.gui.views.timeline.older import OlderRows
from qtchat.gui.views.timeline.onscreen import RowsOnScreen
from qtchat.gui.views.timeline.overlays import LoadingBar, ToBottomButton
from qtchat.gui.views.timeline.pointer import Pointer
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.scrolling import ScrollLink
from qtchat.gui.views.timeline.tips import Tips
from qtchat.gui.views.timeline.words import intro_of
from qtchat.protocol.messages import DIRECT

FRAME_MS: Final = 16
"""Model changes are shown together, at most once in this time."""
REESTIMATE_MS: Final = 150
"""After the width has rested for so long, the rows out of sight are estimated anew."""
DATE_MS: Final = 1200
"""How long the date floats after the last scrolling."""
DATE_FADE_MS: Final = 120
SKELETON_MS: Final = 150
"""Rows that come sooner than this follow an empty ground."""
TO_BOTTOM_AFTER: Final = 480
"""Pixels above the bottom from which on the button to the bottom is shown."""
KEYBOARD_REASONS: Final = frozenset(
    {Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason}
)
PASSING_REASONS: Final = frozenset({Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason})


class TimelineView(AskingArea):
    """Shows a TimelineModel. It never opens a link, sends or loads anything by itself."""

    def __init__(self, model: TimelineModel, theme: Theme, icons: Icons, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._theme = theme
        self._compact, self._nick, self._led_by_keyboard = False, "", False
        look = Look(theme)
        self._scene = Scene(look)
        self._arrangement = self._scene.arrangement
        self._jump = Jump(self)
        self._canvas = Canvas(self._scene, self._jump, look, icons)
        self._older = OlderRows()
        self._told_end: tuple[bytes, int | None] | None = None

        self._frame = self._single_shot(FRAME_MS, self.refresh)
        self._since_frame = QElapsedTimer()
        self._since_frame.start()
        self._reestimate = self._single_shot(REESTIMATE_MS, self._estimate_again)
        self._skeleton = self._single_shot(SKELETON_MS, self._schedule)
        self._date = Fade(DATE_MS, DATE_FADE_MS, self)
        self._build(icons)
        self._connect()
        self._opened()

    def _single_shot(self, interval: int, slot: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(interval)
        timer.timeout.connect(slot)
        return timer

    def _build(self, icons: Icons) -> None:
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 120)
        self.setAccessibleName(self.tr("Messages"))
        viewport = self.viewport()
        viewport.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.setAutoFillBackground(False)
        self._scroll_link = ScrollLink(self.verticalScrollBar(), self._arrangement)
        self._button = ToBottomButton(self._theme, icons, viewport)
        self._loading = LoadingBar(self._theme, viewport)
        self._tips = Tips()
        self._pointer = Pointer(viewport, self._scene, self._tips)
        self._actions = MessageActions(self, self._scene, icons)
        self._keyboard = Keyboard(self, self._scene, self._actions)
        self._hover_bar = HoverBar(self._theme, icons, self._scene, self._actions, viewport)
        self._follower = Follower(self, self._model, self._scene, self._pointer, self._older, self._jump)
        accessible.register(self, RowsOnScreen(self._scene, viewport, self._button, self._keyboard, self._actions))

    def _connect(self) -> None:
        pointer, update = self._pointer, self.viewport().update
        self._model.modelReset.connect(self._opened)
        self._follower.changed.connect(self._schedule)
        self._follower.arrived.connect(self.show_message)
        self._theme.changed.connect(self._restyle)
        self._button.clicked.connect(self.to_bottom)
        self._date.moved.connect(update)
        self._jump.glow.moved.connect(update)
        self.jump_wanted.connect(self.show_message)
        pointer.selection_changed.connect(update)
        pointer.selected.connect(self._actions.offer_selection)
        pointer.clicked.connect(self._actions.click)
        pointer.clicked.connect(self._schedule)  # it may have unfolded a line
        pointer.double_clicked.connect(self._actions.double_click)
        pointer.hovered.connect(self._hover_bar.follow)
        pointer.scroll_wanted.connect(self.scroll_by)

    # -- what the owner calls ---------------------------------------------------------------------------

    @property
    def model(self) -> TimelineModel:
        """The model shown."""
        return self._model

    @property
    def rows_in_sight(self) -> list[Placed]:
        """The rows shown, top to bottom, laid out and placed."""
        return self._scene.placed

    @property
    def at_bottom(self) -> bool:
        """Is the newest row in sight, and will newer ones be? Not while the way to another message is awaited."""
        return self._arrangement.stick and not self._jump.awaited

    @property
    def new_count(self) -> int:
        """Messages of others that stand below all that was in sight."""
        return self._scene.new_count

    @property
    def bottom_button(self) -> ToBottomButton:
        """The button to the bottom."""
        return self._button

    def set_people(self, readers: Callable[[int], Sequence[str]], name_of: Callable[[int], str]) -> None:
        """`readers`: the names of those who have read a message, by its seq; `name_of`: a user's nick, by number.

        Both are called while the mouse rests on something, for the room shown.
        """
        self._tips.readers, self._tips.name_of = readers, name_of

    def set_own_nick(self, nick: str) -> None:
        """What we are called: "@nick" in a message of somebody else is marked. "" marks nothing."""
        if nick != self._nick:
            self._nick = nick
            self._restyle()
            self._show_intro()

    def set_only_messages(self, only: bool) -> None:
        super().set_only_messages(only)
        self._show_intro()
        self._schedule()

    def set_compact(self, compact: bool) -> None:
        """With bubbles, or without them over the full width."""
        if compact != self._compact:
            self._compact = compact
            self._restyle()

    def set_unread_from(self, seq: int | None) -> None:
        """Put the unread bar above the first row from `seq` on, and go there. None takes the bar away.

        Call it right after the model was given a room.
        """
        row = self._arrangement.set_unread_from(seq)
        if row is not None and seq is not None:
            self._scene.unseen.restart(seq - 1)
            self._arrangement.scroll_to_row(row)
        self._schedule()

    def show_message(self, seq: int) -> None:
        """Go to a message and let it glow. One that is not held here is asked for, and gone to when it comes."""
        row = self._scene.find(seq)
        if row is not None:
            self._arrangement.scroll_to_row(row, self.viewport().height() // 4)
            self._jump.landed(self._model.entries[row])
            if self._scene.take_ring_along(row):
                accessible.focus(self)
            self.refresh()
        elif not self._older.at_start:
            self._jump.awaited = seq
            self._schedule()
            self.around_wanted.emit(seq)

    def older_answered(self, at_start: bool, gap: bool = False) -> None:
        """The request for older rows was answered. `at_start`: nothing more lies before; `gap`: it did once."""
        self._older.answered(at_start, gap)
        if self._jump.answered(at_start):
            self.missed.emit(self._words_for_missed(gone=at_start))
        self._show_waiting()
        self._schedule()

    def _words_for_missed(self, *, gone: bool) -> str:
        if gone:
            return self.tr("This message is not kept any more.")
        return self.tr("This message is not on this computer, and the server does not answer now.")

    def to_bottom(self) -> None:
        """Go to the newest row and stay with it."""
        self._jump.awaited = 0
        self._arrangement.to_bottom()
        self.refresh()

    def scroll_by(self, pixels: int) -> None:
        """Scroll down (up, where negative) as somebody's hand would."""
        self._arrangement.scroll_by(pixels)
        self.scrolled()

    def scrolled(self) -> None:
        """Somebody scrolled: show at once, with the date floating."""
        self._jump.awaited = 0
        self._older.scrolled()
        self._date.show()
        self.refresh()

    def ring_moved(self) -> None:
        """The keyboard is on another message, or on none, or selects nothing any more."""
        self._led_by_keyboard = True
        accessible.focus(self)
        self._schedule()

    def refresh(self) -> None:
        """Show all changes now, and tell what follows from them."""
        self._frame.stop()
        self._since_frame.restart()
        self._arrangement.set_ends(gap=self._older.gap, start=self._older.at_start and not self._older.gap)
        self._scene.place()
        self._scroll_link.show(self._scene.height)
        self._update_button()
        self._pointer.update_cursor()
        self.viewport().update()
        if self.isVisible():
            self._ask_for_older()
            self._tell_end()
        self._show_waiting()

    # -- inside -------------------------------------------------------------------------------------------

    def _opened(self) -> None:
        """Another room is shown, or none."""
        self._date.hide()
        self._told_end = None
        self._canvas.known = self._model.room is not None
        self._show_intro()
        self._skeleton.start()
        self._schedule()

    def _restyle(self) -> None:
        look = Look(self._theme, compact=self._compact, nick=self._nick)
        self._canvas.restyle(look)
        self._arrangement.restyle(look)
        self._button.update()
        self._schedule()

    def _schedule(self) -> None:
        """Something changed: show it soon, together with what else changes until then."""
        self._scene.dirty = True
        if not self._frame.isActive():
            self._frame.start(max(0, FRAME_MS - self._since_frame.elapsed()))

    def _show_intro(self) -> None:
        intro = intro_of(self._model.kind, self._model.name, self._nick, plain=self.only_messages)
        self._canvas.set_intro(intro)
        with_other = self._model.kind == DIRECT and self._model.name != self._nick
        self._arrangement.set_partner(self._model.name if with_other else "")

    def _show_waiting(self) -> None:
        self._loading.set_wanted(self._older.awaiting or bool(self._jump.awaited))

    def _update_button(self) -> None:
        away = self._arrangement.total - self._scene.height - self._arrangement.offset
        wanted = not self._arrangement.stick and away > TO_BOTTOM_AFTER
        if wanted and self._button.count != (count := self.new_count):
            self._button.set_count(count)
        if self._button.isVisibleTo(self.viewport()) != wanted:
            self._button.setVisible(wanted)

    def _estimate_again(self) -> None:
        self._arrangement.estimate()
        self._schedule()

    def _ask_for_older(self) -> None:
        if self._scene.placed and self._older.ask(self._arrangement.offset, self._scene.height):
            self.older_wanted.emit()

    def _tell_end(self) -> None:
        if not self._arrangement.stick or not self._scene.placed or not self.isActiveWindow():
            return
        newest = self._model.entries[-1]
        end = (newest.id, newest.seq)
        if end != self._told_end:
            self._told_end = end
            self.reached_end.emit()

    # -- events -------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        canvas, viewport = self._canvas, self.viewport()
        canvas.waiting = canvas.known and not self._model.entries and not self._older.at_start
        canvas.patient = self._skeleton.isActive()
        canvas.framed = self._led_by_keyboard and self.hasFocus()
        painter = QPainter(viewport)
        canvas.paint(painter, viewport.rect(), event.rect(), self._date.opacity)
        painter.end()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        viewport = self.viewport()
        self._scene.height = viewport.height()
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
        if event.reason() not in PASSING_REASONS:
            self._led_by_keyboard = event.reason() in KEYBOARD_REASONS
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.viewport().update()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:
        if self._scroll_link.follow(self._scene.height):
            self.scrolled()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._keyboard.handle(event):
            event.ignore()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self._actions.menu_by_key()
        else:
            self._actions.menu_by_mouse(event.pos())

"""Is anybody at the computer? Asked of the system on a slow timer where it knows, else by the input we see."""

import time
from collections.abc import Callable
from math import inf
from typing import Final, Protocol

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QWindow

ASK_MS: Final = 15_000
"""How often the system is asked."""
ASK_AWAY_MS: Final = 3_000
"""How often while nobody is there, so that coming back is seen soon."""
_INPUT: Final = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TabletPress,
    }
)


class IdleSource(Protocol):
    """A system that knows when somebody last touched keyboard or mouse."""

    def ask(self, then: Callable[[float | None], None]) -> None:
        """Call `then` with the seconds since, or None where they are not known; at once or later, on the GUI thread."""


class IdleWatch(QObject):
    """away_changed(bool): nobody has touched anything for `minutes`; or somebody has again."""

    away_changed = Signal(bool)

    def __init__(
        self,
        source: IdleSource | None,
        minutes: int,
        parent: QObject | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`minutes`: 0 for never. `clock`: seconds, never running backwards."""
        super().__init__(parent)
        self._source, self._minutes, self._clock = source, minutes, clock
        self._last_input = clock()
        self._asking = False
        self._running = False
        self.away = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.look)

    def start(self) -> None:
        """Begin to watch, also the windows that get the focus from now on."""
        self._running = True
        self._last_input = self._clock()
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.focusWindowChanged.connect(self._watch)
        self._watch(QGuiApplication.focusWindow())
        self.set_minutes(self._minutes)

    def stop(self) -> None:
        """Watch no more."""
        if self._running:
            self._running = False
            self._timer.stop()
            application = QGuiApplication.instance()
            assert isinstance(application, QGuiApplication)
            application.focusWindowChanged.disconnect(self._watch)

    def set_minutes(self, minutes: int) -> None:
        """How long it takes to be away; 0 for never."""
        self._minutes = minutes
        if minutes and self._running:
            self._timer.start(ASK_AWAY_MS if self.away else ASK_MS)
        else:
            self._timer.stop()
        if not minutes:
            self._set_away(False)

    def look(self) -> None:
        """Find out now."""
        if self._source is None:
            self._judge(None)
        elif not self._asking:
            self._asking = True
            self._source.ask(self._told)

    def _told(self, seconds: float | None) -> None:
        self._asking = False
        if self._running:
            self._judge(seconds)

    def _judge(self, seconds: float | None) -> None:
        since = min(inf if seconds is None else seconds, self._clock() - self._last_input)
        self._set_away(bool(self._minutes) and since >= 60 * self._minutes)

    def _set_away(self, away: bool) -> None:
        if away != self.away:
            self.away = away
            if self._timer.isActive():
                self._timer.start(ASK_AWAY_MS if away else ASK_MS)
            self.away_changed.emit(away)

    # -- our own windows ------------------------------------------------------------------------------

    def _watch(self, window: QWindow | None) -> None:
        # Windows, and not the application: a filter there would have Python look at every event of every widget.
        if window is not None:
            window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if self._running and event.type() in _INPUT:
            self._last_input = self._clock()
            self._set_away(False)
        return False

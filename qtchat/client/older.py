"""Older history: read from the disk, else fetched from the server, page by page, until what is wanted is there."""

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import Struct

from qtchat.client.catchup import Cursor
from qtchat.client.line import Line, request_id
from qtchat.client.quotes import answered_by, tell_quoted
from qtchat.client.state.rows import ROW_KINDS
from qtchat.client.storage import Disk
from qtchat.client.updates import OlderUpdate
from qtchat.protocol.messages import MAX_PAGE, Event, GetHistory, History

PAGE: Final = 100
"""Events asked for at once when somebody reads back, and told at the start."""
CONTEXT: Final = 30
"""Events that should be there above the one to which somebody jumps."""

Page = tuple[tuple[Event, ...], tuple[Event, ...]]
"""Events, and the later ones that amend them."""


class _Wish(Struct):
    """What lies below seq `before` of a room is wanted, `size` events at a time, down to seq `goal`; 0: until there is
    a row. `done`: called at the end instead of telling the owner of each page."""

    room: int
    before: int
    size: int
    goal: int
    done: Callable[[], None] | None = None


class Older:
    """The way back in the rooms of one account."""

    def __init__(self, line: Line, cursors: dict[int, Cursor]) -> None:
        """`cursors`: where we are in each room."""
        self._line = line
        self._cursors = cursors
        self._wishes: dict[bytes, _Wish] = {}

    def load(self, number: int, before: int) -> None:
        """What lies right below seq `before`."""
        self._go_on(_Wish(number, before, PAGE, 0))

    def load_around(self, number: int, seq: int) -> None:
        """Everything down to `seq`. It begins at the top: nobody here knows which rows the owner still has."""
        cursor = self._cursors.get(number)
        if cursor is not None and not cursor.high:
            self._line.emit(OlderUpdate(number, (), at_start=False))
        elif cursor is not None:
            self._go_on(_Wish(number, cursor.high + 1, MAX_PAGE, max(1, seq - CONTEXT)))

    def deepen(self, number: int, goal: int, done: Callable[[], None]) -> None:
        """Let the disk have everything down to seq `goal`; nobody is told of it but `done`."""
        self._go_on(_Wish(number, self._cursors[number].low, MAX_PAGE, goal, done))

    def page(self, page: History, request: GetHistory) -> None:
        """A page came that was asked for here."""
        wish = self._wishes.pop(request.id)
        cursor = self._cursors[page.room]
        events = page.events
        if events and events[-1].seq == cursor.low - 1:
            cursor.low = events[0].seq
            self._line.write(lambda disk: disk.cache.extend_down(page.room, events))
        at_start = not page.more
        gap = at_start and page.first > 1
        if not events:
            self._came(wish, ((), ()), at_start, gap)
            return
        came = partial(self._came, wish, at_start=at_start, gap=gap)
        # What amends these is later, so the disk has it; without the disk they are shown as they were.
        self._line.read(lambda disk: _with_amendments(disk, page.room, events), came, lambda _: came((events, ())))

    def forget(self, request: GetHistory) -> None:
        """Its room was left meanwhile: nobody wants it any more."""
        self._wishes.pop(request.id, None)

    def not_answered(self, request: GetHistory) -> None:
        """A page will not come."""
        wish = self._wishes.pop(request.id)
        if wish.done is not None:
            wish.done()
        else:
            self._line.emit(OlderUpdate(wish.room, (), at_start=False))

    # -- steps --------------------------------------------------------------------------------------------

    def _go_on(self, wish: _Wish) -> None:
        if wish.room not in self._cursors:
            return
        if wish.before <= 1:
            self._came(wish, ((), ()), at_start=True)
            return

        def found(page: Page) -> None:
            events = page[0]
            if events and events[-1].seq == wish.before - 1:
                self._came(wish, page, at_start=events[0].seq == 1)
            else:
                request = GetHistory(request_id(), wish.room, before=wish.before, limit=wish.size)
                self._wishes[request.id] = wish
                self._line.submit(request)

        self._line.read(lambda disk: _read_page(disk, wish), found, lambda _: found(((), ())))

    def _came(self, wish: _Wish, page: Page, at_start: bool, gap: bool = False) -> None:
        events, amendments = page
        if wish.done is None:
            self._line.emit(OlderUpdate(wish.room, events, at_start, gap, amendments))
            tell_quoted(self._line, wish.room, answered_by(events))
        if at_start or not events or _is_granted(wish, events):
            if wish.done is not None:
                wish.done()
            return
        wish.before = events[0].seq
        self._go_on(wish)


def _is_granted(wish: _Wish, events: tuple[Event, ...]) -> bool:
    if wish.goal:
        return events[0].seq <= wish.goal
    return any(event.kind in ROW_KINDS for event in events)


# -- jobs of the storage thread ---------------------------------------------------------------------------


def _read_page(disk: Disk, wish: _Wish) -> Page:
    return _with_amendments(disk, wish.room, tuple(disk.cache.before(wish.room, wish.before, wish.size)))


def _with_amendments(disk: Disk, number: int, events: tuple[Event, ...]) -> Page:
    later = disk.cache.amendments(number, events[0].seq, events[-1].seq) if events else ()
    return events, tuple(later)

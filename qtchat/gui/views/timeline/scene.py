"""What stands in the view now: the rows in sight, what is selected, where keyboard and mouse are. No widget."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF

from qtchat.client.state import Delivery, Entry
from qtchat.gui.views.timeline.arrangement import Arrangement, Placed
from qtchat.gui.views.timeline.grouping import row_of_seq
from qtchat.gui.views.timeline.hit import Hit, hit
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.ring import Ring
from qtchat.gui.views.timeline.selection import END, Position, Selection, copied_text, row_text
from qtchat.gui.views.timeline.unseen import Unseen


class Scene:
    """Rows and what is on them, moved together as the model moves. `height` is the view's, in pixels."""

    def __init__(self, look: Look) -> None:
        self.arrangement = Arrangement(look)
        self.selection = Selection()
        self.ring = Ring()
        self.hovered: Entry | None = None
        self.height = 0
        self.dirty = True
        """Something changed since the rows were placed."""
        self.unseen = Unseen()
        self._placed: list[Placed] = []

    @property
    def entries(self) -> Sequence[Entry]:
        """All rows."""
        return self.arrangement.entries

    @property
    def placed(self) -> list[Placed]:
        """The rows in sight, top to bottom, laid out and placed."""
        if self.dirty:
            self.place()
        return self._placed

    def place(self) -> None:
        """Lay out and place what is in sight."""
        self.dirty = False
        self._placed = self.arrangement.place(self.height)
        self.unseen.saw(self.entries, max((placed.row.entry.seq or 0 for placed in self._placed), default=0))

    @property
    def new_count(self) -> int:
        """Messages of others that stand below all that was in sight."""
        return self.unseen.count(self.entries)

    # -- what the model does ------------------------------------------------------------------------------

    def reset(self, entries: Sequence[Entry]) -> None:
        """Other rows altogether."""
        self.arrangement.reset(entries)
        self.selection.clear()
        self.ring.row = self.hovered = None
        self.dirty = True
        self.unseen.restart(next((entry.seq for entry in reversed(entries) if entry.seq is not None), 0))

    def inserted(self, first: int, count: int) -> None:
        """Rows came."""
        self.arrangement.inserted(first, count)
        self.unseen.inserted(self.entries, first, count)
        self.selection.inserted(first, count)
        self.ring.inserted(first, count)
        self.dirty = True

    def removed(self, first: int, count: int) -> None:
        """Rows went."""
        self.arrangement.removed(first, count)
        self.unseen.recount()
        self.selection.removed(first, count)
        self.ring.removed(first, count)
        self.dirty = True

    def replaced(self, first: int, count: int) -> None:
        """Rows hold other entries."""
        self.arrangement.replaced(first, count)
        self.dirty = True

    def unfold(self, row: int) -> None:
        """Give each entry that the system line `row` tells of a line of its own."""
        self.arrangement.unfold(row)
        self.dirty = True

    # -- what is where ------------------------------------------------------------------------------------

    def find(self, seq: int) -> int | None:
        """The row of the message `seq`, or, where that is no row of its own, the next one; None if it is not held."""
        entries = self.entries
        if not entries or entries[0].seq is None or seq < entries[0].seq:
            return None
        row = row_of_seq(entries, seq)
        return row if row < len(entries) and entries[row].seq is not None else None

    def hit(self, point: QPointF) -> Hit | None:
        """What lies under a point of the view."""
        return hit(self.placed, point)

    def placed_row(self, row: int | None) -> Placed | None:
        """A row that is in sight."""
        return next((placed for placed in self.placed if placed.index == row), None)

    @property
    def ringed(self) -> Entry | None:
        """The message that the keyboard is on."""
        return None if self.ring.row is None else self.entries[self.ring.row]

    def meant_by_keyboard(self) -> Placed | None:
        """The message a key means: the ringed one, else the newest failed one in sight, else the newest."""
        if self.ring.row is not None:
            return self.placed_row(self.ring.row)
        messages = [placed for placed in self.placed if placed.row.bubble is not None]
        failed = [placed for placed in messages if placed.row.entry.delivery is Delivery.FAILED]
        return next(reversed(failed or messages), None)

    def move_ring(self, step: int) -> bool:
        """The keyboard goes one message up (-1) or down (1), and the view follows. False: there is none."""
        if not self.placed:
            return False
        if self.placed_row(self.ring.row) is None:  # out of sight is out of mind
            self.ring.row = None
        if not self.ring.move(self.arrangement, step, self._entrance()):
            return False
        assert self.ring.row is not None
        self.arrangement.bring_into_sight(self.ring.row)
        self.dirty = True
        return True

    def put_ring(self, row: int) -> None:
        """The keyboard goes to this row, and the view follows."""
        self.ring.row = row
        if self.placed_row(row) is None:
            self.arrangement.scroll_to_row(row, self.height // 4)
        self.arrangement.bring_into_sight(row)
        self.dirty = True

    def take_ring_along(self, row: int) -> bool:
        """Somebody goes to this row: a keyboard that was on another one goes on from here. False if it was on none."""
        if self.ring.row is None or self.arrangement.stop_beside(row, 1) != row:
            return False
        self.ring.row = row
        return True

    def _entrance(self) -> int:
        """The newest row that is wholly in sight."""
        whole = [placed for placed in self.placed if placed.y + placed.row.height <= self.height]
        return (whole or self.placed)[-1].index

    # -- the selection ------------------------------------------------------------------------------------

    def row_text(self, row: int) -> str:
        """The whole text of a row as it is shown."""
        return row_text(self.arrangement, row)

    @property
    def selected_text(self) -> str:
        """What copying the selection gives; "" where nothing is selected."""
        return copied_text(self.arrangement, self.selection)

    def select_all(self) -> None:
        """Select every row."""
        if self.entries:
            self.selection.select(Position(0, 0), Position(len(self.entries) - 1, END))

"""On which row the keyboard is. The ring moves along when rows come and go."""

from qtchat.gui.views.timeline.arrangement import Arrangement


class Ring:
    """A row, or none."""

    def __init__(self) -> None:
        self.row: int | None = None

    def inserted(self, first: int, count: int) -> None:
        """Rows were inserted at `first`."""
        if self.row is not None and self.row >= first:
            self.row += count

    def removed(self, first: int, count: int) -> None:
        """Rows are gone; a ring that was on one of them is gone too."""
        if self.row is not None and self.row >= first:
            self.row = None if self.row < first + count else self.row - count

    def move(self, arrangement: Arrangement, step: int, entrance: int) -> bool:
        """One stop up (-1) or down (1); from nowhere to the one at or above `entrance`. False if there is none."""
        start, direction = (entrance, -1) if self.row is None else (self.row + step, step)
        row = arrangement.stop_beside(start, direction)
        if row is not None:
            self.row = row
        return row is not None

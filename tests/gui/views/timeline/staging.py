"""A timeline with a real state behind it, and what tests do with one."""

from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QDate, QDateTime, QPoint, QPointF, QRectF, Qt, QTime
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from qtchat.client.state import Change, ServerState
from qtchat.client.updates import EventsUpdate, FailedUpdate, OlderUpdate, PendingUpdate, Problem, Update
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline import TimelineView
from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.protocol.messages import Event

ME, ROOM = 7, 1
NOON = QDateTime(QDate(2024, 5, 17), QTime(12, 0)).toMSecsSinceEpoch()


@dataclass
class Stage:
    """A view 600 x 400, the model behind it, and the state behind that."""

    view: TimelineView
    model: TimelineModel
    state: ServerState
    theme: Theme

    def apply(self, update: Update) -> None:
        changes: tuple[Change, ...] = self.state.apply(update)
        for change in changes:
            self.model.apply(change)

    def event(self, seq: int, author: int = 2, kind: str = "post", text: str | None = None, about: int = 0) -> Event:
        name = "me" if author == ME else f"N{author}"
        text = f"message {seq}" if text is None else text
        return Event(ROOM, seq, seq.to_bytes(16, "big"), NOON + seq * 1000, author, name, kind, text, about)

    def say(
        self,
        first: int,
        count: int = 1,
        author: int = 2,
        text: str | None = None,
        live: bool = True,
        kind: str = "post",
        about: int = 0,
    ) -> None:
        events = tuple(self.event(seq, author, kind, text, about) for seq in range(first, first + count))
        self.apply(EventsUpdate(ROOM, events, live))

    def older(self, first: int, count: int) -> None:
        events = tuple(self.event(seq) for seq in range(first, first + count))
        self.apply(OlderUpdate(ROOM, events, at_start=False))

    def compose(self, number: int, text: str = "mine") -> bytes:
        message_id = number.to_bytes(16, "big")
        self.apply(PendingUpdate(message_id, ROOM, text, NOON + 999_000))
        return message_id

    def fail(self, message_id: bytes) -> None:
        self.apply(FailedUpdate(message_id, ROOM, Problem("no", "the room is <b>closed</b>")))

    def open(self, at_start: bool = True) -> None:
        self.state.rooms[ROOM].at_start = at_start
        self.model.show(self.state.rooms[ROOM])

    def shown(self) -> list[str]:
        """The texts of the rows in sight."""
        self.view.refresh()
        return [placed.row.entry.text for placed in self.view.rows_in_sight]

    def placed(self, row: int) -> Placed:
        """The row with this number, which is in sight."""
        return next(item for item in self.view.rows_in_sight if item.index == row)

    def bubble_center(self, row: int) -> QPoint:
        """Where, in the viewport, the middle of a message is."""
        bubble = self.placed(row).row.bubble
        assert bubble is not None
        return self.spot(row, bubble)

    def spot(self, row: int, rect: QRectF | None) -> QPoint:
        """Where, in the viewport, the middle of a part of a row is."""
        assert rect is not None
        return rect.translated(0, self.placed(row).y).center().toPoint()

    def text_point(self, row: int, at: int) -> QPoint:
        """Where, in the viewport, the character `at` of a row is drawn."""
        placed = self.placed(row)
        block = next(block for block in reversed(placed.row.blocks) if block.start <= at)
        line = block.layout.lineForTextPosition(at - block.start)
        x: Any = line.cursorToX(at - block.start)
        return (block.origin + QPointF(x[0] + 2, placed.y + line.y() + line.height() / 2)).toPoint()

    def click(self, spot: QPoint) -> None:
        """With the left button."""
        QTest.mouseClick(self.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)

    def picture(self) -> QImage:
        """What the viewport shows."""
        self.view.refresh()
        return self.view.viewport().grab().toImage()


def action(menu: QMenu, text: str) -> QAction:
    """The entry of a menu that says so."""
    return next(action for action in menu.actions() if action.text() == text)


def colors(image: QImage) -> set[str]:
    """The colours of every other pixel, as "#RRGGBB"."""
    return {
        image.pixelColor(x, y).name().upper() for x in range(0, image.width(), 2) for y in range(0, image.height(), 2)
    }

"""The conversation list: the rooms of one server, the last active first, those where nothing was said in the order
in which they were made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum

from PySide6.QtCore import QDate, QLocale, QObject, Qt

from qtchat.client.state import Delivery, RoomState, ServerState
from qtchat.gui.models.keyed_list import Index, KeyedListModel

PREVIEW_CHARACTERS = 200
"""More of a message is never seen in one line."""


class ConversationRole(IntEnum):
    """What a delegate may ask for."""

    ROOM = Qt.ItemDataRole.UserRole + 1  # int
    NAME = Qt.ItemDataRole.UserRole + 2  # str, without the leading "# "
    LEAD = Qt.ItemDataRole.UserRole + 3  # str: who said it, "You" or "Draft"; "" for none
    PREVIEW = Qt.ItemDataRole.UserRole + 4  # str, one line
    TIME = Qt.ItemDataRole.UserRole + 5  # str, for people
    UNREAD = Qt.ItemDataRole.UserRole + 6  # int
    DRAFT = Qt.ItemDataRole.UserRole + 7  # bool: the preview is what was not sent yet
    DELIVERY = Qt.ItemDataRole.UserRole + 8  # Delivery of the last message if it is ours, else None


@dataclass(frozen=True, slots=True)
class _Row:
    """What is shown of a room, computed once per change instead of once per paint."""

    name: str
    author: str
    own: bool
    text: str
    activity: int
    said: int
    unread: int
    delivery: Delivery | None


class ConversationsModel(KeyedListModel):
    """Keys are room numbers. Call `show` for another server and `refresh` for the rooms that a change names."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state: ServerState | None = None
        self._rows: dict[int, _Row] = {}
        self._drafts: dict[int, str] = {}

    def show(self, state: ServerState | None) -> None:
        """Show the rooms of `state`, or none. Forgets the drafts."""
        self._state = state
        self._drafts.clear()
        self._rows = {number: _row(room) for number, room in state.rooms.items()} if state else {}
        self.restart(self._order())

    def refresh(self, rooms: Collection[int]) -> None:
        """These rooms were added, changed or removed."""
        assert self._state is not None
        for number in rooms:
            room = self._state.rooms.get(number)
            if room is None:
                self._rows.pop(number, None)
            else:
                self._rows[number] = _row(room)
        self.arrange(self._order(), rooms)

    def set_draft(self, room: int, text: str) -> None:
        """What was written in `room` and not sent; "" for nothing."""
        if text.strip():
            self._drafts[room] = text
        else:
            self._drafts.pop(room, None)
        row = self.row_of(room)
        if row >= 0:
            self.dataChanged.emit(self.index(row), self.index(row))

    @property
    def unread(self) -> int:
        """Unread messages in all rooms."""
        return sum(row.unread for row in self._rows.values())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        number = self.key_at(index.row())
        row, draft = self._rows[number], self._drafts.get(number, "")
        match role:
            case Qt.ItemDataRole.DisplayRole | ConversationRole.NAME:
                return row.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(row, draft)
            case ConversationRole.ROOM:
                return number
            case ConversationRole.LEAD:
                return self._lead(row, draft)
            case ConversationRole.PREVIEW:
                return one_line(draft or row.text)
            case ConversationRole.TIME:
                return short_time(row.said, datetime.now().astimezone().date()) if row.said else ""
            case ConversationRole.UNREAD:
                return row.unread
            case ConversationRole.DRAFT:
                return bool(draft)
            case ConversationRole.DELIVERY:
                return row.delivery if row.own else None
        return None

    def _lead(self, row: _Row, draft: str) -> str:
        if draft:
            return self.tr("Draft")
        return self.tr("You") if row.own else row.author

    def _spoken(self, row: _Row, draft: str) -> str:
        lead = self._lead(row, draft)
        parts = [row.name, self.tr("%n unread", "", row.unread) if row.unread else ""]
        parts.append(f"{lead}: {one_line(draft or row.text)}" if lead else "")
        return ", ".join(part for part in parts if part)

    def _order(self) -> list[int]:
        return sorted(self._rows, key=lambda number: (-self._rows[number].activity, number))


def _row(room: RoomState) -> _Row:
    last = room.last_post
    if last is None:
        return _Row(room.name, "", False, "", 0, 0, room.unread, None)
    return _Row(room.name, last.nick, last.own, last.text, last.ts, last.ts, room.unread, last.delivery)


def one_line(text: str) -> str:
    """The beginning of `text` on one line."""
    return " ".join(text[:PREVIEW_CHARACTERS].split())


def short_time(ts: int, today: date) -> str:
    """When `ts` (ms since 1970, UTC) was, in as few characters as are clear on the day `today`, local time."""
    when = datetime.fromtimestamp(ts / 1000).astimezone()
    locale = QLocale()
    day = QDate(when.year, when.month, when.day)
    age = (today - when.date()).days
    if age <= 0:
        return when.strftime("%H:%M")
    if age < 7:
        return locale.dayName(day.dayOfWeek(), QLocale.FormatType.ShortFormat)
    return locale.toString(day, QLocale.FormatType.ShortFormat)

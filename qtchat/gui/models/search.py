"""What a search has found: one row for each message, with the place of the hit in it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import IntEnum

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt

from qtchat.gui.models.keyed_list import Index
from qtchat.gui.models.words import one_line, short_time
from qtchat.protocol.messages import MAX_TEXT, Event

LEAD_CHARACTERS = 24
"""What of a message is shown before the hit, so that it is seen in a narrow window, too."""
ROOT = QModelIndex()


class Hit(Struct, frozen=True):
    """One message that was found. `before`, `hit` and `after`: the line to show, in three pieces."""

    room: int
    seq: int
    author: int
    nick: str
    where: str
    ts: int
    before: str
    hit: str
    after: str


class SearchRole(IntEnum):
    HIT = Qt.ItemDataRole.UserRole + 1  # Hit
    TIME = Qt.ItemDataRole.UserRole + 2  # str


class SearchModel(QAbstractListModel):
    """The messages found, in the order in which they were told. Looked through only as far as somebody looks."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted = ""
        self._events: Sequence[Event] = ()
        self._rooms: Mapping[int, str] = {}
        self._hits: dict[int, Hit] = {}

    def show(self, wanted: str, events: Sequence[Event], rooms: Mapping[int, str]) -> None:
        """Show these, in which `wanted` was found. `rooms`: what to call the room of each, "" where that is clear."""
        self.beginResetModel()
        self._wanted, self._events, self._rooms = wanted, events, rooms
        self._hits.clear()
        self.endResetModel()

    def at(self, row: int) -> Hit:
        if row not in self._hits:
            event = self._events[row]
            self._hits[row] = hit_in(event, self._wanted, self._rooms.get(event.room, ""))
        return self._hits[row]

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._events)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._events):
            return None
        hit = self.at(index.row())
        time = short_time(hit.ts, datetime.now().astimezone().date())
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return hit.before + hit.hit + hit.after
            case Qt.ItemDataRole.AccessibleTextRole:
                said = f"{hit.nick}: {hit.before}{hit.hit}{hit.after}"
                return ", ".join(part for part in (hit.where, time, said) if part)
            case SearchRole.HIT:
                return hit
            case SearchRole.TIME:
                return time
        return None


def hit_in(event: Event, wanted: str, where: str) -> Hit:
    """The line of `event` to show: the hit in its middle, and of what stands before it only the end."""
    text, sought = one_line(event.text, MAX_TEXT), " ".join(wanted.split())
    start = _find(text, sought)
    end = start + len(sought) if start >= 0 else 0
    start = max(0, start)
    before = text[:start]
    if len(before) > LEAD_CHARACTERS:
        before = "…" + before[-LEAD_CHARACTERS:].lstrip()
    return Hit(
        room=event.room,
        seq=event.seq,
        author=event.author,
        nick=one_line(event.nick),
        where=one_line(where),
        ts=event.ts,
        before=before,
        hit=text[start:end],
        after=one_line(text[end:]) if not text[end : end + 1].isspace() else " " + one_line(text[end:]),
    )


def _find(text: str, sought: str) -> int:
    """Where `sought` stands in `text`, upper or lower case; -1 if nowhere.

    Not by folding, which changes how long a text is ("ß", "İ"), so that the place would be another.
    """
    lowered = text.lower()
    return lowered.find(sought.lower()) if len(lowered) == len(text) else text.find(sought)

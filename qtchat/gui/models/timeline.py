"""One room's timeline as a Qt model: its own list of entries, moved exactly as the changes of the state say."""

from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from qtchat.client.state import Change, Entry, RoomState, RowsInserted, RowsRemoved, RowsReplaced
from qtchat.protocol.messages import PUBLIC


class Role(IntEnum):
    """What a row tells besides Qt.ItemDataRole.DisplayRole, which is its plain text."""

    ENTRY = Qt.ItemDataRole.UserRole + 1  # client.state.Entry


class TimelineModel(QAbstractListModel):
    """The entries of one room, oldest first. Follows a `client.state.ServerState` change by change.

    It holds a list of its own: a state may be several changes ahead of the change that is being applied.
    """

    posted = Signal(int, int)
    """(first, count): these rows are new messages, not older history; emitted after they were inserted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room: int | None = None
        self._entries: list[Entry] = []
        self.at_start = False
        """Nothing lies before the first row. Read when the room was shown; see `TimelineView.older_answered`."""
        self.gap = False
        """Older rows existed, but the server no longer keeps them. Read when the room was shown."""
        self.name = ""
        """What the room is called. Read when it was shown."""
        self.kind = PUBLIC
        """One of PUBLIC, PRIVATE and DIRECT."""

    @property
    def room(self) -> int | None:
        """The number of the room shown."""
        return self._room

    @property
    def entries(self) -> list[Entry]:
        """The rows themselves, for the view's inner loops. Only the model changes the list."""
        return self._entries

    def show(self, room: RoomState | None) -> None:
        """Show another room, or none, from scratch."""
        self.beginResetModel()
        self._room = room.number if room else None
        self._entries = list(room.entries) if room else []
        self.at_start, self.gap = (room.at_start, room.gap) if room else (True, False)
        self.name, self.kind = (room.name, room.kind) if room else ("", PUBLIC)
        self.endResetModel()

    def apply(self, change: Change) -> None:
        """Follow one change of the state. Changes of other rooms, and of other kinds, are nothing to it."""
        match change:
            case RowsInserted(room=self._room):
                self._insert(change)
            case RowsRemoved(room=self._room):
                self._remove(change)
            case RowsReplaced(room=self._room):
                self._replace(change)

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or not 0 <= index.row() < len(self._entries):
            return None
        entry = self._entries[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return entry.text
        return entry if role == Role.ENTRY else None

    def _insert(self, change: RowsInserted) -> None:
        first, count = change.first, len(change.entries)
        if not count:
            return
        self.beginInsertRows(QModelIndex(), first, first + count - 1)
        self._entries[first:first] = change.entries
        self.endInsertRows()
        if change.live:
            self.posted.emit(first, count)

    def _remove(self, change: RowsRemoved) -> None:
        if not change.count:
            return
        self.beginRemoveRows(QModelIndex(), change.first, change.first + change.count - 1)
        del self._entries[change.first : change.first + change.count]
        self.endRemoveRows()

    def _replace(self, change: RowsReplaced) -> None:
        first, count = change.first, len(change.entries)
        if not count:
            return
        self._entries[first : first + count] = change.entries
        self.dataChanged.emit(self.index(first), self.index(first + count - 1))

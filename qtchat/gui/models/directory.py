"""The rooms of a server that one may join, by name."""

from collections.abc import Iterable
from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from qtchat.gui.models.keyed_list import Index, KeyedListModel
from qtchat.gui.models.words import one_line, people_count
from qtchat.protocol.messages import PRIVATE, Room


class DirectoryRole(IntEnum):
    """What a delegate may ask for."""

    ROOM = Qt.ItemDataRole.UserRole + 1  # int
    NAME = Qt.ItemDataRole.UserRole + 2  # str
    TOPIC = Qt.ItemDataRole.UserRole + 3  # str
    MEMBERS = Qt.ItemDataRole.UserRole + 4  # int
    MEMBER = Qt.ItemDataRole.UserRole + 5  # bool: we are in it
    KIND = Qt.ItemDataRole.UserRole + 6  # str: PUBLIC or PRIVATE


class DirectoryModel(KeyedListModel):
    """Keys are room numbers."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rooms: dict[int, Room] = {}

    def show(self, rooms: Iterable[Room]) -> None:
        """Show these rooms."""
        before, self._rooms = self._rooms, {room.room: room for room in rooms}
        touched = {number for number, room in self._rooms.items() if before.get(number, room) != room}
        self.arrange(sorted(self._rooms, key=lambda number: (self._rooms[number].name.casefold(), number)), touched)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        room = self._rooms[self.key_at(index.row())]
        match role:
            case Qt.ItemDataRole.DisplayRole | DirectoryRole.NAME:
                return one_line(room.name)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(room)
            case DirectoryRole.ROOM:
                return room.room
            case DirectoryRole.TOPIC:
                return room.topic
            case DirectoryRole.MEMBERS:
                return room.members
            case DirectoryRole.MEMBER:
                return room.member
            case DirectoryRole.KIND:
                return room.kind
        return None

    def _spoken(self, room: Room) -> str:
        private = self.tr("private") if room.kind == PRIVATE else ""
        joined = self.tr("joined") if room.member else ""
        parts = (one_line(room.name), private, people_count(room.members), joined, one_line(room.topic))
        return ", ".join(part for part in parts if part)

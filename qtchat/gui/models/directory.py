"""The rooms of a server that one may join, by name."""

from collections.abc import Iterable
from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from qtchat.gui.models.keyed_list import Index, KeyedListModel
from qtchat.protocol.messages import Room


class DirectoryRole(IntEnum):
    """What a delegate may ask for."""

    ROOM = Qt.ItemDataRole.UserRole + 1  # int
    NAME = Qt.ItemDataRole.UserRole + 2  # str
    TOPIC = Qt.ItemDataRole.UserRole + 3  # str
    MEMBERS = Qt.ItemDataRole.UserRole + 4  # int
    MEMBER = Qt.ItemDataRole.UserRole + 5  # bool: we are in it


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
                return room.name
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{room.name}, {self._people(room.members)}"
            case DirectoryRole.ROOM:
                return room.room
            case DirectoryRole.TOPIC:
                return room.topic
            case DirectoryRole.MEMBERS:
                return room.members
            case DirectoryRole.MEMBER:
                return room.member
        return None

    def _people(self, count: int) -> str:
        return self.tr("1 person") if count == 1 else self.tr("%n people", "", count)

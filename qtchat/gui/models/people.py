"""The people of one room: those who are here first, then by name."""

from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from qtchat.client.state import RoomState
from qtchat.gui.models.keyed_list import Index, KeyedListModel


class PersonRole(IntEnum):
    """What a delegate may ask for."""

    USER = Qt.ItemDataRole.UserRole + 1  # int
    NICK = Qt.ItemDataRole.UserRole + 2  # str
    ONLINE = Qt.ItemDataRole.UserRole + 3  # bool
    OWN = Qt.ItemDataRole.UserRole + 4  # bool: this is us


class PeopleModel(KeyedListModel):
    """Keys are user numbers. Call `show` for another room and `refresh` when its people changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room: RoomState | None = None
        self._own = 0
        self._shown: dict[int, tuple[str, bool]] = {}

    def show(self, room: RoomState | None, own: int = 0) -> None:
        """Show the members of `room`, or nobody. `own`: our user number."""
        self._room, self._own = room, own
        self._shown = self._now()
        self.restart(self._order())

    def refresh(self) -> None:
        """The members of the room, or their presence, changed."""
        before, self._shown = self._shown, self._now()
        touched = {user for user, shown in self._shown.items() if before.get(user, shown) != shown}
        self.arrange(self._order(), touched)

    @property
    def online(self) -> int:
        """How many of the people shown are here now."""
        return sum(online for _, online in self._shown.values())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        user = self.key_at(index.row())
        nick, online = self._shown[user]
        match role:
            case Qt.ItemDataRole.DisplayRole | PersonRole.NICK:
                return nick
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{nick}, {self.tr('online') if online else self.tr('offline')}"
            case PersonRole.USER:
                return user
            case PersonRole.ONLINE:
                return online
            case PersonRole.OWN:
                return user == self._own
        return None

    def _now(self) -> dict[int, tuple[str, bool]]:
        members = self._room.members.values() if self._room else ()
        return {person.user: (person.nick, person.online) for person in members}

    def _order(self) -> list[int]:
        return sorted(self._shown, key=lambda user: (not self._shown[user][1], self._shown[user][0].casefold(), user))

"""People in a list: those who are here first, then those who are away, then the others; each by name."""

from collections.abc import Iterable, Mapping
from enum import IntEnum

from PySide6.QtCore import QObject, Qt

from qtchat.client.state import RoomState
from qtchat.gui.models.keyed_list import Index, KeyedListModel
from qtchat.gui.models.moderation import role_word, shown_role
from qtchat.gui.models.presence import Presence, is_plain, presence_of, presence_words
from qtchat.gui.models.words import one_line
from qtchat.protocol.messages import Person


class PersonRole(IntEnum):
    """What a delegate may ask for."""

    USER = Qt.ItemDataRole.UserRole + 1  # int
    NICK = Qt.ItemDataRole.UserRole + 2  # str
    PRESENCE = Qt.ItemDataRole.UserRole + 3  # Presence
    OWN = Qt.ItemDataRole.UserRole + 4  # bool: this is us
    ABOUT = Qt.ItemDataRole.UserRole + 5  # str: what they say of themselves, else whether they are here
    PLAIN = Qt.ItemDataRole.UserRole + 6  # bool: came by a plain-text door
    PERSON = Qt.ItemDataRole.UserRole + 7  # Person
    ROLE = Qt.ItemDataRole.UserRole + 8  # str: the role to show beside the name; "" for a mere member


_RANK = {Presence.ONLINE: 0, Presence.AWAY: 1, Presence.OFFLINE: 2}


class PeopleModel(KeyedListModel):
    """Keys are user numbers. Call `show` for another room and `refresh` when its people changed; or `show_people`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room: RoomState | None = None
        self._own = 0
        self._shown: dict[int, Person] = {}
        self._roles: dict[int, str] = {}

    def show(self, room: RoomState | None, own: int = 0) -> None:
        """Show the members of `room`, or nobody. `own`: our user number."""
        self._room, self._own = room, own
        self._shown, self._roles = self._now(), self._roles_now()
        self.restart(self._order())

    def refresh(self) -> None:
        """The members of the room, or their presence, changed."""
        self._take(self._now())

    def show_people(self, people: Iterable[Person], own: int = 0) -> None:
        """Show these people, of whatever room."""
        self._room, self._own = None, own
        self._take({person.user: person for person in people})

    @property
    def online(self) -> int:
        """How many of the people shown are here now, or at least connected."""
        return sum(person.online for person in self._shown.values())

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        person = self._shown[self.key_at(index.row())]
        match role:
            case Qt.ItemDataRole.DisplayRole | PersonRole.NICK:
                return one_line(person.nick)
            case Qt.ItemDataRole.AccessibleTextRole:
                return self._spoken(person)
            case PersonRole.USER:
                return person.user
            case PersonRole.PRESENCE:
                return presence_of(person)
            case PersonRole.OWN:
                return person.user == self._own
            case PersonRole.ABOUT:
                return self._about(person)
            case PersonRole.PLAIN:
                return is_plain(person.user)
            case PersonRole.PERSON:
                return person
            case PersonRole.ROLE:
                return self._roles.get(person.user) or shown_role(person)
        return None

    def _about(self, person: Person) -> str:
        # The dot alone would be a matter of colour, so presence is always said in words, too.
        status = one_line(person.status)
        return f"{presence_words(person)} · {status}" if status else presence_words(person)

    def _spoken(self, person: Person) -> str:
        plain = self.tr("plain text, name not verified") if is_plain(person.user) else ""
        role = self._roles.get(person.user) or shown_role(person)
        said = (one_line(person.nick), role_word(role) if role else "", self._about(person), plain)
        return ", ".join(part for part in said if part)

    def _take(self, people: Mapping[int, Person]) -> None:
        before, self._shown = self._shown, dict(people)
        roles, self._roles = self._roles, self._roles_now()
        touched = {user for user, person in self._shown.items() if before.get(user, person) != person}
        touched |= {user for user in self._shown if roles.get(user) != self._roles.get(user)}
        self.arrange(self._order(), touched)

    def _now(self) -> dict[int, Person]:
        return dict(self._room.members) if self._room else {}

    def _roles_now(self) -> dict[int, str]:
        """The roles of the members of the room that are worth a mark."""
        members = self._room.members.values() if self._room is not None else ()
        roles = {person.user: shown_role(person, self._room) for person in members}
        return {user: role for user, role in roles.items() if role}

    def _order(self) -> list[int]:
        return sorted(self._shown, key=self._place)

    def _place(self, user: int) -> tuple[int, str, int]:
        person = self._shown[user]
        return _RANK[presence_of(person)], person.nick.casefold(), user

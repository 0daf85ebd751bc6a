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


_Place = tuple[int, str, int]
_RANK = {Presence.ONLINE: 0, Presence.AWAY: 1, Presence.OFFLINE: 2}


class PeopleModel(KeyedListModel):
    """Keys are user numbers. Call `show` for another room and `refresh` when its people changed; or `show_people`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room: RoomState | None = None
        self._own = 0
        self._shown: dict[int, Person] = {}
        self._places: dict[int, _Place] = {}  # of those shown
        self._roles: dict[int, str] = {}  # in the room, of its staff
        self._online = 0

    def show(self, room: RoomState | None, own: int = 0) -> None:
        """Show the members of `room`, or nobody. `own`: our user number."""
        self._room, self._own = room, own
        self._shown, self._places, self._roles = {}, {}, self._roles_now()
        self._follow(self._now())
        self.restart(self._order())

    def refresh(self) -> None:
        """The members of the room, or their presence, changed."""
        self._take(self._now())

    def show_people(self, people: Iterable[Person], own: int = 0) -> None:
        """Show these people, of whatever room."""
        self._room, self._own = None, own
        self._take({person.user: person for person in people})

    @property
    def people(self) -> list[Person]:
        """The people shown, in their order."""
        return [self._shown[user] for user in self._keys]

    @property
    def online(self) -> int:
        """How many of the people shown are here now, or at least connected."""
        return self._online

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid() or index.row() >= len(self._keys):
            return None
        person = self._shown.get(self.key_at(index.row()))
        if person is None:  # the row is about to go
            return None
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
                return shown_role(person, self._room)
        return None

    def _about(self, person: Person) -> str:
        # The dot alone would be a matter of colour, so presence is always said in words, too.
        status = one_line(person.status)
        return f"{presence_words(person)} · {status}" if status else presence_words(person)

    def _spoken(self, person: Person) -> str:
        plain = self.tr("plain text, name not verified") if is_plain(person.user) else ""
        role = shown_role(person, self._room)
        said = (one_line(person.nick), role_word(role) if role else "", self._about(person), plain)
        return ", ".join(part for part in said if part)

    def _take(self, people: Mapping[int, Person]) -> None:
        roles, self._roles = self._roles, self._roles_now()
        touched, moved = self._follow(people)
        touched |= {user for user in roles | self._roles if roles.get(user) != self._roles.get(user)}
        if moved or touched:
            self.arrange(self._order() if moved else self._keys, touched)

    def _follow(self, people: Mapping[int, Person]) -> tuple[set[int], bool]:
        """Show these. Returns whose data changed, and whether the rows stand otherwise now. Of thousands a few come and
        go each second, so the others are not looked at."""
        before, self._shown = self._shown, dict(people)
        gone = before.keys() - self._shown.keys()
        touched, moved = set(), bool(gone)
        for user in gone:
            del self._places[user]
        for user, person in self._shown.items():
            known = before.get(user)
            if known is person:
                continue
            if known is not None and known != person:
                touched.add(user)
            place = _place(person)
            if place != self._places.get(user):
                self._places[user] = place
                moved = True
        self._online = sum(person.online for person in people.values())
        return touched, moved

    def _now(self) -> dict[int, Person]:
        return dict(self._room.members) if self._room else {}

    def _roles_now(self) -> dict[int, str]:
        return dict(self._room.roles) if self._room else {}

    def _order(self) -> list[int]:
        kept = [user for user in self._keys if user in self._shown]  # in order but for a few: that is sorted faster
        return sorted([*kept, *(self._shown.keys() - set(kept))], key=self._places.__getitem__)


def _place(person: Person) -> _Place:
    return _RANK[presence_of(person)], person.nick.casefold(), person.user

"""People in a list: those who are here first, then those who are away, then the others; each by name. Of a room, those
who run it stand before them all."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Set
from enum import IntEnum

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.client.state import RoomState
from qtchat.gui.models.keyed_list import Index, KeyedListModel
from qtchat.gui.models.moderation import role_word, shown_role
from qtchat.gui.models.presence import Presence, is_plain, presence_of, presence_words
from qtchat.gui.models.words import one_line
from qtchat.protocol.messages import ADMIN, MODERATOR, OWNER, Person


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


class Section(IntEnum):
    """The parts of the list, in their order."""

    STAFF = 0
    """Those with a role, whether they are here or not; only of a room."""
    ONLINE = 1
    """Those who are away, too: they are connected."""
    OFFLINE = 2


_Place = tuple[Section, int, int, str, int]
_RANK = {Presence.ONLINE: 0, Presence.AWAY: 1, Presence.OFFLINE: 2}
_ROLE_RANK = {OWNER: 0, ADMIN: 1, MODERATOR: 2}


class PeopleModel(KeyedListModel):
    """Keys are user numbers. Call `show` for another room and `refresh` when its people changed; or `show_people`."""

    sections_changed = Signal()
    """`sections` are others, or begin elsewhere; the rows have followed already."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._room: RoomState | None = None
        self._own = 0
        self._shown: dict[int, Person] = {}
        self._places: dict[int, _Place] = {}  # of those shown
        self._roles: dict[int, str] = {}  # in the room, of its staff
        self._sections: list[tuple[Section, int]] = []
        self._counted = 0  # rows, when they were divided

    def show(self, room: RoomState | None, own: int = 0) -> None:
        """Show the members of `room`, or nobody. `own`: our user number."""
        self._room, self._own = room, own
        self._shown, self._places, self._roles = {}, {}, self._roles_now()
        self._follow(self._now(), frozenset())
        self.restart(self._order())
        self._divide()

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
    def sections(self) -> list[tuple[Section, int]]:
        """The sections that somebody is in, each with its first row."""
        return self._sections

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
        other_role = {user for user in roles | self._roles if roles.get(user) != self._roles.get(user)}
        touched, moved = self._follow(people, other_role)
        if moved or touched:
            self.arrange(self._order() if moved else self._keys, touched)
            self._divide()

    def _follow(self, people: Mapping[int, Person], other_role: Set[int]) -> tuple[set[int], bool]:
        """Show these. Returns whose data changed, and whether the rows stand otherwise now. Of thousands a few come and
        go each second, so the others are not looked at, but for those who have an `other_role` in the room."""
        before, self._shown = self._shown, dict(people)
        gone = before.keys() - self._shown.keys()
        touched, moved = set(other_role), bool(gone)
        for user in gone:
            del self._places[user]
        for user, person in self._shown.items():
            known = before.get(user)
            if known is person and user not in other_role:
                continue
            if known is not None and known != person:
                touched.add(user)
            place = self._place(person)
            if place != self._places.get(user):
                self._places[user] = place
                moved = True
        return touched, moved

    def _place(self, person: Person) -> _Place:
        presence, role = presence_of(person), shown_role(person, self._room) if self._room is not None else ""
        section = Section.OFFLINE if presence is Presence.OFFLINE else Section.ONLINE
        if role:
            section = Section.STAFF
        return section, _ROLE_RANK.get(role, 0), _RANK[presence], person.nick.casefold(), person.user

    def _divide(self) -> None:
        """Find out where each section begins."""
        starts = [bisect_left(self._keys, section, key=self._section_of) for section in Section]
        ends = [*starts[1:], len(self._keys)]
        sections = [(section, first) for section, first, end in zip(Section, starts, ends, strict=True) if first < end]
        if (sections, len(self._keys)) != (self._sections, self._counted):
            self._sections, self._counted = sections, len(self._keys)
            self.sections_changed.emit()

    def _section_of(self, user: int) -> Section:
        return self._places[user][0]

    def _now(self) -> dict[int, Person]:
        return dict(self._room.members) if self._room else {}

    def _roles_now(self) -> dict[int, str]:
        return dict(self._room.roles) if self._room else {}

    def _order(self) -> list[int]:
        kept = [user for user in self._keys if user in self._shown]  # in order but for a few: that is sorted faster
        return sorted([*kept, *(self._shown.keys() - set(kept))], key=self._places.__getitem__)

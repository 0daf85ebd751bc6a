"""What the model knows: people, rooms, and who may do what. Written from the protocol's page, not from the server.

People are called here by what they first wanted to be called; `Person.nick` is what they are called now.
"""

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Final

from qtchat.protocol.messages import (
    ADMIN,
    DIRECT,
    GUEST,
    LOBBY,
    MEMBER,
    MODERATOR,
    OWNER,
    PUBLIC,
    Room,
    Sanction,
)

EVERYWHERE: Final = 0
WAITING: Final = "waiting"
REVOKED: Final = "revoked"
MAX_NICKS: Final = 5
"""Names that one key may own."""
KEPT: Final = 20
"""Sanctions that are kept for somebody who is not here."""
PEOPLE: Final = ("anna", "ben", "cleo", "dora", "emil", "fay")
LOOKS: Final = {name: name for name in PEOPLE} | {"аnna": "anna", "bеn": "ben", "Anna": "anna", "Gus": "gus"}
"""Names, and what they look like: two have a Cyrillic letter."""


Facts = dict[str, dict[Any, Any]]
"""What is so, by what it is about; people are numbers there."""


class Power(IntEnum):
    """Of somebody in a room, or on the server."""

    GUEST = 0
    MEMBER = 1
    ROOM_MODERATOR = 2
    ROOM_OWNER = 3
    MODERATOR = 4
    ADMIN = 5
    OWNER = 6


ON_SERVER: Final = {
    OWNER: Power.OWNER,
    ADMIN: Power.ADMIN,
    MODERATOR: Power.MODERATOR,
    MEMBER: Power.MEMBER,
    GUEST: Power.GUEST,
    WAITING: Power.GUEST,
    REVOKED: Power.GUEST,
}
IN_ROOM: Final = {OWNER: Power.ROOM_OWNER, MODERATOR: Power.ROOM_MODERATOR, MEMBER: Power.MEMBER}


@dataclass
class Person:
    """`names`: that the key owns; `lost`: those that were taken away; `untold`: what happened while nobody was here."""

    number: int
    nick: str
    role: str = MEMBER
    names: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    untold: list[Sanction] = field(default_factory=list)


@dataclass
class Entry:
    """One event. `id`: None where the server chose it; `about`: a seq, or a user number; `was`: the author's nick
    then, where that changed at once."""

    id: bytes | None
    kind: str
    author: str
    text: str = ""
    about: int = 0
    was: str = ""


@dataclass
class Log:
    """One room. `members`: how far each has read it; `roles`: of those who are more than members; `said`: when they
    last said something while slow mode held."""

    number: int
    name: str
    kind: str = PUBLIC
    members: dict[str, int] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    topic: str = ""
    announcement: bool = False
    frozen: bool = False
    slow_ms: int = 0
    said: dict[str, int] = field(default_factory=dict)

    @property
    def head(self) -> int:
        return len(self.entries)

    def append(self, entry: Entry) -> int:
        self.entries.append(entry)
        return self.head

    def add(self, name: str) -> None:
        self.members[name] = self.head

    def remove(self, name: str) -> None:
        del self.members[name]
        self.roles.pop(name, None)

    def post(self, seq: int) -> Entry | None:
        """The post of this number, if it is one."""
        entry = self.entries[seq - 1] if 0 < seq <= self.head else None
        return entry if entry is not None and entry.kind == "post" else None

    def reactions(self, seq: int) -> set[tuple[str, str]]:
        found: set[tuple[str, str]] = set()
        for entry in self.entries:
            if entry.about == seq and entry.kind == "reacted":
                found.add((entry.author, entry.text))
            elif entry.about == seq and entry.kind == "unreacted":
                found.discard((entry.author, entry.text))
        return found

    def erase(self, seq: int) -> None:
        for number, entry in enumerate(self.entries, 1):
            if number == seq or (entry.kind == "edited" and entry.about == seq):
                entry.text = ""


@dataclass
class Lock:
    """A ban or a mute. `until`: ms since 1970, UTC, 0 for ever."""

    by: str
    reason: str
    until: int
    since: int
    address: bool = False


@dataclass
class Act:
    """An entry of the audit log."""

    by: str
    act: str
    room: int
    person: str
    until: int = 0


class World:
    """All of it, at the time `now`: ms since 1970, UTC."""

    def __init__(self) -> None:
        self.now = 0
        self.approve = False
        self.people: dict[str, Person] = {}
        self.rooms: dict[int, Log] = {LOBBY: Log(LOBBY, "lobby")}
        self.bans: dict[str, Lock] = {}
        self.mutes: dict[tuple[int, str], Lock] = {}
        """By room, or EVERYWHERE, and person."""
        self.acts: list[Act] = []

    # -- who somebody is ------------------------------------------------------------------------------------

    def meet(self, name: str, nick: str, role: str) -> Person:
        """Somebody whose key was never seen."""
        person = self.people[name] = Person(len(self.people) + 1, nick, role)
        self.take(name, nick)
        return person

    def taken(self, nick: str, name: str) -> bool:
        """Whether a name that looks so belongs to somebody else."""
        return any(
            LOOKS.get(owned, owned) == LOOKS.get(nick, nick)
            for other, person in self.people.items()
            if other != name
            for owned in person.names
        )

    def owns(self, name: str, nick: str) -> bool:
        """Whether that very name, in whatever case, is theirs already."""
        person = self.people.get(name)
        return person is not None and any(owned.casefold() == nick.casefold() for owned in person.names)

    def lost(self, name: str, nick: str) -> bool:
        """Whether it, or one that looks so, was taken from this person and has belonged to nobody else since."""
        person = self.people.get(name)
        return person is not None and any(LOOKS[lost] == LOOKS.get(nick, nick) for lost in person.lost)

    def take(self, name: str, nick: str) -> None:
        """It belongs to this person now, and they are called so."""
        self.people[name].nick = nick
        self.people[name].names.add(nick)
        for person in self.people.values():
            person.lost = {lost for lost in person.lost if lost.casefold() != nick.casefold()}

    @property
    def waiting(self) -> list[str]:
        """Who was neither let in nor turned away."""
        return [name for name, one in self.people.items() if one.role == WAITING and self.ban_of(name) is None]

    @property
    def owned(self) -> bool:
        return any(person.role == OWNER for person in self.people.values())

    # -- who may do what --------------------------------------------------------------------------------------

    def power(self, name: str, log: Log | None = None) -> Power:
        """In a room, or on the server. A guest only reads, wherever."""
        on_server = ON_SERVER[self.people[name].role]
        if log is None or on_server is Power.GUEST:
            return on_server
        if log.kind == DIRECT:
            return Power.MEMBER
        return max(on_server, IN_ROOM[log.roles.get(name, MEMBER)])

    def sees(self, name: str, log: Log) -> bool:
        """Of a private room only its members know."""
        return log.kind == PUBLIC or name in log.members

    def holds(self, lock: Lock | None) -> bool:
        return lock is not None and (lock.until == 0 or lock.until > self.now)

    def ban_of(self, name: str) -> Lock | None:
        ban = self.bans.get(name)
        return ban if self.holds(ban) else None

    def mute_of(self, name: str, room: int) -> Lock | None:
        """In exactly this room, or everywhere."""
        mute = self.mutes.get((room, name))
        return mute if self.holds(mute) else None

    def silent(self, name: str, log: Log | None) -> bool:
        """Whether somebody only reads, in a room or, where it is about none, on the whole server."""
        if self.people[name].role == GUEST or self.mute_of(name, EVERYWHERE):
            return True
        if log is None:
            return False
        below = self.power(name, log) < Power.ROOM_MODERATOR
        return bool(self.mute_of(name, log.number)) or log.frozen or (log.announcement and below)

    def acting(self, name: str, other: str, log: Log | None, needed: Power) -> set[str]:
        """Why somebody may not act on somebody else; `other` empty: there is nobody."""
        if log is not None and not self.sees(name, log):
            return {"room_unknown"}
        power = self.power(name, log)
        if (log is not None and log.kind == DIRECT) or power < needed or not other or self.power(other, log) >= power:
            return {"forbidden"}
        return set()

    def overruled(self, name: str, lock: Lock | None, log: Log | None = None) -> bool:
        """Whether somebody of greater power did it."""
        return lock is not None and self.power(lock.by, log) > self.power(name, log)

    # -- what is told -------------------------------------------------------------------------------------------

    def describe(self, name: str, log: Log) -> Room:
        """The room as this person is told of it."""
        title, other = log.name, 0
        if log.kind == DIRECT:
            who = next((member for member in log.members if member != name), name)
            title, other = self.people[who].nick, self.people[who].number
        locks = [self.mute_of(name, EVERYWHERE), self.mute_of(name, log.number)]
        ends = [lock.until for lock in locks if lock is not None]
        return Room(
            log.number,
            title,
            log.topic,
            log.head,
            len(log.members),
            name in log.members,
            log.kind,
            log.members.get(name, 0),
            other,
            log.roles.get(name, MEMBER),
            log.announcement,
            log.frozen,
            log.slow_ms,
            (0 if 0 in ends else max(ends)) if ends else None,
        )

    def named_so(self, title: str, but: int = 0) -> bool:
        """Whether a public room is called so; `but`: not this one."""
        return any(log.name == title and log.number != but and log.kind == PUBLIC for log in self.rooms.values())

    @property
    def facts(self) -> Facts:
        """What a server must have in its state."""
        numbers = {name: person.number for name, person in self.people.items()}
        return {
            "people": {person.number: (person.nick, person.role) for person in self.people.values()},
            "names": {nick.casefold(): person.number for person in self.people.values() for nick in person.names},
            "rooms": {
                log.number: (log.kind, log.topic, log.announcement, log.frozen, log.slow_ms, log.head)
                for log in self.rooms.values()
            },
            "read": {
                (log.number, numbers[name]): read for log in self.rooms.values() for name, read in log.members.items()
            },
            "roles": {
                (log.number, numbers[name]): role
                for log in self.rooms.values()
                for name, role in log.roles.items()
                if role != MEMBER
            },
            "bans": {numbers[name]: ban.until for name, ban in self.bans.items() if self.holds(ban)},
            "mutes": {
                (room, numbers[name]): mute.until for (room, name), mute in self.mutes.items() if self.holds(mute)
            },
        }

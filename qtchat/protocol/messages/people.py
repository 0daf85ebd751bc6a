"""People: their roles, who is here, and what they say of themselves."""

from typing import Final

import msgspec

from qtchat.protocol.messages.base import Message, Request
from qtchat.protocol.messages.values import Color, Id, Nick, Number, Status, Time, Word

OWNER: Final = "owner"
ADMIN: Final = "admin"
MODERATOR: Final = "moderator"
MEMBER: Final = "member"
GUEST: Final = "guest"
SERVER_ROLES: Final = (OWNER, ADMIN, MODERATOR, MEMBER, GUEST)
"""Of the whole server, by falling power. A guest reads only."""
ROOM_ROLES: Final = (OWNER, MODERATOR, MEMBER)
"""Within one room."""


class Person(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Somebody on this server. `away`: connected, but not at the computer. `seen`: when the last device left, 0 if
    one is connected or nobody knows."""

    user: Number
    nick: Nick
    online: bool
    away: bool = False
    status: Status = ""
    seen: Time = 0
    role: Word = MEMBER


class ListPeople(Request, frozen=True, tag="list_people"):
    """The members of a room, by rising user number after `after`. Reply: People."""

    room: Number
    after: Number = 0


class People(Message, frozen=True, tag="people"):
    """A page of a room's members; `more`: ask again after the last one's number."""

    re: Id
    room: Number
    people: tuple[Person, ...]
    more: bool
    reads: tuple[Number, ...] = ()
    """How far each of `people` has read the room; empty in a room of more than MAX_READERS and where nobody asked."""
    roles: tuple[Word, ...] = ()
    """The role in the room of each of `people`; empty: all are members."""


class SetPresence(Request, frozen=True, tag="set_presence"):
    """Whether this device is left alone, and what its user says of himself. Reply: Done.

    A user is away if all connected devices are. Status and colour stay until they are changed, also over a restart;
    None: as it is now.
    """

    away: bool
    status: Status | None = None
    color: Color | None = None


class Presence(Message, frozen=True, tag="presence"):
    """Who came, went, is away, or changed the nick or status. Has no seq and may be dropped. Needs capability
    `presence`."""

    people: tuple[Person, ...]


class Colors(Message, frozen=True, tag="colors"):
    """Pairs of user number and colour: after a login of all who chose one, COLORS_PAGE in each, and then of those who
    choose another. 0: none any more. `anew`: what was told before is over. Has no seq. Needs capability `colors`."""

    colors: tuple[tuple[Number, Color], ...]
    anew: bool = False


class SetNick(Request, frozen=True, tag="set_nick"):
    """Be called otherwise from now on. Reply: Done."""

    nick: Nick

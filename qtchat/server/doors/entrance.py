"""Where a plain-text door stands, `DIALECT[@ADDRESS][:PORT][/ROOM]`, and whether it may be open.

The locks of a server do not hold at such a door: those programs have no keys to be known by, and would say a password
for everybody to hear. So with a lock on, a door opens for this computer alone, unless its host says otherwise.
"""

import re
from dataclasses import dataclass
from typing import Final

from qtchat.protocol.dialects import DIALECTS, Dialect
from qtchat.protocol.names import NameProblemError, clean_room_name
from qtchat.server.addresses import is_loopback

LOOPBACK: Final = "127.0.0.1"
"""Where a plain-text door stands unless told otherwise: what it says can be read on the way."""

_FORM: Final = re.compile(
    r"(?P<dialect>[a-z-]+)(@(\[(?P<ipv6>[^\]]+)\]|(?P<host>[^:/\[\]]+)))?(:(?P<port>\d+))?(/(?P<room>.*))?"
)


class EntranceError(ValueError):
    """This is no plain-text door; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """`room`: its name; empty for the lobby. `port`: 0 for any free one."""

    dialect: Dialect
    host: str
    port: int
    room: str = ""

    @property
    def local(self) -> bool:
        """Whether only this computer gets there."""
        return self.host == "localhost" or is_loopback(self.host)

    def __str__(self) -> str:
        """As it is written in the options."""
        host = "" if self.host == LOOPBACK else f"@[{self.host}]" if ":" in self.host else f"@{self.host}"
        return f"{self.dialect.name}{host}:{self.port}" + (f"/{self.room}" if self.room else "")


@dataclass(frozen=True, slots=True)
class PlainDoor:
    """How a plain-text door stands. `entrance`: as in the options, with the port that it has got; `shut`: it was not
    opened; `without`: what people who come in there do, although a lock should keep them from it; empty: no lock is on.
    """

    entrance: str
    shut: bool = False
    without: str = ""


def without_locks(*, password: bool, approve: bool, guests: bool) -> str:
    """What people do who come by a plain-text door, and nobody else; for "they ...". The arguments say which locks are
    on: newcomers need a password, somebody has to let them in, they only read."""
    locks = {"need no password": password, "wait for no approval": approve, "may write at once": guests}
    return " and ".join(text for text, on in locks.items() if on)


def parse_entrance(text: str) -> Entrance:
    """Raises EntranceError."""
    parts = _FORM.fullmatch(text.strip())
    if parts is None:
        raise EntranceError(f"{text!r} is not of the form DIALECT[@ADDRESS][:PORT][/ROOM], as in nick-ru:12347/lobby")
    dialect = DIALECTS.get(parts["dialect"])
    if dialect is None:
        raise EntranceError(f"there is no dialect {parts['dialect']!r}; there are {', '.join(DIALECTS)}")
    port = int(parts["port"]) if parts["port"] else dialect.port
    if port > 65_535:
        raise EntranceError(f"{text}: a port is a number from 0 to 65535")
    try:
        room = clean_room_name(parts["room"]) if parts["room"] else ""
    except NameProblemError as problem:
        raise EntranceError(f"{text}: {problem}") from problem
    return Entrance(dialect, parts["ipv6"] or parts["host"] or LOOPBACK, port, room)

"""How much of a server was not read yet, as badges count it."""

from typing import NamedTuple

from qtchat.gui.session import Session
from qtchat.gui.settings import Settings
from qtchat.protocol.messages import DIRECT


class Unread(NamedTuple):
    """`all`: messages in rooms that are not muted, and mentions in those that are. `personal`: those that are meant
    for us alone, mentions and direct messages."""

    all: int
    personal: int


def unread_of(session: Session, settings: Settings, seen: int = 0) -> Unread:
    """Over all rooms of one server. `seen`: a room that somebody looks at, so that what comes there counts nothing."""
    everything = personal = 0
    for room in session.state.rooms.values():
        if room.number == seen:
            continue
        muted = settings.room_prefs(session.server_key, room.number).muted
        everything += room.mentions if muted else room.unread
        personal += room.unread if room.kind == DIRECT and not muted else room.mentions
    return Unread(everything, personal)

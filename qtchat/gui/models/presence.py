"""Who is here, in one of three states and in words."""

from collections.abc import Sequence
from datetime import datetime
from enum import Enum

from PySide6.QtCore import QCoreApplication

from qtchat.gui.models.words import day_and_time, fill, one_line
from qtchat.protocol.messages import FIRST_PLAIN_USER, Person


class Presence(Enum):
    """Away: connected, but not at the computer."""

    ONLINE = "online"
    AWAY = "away"
    OFFLINE = "offline"


def presence_of(person: Person | None) -> Presence:
    """Of somebody nobody knows: offline."""
    if person is None or not person.online:
        return Presence.OFFLINE
    return Presence.AWAY if person.away else Presence.ONLINE


def presence_words(person: Person | None) -> str:
    """ "online", "away", "last seen yesterday at 14:05" or, where that is not known, "offline"."""
    match presence_of(person):
        case Presence.ONLINE:
            return QCoreApplication.translate("Presence", "online")
        case Presence.AWAY:
            return QCoreApplication.translate("Presence", "away")
    if person is None or not person.seen:
        return QCoreApplication.translate("Presence", "offline")
    when = day_and_time(person.seen, datetime.now().astimezone().date())
    return QCoreApplication.translate("Presence", "last seen {when}").replace("{when}", when)


def typing_words(nicks: Sequence[str]) -> str:
    """Who is writing now, as one sentence; "" for nobody."""
    if not nicks:
        return ""
    if len(nicks) == 1:
        return QCoreApplication.translate("Presence", "{nick} is typing…").replace("{nick}", one_line(nicks[0]))
    if len(nicks) == 2:
        first, second = map(one_line, nicks)
        both = QCoreApplication.translate("Presence", "{first} and {second} are typing…")
        return fill(both, first=first, second=second)
    return QCoreApplication.translate("Presence", "%n people are typing…", "", len(nicks))


def is_plain(user: int) -> bool:
    """Did this user come by a plain-text door, without a key? Anybody may use such a name."""
    return user >= FIRST_PLAIN_USER

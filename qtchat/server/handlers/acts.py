"""What all acts of moderation have in common: on whom, the sentence about it, and telling those concerned."""

from collections.abc import Iterable
from datetime import UTC, datetime

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_TOPIC, Sanction
from qtchat.server.effects import Effect, LogAct, Refuse, ShowRoom, Tell
from qtchat.server.power import power_of
from qtchat.server.records import EVERYWHERE
from qtchat.server.state import RoomInfo, State, User


def concerned(state: State, sender: User, user: int, room: RoomInfo | None = None) -> User | Refuse:
    """On whom the sender wants to act, or why not."""
    person = state.somebody(user)
    if person is None:
        return Refuse(ErrorCode.FORBIDDEN, "There is nobody with this number.")
    if person is sender:
        return Refuse(ErrorCode.FORBIDDEN, "That is you.")
    if power_of(person, room) >= power_of(sender, room):
        text = f"{person.nick} has the same role as you, or a higher one: nobody acts on those."
        return Refuse(ErrorCode.FORBIDDEN, text)
    return person


def passed(until: int, now: int) -> Refuse | None:
    """A time that is over cannot be the end of anything. Both are ms since 1970, UTC."""
    return Refuse(ErrorCode.FORBIDDEN, "The time until which that should hold is over.") if 0 < until <= now else None


def circumstances(by: str, until: int, reason: str) -> str:
    """By whom, until when, and why, for the end of a sentence."""
    when = f" until {datetime.fromtimestamp(until / 1000, UTC):%Y-%m-%d %H:%M} UTC" if until else ""
    return f"by {by}{when}{f': {reason}' if reason else '.'}"


def log_and_tell(
    sender: User, act: str, user: int, room: int = EVERYWHERE, reason: str = "", until: int = 0, detail: str = ""
) -> Iterable[Effect]:
    """An entry of the audit log, and the word to the person concerned."""
    yield LogAct(act, room, user, " ".join(filter(None, (detail, reason)))[:MAX_TOPIC], until)
    yield Tell(user, Sanction(act, room, sender.nick, reason, until, detail))


def shown_where_it_holds(state: State, user: int, room: int) -> Iterable[Effect]:
    """The room, or with EVERYWHERE all rooms of the user, to the user's devices."""
    for number in sorted(state.users[user].rooms) if room == EVERYWHERE else (room,):
        yield ShowRoom(number, user)

"""What all acts of moderation have in common: on whom, the sentence about it, and telling those concerned."""

from collections.abc import Iterable
from datetime import UTC, datetime

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_TOPIC, Sanction
from qtchat.server.effects import Effect, LogAct, Refuse, ShowRoom, TellSurely
from qtchat.server.power import power_of
from qtchat.server.records import EVERYWHERE, REVOKED
from qtchat.server.state import RoomInfo, State, User


def concerned(state: State, sender: User, user: int, room: RoomInfo | None = None) -> User | Refuse:
    """On whom the sender wants to act, or why not."""
    person = state.somebody(user)
    if person is None:
        return Refuse(ErrorCode.FORBIDDEN, "There is nobody with this number.")
    if person is sender:
        return Refuse(ErrorCode.FORBIDDEN, "Nobody can do that to themselves.")
    if power_of(person, room) >= power_of(sender, room):
        text = f"{person.nick} has the same role as you, or a higher one: nobody acts on those."
        return Refuse(ErrorCode.FORBIDDEN, text)
    return person


def overruled(state: State, sender: User, by: int, room: RoomInfo | None = None) -> Refuse | None:
    """What somebody of greater power did (`by`, with a ban or a mute) is not undone or replaced."""
    if power_of(state.users[by], room) <= power_of(sender, room):
        return None
    text = f"{state.users[by].nick} did that, and has a higher role than you: you cannot undo or change it."
    return Refuse(ErrorCode.FORBIDDEN, text)


def passed(until: int, clock: int) -> Refuse | None:
    """A time that is over cannot be the end of anything. Both are ms since 1970, UTC."""
    return Refuse(ErrorCode.FORBIDDEN, "The time until which that should hold is over.") if 0 < until <= clock else None


def circumstances(by: str, until: int, reason: str) -> str:
    """By whom, until when, and why, for the end of a sentence."""
    when = f" until {datetime.fromtimestamp(until / 1000, UTC):%Y-%m-%d %H:%M} UTC" if until else ""
    return f"by {by}{when}{f': {reason}' if reason else '.'}"


def log_and_tell(person: User, told: Sanction, detail: str = "") -> Iterable[Effect]:
    """An entry of the audit log, which says `detail` and the reason, and the word to the person concerned, if there can
    ever be a device that hears it."""
    yield LogAct(told.act, told.room, person.id, " ".join(filter(None, (detail, told.reason)))[:MAX_TOPIC], told.until)
    if person.key is not None and person.role != REVOKED:
        yield TellSurely(person.id, told)


def shown_where_it_holds(person: User, room: int) -> Iterable[Effect]:
    """The room, or with EVERYWHERE all rooms of the person, to the person's devices."""
    for number in sorted(person.rooms if room == EVERYWHERE else person.rooms & {room}):
        yield ShowRoom(number, person.id)

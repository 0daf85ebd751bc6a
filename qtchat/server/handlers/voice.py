"""Who may speak: mutes, guests, announcement rooms, frozen rooms, and slow mode."""

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import GUEST
from qtchat.server.effects import Refuse
from qtchat.server.handlers.acts import circumstances
from qtchat.server.power import Power, power_of
from qtchat.server.records import EVERYWHERE
from qtchat.server.state import RoomInfo, State, User


def silenced(state: State, sender: User, room: RoomInfo | None) -> Refuse | None:
    """Why the sender may only read, in `room` or, where it is about none, on the whole server."""
    if sender.role == GUEST:
        return _muted("You are a guest here, and guests only read.")
    mute = state.mute_of(sender.id, EVERYWHERE)
    if mute is not None:
        return _muted(f"You were muted {circumstances(state.users[mute.by].nick, mute.until, mute.reason)}")
    if room is None:
        return None
    mute = state.mute_of(sender.id, room.id)
    if mute is not None:
        by = circumstances(state.users[mute.by].nick, mute.until, mute.reason)
        return _muted(f"You were muted in {room.name} {by}")
    if room.frozen:
        return _muted(f"{room.name} is frozen: nobody can write there now.")
    if room.announcement and power_of(sender, room) < Power.ROOM_MODERATOR:
        return _muted(f"{room.name} is for announcements: only its owner and moderators write there.")
    return None


def slow_wait(state: State, sender: User, number: int) -> int:
    """Milliseconds until the sender may post in this room again; 0: now."""
    room = state.rooms.get(number)
    if room is None or not room.slow_ms or power_of(sender, room) >= Power.ROOM_MODERATOR:
        return 0
    last = room.posted.get(sender.id)
    return 0 if last is None else max(0, last + room.slow_ms - state.now)


def _muted(text: str) -> Refuse:
    return Refuse(ErrorCode.MUTED, text)

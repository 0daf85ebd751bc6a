"""Who may speak: mutes, guests, announcement rooms, frozen rooms, and slow mode."""

from typing import Final

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import GUEST, KIND_EDITED, KIND_POST, KIND_TOPIC, Edit, Post, Request, SetTopic
from qtchat.server.effects import Refuse
from qtchat.server.handlers.acts import circumstances
from qtchat.server.power import Power, power_of
from qtchat.server.records import EVERYWHERE
from qtchat.server.state import RoomInfo, State, User

PACED_KINDS: Final = (KIND_POST, KIND_EDITED, KIND_TOPIC)
"""What members say in a room, by whatever request: in slow mode they wait between two of these."""


def silenced(state: State, sender: User, room: RoomInfo | None) -> Refuse | None:
    """Why the sender may only read, in `room` or, where it is about none, on the whole server."""
    if sender.role == GUEST:
        return _muted("You are a guest here, and guests only read.")
    refusal = muted(state, sender, room)
    if refusal is not None or room is None:
        return refusal
    if room.frozen:
        return _muted(f"{room.name} is frozen: nobody can write there now.")
    if room.announcement and power_of(sender, room) < Power.ROOM_MODERATOR:
        return _muted(f"{room.name} is for announcements: only its owner and moderators write there.")
    return None


def muted(state: State, sender: User, room: RoomInfo | None = None) -> Refuse | None:
    """Why the sender must not say anything, not even by a name: on the whole server, or in `room`."""
    places = [(EVERYWHERE, "")] if room is None else [(EVERYWHERE, ""), (room.id, f"in {room.name} ")]
    for number, where in places:
        mute = state.mute_of(sender.id, number)
        if mute is not None:
            by = circumstances(state.users[mute.by].nick, mute.until, mute.reason)
            return _muted(f"You were muted {where}{by}")
    return None


def frozen(sender: User, room: RoomInfo) -> Refuse | None:
    """Why what the sender said there must stay as it is."""
    if not room.frozen or power_of(sender, room) >= Power.ROOM_MODERATOR:
        return None
    return _muted(f"{room.name} is frozen: what was said there stays.")


def slow_wait(state: State, sender: User, request: Request) -> int:
    """Milliseconds until the sender may say this; 0: now."""
    if not isinstance(request, Post | Edit | SetTopic):
        return 0
    room = state.rooms.get(request.room)
    if room is None or not room.slow_ms or power_of(sender, room) >= Power.ROOM_MODERATOR:
        return 0
    last = room.posted.get(sender.id)
    return 0 if last is None else max(0, last + room.slow_ms - state.uptime)


def _muted(text: str) -> Refuse:
    return Refuse(ErrorCode.MUTED, text)

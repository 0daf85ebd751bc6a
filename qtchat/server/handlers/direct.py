"""Conversations of two: one room for each pair, which nobody else can enter and nobody leaves."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, KIND_CREATED, Ack, OpenDirect
from qtchat.server.effects import AddMember, AddRoom, Append, Effect, Refuse, Reply, ShowRoom
from qtchat.server.records import RoomRecord, direct_key
from qtchat.server.state import State, User


def open_direct(state: State, sender: User, request: OpenDirect, now: int) -> Iterable[Effect]:
    other = state.somebody(request.user)
    if other is None:
        return (Refuse(ErrorCode.FORBIDDEN, "There is nobody with this number."),)
    if other.id >= FIRST_PLAIN_USER:
        return (Refuse(ErrorCode.FORBIDDEN, f"{other.nick} has a program that knows one room only."),)
    key = direct_key(sender.id, other.id)
    known = state.direct_rooms.get(key)
    if known is not None:
        created = state.rooms[known].created  # when its first event was stored
        return (ShowRoom(known, sender.id), Reply(Ack(request.id, known, 1, created, duplicate=True)))
    number = state.next_room
    both = sorted({sender.id, other.id})
    return (
        AddRoom(RoomRecord(number, "", None, "", now, 0, DIRECT, key)),
        *(AddMember(number, user) for user in both),
        *(ShowRoom(number, user) for user in both),
        Append(number, KIND_CREATED, request.id),
    )


def shown_again(state: State, user: int) -> Iterable[Effect]:
    """The direct rooms of somebody whose nick changes, to those who see them under that nick."""
    for number in sorted(state.users[user].rooms):
        room = state.rooms[number]
        if room.kind == DIRECT:
            yield ShowRoom(number, room.other(user))

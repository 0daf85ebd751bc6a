"""What the hub finds and sets right before anybody comes in: the lobby, and those whom the last server left inside."""

from qtchat.protocol.messages import LOBBY
from qtchat.protocol.names import fold
from qtchat.server.handlers.plain import left_over
from qtchat.server.records import RoomRecord
from qtchat.server.state import State
from qtchat.server.store import RoomLog, Writes


def make_lobby(log: RoomLog, state: State, name: str) -> None:
    """The first room, if there is none. Raises StoreError."""
    if LOBBY in state.rooms:
        return
    record = RoomRecord(LOBBY, name, fold(name), "", state.clock, 0)
    writes = Writes()
    writes.rooms.append(record)
    log.commit(writes)
    state.add_room(record)


def see_plain_people_off(log: RoomLog, state: State) -> None:
    """Those without a key are in a room only while they are connected; the last server was ended under them. Raises
    StoreError."""
    writes = Writes()
    for user in left_over(state):
        for room in tuple(state.users[user].rooms):
            writes.remove_member(room, user)
            state.remove_member(room, user)
    log.commit(writes)

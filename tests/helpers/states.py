"""A ServerState that knows one room, and short ways to tell it what happens there."""

from collections.abc import Sequence

from qtchat.client.state import Change, Entry, RoomState, RowsInserted, RowsRemoved, RowsReplaced, ServerState
from qtchat.client.updates import EventsUpdate, PendingUpdate, RoomUpdate, ServerUpdate
from qtchat.protocol.messages import KIND_DELETED, KIND_EDITED, KIND_POST, KIND_REACTED, KIND_UNREACTED, Event, Room
from tests.helpers.accounts import follow

ME, BOB, EVE = 1, 2, 3
NAMES = {ME: "Ada", BOB: "Bob", EVE: "Eve"}
SERVER = ServerUpdate(bytes(16), "server", "CODE", ME, "Ada", "localhost", 1)


def message_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def event(seq: int, author: int = BOB, text: str | None = None, kind: str = KIND_POST, about: int = 0) -> Event:
    said = f"text {seq}" if text is None else text
    return Event(1, seq, message_id(10_000 + seq), seq, author, NAMES[author], kind, said, about)


def posts(first: int, last: int) -> tuple[Event, ...]:
    return tuple(map(event, range(first, last + 1)))


def reply(seq: int, to: int, author: int = BOB) -> Event:
    return event(seq, author, about=to)


def edited(seq: int, about: int, text: str, author: int = BOB) -> Event:
    return event(seq, author, text, KIND_EDITED, about)


def deleted(seq: int, about: int, author: int = BOB) -> Event:
    return event(seq, author, "", KIND_DELETED, about)


def reacted(seq: int, about: int, emoji: str = "+", author: int = BOB) -> Event:
    return event(seq, author, emoji, KIND_REACTED, about)


def unreacted(seq: int, about: int, emoji: str = "+", author: int = BOB) -> Event:
    return event(seq, author, emoji, KIND_UNREACTED, about)


def pending(number: int, reply_to: int = 0) -> PendingUpdate:
    return PendingUpdate(message_id(number), 1, f"own {number}", number, reply_to)


class Watched:
    """The state, and a view's copy of the rows that is kept by nothing but the changes."""

    def __init__(self, read: int = 0) -> None:
        self.state = ServerState()
        self.rows: list[Entry] = []
        self.state.apply(SERVER)
        self.state.apply(RoomUpdate(Room(1, "lobby", "", 0, 2), read))

    @property
    def room(self) -> RoomState:
        return self.state.rooms[1]

    def told(self, *events: Event, live: bool = True) -> tuple[Change, ...]:
        return self.see(self.state.apply(EventsUpdate(1, events, live)))

    def see(self, changes: Sequence[Change]) -> tuple[Change, ...]:
        """Follow the changes, and look whether they told all."""
        for change in changes:
            if isinstance(change, RowsInserted | RowsRemoved | RowsReplaced):
                follow(self.rows, change)
        assert self.rows == self.room.entries
        return tuple(changes)

    def entry(self, seq: int) -> Entry:
        found = self.room.post(seq)
        assert found is not None
        return found

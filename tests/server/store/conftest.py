"""A store with two people and two rooms in it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtchat.server.records import EventRecord, MemberRecord, NickRecord, RoomRecord, UserRecord
from qtchat.server.store import Store, Writes, open_store

MakeEvent = Callable[..., EventRecord]


@pytest.fixture
def make_event() -> MakeEvent:
    """make_event(seq, room=1, author=1, text="...") with an id made of room and seq."""

    def make(seq: int, room: int = 1, author: int = 1, text: str = "hello") -> EventRecord:
        request = room.to_bytes(8, "big") + seq.to_bytes(8, "big")
        return EventRecord(room, seq, request, author, 5000 + seq, "post", text)

    return make


@pytest.fixture
def people() -> Writes:
    return Writes(
        users=[UserRecord(1, "Ada", b"k" * 32, 1000), UserRecord(2, "Ørsted", None, 1001)],
        nicks=[NickRecord("ada", 1, "Ada"), NickRecord("ørsted", 2, "Ørsted")],
        rooms=[RoomRecord(1, "lobby", "lobby", "", 1002, 0), RoomRecord(2, "Lab", "lab", "work", 1003, 0)],
        members_added=[MemberRecord(1, 1), MemberRecord(1, 2), MemberRecord(2, 1)],
    )


@pytest.fixture
def empty_store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as store:
        yield store


@pytest.fixture
def store(empty_store: Store, people: Writes) -> Store:
    empty_store.log.commit(people)
    return empty_store

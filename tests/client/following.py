"""Rooms as a follower is told of them, and what it asks for and holds."""

from qtchat.protocol.messages import KIND_POST, Event, GetHistory, History, Room
from tests.helpers.lines import FakeLine


def event(seq: int, room: int = 1) -> Event:
    return Event(room, seq, seq.to_bytes(16, "big"), 0, 2, "Bob", KIND_POST, f"text {seq}")


def events(first: int, last: int, room: int = 1) -> tuple[Event, ...]:
    return tuple(event(seq, room) for seq in range(first, last + 1))


def lobby(head: int, number: int = 1, *, member: bool = True, read: int | None = None) -> Room:
    """`read`: everything, unless told."""
    return Room(number, f"room {number}", "", head, 2, member, read=head if read is None else read)


def page(request: GetHistory, first: int, last: int, head: int, *, oldest: int = 1) -> History:
    return History(request.id, request.room, events(first, last, request.room), last < head, head, oldest)


def held(line: FakeLine, room: int = 1) -> tuple[int, int] | None:
    line.run_disk()
    return line.disk.cache.range(room)


def asked(line: FakeLine) -> list[tuple[int, int | None, int, int]]:
    requests = line.take_sent()
    assert all(isinstance(request, GetHistory) for request in requests)
    return [(request.room, request.after, request.before, request.limit) for request in requests]

"""Who is in the rooms, who is here, who is typing, who has read how far."""

from collections.abc import Iterable

from qtchat.client.state.changes import Change, PeopleChanged, ReadsChanged, RoomChanged, TypingChanged
from qtchat.client.state.rows import RoomState
from qtchat.client.state.timeline import set_read_by_all
from qtchat.client.updates import MembersUpdate, ReadsUpdate, TypingUpdate
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_ADDED,
    KIND_JOINED,
    KIND_LEFT,
    MAX_READERS,
    Event,
    Person,
)

Known = dict[int, Person]
"""Everybody who was ever told of, by user number."""


def is_plain(user: int) -> bool:
    """Whether a user came by a plain-text door: without a key, so anybody may use such a name."""
    return user >= FIRST_PLAIN_USER


def set_members(room: RoomState, known: Known, update: MembersUpdate, own: int) -> tuple[Change, ...]:
    """The whole list was told. `own`: our user number."""
    room.members = {person.user: person for person in update.people}
    room.member_count = len(room.members)
    known.update(room.members)
    told = dict(zip(room.members, update.reads, strict=False))
    changes: list[Change] = [PeopleChanged(room.number), RoomChanged(room.number)]
    if own in told:
        mark_read(room, told.pop(own))
    if told != room.reads:
        room.reads = told
        changes.append(ReadsChanged(room.number))
    return (*_settle(room, own), *changes)


def follow_membership(room: RoomState, known: Known, event: Event, own: int) -> tuple[Change, ...]:
    """Keep the member list, once it is known, in step with the log."""
    if not room.members:
        return ()
    if event.kind in (KIND_JOINED, KIND_ADDED):
        user, nick = (event.author, event.nick) if event.kind == KIND_JOINED else (event.about, event.text)
        if user in room.members:
            return ()
        known[user] = room.members[user] = known.get(user) or Person(user, nick, online=event.kind == KIND_JOINED)
        if room.reads:
            room.reads[user] = event.seq  # what was said before is not waited for
    elif event.kind == KIND_LEFT and event.author in room.members:
        del room.members[event.author]
        room.reads.pop(event.author, None)
    else:
        return ()
    room.member_count = len(room.members)
    return (*_settle(room, own), PeopleChanged(room.number))


def take_presence(rooms: Iterable[RoomState], known: Known, people: Iterable[Person]) -> tuple[Change, ...]:
    """Some people came, went, are away, or are called otherwise now."""
    told = {person.user: person for person in people}
    known.update(told)
    changes: list[Change] = []
    for room in rooms:
        present = told.keys() & room.members.keys()
        for user in present:
            room.members[user] = told[user]
        if present:
            changes.append(PeopleChanged(room.number))
        other = told.get(room.other)
        if other is not None and other.nick != room.name:
            room.name = other.nick
            changes.append(RoomChanged(room.number))
    return tuple(changes)


def take_reads(room: RoomState, update: ReadsUpdate, own: int) -> tuple[Change, ...]:
    """Some have read further; we too, on another device."""
    changes: list[Change] = []
    for user, seq in update.reads:
        if user == own:
            if mark_read(room, seq):
                changes.append(RoomChanged(room.number))
        elif seq > room.reads.get(user, 0):
            room.reads[user] = seq
            if ReadsChanged(room.number) not in changes:
                changes.append(ReadsChanged(room.number))
    return (*_settle(room, own), *changes)


def mark_read(room: RoomState, seq: int) -> bool:
    """We have read up to `seq`. False if that is nothing new."""
    further = seq > room.read
    room.read = max(room.read, seq)
    return room.fresh.read(room.read) or further


def take_typing(room: RoomState, update: TypingUpdate, own: int) -> tuple[Change, ...]:
    if update.user == own:  # on another device
        return ()
    room.typing[update.user] = update.until
    return (TypingChanged(room.number),)


def stop_typing(room: RoomState, users: Iterable[int]) -> tuple[Change, ...]:
    """These said what they had to say, or gave it up."""
    stopped = [user for user in users if room.typing.pop(user, None) is not None]
    return (TypingChanged(room.number),) if stopped else ()


def readers(room: RoomState, seq: int, own: int) -> list[Person]:
    """The others who have read the message `seq`, without its author."""
    entry = room.post(seq)
    author = entry.author if entry is not None else 0
    read = (user for user, upto in room.reads.items() if upto >= seq and user not in (own, author))
    return [room.members[user] for user in read if user in room.members]


def _settle(room: RoomState, own: int) -> tuple[Change, ...]:
    """Find out up to where all others have read. Of those with a plain-text program nobody ever hears it."""
    if len(room.members) > MAX_READERS:  # from here on nobody is told
        room.reads.clear()
    others = [user for user in room.members if user != own and not is_plain(user)]
    upto = min((room.reads.get(user, 0) for user in others), default=0)
    return set_read_by_all(room, upto) if upto != room.read_by_all else ()

"""Who is in the rooms, who is here, who is typing, who has read how far."""

from collections.abc import Iterable, Mapping

from qtchat.client.state.changes import Change, PeopleChanged, ReadsChanged, RoomChanged, TypingChanged
from qtchat.client.state.rows import ROLE, RoomState, changed_role, changed_setting
from qtchat.client.state.timeline import set_read_by_all
from qtchat.client.updates import MAX_PEOPLE, MAX_TYPING, MembersUpdate, ReadsUpdate, TypingUpdate
from qtchat.protocol import messages
from qtchat.protocol.messages import FIRST_PLAIN_USER, MAX_READERS, MEMBER, Event, Person

Known = dict[int, Person]
"""Everybody who was ever told of, by user number."""


def is_plain(user: int) -> bool:
    """Whether a user came by a plain-text door: without a key, so anybody may use such a name."""
    return user >= FIRST_PLAIN_USER


def set_members(room: RoomState, known: Known, update: MembersUpdate, own: int) -> tuple[Change, ...]:
    """The whole list was told. `own`: our user number."""
    room.members = {person.user: person for person in update.people}
    room.member_count = len(room.members)
    _learn(known, room.members)
    room.roles = {user: role for user, role in zip(room.members, update.roles, strict=False) if role != MEMBER}
    told = dict(zip(room.members, update.reads, strict=False))
    changes: list[Change] = [PeopleChanged(room.number), RoomChanged(room.number)]
    if own in told:
        mark_read(room, told.pop(own))
    if told != room.reads:
        room.reads = told
        changes.append(ReadsChanged(room.number))
    return (*_settle(room, own), *changes)


def follow_membership(room: RoomState, known: Known, events: Iterable[Event], own: int) -> tuple[Change, ...]:
    """Keep the member list, once it is known, in step with the log. `own`: our user number."""
    if not room.members:
        return ()
    changed = False
    for event in events:
        changed |= _follow(room, known, event)
    if not changed:
        return ()
    room.member_count = len(room.members)
    return (*_settle(room, own), PeopleChanged(room.number))


def _follow(room: RoomState, known: Known, event: Event) -> bool:
    """Whether this event changed who is in the room, or who is what there."""
    match event.kind:
        case messages.KIND_JOINED:
            return _came(room, known, Person(event.author, event.nick, online=True), event.seq)
        case messages.KIND_ADDED:
            return _came(room, known, Person(event.about, event.text, online=False), event.seq)
        case messages.KIND_LEFT:
            return _went(room, event.author)
        case messages.KIND_KICKED:
            return _went(room, event.about)
        case messages.KIND_CHANGED if event.about in room.members:
            setting, value = changed_setting(event.text)
            if setting == ROLE:
                room.roles[event.about], _ = changed_role(value)
            return setting == ROLE
    return False


def _came(room: RoomState, known: Known, person: Person, seq: int) -> bool:
    user = person.user
    if user in room.members or len(room.members) >= MAX_PEOPLE:
        return False
    room.members[user] = known.get(user) or person
    _learn(known, {user: room.members[user]})
    if room.reads:
        room.reads[user] = seq  # what was said before is not waited for
    return True


def _went(room: RoomState, user: int) -> bool:
    room.reads.pop(user, None)
    room.roles.pop(user, None)
    return room.members.pop(user, None) is not None


def take_presence(rooms: Iterable[RoomState], known: Known, people: Iterable[Person]) -> tuple[Change, ...]:
    """Some people came, went, are away, or are called otherwise now."""
    told = {person.user: person for person in people}
    _learn(known, told)
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
        elif user in room.members and seq > room.reads.get(user, 0):
            room.reads[user] = seq
            if ReadsChanged(room.number) not in changes:
                changes.append(ReadsChanged(room.number))
    return (*_settle(room, own), *changes)


def mark_read(room: RoomState, seq: int) -> bool:
    """We have read up to `seq`. False if that is nothing new."""
    further = seq > room.read
    room.read = max(room.read, seq)
    return room.fresh.read(room.read) or further


def take_typing(room: RoomState, known: Known, update: TypingUpdate, own: int) -> tuple[Change, ...]:
    """Somebody types, whom we know. `own`: our user number; that is we ourselves on another device."""
    user = update.user
    if user == own or user not in (room.members or known):
        return ()
    if user not in room.typing and len(room.typing) >= MAX_TYPING:
        return ()
    room.typing[user] = update.until
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


def _learn(known: Known, told: Mapping[int, Person]) -> None:
    """Remember these people; of new ones as many as there is room for."""
    if len(known) + len(told) <= MAX_PEOPLE:
        known.update(told)
        return
    for user, person in told.items():
        if user in known or len(known) < MAX_PEOPLE:
            known[user] = person


def _settle(room: RoomState, own: int) -> tuple[Change, ...]:
    """Find out up to where all others have read. Of those with a plain-text program nobody ever hears it."""
    if len(room.members) > MAX_READERS:  # from here on nobody is told
        room.reads.clear()
        upto = 0
    else:
        others = [user for user in room.members if user != own and not is_plain(user)]
        upto = min((room.reads.get(user, 0) for user in others), default=0)
    return set_read_by_all(room, upto) if upto != room.read_by_all else ()

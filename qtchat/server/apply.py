"""What effects do: to the state, to what the batch writes, and to what is said after the commit. Runs in the hub."""

from qtchat.protocol.messages import Ack, Error, Event, Request
from qtchat.protocol.names import fold
from qtchat.server.batch import Batch
from qtchat.server.effects import (
    AddMember,
    AddRoom,
    AddUser,
    Append,
    ClaimNick,
    Effect,
    Erase,
    MarkRead,
    ReadHistory,
    Refuse,
    RemoveMember,
    Reply,
    SetPresence,
    SetTopic,
    ShowRoom,
)
from qtchat.server.records import EventRecord, MemberRecord, NickRecord
from qtchat.server.state import Peer, State


def apply(state: State, batch: Batch, peer: Peer, user: int, request: Request | None, effect: Effect, now: int) -> None:
    """Carry out what a handler wants of a request of `user`, who asked through `peer`. `request` is None in a login.
    `now`: ms since 1970, UTC."""
    match effect:
        case Append():
            _append(state, batch, peer, user, effect, now)
        case Reply():
            batch.reply(peer, effect.message)
        case Refuse():
            assert request is not None
            batch.reply(peer, Error(request.id, effect.code, effect.text, suggestion=effect.suggestion))
        case ReadHistory():
            batch.pages.append((peer, effect))
        case ShowRoom():
            show(state, batch, effect.room, effect.user)
        case Erase():
            batch.writes.erased.append((effect.room, effect.seq))
        case MarkRead():
            state.rooms[effect.room].members[user] = effect.seq
            batch.writes.reads[effect.room, user] = effect.seq
            batch.reads.setdefault(effect.room, set()).add(user)
        case SetPresence() | AddUser() | ClaimNick():
            _change_person(state, batch, peer, user, effect)
        case AddRoom() | SetTopic() | AddMember() | RemoveMember():
            _change_room(state, batch, effect)


def show(state: State, batch: Batch, room: int, user: int) -> None:
    """Tell all devices of a user what a room is now."""
    for device in state.users[user].peers:
        batch.tell(device, state.describe(state.rooms[room], user))


def _append(state: State, batch: Batch, peer: Peer, user: int, effect: Append, now: int) -> None:
    room = state.rooms[effect.room]
    room.head += 1
    state.last_ts = now
    kind, text, about = effect.kind, effect.text, effect.about
    record = EventRecord(room.id, room.head, effect.id, user, now, kind, text, about)
    batch.writes.events.append(record)
    batch.stored[user, effect.id] = record
    event = Event(room.id, room.head, effect.id, now, user, state.users[user].nick, kind, text, about)
    batch.events.setdefault(room.id, []).append(event)
    if about and (target := batch.targets.get((room.id, about))) is not None:
        target.follow(kind, user, text)
    if effect.acknowledge:
        batch.reply(peer, Ack(effect.id, room.id, room.head, now))


def _change_person(
    state: State, batch: Batch, peer: Peer, user: int, effect: SetPresence | AddUser | ClaimNick
) -> None:
    writes = batch.writes
    match effect:
        case AddUser():
            state.add_user(effect.record)
            writes.users.append(effect.record)
        case ClaimNick():
            if fold(effect.nick) not in state.nicks:
                writes.nicks.append(NickRecord(fold(effect.nick), effect.user))
            if state.users[effect.user].nick != effect.nick:
                writes.renames.append((effect.user, effect.nick))
            state.claim_nick(effect.user, effect.nick)
            batch.people.add(effect.user)
        case SetPresence():
            person = state.users[user]
            if effect.status != person.status:
                person.status = writes.statuses[user] = effect.status
            if effect.away:
                person.away.add(peer)
            else:
                person.away.discard(peer)
            batch.people.add(user)


def _change_room(state: State, batch: Batch, effect: AddRoom | SetTopic | AddMember | RemoveMember) -> None:
    writes = batch.writes
    match effect:
        case AddRoom():
            state.add_room(effect.record)
            writes.rooms.append(effect.record)
        case SetTopic():
            state.rooms[effect.room].topic = effect.topic
            writes.topics.append((effect.room, effect.topic))
        case AddMember():
            read = state.rooms[effect.room].head
            state.add_member(effect.room, effect.user, read)
            writes.add_member(MemberRecord(effect.room, effect.user, read))
        case RemoveMember():
            state.remove_member(effect.room, effect.user)
            writes.remove_member(effect.room, effect.user)

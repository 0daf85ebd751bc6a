"""What effects do: to the state, to what the batch writes, and to what is said after the commit. Runs in the hub."""

from typing import Final

from msgspec.structs import replace

from qtchat.protocol.messages import PUBLIC, REQUIRES, Ack, Error, Event, Message, Request, Waiting
from qtchat.protocol.names import fold
from qtchat.server.batch import Batch
from qtchat.server.effects import (
    AddMember,
    AddRoom,
    AddUser,
    Append,
    ChangeRoom,
    ClaimNick,
    DropUser,
    Effect,
    End,
    EndFrom,
    Erase,
    LiftBan,
    LiftMute,
    LogAct,
    MarkRead,
    ReadPage,
    Refuse,
    ReleaseNick,
    RemoveMember,
    Reply,
    SetBan,
    SetMute,
    SetPresence,
    SetRole,
    SetTopic,
    ShowRoom,
    StillWaits,
    Tell,
    TellSurely,
    TellWaiting,
    Told,
)
from qtchat.server.handlers.voice import PACED_KINDS
from qtchat.server.power import Power, power_of
from qtchat.server.records import (
    EVERYWHERE,
    ActRecord,
    EventRecord,
    LostNickRecord,
    MemberRecord,
    NickRecord,
    NoticeRecord,
)
from qtchat.server.state import Peer, State

MAX_NOTICES: Final = 20
"""What is kept for one user until a device has read it, at most."""


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
        case ReadPage():
            batch.pages.append((peer, effect))
        case ShowRoom():
            show(state, batch, effect.room, effect.user)
        case Erase():
            batch.writes.erased.append((effect.room, effect.seq))
        case MarkRead():
            state.rooms[effect.room].members[user] = effect.seq
            batch.writes.reads[effect.room, user] = effect.seq
            batch.reads.setdefault(effect.room, set()).add(user)
        case SetPresence() | AddUser() | DropUser() | StillWaits() | ClaimNick() | ReleaseNick():
            _change_person(state, batch, peer, user, effect)
        case AddRoom() | SetTopic() | AddMember() | RemoveMember() | ChangeRoom():
            _change_room(state, batch, effect)
        case SetRole() | SetBan() | LiftBan() | SetMute() | LiftMute():
            _change_power(state, batch, effect)
        case LogAct():
            _log_act(state, batch, user, request, effect, now)
        case Tell():
            tell(state, batch, effect.user, effect.message)
        case TellSurely():
            _tell_surely(state, batch, user, effect, now)
        case Told():
            _forget_told(state, batch, effect)
        case TellWaiting():
            tell_waiting(state, batch)
        case End():
            for device in state.users[effect.user].peers:
                batch.ended[device] = (effect.code, effect.text)
        case EndFrom():
            for somebody in state.users.values():
                if power_of(somebody) < Power.MODERATOR:
                    here = [device for device in somebody.peers if device.address in effect.addresses]
                    batch.ended |= dict.fromkeys(here, (effect.code, effect.text)) | batch.ended


def show(state: State, batch: Batch, room: int, user: int) -> None:
    """Tell all devices of a user what a room is now."""
    for device in state.users[user].peers:
        batch.tell(device, state.describe(state.rooms[room], user))


def tell(state: State, batch: Batch, user: int, message: Message) -> None:
    """To all devices of a user that want to hear such a message."""
    for device in state.users[user].peers:
        if REQUIRES[type(message)] in device.capabilities:
            batch.tell(device, message)


def tell_waiting(state: State, batch: Batch) -> None:
    """To those who may let newcomers in: how many wait."""
    count = len(state.waiting)
    for user in state.users.values():
        if user.peers and power_of(user) >= Power.ADMIN:
            tell(state, batch, user.id, Waiting(count))


def _log_act(state: State, batch: Batch, user: int, request: Request | None, effect: LogAct, now: int) -> None:
    state.last_act += 1
    request_id = request.id if request is not None else None
    hidden = effect.room != EVERYWHERE and state.rooms[effect.room].kind != PUBLIC
    local = int(hidden and power_of(state.users[user]) < Power.MODERATOR)
    if request_id is not None:
        batch.acted.add((user, request_id))
    where, about = effect.room, effect.user
    act = ActRecord(state.last_act, now, user, effect.act, where, about, effect.detail, effect.until, request_id, local)
    batch.writes.acts.append(act)


def _tell_surely(state: State, batch: Batch, user: int, effect: TellSurely, now: int) -> None:
    """A device may be gone without anybody knowing, so what it is told is kept until it answers. The newest MAX_NOTICES
    are."""
    told, number = effect.message, state.last_act
    tell(state, batch, effect.user, replace(told, number=number))
    for device in state.users[effect.user].peers:
        if REQUIRES[type(told)] in device.capabilities:
            batch.receipts[device] = number
    notice = NoticeRecord(effect.user, number, now, told.act, told.room, user, told.reason, told.until, told.detail)
    notices = state.notices.setdefault(effect.user, [])
    notices.append(notice)
    batch.writes.notices[effect.user, number] = notice
    if len(notices) > MAX_NOTICES:
        batch.writes.notices[effect.user, notices.pop(0).number] = None


def _forget_told(state: State, batch: Batch, effect: Told) -> None:
    left = [notice for notice in state.notices.pop(effect.user, ()) if notice.number not in effect.acts]
    if left:
        state.notices[effect.user] = left
    for number in effect.acts:
        batch.writes.notices[effect.user, number] = None


def _append(state: State, batch: Batch, peer: Peer, user: int, effect: Append, now: int) -> None:
    room = state.rooms[effect.room]
    room.head += 1
    state.last_ts = now
    user = effect.author or user
    kind, text, about = effect.kind, effect.text, effect.about
    record = EventRecord(room.id, room.head, effect.id, user, now, kind, text, about)
    batch.writes.events.append(record)
    batch.stored[user, effect.id] = record
    event = Event(room.id, room.head, effect.id, now, user, state.users[user].nick, kind, text, about)
    batch.events.setdefault(room.id, []).append(event)
    if kind in PACED_KINDS and room.slow_ms:
        room.posted[user] = state.uptime
    if about and (target := batch.targets.get((room.id, about))) is not None:
        target.follow(kind, user, text)
    if effect.acknowledge:
        batch.reply(peer, Ack(effect.id, room.id, room.head, now))


def _change_person(
    state: State,
    batch: Batch,
    peer: Peer,
    user: int,
    effect: SetPresence | AddUser | DropUser | StillWaits | ClaimNick | ReleaseNick,
) -> None:
    writes = batch.writes
    match effect:
        case AddUser():
            state.add_user(effect.record)
            writes.users.append(effect.record)
        case ClaimNick():
            key = fold(effect.nick)
            if not state.owns(effect.user, effect.nick):
                if key in state.nicks:
                    writes.release_nick(key)
                writes.nicks.append(NickRecord(key, effect.user, effect.nick))
            if key in state.lost_nicks:
                writes.lost_nicks[key] = None
            if state.users[effect.user].nick != effect.nick:
                writes.renames.append((effect.user, effect.nick))
            state.claim_nick(effect.user, effect.nick)
            batch.people.add(effect.user)
        case ReleaseNick(key, lost):
            if lost:
                nick = LostNickRecord(key, state.nicks[key], state.written[key])
                state.lost_nicks[key] = writes.lost_nicks[key] = nick
            writes.release_nick(key)
            state.release_nick(key)
        case DropUser():
            writes.users_dropped.append(effect.user)
            state.drop_user(effect.user)
        case StillWaits():
            state.users[effect.user].seen = writes.seen[effect.user] = state.clock
        case SetPresence():
            person = state.users[user]
            batch.remember(state, peer)
            if effect.status is not None and effect.status != person.status:
                person.status = writes.statuses[user] = effect.status
            if effect.color is not None and effect.color != person.color:
                writes.colors[user] = effect.color
                state.set_color(person, effect.color)
            if effect.away:
                person.away.add(peer)
            else:
                person.away.discard(peer)
            batch.people.add(user)


def _change_room(
    state: State, batch: Batch, effect: AddRoom | SetTopic | AddMember | RemoveMember | ChangeRoom
) -> None:
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
            state.add_member(effect.room, effect.user, read, effect.role)
            writes.add_member(MemberRecord(effect.room, effect.user, read, effect.role))
        case RemoveMember():
            state.remove_member(effect.room, effect.user)
            writes.remove_member(effect.room, effect.user)
        case ChangeRoom():
            changed = effect.record
            room = state.rooms[changed.id]
            state.rename_room(room, changed.name, changed.name_key)
            room.kind, room.slow_ms = changed.kind, changed.slow_ms
            room.announcement, room.frozen = bool(changed.announcement), bool(changed.frozen)
            writes.change_room(changed)


def _change_power(state: State, batch: Batch, effect: SetRole | SetBan | LiftBan | SetMute | LiftMute) -> None:
    writes = batch.writes
    match effect:
        case SetRole(room, user, role) if room == EVERYWHERE:
            state.users[user].role = writes.roles[user] = role
            batch.people.add(user)
        case SetRole(room, user, role):
            state.set_room_role(room, user, role)
            writes.member_roles[room, user] = role
        case SetBan(ban):
            state.bans[ban.user] = writes.bans[ban.user] = ban
        case LiftBan(user):
            state.bans.pop(user, None)
            writes.bans[user] = None
        case SetMute(mute):
            state.mutes[mute.room, mute.user] = writes.mutes[mute.room, mute.user] = mute
        case LiftMute(room, user):
            state.mutes.pop((room, user), None)
            writes.mutes[room, user] = None

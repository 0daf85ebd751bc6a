"""Putting people out, keeping them away, and letting them read only."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_KICKED,
    LOBBY,
    MAX_PAGE,
    Ban,
    BanEntry,
    Bans,
    Done,
    Kick,
    ListBans,
    Mute,
    Unban,
    Unmute,
)
from qtchat.protocol.names import clean_reason
from qtchat.server.addresses import is_loopback
from qtchat.server.effects import (
    Append,
    Effect,
    End,
    LiftBan,
    LiftMute,
    Refuse,
    RemoveMember,
    Reply,
    SetBan,
    SetMute,
    ShowRoom,
)
from qtchat.server.handlers.acts import circumstances, concerned, log_and_tell, passed, shown_where_it_holds
from qtchat.server.handlers.pages import fit
from qtchat.server.power import power_of
from qtchat.server.records import EVERYWHERE, BanRecord, MuteRecord
from qtchat.server.state import State, User


def kick(state: State, sender: User, request: Kick, _now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    person = concerned(state, sender, request.user, room)
    if isinstance(person, Refuse):
        return (person,)
    plain, reason = person.id >= FIRST_PLAIN_USER, clean_reason(request.reason)
    ended = End(person.id, ErrorCode.KICKED, f"You were put out {circumstances(sender.nick, 0, reason)}")
    told = tuple(log_and_tell(sender, "kick", person.id, request.room, reason))
    if room is None:
        return (*told, ended, Reply(Done(request.id)))
    if person.id not in room.members:
        return (Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is not in {room.name}."),)
    if room.id == LOBBY and not plain:
        text = f"Everybody stays in {room.name}; {person.nick} can be muted there, or banned."
        return (Refuse(ErrorCode.FORBIDDEN, text),)
    return (
        Append(room.id, KIND_KICKED, request.id, person.nick, person.id),
        RemoveMember(room.id, person.id),
        ShowRoom(room.id, person.id),
        *told,
        *((ended,) if plain else ()),  # there is nothing else for them here
    )


def ban(state: State, sender: User, request: Ban, now: int) -> Iterable[Effect]:
    person = concerned(state, sender, request.user)
    refusal = person if isinstance(person, Refuse) else passed(request.until, now)
    if isinstance(person, Refuse) or refusal is not None:
        return (refusal,) if refusal is not None else ()
    addresses: tuple[str, ...] = ()
    if request.address or person.id >= FIRST_PLAIN_USER:
        found = _addresses(state, sender, person)
        if isinstance(found, Refuse):
            return (found,)
        addresses = found
    reason = clean_reason(request.reason)
    record = BanRecord(person.id, sender.id, reason, now, request.until, " ".join(addresses))
    text = f"You were banned {circumstances(sender.nick, request.until, reason)}"
    return (
        SetBan(record),
        *log_and_tell(sender, "ban", person.id, reason=reason, until=request.until),
        End(person.id, ErrorCode.BANNED, text),
        Reply(Done(request.id)),
    )


def _addresses(state: State, sender: User, person: User) -> tuple[str, ...] | Refuse:
    """Where the person is connected from; or why these cannot be kept away."""
    addresses = {peer.address for peer in person.peers}
    if not addresses and person.id >= FIRST_PLAIN_USER:
        return Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is not connected, and has no key to be known by.")
    if any(map(is_loopback, addresses)):
        return Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is at the server's own computer, which cannot be kept away.")
    for user in state.users.values():
        if power_of(user) >= power_of(sender) and any(peer.address in addresses for peer in user.peers):
            return Refuse(ErrorCode.FORBIDDEN, f"{user.nick} comes from the same address as {person.nick}.")
    return tuple(sorted(addresses))


def unban(state: State, sender: User, request: Unban, _now: int) -> Iterable[Effect]:
    if request.user not in state.bans:
        return (Reply(Done(request.id)),)
    return (LiftBan(request.user), *log_and_tell(sender, "unban", request.user), Reply(Done(request.id)))


def mute(state: State, sender: User, request: Mute, now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    person = concerned(state, sender, request.user, room)
    refusal = person if isinstance(person, Refuse) else passed(request.until, now)
    if isinstance(person, Refuse) or refusal is not None:
        return (refusal,) if refusal is not None else ()
    reason = clean_reason(request.reason)
    return (
        SetMute(MuteRecord(request.room, person.id, sender.id, reason, now, request.until)),
        *log_and_tell(sender, "mute", person.id, request.room, reason, request.until),
        *shown_where_it_holds(state, person.id, request.room),
        Reply(Done(request.id)),
    )


def unmute(state: State, sender: User, request: Unmute, _now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    if (request.room, request.user) not in state.mutes:
        return (Reply(Done(request.id)),)
    person = concerned(state, sender, request.user, room)
    if isinstance(person, Refuse):
        return (person,)
    return (
        LiftMute(request.room, person.id),
        *log_and_tell(sender, "unmute", person.id, request.room),
        *shown_where_it_holds(state, person.id, request.room),
        Reply(Done(request.id)),
    )


def list_bans(state: State, _sender: User, request: ListBans, _now: int) -> Iterable[Effect]:
    entries = [
        BanEntry(
            ban.user,
            state.users[ban.user].nick,
            state.users[ban.by].nick,
            ban.reason,
            ban.since,
            ban.until,
            bool(ban.addresses),
        )
        for _, ban in sorted(state.bans.items())
        if ban.user > request.after and state.ban_of(ban.user) is not None
    ]
    page, more = fit(entries, MAX_PAGE)
    return (Reply(Bans(request.id, page, more)),)

"""Putting people out, keeping them away, and letting them read only."""

from collections.abc import Iterable

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_KICKED,
    LOBBY,
    MAX_PAGE,
    PUBLIC,
    Ban,
    BanEntry,
    Bans,
    Done,
    Kick,
    ListBans,
    Mute,
    Sanction,
    Unban,
    Unmute,
)
from qtchat.protocol.names import clean_reason
from qtchat.server.addresses import is_loopback
from qtchat.server.effects import (
    Append,
    Effect,
    End,
    EndFrom,
    LiftBan,
    LiftMute,
    LogAct,
    Refuse,
    RemoveMember,
    Reply,
    SetBan,
    SetMute,
    ShowRoom,
    Tell,
    TellWaiting,
)
from qtchat.server.handlers.acts import circumstances, concerned, log_and_tell, overruled, passed, shown_where_it_holds
from qtchat.server.handlers.pages import fit
from qtchat.server.handlers.succession import handed_on
from qtchat.server.power import power_of
from qtchat.server.records import EVERYWHERE, WAITING, BanRecord, MuteRecord
from qtchat.server.state import State, User


def kick(state: State, sender: User, request: Kick, _now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    person = concerned(state, sender, request.user, room)
    if isinstance(person, Refuse):
        return (person,)
    plain, reason = person.id >= FIRST_PLAIN_USER, clean_reason(request.reason)
    ended = End(person.id, ErrorCode.KICKED, f"You were put out {circumstances(sender.nick, 0, reason)}")
    if room is None:  # whoever was not here was not put out, and the others see why
        told = Tell(person.id, Sanction("kick", EVERYWHERE, sender.nick, reason))
        return (LogAct("kick", EVERYWHERE, person.id, reason), told, ended, Reply(Done(request.id)))
    if person.id not in room.members:
        return (Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is not in {room.name}."),)
    if room.id == LOBBY and not plain:
        text = f"Everybody stays in {room.name}; {person.nick} can be muted there, or banned."
        return (Refuse(ErrorCode.FORBIDDEN, text),)
    return (
        *handed_on(state, room, person, request.id),
        Append(room.id, KIND_KICKED, request.id, person.nick, person.id),
        RemoveMember(room.id, person.id),
        ShowRoom(room.id, person.id),
        # Its program forgets the room, so its name is said.
        *log_and_tell(person, Sanction("kick", room.id, sender.nick, reason, detail=room.name)),
        *((ended,) if plain else ()),  # there is nothing else for them here
    )


def ban(state: State, sender: User, request: Ban, now: int) -> Iterable[Effect]:
    person = concerned(state, sender, request.user)
    if isinstance(person, Refuse):
        return (person,)
    old = state.ban_of(person.id)
    refusal = passed(request.until, state.clock) or (overruled(state, sender, old.by) if old is not None else None)
    if refusal is not None:
        return (refusal,)
    addresses: set[str] = set()
    if request.address or person.id >= FIRST_PLAIN_USER:
        found = _addresses(state, sender, person)
        if isinstance(found, Refuse):
            return (found,)
        # Once they are banned they come from nowhere; with a longer ban the addresses stay banned.
        addresses = found | set(old.addresses.split() if old is not None else ())
    reason = clean_reason(request.reason)
    record = BanRecord(person.id, sender.id, reason, now, request.until, " ".join(sorted(addresses)))
    by = circumstances(sender.nick, request.until, reason)
    return (
        SetBan(record),
        *log_and_tell(person, Sanction("ban", EVERYWHERE, sender.nick, reason, request.until)),
        End(person.id, ErrorCode.BANNED, f"You were banned {by}"),
        *((EndFrom(frozenset(addresses), ErrorCode.BANNED, f"Your address was banned {by}"),) if addresses else ()),
        Reply(Done(request.id)),
    )


def _addresses(state: State, sender: User, person: User) -> set[str] | Refuse:
    """Where the person is connected from; or why these cannot be kept away."""
    addresses = {peer.address for peer in person.peers}
    if not addresses and person.id >= FIRST_PLAIN_USER:
        return Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is not connected, and has no key to be known by.")
    if any(map(is_loopback, addresses)):
        return Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is at the server's own computer, which cannot be kept away.")
    for user in state.users.values():
        if power_of(user) >= power_of(sender) and any(peer.address in addresses for peer in user.peers):
            return Refuse(ErrorCode.FORBIDDEN, f"{user.nick} comes from the same address as {person.nick}.")
    return addresses


def unban(state: State, sender: User, request: Unban, _now: int) -> Iterable[Effect]:
    ban = state.bans.get(request.user)
    if ban is None:
        return (Reply(Done(request.id)),)
    refusal = overruled(state, sender, ban.by)
    if refusal is not None:
        return (refusal,)
    person = state.users[request.user]
    return (
        LiftBan(person.id),
        *log_and_tell(person, Sanction("unban", EVERYWHERE, sender.nick, "")),
        *((TellWaiting(),) if person.role == WAITING else ()),  # who was turned away waits again
        Reply(Done(request.id)),
    )


def mute(state: State, sender: User, request: Mute, now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    person = concerned(state, sender, request.user, room)
    if isinstance(person, Refuse):
        return (person,)
    old = state.mute_of(person.id, request.room)
    if room is not None and person.id not in room.members and (old is None or room.kind != PUBLIC):
        # Who is not there, and may not even know that there is such a room, is not written to through it.
        return (Refuse(ErrorCode.FORBIDDEN, f"{person.nick} is not in {room.name}."),)
    refusal = passed(request.until, state.clock) or (
        overruled(state, sender, old.by, room) if old is not None else None
    )
    if refusal is not None:
        return (refusal,)
    reason = clean_reason(request.reason)
    return (
        SetMute(MuteRecord(request.room, person.id, sender.id, reason, now, request.until)),
        *log_and_tell(person, Sanction("mute", request.room, sender.nick, reason, request.until)),
        *shown_where_it_holds(person, request.room),
        Reply(Done(request.id)),
    )


def unmute(state: State, sender: User, request: Unmute, _now: int) -> Iterable[Effect]:
    room = None if request.room == EVERYWHERE else state.rooms[request.room]
    mute = state.mutes.get((request.room, request.user))
    if mute is None:
        return (Reply(Done(request.id)),)
    person = concerned(state, sender, request.user, room)
    if isinstance(person, Refuse):
        return (person,)
    refusal = overruled(state, sender, mute.by, room)
    if refusal is not None:
        return (refusal,)
    return (
        LiftMute(request.room, person.id),
        *log_and_tell(person, Sanction("unmute", request.room, sender.nick, "")),
        *shown_where_it_holds(person, request.room),
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

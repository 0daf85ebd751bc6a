"""All live state of the server, as plain data. Owned by the hub's thread; nothing else reads or writes it."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from typing import Protocol

from qtchat.net.loop import IoLoop
from qtchat.protocol.messages import (
    DIRECT,
    FIRST_PLAIN_USER,
    MEMBER,
    OWNER,
    PUBLIC,
    Colors,
    Event,
    Message,
    Person,
    Room,
)
from qtchat.protocol.names import fold
from qtchat.server.colors import color_pages
from qtchat.server.looks import looks_of
from qtchat.server.records import (
    EVERYWHERE,
    REVOKED,
    WAITING,
    BanRecord,
    Contents,
    LostNickRecord,
    MuteRecord,
    NoticeRecord,
    RoomRecord,
    UserRecord,
)


class Codec(Protocol):
    """How a door puts messages into bytes; one object for each dialect, shared by its peers."""

    def encode(self, messages: list[Message]) -> bytes:
        """Empty for what the dialect cannot say."""

    def encode_events(self, events: list[Event]) -> bytes:
        """A room's batch, made once for all its members."""


class Peer(Protocol):
    """A connection as the hub sees it, whichever door it came through.

    The hub never touches its socket: it passes the methods below to `loop.call_soon`.
    """

    loop: IoLoop
    codec: Codec
    capabilities: frozenset[str]
    address: str
    user: int | None
    """Set by the hub when the login is accepted; None before and after."""

    def admit(self, user: int, nick: str, role: str) -> None: ...

    def reply(self, data: bytes, answered: int) -> None: ...

    def news(self, data: bytes) -> None: ...

    def ping(self, data: bytes, count: int) -> None:
        """Ask whether it is there, by so many messages, unless it has not even taken what waits for it."""

    def ask_receipt(self, act: int) -> None:
        """Post Heard(self, act) once it has shown that it read all that it was given until now."""

    def refuse(self, code: str, text: str, suggestion: str, retry_after_ms: int | None) -> None:
        """The login was not accepted."""

    def end(self, code: str, text: str) -> None:
        """Somebody put the user out."""


Audience = dict[tuple[IoLoop, Codec], set[Peer]]
"""Peers by the loop that owns them and the bytes they understand: one call and one encoding for each."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What whoever runs the server has decided. `password`: newcomers need one; `approve`: somebody must let them in;
    `newcomer_role`: MEMBER or GUEST; `max_nicks`: that one key may own; `owner_key`: the public key whose user owns the
    server, empty for none; `claim`: hash of the token that makes an owner while there is none, empty for none;
    `doctor_key`: the public key that needs neither password nor approval, and takes any name; empty for none."""

    password: bool = False
    approve: bool = False
    newcomer_role: str = MEMBER
    max_nicks: int = 5
    owner_key: bytes = b""
    claim: bytes = b""
    doctor_key: bytes = b""


@dataclass(slots=True)
class User:
    """Somebody who has been here. `peers`: the devices that are connected now; `away`: those of them that are left
    alone; `seen`: when the last one left, ms since 1970, UTC; `role`: on the server, or WAITING or REVOKED."""

    id: int
    nick: str
    key: bytes | None
    status: str = ""
    seen: int = 0
    role: str = MEMBER
    color: int = 0
    peers: set[Peer] = field(default_factory=set)
    away: set[Peer] = field(default_factory=set)
    rooms: set[int] = field(default_factory=set)

    @property
    def person(self) -> Person:
        online = bool(self.peers)
        away = online and len(self.away) == len(self.peers)
        seen = 0 if online else self.seen
        return Person(self.id, self.nick, online, away, self.status, seen, self.role)


@dataclass(slots=True)
class RoomInfo:
    """A room and who is in it. `created`: ms since 1970, UTC; `members`: how far each of them has read it; `roles`: of
    those who are more than members; `posted`: when members posted last, in slow mode, as State.uptime; `audience`:
    connected devices; `order`: the members by rising number."""

    id: int
    name: str
    topic: str
    created: int
    head: int
    kind: str = PUBLIC
    announcement: bool = False
    frozen: bool = False
    slow_ms: int = 0
    members: dict[int, int] = field(default_factory=dict)
    order: list[int] = field(default_factory=list)
    roles: dict[int, str] = field(default_factory=dict)
    posted: dict[int, int] = field(default_factory=dict)
    audience: Audience = field(default_factory=dict)

    def other(self, user: int) -> int:
        """In a direct room, whom `user` talks with there: oneself in the room of one alone."""
        return next((member for member in self.members if member != user), user)

    def role(self, user: int) -> str:
        return self.roles.get(user, MEMBER)


class State:
    """Users, rooms, memberships, who may do what, and who is connected."""

    def __init__(self, contents: Contents, rules: Rules | None = None, clock: int = 0) -> None:
        """`clock`: ms since 1970, UTC; bans and mutes that have ended by then are left out."""
        self.rules = rules or Rules()
        self.server_id = contents.server_id
        self.epoch = contents.epoch
        self.last_ts = contents.last_ts
        self.clock = clock
        """When the batch that is being handled came, by the clock of the computer, ms since 1970, UTC: bans and mutes
        end by it, and they do so too after it was set back, when what happens is still given the time of `last_ts`."""
        self.uptime = 0
        """Likewise, by the monotonic clock, in ms: slow mode goes by it."""
        self.users = {user.id: _user(user) for user in contents.users}
        self.by_key = {user.key: user.id for user in contents.users if user.key is not None}
        self.nicks: dict[str, int] = {}
        """Who owns which nick, by its folded form."""
        self._looks: dict[str, dict[str, int]] = {}
        """Who owns nicks that look so, by their folded forms."""
        self.written: dict[str, str] = {}
        """Nicks as they are written, by their folded forms."""
        for nick in contents.nicks:
            self._own(nick.key, nick.nick, nick.user)
        self.lost_nicks: dict[str, LostNickRecord] = {nick.key: nick for nick in contents.lost_nicks}
        """Nicks that were taken from somebody and belong to nobody since, by their folded forms."""
        self.rooms: dict[int, RoomInfo] = {}
        self.room_names: dict[str, int] = {}
        """Public rooms by the folded form of their names."""
        self.room_looks: dict[str, int] = {}
        """Public rooms by what their names look like."""
        self.direct_rooms: dict[str, int] = {}
        """Direct rooms by the `direct_key` of their members."""
        self.next_user = max((user for user in self.users if user < FIRST_PLAIN_USER), default=0) + 1
        self.next_plain_user = max([FIRST_PLAIN_USER - 1, *self.users]) + 1
        self.plain = {fold(user.nick): user.id for user in contents.users if user.id >= FIRST_PLAIN_USER}
        """People without a key by the folded form of their names."""
        self.next_room = 1
        for room in contents.rooms:
            self.add_room(room)
        for member in contents.members:
            self.add_member(member.room, member.user, member.read, member.role)
        self.bans: dict[int, BanRecord] = {ban.user: ban for ban in contents.bans if holds(ban.until, clock)}
        self.mutes: dict[tuple[int, int], MuteRecord] = {
            (mute.room, mute.user): mute for mute in contents.mutes if holds(mute.until, clock)
        }
        """By room, or EVERYWHERE, and user."""
        self.notices: dict[int, list[NoticeRecord]] = {}
        """What no device of a user has shown yet to have read, the oldest first."""
        for notice in contents.notices:
            self.notices.setdefault(notice.user, []).append(notice)
        self.last_act = contents.last_act

        self._colors: tuple[Colors, ...] | None = None

    # -- reading --------------------------------------------------------------------------------------

    def describe(self, room: RoomInfo, user: int) -> Room:
        """The room as `user` is told of it."""
        name, other = room.name, 0
        if room.kind == DIRECT:
            other = room.other(user)
            name = self.users[other].nick
        return Room(
            room.id,
            name,
            room.topic,
            room.head,
            len(room.members),
            user in room.members,
            room.kind,
            room.members.get(user, 0),
            other,
            room.role(user),
            room.announcement,
            room.frozen,
            room.slow_ms,
            self.muted_until(user, room.id),
        )

    @property
    def colors(self) -> tuple[Colors, ...]:
        """What somebody who comes is told of the colours that people chose. Made anew only when one has changed: there
        may be thousands of them, and logins come in storms."""
        if self._colors is None:
            chosen = {user.id: user.color for user in self.users.values() if user.color}
            self._colors = tuple(color_pages(chosen, anew=True))
        return self._colors

    def visible(self, room: RoomInfo, user: int) -> bool:
        """Whether `user` may know that there is such a room."""
        return room.kind == PUBLIC or user in room.members

    def somebody(self, user: int) -> User | None:
        """The user of this number, if there is one whom others may deal with."""
        found = self.users.get(user)
        return None if found is None or found.role in (WAITING, REVOKED) else found

    @property
    def waiting(self) -> list[User]:
        """Newcomers who were neither let in nor turned away yet, by their numbers."""
        return [user for user in self.users.values() if user.role == WAITING and self.ban_of(user.id) is None]

    @property
    def owned(self) -> bool:
        """Whether somebody owns this server."""
        return any(user.role == OWNER for user in self.users.values())

    def ban_of(self, user: int) -> BanRecord | None:
        """The ban that holds now."""
        ban = self.bans.get(user)
        return ban if ban is not None and holds(ban.until, self.clock) else None

    def mute_of(self, user: int, room: int) -> MuteRecord | None:
        """The mute that holds now in exactly this room, or EVERYWHERE."""
        mute = self.mutes.get((room, user))
        return mute if mute is not None and holds(mute.until, self.clock) else None

    def muted_until(self, user: int, room: int) -> int | None:
        """Until when the user may only read there, 0 for ever; None: may speak."""
        mutes = (self.mute_of(user, EVERYWHERE), self.mute_of(user, room))
        ends = [mute.until for mute in mutes if mute is not None]
        return None if not ends else 0 if 0 in ends else max(ends)

    def looks_taken(self, nick: str, user: int | None = None) -> bool:
        """Whether it is a nick of somebody else than `user`, or looks like one."""
        return any(owner != user for look in looks_of(nick) for owner in self._looks.get(look, {}).values())

    def owns(self, user: int, nick: str) -> bool:
        """Whether the nick, written like this, belongs to the user."""
        return self.nicks.get(fold(nick)) == user and self.written[fold(nick)] == nick

    def lost(self, user: int, nick: str) -> bool:
        """Whether the nick, or one that looks like it, was taken from the user, and belongs to nobody since."""
        looks = looks_of(nick)
        return any(lost.user == user and looks & looks_of(lost.nick) for lost in self.lost_nicks.values())

    def nicks_of(self, user: int) -> list[str]:
        """The folded forms of the nicks that a user owns."""
        return [key for key, owner in self.nicks.items() if owner == user]

    @property
    def online(self) -> int:
        """How many people are connected."""
        return sum(1 for user in self.users.values() if user.peers)

    # -- what effects do to it ------------------------------------------------------------------------

    def add_user(self, record: UserRecord) -> None:
        self.users[record.id] = _user(record)
        if record.key is not None:
            self.by_key[record.key] = record.id
        if record.id < FIRST_PLAIN_USER:
            self.next_user = max(self.next_user, record.id + 1)
        else:
            self.next_plain_user = max(self.next_plain_user, record.id + 1)
            self.plain[fold(record.nick)] = record.id

    def set_color(self, user: User, color: int) -> None:
        user.color = color
        self._colors = None

    def claim_nick(self, user: int, nick: str) -> None:
        self._own(fold(nick), nick, user)
        self.lost_nicks.pop(fold(nick), None)
        self.users[user].nick = nick

    def release_nick(self, key: str) -> None:
        """`key`: its folded form."""
        del self.nicks[key]
        for look in looks_of(self.written.pop(key)):
            del self._looks[look][key]
            if not self._looks[look]:
                del self._looks[look]

    def drop_user(self, user: int) -> None:
        """Of a newcomer who was never let in, and is nowhere."""
        for nick in self.nicks_of(user):
            self.release_nick(nick)
        self.bans.pop(user, None)
        self.notices.pop(user, None)
        key = self.users.pop(user).key
        assert key is not None, "who has none does not wait"
        del self.by_key[key]

    def add_room(self, record: RoomRecord) -> None:
        self.rooms[record.id] = RoomInfo(
            record.id,
            record.name,
            record.topic,
            record.created,
            record.head,
            record.kind,
            bool(record.announcement),
            bool(record.frozen),
            record.slow_ms,
        )
        if record.name_key is not None:
            self._name_room(record.id, record.name_key, record.name)
        if record.direct_key is not None:
            self.direct_rooms[record.direct_key] = record.id
        self.next_room = max(self.next_room, record.id + 1)

    def rename_room(self, room: RoomInfo, name: str, name_key: str | None) -> None:
        """`name_key`: the folded form of a public room's name, None for another one's."""
        for index in (self.room_names, self.room_looks):
            for key in [key for key, number in index.items() if number == room.id]:
                del index[key]
        room.name = name
        if name_key is not None:
            self._name_room(room.id, name_key, name)

    def add_member(self, room: int, user: int, read: int = 0, role: str = MEMBER) -> None:
        """`read`: how far the new member counts as having read."""
        if user not in self.rooms[room].members:
            insort(self.rooms[room].order, user)
        self.rooms[room].members[user] = read
        if role != MEMBER:
            self.rooms[room].roles[user] = role
        self.users[user].rooms.add(room)
        for peer in self.users[user].peers:
            self._listen(self.rooms[room], peer)

    def set_room_role(self, room: int, user: int, role: str) -> None:
        self.rooms[room].roles.pop(user, None)
        if role != MEMBER:
            self.rooms[room].roles[user] = role

    def remove_member(self, room: int, user: int) -> None:
        if self.rooms[room].members.pop(user, None) is not None:
            order = self.rooms[room].order
            del order[bisect_left(order, user)]
        self.rooms[room].roles.pop(user, None)
        self.users[user].rooms.discard(room)
        for peer in self.users[user].peers:
            self._unlisten(self.rooms[room], peer)

    def attach(self, user: int, peer: Peer) -> None:
        """A device of `user` is connected: from now on it hears the user's rooms."""
        peer.user = user
        self.users[user].peers.add(peer)
        for room in self.users[user].rooms:
            self._listen(self.rooms[room], peer)

    def detach(self, peer: Peer) -> None:
        """A device is gone. Without effect for one that was not attached."""
        if peer.user is None:
            return
        user = self.users[peer.user]
        user.peers.discard(peer)
        user.away.discard(peer)
        for room in user.rooms:
            self._unlisten(self.rooms[room], peer)
        peer.user = None

    def _name_room(self, room: int, name_key: str, name: str) -> None:
        self.room_names[name_key] = room
        for look in looks_of(name):
            self.room_looks.setdefault(look, room)

    def _own(self, key: str, nick: str, user: int) -> None:
        """`key`: the folded form of the nick."""
        if key in self.nicks:
            self.release_nick(key)
        self.nicks[key], self.written[key] = user, nick
        for look in looks_of(nick):
            self._looks.setdefault(look, {})[key] = user

    def _listen(self, room: RoomInfo, peer: Peer) -> None:
        room.audience.setdefault((peer.loop, peer.codec), set()).add(peer)

    def _unlisten(self, room: RoomInfo, peer: Peer) -> None:
        group = room.audience.get((peer.loop, peer.codec), set())
        group.discard(peer)
        if not group:
            room.audience.pop((peer.loop, peer.codec), None)


def holds(until: int, now: int) -> bool:
    """Whether what ends at `until` (0: never) goes on. Both are ms since 1970, UTC."""
    return not until or until > now


def _user(record: UserRecord) -> User:
    return User(record.id, record.nick, record.key, record.status, record.seen, record.role, record.color)

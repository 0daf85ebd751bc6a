"""All live state of the server, as plain data. Owned by the hub's thread; nothing else reads or writes it."""

from dataclasses import dataclass, field
from typing import Protocol

from qtchat.net.loop import IoLoop
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, PUBLIC, Event, Message, Person, Room
from qtchat.protocol.names import fold
from qtchat.server.records import Contents, RoomRecord, UserRecord


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

    def admit(self, user: int, nick: str) -> None: ...

    def reply(self, data: bytes, answered: int) -> None: ...

    def news(self, data: bytes) -> None: ...

    def refuse(self, code: str, text: str, suggestion: str) -> None: ...


Audience = dict[tuple[IoLoop, Codec], set[Peer]]
"""Peers by the loop that owns them and the bytes they understand: one call and one encoding for each."""


@dataclass(slots=True)
class User:
    """Somebody who has been here. `peers`: the devices that are connected now; `away`: those of them that are left
    alone; `seen`: when the last one left, ms since 1970, UTC."""

    id: int
    nick: str
    key: bytes | None
    status: str = ""
    seen: int = 0
    peers: set[Peer] = field(default_factory=set)
    away: set[Peer] = field(default_factory=set)
    rooms: set[int] = field(default_factory=set)

    @property
    def person(self) -> Person:
        online = bool(self.peers)
        away = online and len(self.away) == len(self.peers)
        return Person(self.id, self.nick, online, away, self.status, 0 if online else self.seen)


@dataclass(slots=True)
class RoomInfo:
    """A room and who is in it. `created`: ms since 1970, UTC; `members`: how far each of them has read it;
    `audience`: their connected devices."""

    id: int
    name: str
    topic: str
    created: int
    head: int
    kind: str = PUBLIC
    members: dict[int, int] = field(default_factory=dict)
    audience: Audience = field(default_factory=dict)

    def other(self, user: int) -> int:
        """In a direct room, whom `user` talks with there: oneself in the room of one alone."""
        return next((member for member in self.members if member != user), user)


class State:
    """Users, rooms, memberships, and who is connected."""

    def __init__(self, contents: Contents) -> None:
        self.server_id = contents.server_id
        self.epoch = contents.epoch
        self.last_ts = contents.last_ts
        self.users = {user.id: User(user.id, user.nick, user.key, user.status, user.seen) for user in contents.users}
        self.by_key = {user.key: user.id for user in contents.users if user.key is not None}
        self.nicks = {nick.key: nick.user for nick in contents.nicks}
        self.rooms: dict[int, RoomInfo] = {}
        self.room_names: dict[str, int] = {}
        """Public rooms by the folded form of their names."""
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
            self.rooms[member.room].members[member.user] = member.read
            self.users[member.user].rooms.add(member.room)

    # -- reading --------------------------------------------------------------------------------------

    def describe(self, room: RoomInfo, user: int) -> Room:
        """The room as `user` is told of it."""
        name, other = room.name, 0
        if room.kind == DIRECT:
            other = room.other(user)
            name = self.users[other].nick
        member, read = user in room.members, room.members.get(user, 0)
        return Room(room.id, name, room.topic, room.head, len(room.members), member, room.kind, read, other)

    def visible(self, room: RoomInfo, user: int) -> bool:
        """Whether `user` may know that there is such a room."""
        return room.kind == PUBLIC or user in room.members

    @property
    def online(self) -> int:
        """How many people are connected."""
        return sum(1 for user in self.users.values() if user.peers)

    # -- what effects do to it ------------------------------------------------------------------------

    def add_user(self, record: UserRecord) -> None:
        self.users[record.id] = User(record.id, record.nick, record.key, record.status, record.seen)
        if record.key is not None:
            self.by_key[record.key] = record.id
        if record.id < FIRST_PLAIN_USER:
            self.next_user = max(self.next_user, record.id + 1)
        else:
            self.next_plain_user = max(self.next_plain_user, record.id + 1)
            self.plain[fold(record.nick)] = record.id

    def claim_nick(self, user: int, nick: str) -> None:
        self.nicks[fold(nick)] = user
        self.users[user].nick = nick

    def add_room(self, record: RoomRecord) -> None:
        self.rooms[record.id] = RoomInfo(record.id, record.name, record.topic, record.created, record.head, record.kind)
        if record.name_key is not None:
            self.room_names[record.name_key] = record.id
        if record.direct_key is not None:
            self.direct_rooms[record.direct_key] = record.id
        self.next_room = max(self.next_room, record.id + 1)

    def add_member(self, room: int, user: int, read: int = 0) -> None:
        """`read`: how far the new member counts as having read."""
        self.rooms[room].members[user] = read
        self.users[user].rooms.add(room)
        for peer in self.users[user].peers:
            self._listen(self.rooms[room], peer)

    def remove_member(self, room: int, user: int) -> None:
        self.rooms[room].members.pop(user, None)
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

    def _listen(self, room: RoomInfo, peer: Peer) -> None:
        room.audience.setdefault((peer.loop, peer.codec), set()).add(peer)

    def _unlisten(self, room: RoomInfo, peer: Peer) -> None:
        group = room.audience.get((peer.loop, peer.codec), set())
        group.discard(peer)
        if not group:
            room.audience.pop((peer.loop, peer.codec), None)

"""An account without a server: it records what it is asked, and tells what a test makes it tell."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread, current_thread

from qtchat.client.account import Account
from qtchat.client.updates import (
    ConnectionUpdate,
    DiscardedUpdate,
    EventsUpdate,
    MembersUpdate,
    PendingUpdate,
    Phase,
    RoomUpdate,
    ServerUpdate,
    Update,
)
from qtchat.gui.hosting import Newcomers
from qtchat.net.dial import Address
from qtchat.protocol.messages import FIRST_PLAIN_USER, KIND_POST, PUBLIC, Event, Person, Room

OWN = 7
SERVER = ServerUpdate(bytes(range(16)), "Kitchen", "ABCD-EFGH-JKMN-PQRS-TVWX", OWN, "Me", "127.0.0.1", 47300)
OTHER = ServerUpdate(bytes(reversed(range(16))), "Workshop", "ZYXW-VTSR-QPNM-KJHG-FEDC", 3, "Me", "10.0.0.9", 47300)
PLAIN = ServerUpdate(b"p" * 16, "10.0.0.5", "", FIRST_PLAIN_USER, "Me", "10.0.0.5", 55555, "nick-en")
MIDDAY = 1_763_640_000_000
"""Some time of a day in 2025, ms since 1970."""


class FakeAccount(Account):
    """Asked things are in `calls`, as (method, arguments...)."""

    def __init__(self, profile: Path, link: str, nick: str, on_update: Callable[[Update], None]) -> None:
        self.profile, self.link, self.nick, self.on_update = profile, link, nick, on_update
        self.calls: list[tuple[object, ...]] = []
        self.running = False
        self.last_request = b""
        self._seqs: dict[int, int] = {}

    # -- what a test makes it tell --------------------------------------------------------------------

    def tell(self, *updates: Update) -> None:
        """Tell these from a thread of its own, as a real account does."""
        thread = Thread(target=self._tell, args=(updates,), name="fake-account")
        thread.start()
        thread.join()

    def _tell(self, updates: tuple[Update, ...]) -> None:
        for update in updates:
            self.on_update(update)

    def go_online(self, *rooms: Room, server: ServerUpdate = SERVER) -> None:
        """Log in to a server with these rooms, `lobby` where none are given."""
        told = rooms or (room(1, "lobby"),)
        self.tell(server, *(RoomUpdate(each, 0) for each in told), ConnectionUpdate(Phase.ONLINE))

    def hear(
        self, number: int, text: str, author: int = 2, nick: str = "Anna", *, live: bool = True, about: int = 0
    ) -> None:
        """Somebody said something in a room. `about`: the seq of what it answers."""
        self.tell(EventsUpdate(number, (self.event(number, text, author, nick, about=about),), live))

    def event(
        self, number: int, text: str, author: int = 2, nick: str = "Anna", kind: str = KIND_POST, about: int = 0
    ) -> Event:
        """The next event of a room, one minute after the last."""
        seq = self._seqs[number] = self._seqs.get(number, 0) + 1
        message_id = number.to_bytes(8, "big") + seq.to_bytes(8, "big")
        return Event(number, seq, message_id, MIDDAY + seq * 60_000, author, nick, kind, text, about)

    def called(self, name: str) -> list[tuple[object, ...]]:
        """The arguments of each call of the method `name`."""
        return [call[1:] for call in self.calls if call[0] == name]

    # -- what an account is asked ---------------------------------------------------------------------

    def start(self) -> None:
        self.running = True
        self.calls.append(("start",))
        self.tell(ConnectionUpdate(Phase.CONNECTING))

    def stop(self, timeout: float = 5.0) -> bool:
        self.running = False
        self.calls.append(("stop",))
        return True

    def password(self, text: str) -> None:
        self.calls.append(("password", text))

    def join_as(self, nick: str) -> None:
        self.calls.append(("join_as", nick))

    def accept_server(self, code: str) -> None:
        self.calls.append(("accept_server", code))

    def also_at(self, addresses: Sequence[Address]) -> None:
        self.calls.append(("also_at", *addresses))

    def connect_now(self) -> None:
        self.calls.append(("connect_now",))

    def post(self, room: int, text: str, reply_to: int = 0) -> bytes:
        message_id = len(self.calls).to_bytes(16, "big")
        self.calls.append(("post", room, text, reply_to) if reply_to else ("post", room, text))
        self.tell(PendingUpdate(message_id, room, text, MIDDAY, reply_to))
        return message_id

    def retry(self, message_id: bytes, room: int) -> None:
        self.calls.append(("retry", message_id, room))

    def discard(self, message_id: bytes, room: int) -> None:
        self.calls.append(("discard", message_id, room))
        self.tell(DiscardedUpdate(message_id, room))

    def edit(self, room: int, seq: int, text: str) -> bytes:
        return self._request("edit", room, seq, text)

    def delete(self, room: int, seq: int) -> bytes:
        return self._request("delete", room, seq)

    def react(self, room: int, seq: int, emoji: str, add: bool) -> bytes:
        return self._request("react", room, seq, emoji, add)

    def create_room(self, name: str, topic: str = "", private: bool = False) -> bytes:
        return self._request("create_room", name, topic, *([private] if private else []))

    def open_direct(self, user: int) -> bytes:
        return self._request("open_direct", user)

    def add_member(self, room: int, user: int) -> bytes:
        return self._request("add_member", room, user)

    def set_topic(self, room: int, topic: str) -> bytes:
        return self._request("set_topic", room, topic)

    def change_nick(self, nick: str) -> bytes:
        return self._request("change_nick", nick)

    def join_room(self, room: int) -> bytes:
        return self._request("join_room", room)

    def leave_room(self, room: int) -> bytes:
        return self._request("leave_room", room)

    def set_role(self, room: int, user: int, role: str) -> bytes:
        return self._request("set_role", room, user, role)

    def set_room(self, room: int, setting: str, value: str) -> bytes:
        return self._request("set_room", room, setting, value)

    def kick(self, room: int, user: int, reason: str = "") -> bytes:
        return self._request("kick", room, user, reason)

    def ban(self, user: int, until: int = 0, reason: str = "", address: bool = False) -> bytes:
        return self._request("ban", user, until, reason, address)

    def unban(self, user: int) -> bytes:
        return self._request("unban", user)

    def mute(self, room: int, user: int, until: int = 0, reason: str = "") -> bytes:
        return self._request("mute", room, user, until, reason)

    def unmute(self, room: int, user: int) -> bytes:
        return self._request("unmute", room, user)

    def approve(self, user: int, accept: bool = True) -> bytes:
        return self._request("approve", user, accept)

    def release_nick(self, nick: str) -> bytes:
        return self._request("release_nick", nick)

    def revoke_key(self, user: int, reason: str = "") -> bytes:
        return self._request("revoke_key", user, reason)

    def claim(self, token: str) -> bytes:
        return self._request("claim", token)

    def list_bans(self) -> bytes:
        return self._request("list_bans")

    def list_waiting(self) -> bytes:
        return self._request("list_waiting")

    def get_audit(self, before: int = 0, limit: int = 100) -> bytes:
        return self._request("get_audit", before, limit)

    def list_rooms(self) -> None:
        self.calls.append(("list_rooms",))

    def load_people(self, room: int) -> None:
        self.calls.append(("load_people", room))

    def load_older(self, room: int, before: int) -> None:
        self.calls.append(("load_older", room, before))

    def load_around(self, room: int, seq: int) -> None:
        self.calls.append(("load_around", room, seq))

    def search(self, room: int | None, text: str, deeper: int = 0) -> bytes:
        return self._request("search", room, text, *([deeper] if deeper else []))

    def typing(self, room: int) -> None:
        self.calls.append(("typing", room))

    def set_presence(self, away: bool, status: str | None = None, color: int | None = None) -> None:
        self.calls.append(("set_presence", away, status) if color is None else ("set_presence", away, status, color))

    def mark_read(self, room: int, seq: int) -> None:
        self.calls.append(("mark_read", room, seq))

    def _request(self, *call: object) -> bytes:
        self.calls.append(call)
        self.last_request = len(self.calls).to_bytes(16, "big")
        return self.last_request


def room(
    number: int,
    name: str,
    topic: str = "",
    head: int = 0,
    members: int = 1,
    *,
    member: bool = True,
    kind: str = PUBLIC,
    read: int = 0,
    other: int = 0,
) -> Room:
    """A room as the server tells it."""
    return Room(number, name, topic, head, members, member, kind, read, other)


def members(number: int, *people: Person) -> MembersUpdate:
    """The answer to load_people."""
    return MembersUpdate(number, people)


@dataclass(frozen=True)
class FakePeople:
    """As qtchat.server.status.People."""

    online: int = 3
    known: int = 12
    rooms: int = 4
    entries: int = 1204


@dataclass(frozen=True)
class FakeStatus:
    """As qtchat.server.status.Status."""

    people: FakePeople = FakePeople()
    disk: int = 3_565_158
    last_backup: int = 0


class FakeServer:
    """What *Start a chat here* starts. With `trouble` it cannot be started."""

    link = "qtchat://192.168.1.5:47300,10.0.0.2:47300/#ABCD-EFGH-JKMN-PQRS-TVWX"
    code = SERVER.code
    name = SERVER.name
    addresses: tuple[str, ...] = ("192.168.1.5:47300", "10.0.0.2:47300")

    def __init__(self) -> None:
        self.classic: tuple[str, ...] = ()
        self.newcomers = Newcomers()
        self.password = ""
        self.has_password = self.locked_doors = False
        self.port = 0
        self.closed_doors = ""
        self.first_name = ""
        self.again = False
        self.warning = ""
        self.backups: list[Path] = []
        self.trouble = ""
        self.running = False
        self.threads: list[str] = []

    def start(self) -> None:
        self.threads.append(current_thread().name)
        if self.trouble:
            raise OSError(self.trouble)
        self.has_password = bool(self.password)
        self.locked_doors = bool(self.classic) and (self.has_password or self.newcomers != Newcomers())
        self.running = True

    def stop(self) -> bool:
        self.threads.append(current_thread().name)
        self.running = False
        return True

    def status(self) -> FakeStatus:
        return FakeStatus()

    def rename(self, name: str) -> None:
        if self.trouble:
            raise OSError(self.trouble)
        self.name = name

    def set_password(self, password: str) -> None:
        if self.trouble:
            raise OSError(self.trouble)
        self.password = password

    def firewall(self) -> str:
        return self.warning

    def back_up(self, into: Path) -> Path:
        if self.trouble:
            raise OSError(self.trouble)
        self.backups.append(into)
        return into / "qtchat-backup"

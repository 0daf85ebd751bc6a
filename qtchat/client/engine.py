"""Engine: an account's side in the network loop's thread. It owns the connection and the parts, and is their line.

connector.py gets and keeps the connection, inbox.py takes what the server says to the part that it is for: requests.py
knows what was asked, postman.py brings what the user wrote to the server, follower.py keeps up with the rooms, marks.py
with what was read, presence.py says how we are.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

from qtchat.client.cache import KnownAs
from qtchat.client.connector import AnyConnector, Connector, met_first
from qtchat.client.errors import ProfileError
from qtchat.client.follower import StoredRoom, read_rooms
from qtchat.client.housekeeping import DATABASE, history_folder
from qtchat.client.inbox import Inbox
from qtchat.client.line import now_ms
from qtchat.client.outbox import OutboxItem
from qtchat.client.profile import default_nick
from qtchat.client.storage import Disk, Storage
from qtchat.client.trust import KnownServers, load_or_create_key
from qtchat.client.updates import (
    ColorsUpdate,
    ConnectionUpdate,
    Phase,
    Problem,
    ProblemCode,
    ResetUpdate,
    SearchUpdate,
    ServerUpdate,
    StorageUpdate,
    Update,
)
from qtchat.net.dial import Address
from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.net.loop import IoLoop
from qtchat.net.tls import server_code
from qtchat.protocol.messages import (
    MEMBER,
    Authenticated,
    Event,
    Message,
    Ready,
    Request,
    Welcome,
)

MAX_FOUND: Final = 200
"""Messages that a search finds at most."""
_DECIDE: Final = Problem(ProblemCode.OFFLINE, "The connection was lost, and somebody must decide how to go on.")


class Engine:
    """Everything of one account that lives in its loop's thread, where every method is called."""

    def __init__(
        self,
        loop: IoLoop,
        profile: Path,
        link: str,
        nick: str,
        on_update: Callable[[Update], None],
        capabilities: frozenset[str],
    ) -> None:
        self._loop = loop
        self._profile = profile
        self._link = link
        self._wanted_nick = nick
        self._on_update = on_update
        self._capabilities = capabilities
        self._storage: Storage | None = None
        self._connector: AnyConnector | None = None
        self._stopping = False
        self._restoring = False
        self._restored = False
        self._disk_failing = False
        self._code: str | None = None
        self._server_name = ""
        self._server_capabilities: frozenset[str] = frozenset()
        self._ahead = 0
        self._history: tuple[bytes, int] | None = None
        self._looks: list[Callable[[], None]] = []
        """Searches that wait for older history."""
        self.user = 0
        self.nick = ""
        self.role = MEMBER
        self._inbox = Inbox(self, self.known_as, self.has_role)
        self.requests = self._inbox.requests
        self.postman = self._inbox.postman
        self.follower = self._inbox.follower
        self.marks = self._inbox.marks
        self.presence = self._inbox.presence

    # -- what the user does, besides what the parts do for him -----------------------------------------------

    def post(self, item: OutboxItem) -> None:
        self.presence.said(item.room)
        self.postman.post(item)

    def search(self, search_id: bytes, room: int | None, text: str, deeper: int) -> None:
        """In the local history, which may get deeper before; without one there is nothing to be found."""

        def found(events: tuple[Event, ...]) -> None:
            self.emit(SearchUpdate(search_id, events, self.follower.complete(room)))

        def look() -> None:
            if self._storage is None:
                found(())
            else:
                self.read(lambda disk: tuple(disk.cache.find(room, text, MAX_FOUND)), found, lambda _: found(()))

        if not deeper:
            look()
            return
        self._looks.append(look)
        if len(self._looks) == 1:  # who asks meanwhile, by typing on, need not fetch it again
            self.follower.deepen(room, deeper, self._look)

    def _look(self) -> None:
        looks, self._looks = self._looks, []
        for look in looks:
            look()

    def join_as(self, nick: str) -> None:
        self._wanted_nick = nick
        if self._connector is not None:
            self._connector.nick = nick
        self.connect_now()

    def password(self, text: str) -> None:
        """For the next login; it is kept nowhere else."""
        if self._connector is not None:
            self._connector.password = text
        self.connect_now()

    def connect_now(self) -> None:
        if self._connector is None:  # a file of the profile could not be used: perhaps it can now
            self.begin()
        elif self._storage is None or self._restored:
            self._connector.connect_now()
        elif not self._restoring:
            self._read_history()

    def also_at(self, addresses: Sequence[Address]) -> None:
        """Another server that answers there is refused as ever."""
        if isinstance(self._connector, Connector) and not self._connector.open:
            self._connector.also_at(addresses)
            self.connect_now()

    def accept_server(self, code: str) -> None:
        connector = self._connector
        if connector is None or connector.phase is not Phase.REFUSED or self._storage is not None:
            return
        if not connector.server_key:  # refused before any server was met
            return
        if server_code(connector.server_key) != code:
            connector.refuse(met_first(connector.server_key))
            return
        try:
            connector.pin(self._server_name)
        except ProfileError as error:
            connector.refuse(Problem(ProblemCode.PROFILE, str(error)))
            return
        connector.meant = self._code = server_code(connector.server_key)
        self._open_storage(self._code)

    # -- the line of the parts (client.line.Line) -------------------------------------------------------------

    @property
    def free(self) -> int:
        return self.requests.free if self._connector is not None and self._connector.open else 0

    @property
    def online(self) -> bool:
        return self._connector is not None and self._connector.phase is Phase.ONLINE

    def server_knows(self, capability: str) -> bool:
        return capability in self._server_capabilities

    def say(self, message: Message) -> None:
        assert self._connector is not None
        self._connector.send(message)
        self._connector.flush()

    def send(self, request: Request) -> None:
        assert self._connector is not None
        self.requests.sent(request)
        self._connector.send(request)

    def submit(self, request: Request) -> None:
        self.requests.submit(request)

    def pump(self) -> None:
        self.follower.pump()
        self.requests.pump()
        self.marks.pump()
        self.postman.pump()
        if self._connector is not None:
            self._connector.flush()

    def give_up(self, reason: str) -> None:
        if self._connector is not None:
            self._connector.give_up(reason)

    def emit(self, update: Update) -> None:
        if not self._stopping:
            self._on_update(update)

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        self._loop.call_later(delay, callback)

    def read(
        self, job: Callable[[Disk], object], done: Callable[..., None], failed: Callable[[ProfileError], None]
    ) -> None:
        assert self._storage is not None, "there are no rooms before there is a storage"
        self._storage.submit(job, done, failed)

    def write(self, job: Callable[[Disk], None]) -> None:
        assert self._storage is not None, "there are no rooms before there is a storage"
        self._storage.submit(job, self._disk_works if self._disk_failing else None, self._disk_failed)

    def _disk_works(self, _: None) -> None:
        if self._disk_failing:
            self._disk_failing = False
            self.emit(StorageUpdate(None))

    def _disk_failed(self, error: ProfileError) -> None:
        self._disk_failing = True
        self.emit(StorageUpdate(Problem(ProblemCode.PROFILE, str(error))))

    # -- starting and stopping ----------------------------------------------------------------------------

    def begin(self) -> None:
        """Find out which server is meant; show what is known of it; connect."""
        try:
            invitation = parse_invitation(self._link)
            key = load_or_create_key(self._profile)
            servers = KnownServers(self._profile)
        except InvitationError as error:
            self.emit(ConnectionUpdate(Phase.REFUSED, Problem(ProblemCode.BAD_LINK, str(error))))
            return
        except ProfileError as error:
            self.emit(ConnectionUpdate(Phase.REFUSED, Problem(ProblemCode.PROFILE, str(error))))
            return
        if servers.damaged is not None:
            text = f"The list of known servers was damaged. It was put aside as {servers.damaged}."
            self.emit(StorageUpdate(Problem(ProblemCode.PROFILE, text)))
        self._connector = Connector(
            self._loop, self, servers, key, invitation.addresses, invitation.code, self._capabilities
        )
        self._connector.nick = self._wanted_nick or default_nick()
        self._connector.meant = self._code = invitation.code or _pinned_code(servers, invitation)
        if self._code is None:
            self._connector.connect()
        else:
            self._open_storage(self._code)

    def _open_storage(self, code: str) -> None:
        if self._stopping:
            return
        path = history_folder(self._profile) / code.replace("-", "") / DATABASE
        self._storage = Storage(path, self._loop.call_soon)
        self._read_history()

    def _read_history(self) -> None:
        self._restoring = True
        self.read(_read_disk, self._restore, self._not_restored)

    def _not_restored(self, error: ProfileError) -> None:
        self._restoring = False
        assert self._connector is not None
        self._connector.refuse(Problem(ProblemCode.PROFILE, str(error)))

    def _restore(self, told: "Told") -> None:
        self._restoring, self._restored = False, True
        if told.moved is not None:
            text = f"The local history was damaged. It was put aside as {told.moved}, and is fetched again."
            self.emit(StorageUpdate(Problem(ProblemCode.PROFILE, text)))
        self._history = told.history
        if told.known_as is not None:
            self.user, self.nick = told.known_as.user, told.known_as.nick
            self._server_name = told.known_as.server_name
            self._tell_server()
            if not self._wanted_nick and self._connector is not None:
                self._connector.nick = told.known_as.nick
        if told.colors:
            self.emit(ColorsUpdate(told.colors, anew=True))
        for room in told.rooms:
            self.follower.restore(room)
        for item in told.waiting:
            self.postman.restore(item)
        assert self._connector is not None
        self._connector.connect()

    def end(self) -> None:
        self._stopping = True
        if self._connector is not None:
            self._connector.end()

    def end_storage(self, timeout: float) -> bool:
        """Once the loop has ended, from another thread. False if `timeout` seconds did not do."""
        return self._storage is None or self._storage.stop(timeout)

    # -- what the connector tells (client.connector.Owner) ----------------------------------------------------

    def phase_changed(self, phase: Phase, problem: Problem | None, retry_in: float | None) -> None:
        self.emit(ConnectionUpdate(phase, problem, retry_in))
        if phase is Phase.REFUSED:
            self.requests.drop(_DECIDE)

    def lost(self) -> None:
        self.requests.lost()
        self.postman.lost()
        self.follower.lost()
        self.marks.lost()
        if self._connector is not None and self._connector.phase is Phase.REFUSED:
            self.requests.drop(_DECIDE)

    def recognised(self, code: str) -> None:
        """Its own history comes before the login."""
        assert self._connector is not None
        self._connector.meant = self._code = code
        self._open_storage(code)

    def welcomed(self, welcome: Welcome) -> None:
        self._server_name = welcome.name
        self._server_capabilities = frozenset(welcome.capabilities)
        self._ahead = welcome.time - now_ms() if welcome.time else 0
        history = (welcome.server_id, welcome.epoch)
        if self._history == history:
            return
        if self._history is not None:  # a backup was restored, or the server began anew
            self.requests.drop(Problem(ProblemCode.OFFLINE, "The server's history was replaced."))
            self.postman.history_replaced(self.follower.rooms())
            self.follower.reset()
            self._inbox.history_replaced()
            self.write(lambda disk: disk.cache.reset())
            self.emit(ResetUpdate())
        self._history = history
        self.write(lambda disk: disk.cache.set_identity(*history))

    def message(self, message: Message) -> None:
        match message:
            case Authenticated():
                self.follower.authenticated()
                self.role = message.role
                self.known_as(message.user, message.nick)
            case Ready():
                self.follower.ready()
                if self._connector is not None:
                    self._connector.ready()
                self.presence.ready()
            case _:
                self._inbox.take(message)

    def known_as(self, user: int, nick: str) -> None:
        """Who we are on this server, from now on."""
        if self.nick == nick and self.user == user and self.online:
            return
        self.user, self.nick = user, nick
        if self._connector is not None:
            self._connector.nick = nick
        known_as = KnownAs(user, nick, self._server_name)
        self.write(lambda disk: disk.cache.set_known_as(known_as))
        self._tell_server()

    def has_role(self, role: str) -> None:
        """What we are on this server, from now on."""
        if self.role != role:
            self.role = role
            self._tell_server()

    def _tell_server(self) -> None:
        assert self._connector is not None
        host, port = self._connector.address
        server_id = self._history[0] if self._history else b""
        self.emit(
            ServerUpdate(
                server_id,
                self._server_name,
                self._code or "",
                self.user,
                self.nick,
                host,
                port,
                role=self.role,
                ahead=self._ahead,
            )
        )


def _pinned_code(servers: KnownServers, invitation: Invitation) -> str | None:
    pinned = {server.address: server.code for server in servers.known()}
    return next((pinned[place] for place in invitation.addresses if place in pinned), None)


class Told(Struct, frozen=True):
    """What the disk knows at the start."""

    moved: Path | None
    history: tuple[bytes, int] | None
    known_as: KnownAs | None
    colors: tuple[tuple[int, int], ...]
    rooms: list[StoredRoom]
    waiting: list[OutboxItem]


def _read_disk(disk: Disk) -> Told:
    """In the storage thread."""
    known_as = disk.cache.known_as()
    rooms = read_rooms(disk, known_as.user, known_as.nick) if known_as is not None else []
    # An event of ours in the log is as good as its acknowledgement, which may have been cut off.
    stored = {event.id for room in rooms for event in room.newest}
    waiting = disk.outbox.items()
    for item in waiting:
        if item.id in stored:
            disk.outbox.remove(item.id, durable=False)
    waiting = [item for item in waiting if item.id not in stored]
    return Told(disk.moved, disk.cache.identity(), known_as, tuple(disk.cache.colors()), rooms, waiting)

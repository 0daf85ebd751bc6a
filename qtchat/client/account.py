"""One account on one server: connect, authenticate, resume, reconnect; `post` only enqueues.

Two threads: the network loop owns everything here; the storage thread owns the files of one server. The parts:
connector.py gets and keeps the connection, postman.py brings what the user wrote to the server, follower.py keeps
up with the rooms. The Account is the line between them, the disk and the owner.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from qtchat.client.cache import CachedRoom, KnownAs
from qtchat.client.connector import Connector
from qtchat.client.errors import ProfileError
from qtchat.client.follower import PAGE, Follower
from qtchat.client.line import now_ms, request_id, retry_after
from qtchat.client.outbox import OutboxItem, new_id
from qtchat.client.postman import Postman
from qtchat.client.profile import default_nick
from qtchat.client.storage import Disk, Storage
from qtchat.client.trust import KnownServers, load_or_create_key
from qtchat.client.updates import (
    ConnectionUpdate,
    DirectoryUpdate,
    MembersUpdate,
    Phase,
    PresenceUpdate,
    Problem,
    ProblemCode,
    RequestDoneUpdate,
    ResetUpdate,
    ServerUpdate,
    StorageUpdate,
    Update,
)
from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.net.loop import IoLoop
from qtchat.net.tls import server_code
from qtchat.protocol.messages import (
    CAPABILITIES,
    MAX_IN_FLIGHT,
    Ack,
    Authenticated,
    CreateRoom,
    Error,
    Event,
    GetHistory,
    History,
    JoinRoom,
    LeaveRoom,
    ListPeople,
    ListRooms,
    Message,
    People,
    Person,
    Ping,
    Post,
    Presence,
    Ready,
    Request,
    Room,
    Rooms,
    Welcome,
)

logger = logging.getLogger(__name__)


class Account:
    """Talks to one server from threads of its own, and tells what happens by calling `on_update`.

    Every public method may be called from any thread and returns at once; what comes of it is told by updates.
    `on_update` is called from the account's loop thread, one call at a time, and must return quickly.
    """

    def __init__(
        self,
        profile: Path,
        link: str,
        nick: str,
        on_update: Callable[[Update], None],
        *,
        capabilities: frozenset[str] = CAPABILITIES,
    ) -> None:
        """`profile`: folder of key, known servers and history. `link`: an invitation or an address. `nick`: empty for
        the one that the profile had there last."""
        self._profile = profile
        self._link = link
        self._nick = nick
        self._on_update = on_update
        self._capabilities = capabilities
        self._loop = IoLoop("qtchat-network")
        self._storage: Storage | None = None
        self._connector: Connector | None = None
        self._stopping = False
        self._restoring = False
        self._restored = False
        self._disk_failing = False
        self._code: str | None = None
        self._server_name = ""
        self._history: tuple[bytes, int] | None = None
        self._user = 0
        self._postman = Postman(self)
        self._follower = Follower(self, self._postman.room_told)
        self._requests: dict[bytes, Request] = {}
        self._unsent: list[Request] = []
        self._people: dict[bytes, tuple[Person, ...]] = {}
        self._directory: dict[bytes, tuple[Room, ...]] = {}

    # -- from any thread ------------------------------------------------------------------------------

    def start(self) -> None:
        self._loop.start()
        self._loop.call_soon(self._begin)

    def stop(self, timeout: float = 5.0) -> bool:
        """Close in order and join the threads; what waits stays in the outbox. False if that took too long."""
        deadline = time.monotonic() + timeout
        self._loop.call_soon(self._end)
        ended = self._loop.stop(timeout)
        if self._storage is not None:
            ended = self._storage.stop(max(0.0, deadline - time.monotonic())) and ended
        return ended

    def join_as(self, nick: str) -> None:
        """Try again under another nick, after Phase.REFUSED."""
        self._loop.call_soon(self._join_as, nick)

    def accept_server(self) -> None:
        """The code that ProblemCode.UNVERIFIED told was compared, or is taken on trust: pin that key, and go on."""
        self._loop.call_soon(self._accept_server)

    def connect_now(self) -> None:
        """Do not wait for the next attempt."""
        self._loop.call_soon(self._connect_now)

    def post(self, room: int, text: str) -> bytes:
        """Say something; it is kept on disk until the server has it. Returns the message's id.

        ValueError if the text is longer than MAX_TEXT.
        """
        # Half a surrogate pair, as a paste can leave behind, is no text that could be stored or sent.
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        now = now_ms()
        item = OutboxItem(new_id(now), room, Post(bytes(16), room, whole).text, now)
        self._loop.call_soon(self._postman.post, item)
        return item.id

    def retry(self, message_id: bytes, _room: int) -> None:
        """Send a refused message again."""
        self._loop.call_soon(self._postman.retry, message_id)

    def discard(self, message_id: bytes, room: int) -> None:
        """Take a message out of the outbox."""
        self._loop.call_soon(self._postman.discard, message_id, room)

    def create_room(self, name: str, topic: str = "") -> bytes:
        """RequestDoneUpdate with the returned id tells the outcome, as for join_room and leave_room."""
        return self._ask(partial(CreateRoom, name=name, topic=topic))

    def join_room(self, room: int) -> bytes:
        return self._ask(partial(JoinRoom, room=room))

    def leave_room(self, room: int) -> bytes:
        return self._ask(partial(LeaveRoom, room=room))

    def list_rooms(self) -> None:
        """DirectoryUpdate answers."""
        self._ask(ListRooms)

    def load_people(self, room: int) -> None:
        """MembersUpdate answers."""
        self._ask(partial(ListPeople, room=room))

    def load_older(self, room: int, before: int) -> None:
        """OlderUpdate answers with the events right below seq `before`."""
        self._loop.call_soon(self._follower.load_older, room, before)

    def mark_read(self, room: int, seq: int) -> None:
        """Everything up to `seq` was on the screen."""
        self._loop.call_soon(self.write, lambda disk: disk.cache.set_read(room, seq))

    def _ask(self, make: Callable[[bytes], Request]) -> bytes:
        request = make(request_id())
        self._loop.call_soon(self.submit, request)
        return request.id

    # -- the line of the parts (client.line.Line): all from here on in the loop's thread -----------------

    @property
    def free(self) -> int:
        return MAX_IN_FLIGHT - len(self._requests) if self._connector is not None and self._connector.open else 0

    @property
    def online(self) -> bool:
        return self._connector is not None and self._connector.phase is Phase.ONLINE

    def send(self, request: Request) -> None:
        assert self._connector is not None
        self._requests[request.id] = request
        self._connector.send(request)

    def submit(self, request: Request) -> None:
        if self.online:
            self._unsent.append(request)
            self.pump()
        else:
            self._not_done(request, Problem(ProblemCode.OFFLINE, "There is no connection to the server now."))

    def pump(self) -> None:
        self._follower.pump()
        while self._unsent and self.free:
            self.send(self._unsent.pop(0))
        self._postman.pump()
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

    def _begin(self) -> None:
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
        self._connector.nick = self._nick or default_nick()
        self._connector.meant = self._code = invitation.code or _pinned_code(servers, invitation)
        if self._code is None:
            self._connector.connect()
        else:
            self._open_storage(self._code)

    def _open_storage(self, code: str) -> None:
        if self._stopping:
            return
        path = self._profile / "servers" / code.replace("-", "") / "chat.sqlite3"
        self._storage = Storage(path, self._loop.call_soon)
        self._read_history()

    def _read_history(self) -> None:
        self._restoring = True
        self.read(_read_disk, self._restore, self._not_restored)

    def _not_restored(self, error: ProfileError) -> None:
        self._restoring = False
        assert self._connector is not None
        self._connector.refuse(Problem(ProblemCode.PROFILE, str(error)))

    def _restore(self, told: "_Told") -> None:
        self._restoring, self._restored = False, True
        if told.moved is not None:
            text = f"The local history was damaged. It was put aside as {told.moved}, and is fetched again."
            self.emit(StorageUpdate(Problem(ProblemCode.PROFILE, text)))
        self._history = told.history
        if told.known_as is not None:
            self._user = told.known_as.user
            self._server_name = told.known_as.server_name
            self._tell_server(told.known_as.nick)
            if not self._nick and self._connector is not None:
                self._connector.nick = told.known_as.nick
        for cached, held, newest in told.rooms:
            self._follower.restore(cached, held, newest)
        for item in told.waiting:
            self._postman.restore(item)
        assert self._connector is not None
        self._connector.connect()

    def _end(self) -> None:
        self._stopping = True
        if self._connector is not None:
            self._connector.end()

    def _connect_now(self) -> None:
        if self._connector is None:  # a file of the profile could not be used: perhaps it can now
            self._begin()
        elif self._storage is None or self._restored:
            self._connector.connect_now()
        elif not self._restoring:
            self._read_history()

    def _join_as(self, nick: str) -> None:
        self._nick = nick
        if self._connector is not None:
            self._connector.nick = nick
        self._connect_now()

    def _accept_server(self) -> None:
        connector = self._connector
        if connector is None or connector.phase is not Phase.REFUSED or self._storage is not None:
            return
        if not connector.server_key:  # refused before any server was met
            return
        try:
            connector.pin(self._server_name)
        except ProfileError as error:
            connector.refuse(Problem(ProblemCode.PROFILE, str(error)))
            return
        connector.meant = self._code = server_code(connector.server_key)
        self._open_storage(self._code)

    # -- what the connector tells (client.connector.Owner) ----------------------------------------------------

    def phase_changed(self, phase: Phase, problem: Problem | None, retry_in: float | None) -> None:
        self.emit(ConnectionUpdate(phase, problem, retry_in))

    def lost(self) -> None:
        unanswered = [*self._requests.values(), *self._unsent]
        self._requests.clear()
        self._unsent.clear()
        self._postman.lost()
        self._follower.lost()
        for request in unanswered:
            self._not_done(request, Problem(ProblemCode.OFFLINE, "The connection was lost before the answer came."))

    def welcomed(self, welcome: Welcome) -> None:
        self._server_name = welcome.name
        history = (welcome.server_id, welcome.epoch)
        if self._history == history:
            return
        if self._history is not None:  # a backup was restored, or the server began anew
            self._postman.history_replaced(self._follower.names())
            self._follower.reset()
            self.write(lambda disk: disk.cache.reset())
            self.emit(ResetUpdate())
        self._history = history
        self.write(lambda disk: disk.cache.set_identity(*history))

    def message(self, message: Message) -> None:
        match message:
            case Event():
                self._stored(self._follower.events(message.room, (message,)))
            case History() | Ack() | People() | Rooms() | Error():
                self._answer(message)
            case Room():
                self._follower.room(message)
            case Presence():
                self.emit(PresenceUpdate(message.people))
            case Ping():
                for number, head in message.heads:
                    self._follower.head(number, head)
            case Authenticated():
                self._authenticated(message)
            case Ready():
                self._follower.ready()
                if self._connector is not None:
                    self._connector.ready()

    def _authenticated(self, message: Authenticated) -> None:
        self._user = message.user
        self._follower.authenticated()
        known_as = KnownAs(message.user, message.nick, self._server_name)
        self.write(lambda disk: disk.cache.set_known_as(known_as))
        self._tell_server(message.nick)

    def _tell_server(self, nick: str) -> None:
        assert self._connector is not None
        host, port = self._connector.address
        server_id = self._history[0] if self._history else b""
        self.emit(ServerUpdate(server_id, self._server_name, self._code or "", self._user, nick, host, port))

    def _answer(self, message: History | Ack | People | Rooms | Error) -> None:
        request = self._requests.pop(message.re, None)
        match message, request:
            case Ack(), Post():
                self._postman.acknowledged(message)
                self._follower.head(message.room, message.seq)
            case Ack(), CreateRoom() | JoinRoom() | LeaveRoom():
                self.emit(RequestDoneUpdate(message.re, message.room))
            case History(), GetHistory():
                self._stored(self._follower.history(message, request))
            case People(), ListPeople():
                self._people_page(message, request)
            case Rooms(), ListRooms():
                self._directory_page(message, request)
            case Error(), Post():
                self._postman.refused(message)
            case Error(), GetHistory():
                self._follower.not_answered(request, retry_after(message))
            case Error(), Request():
                self._not_done(request, Problem(message.code, message.text))
            case _, None:
                logger.warning("an answer to something that was not asked: %s", type(message).__name__)
            case _:
                self._requests[request.id] = request  # it counts as unanswered
                self.give_up(f"{type(message).__name__} is no answer to {type(request).__name__}")

    def _stored(self, events: tuple[Event, ...]) -> None:
        """An event of ours in the log is as good as its acknowledgement."""
        for event in events:
            if event.author == self._user:
                self._postman.stored(event.id)

    def _people_page(self, page: People, request: ListPeople) -> None:
        people = self._people.pop(request.id, ()) + page.people
        if page.more and page.people and page.people[-1].user > request.after:
            following = ListPeople(request_id(), request.room, page.people[-1].user)
            self._people[following.id] = people
            self.submit(following)
        else:
            self.emit(MembersUpdate(request.room, people))

    def _directory_page(self, page: Rooms, request: ListRooms) -> None:
        rooms = self._directory.pop(request.id, ()) + page.rooms
        if page.more and page.rooms and page.rooms[-1].room > request.after:
            following = ListRooms(request_id(), page.rooms[-1].room)
            self._directory[following.id] = rooms
            self.submit(following)
        else:
            self.emit(DirectoryUpdate(rooms))

    def _not_done(self, request: Request, problem: Problem) -> None:
        """A request other than a post was refused, or its answer will not come."""
        match request:
            case GetHistory():
                self._follower.not_answered(request)
            case ListPeople():
                self._people.pop(request.id, None)
            case ListRooms():
                self._directory.pop(request.id, None)
            case CreateRoom() | JoinRoom() | LeaveRoom():
                room = 0 if isinstance(request, CreateRoom) else request.room
                self.emit(RequestDoneUpdate(request.id, room, problem))


def _pinned_code(servers: KnownServers, invitation: Invitation) -> str | None:
    pinned = {server.address: server.code for server in servers.known()}
    return next((pinned[place] for place in invitation.addresses if place in pinned), None)


@dataclass(frozen=True, slots=True)
class _Told:
    """What the disk knows at the start."""

    moved: Path | None
    history: tuple[bytes, int] | None
    known_as: KnownAs | None
    rooms: list[tuple[CachedRoom, tuple[int, int] | None, list[Event]]]
    waiting: list[OutboxItem]


def _read_disk(disk: Disk) -> _Told:
    """In the storage thread."""
    cache = disk.cache
    rooms = [(room, cache.range(room.room.room), cache.newest(room.room.room, PAGE)) for room in cache.rooms()]
    # An event of ours in the log is as good as its acknowledgement, which may have been cut off.
    stored = {event.id for _, _, newest in rooms for event in newest}
    waiting = disk.outbox.items()
    for item in waiting:
        if item.id in stored:
            disk.outbox.remove(item.id, durable=False)
    waiting = [item for item in waiting if item.id not in stored]
    return _Told(disk.moved, cache.identity(), cache.known_as(), rooms, waiting)

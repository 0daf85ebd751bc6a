"""One account on one server: connect, authenticate, resume, reconnect; `post` only enqueues.

Two threads: the network loop owns everything here but `Storage`; the storage thread owns the files. A message goes
disk first: storage.add -> PendingUpdate -> wire. What arrives goes to the owner at once and to the disk behind it;
the disk may lag, since what it lacks after a crash is fetched again.
"""

import logging
import os
import random
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from qtchat import __version__
from qtchat.client.backoff import Backoff
from qtchat.client.cache import CachedRoom, KnownAs
from qtchat.client.catchup import Cursor
from qtchat.client.errors import ProfileError
from qtchat.client.outbox import OutboxItem, new_id
from qtchat.client.sender import Sender
from qtchat.client.storage import Disk, Storage
from qtchat.client.trust import KnownServers, Verdict, load_or_create_key
from qtchat.client.updates import (
    AckedUpdate,
    ConnectionUpdate,
    DirectoryUpdate,
    DiscardedUpdate,
    EventsUpdate,
    FailedUpdate,
    MembersUpdate,
    OlderUpdate,
    PendingUpdate,
    Phase,
    PresenceUpdate,
    Problem,
    RequestDoneUpdate,
    ResetUpdate,
    RoomGoneUpdate,
    RoomUpdate,
    ServerUpdate,
    StorageUpdate,
    Update,
)
from qtchat.net.connection import Connection
from qtchat.net.dial import Address, Dial, DialError
from qtchat.net.invitation import InvitationError, parse_invitation
from qtchat.net.loop import IoLoop, Timer
from qtchat.net.signature import SigningKey
from qtchat.net.tls import client_context, public_key_of, server_code
from qtchat.protocol.errors import ErrorCode, ProtocolError
from qtchat.protocol.messages import (
    CAPABILITIES,
    MAX_IN_FLIGHT,
    MAX_PAGE,
    NONCE_SIZE,
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Ack,
    Authenticate,
    Authenticated,
    CreateRoom,
    Error,
    Event,
    GetHistory,
    Hello,
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
    signed_content,
)
from qtchat.protocol.names import NameProblemError, clean_nick
from qtchat.protocol.session import Role, Session, State

logger = logging.getLogger(__name__)

PROBLEM_BAD_LINK: Final = "bad_link"
PROBLEM_PROFILE: Final = "profile"
PROBLEM_UNREACHABLE: Final = "unreachable"
PROBLEM_CONNECTION_REFUSED: Final = "connection_refused"
PROBLEM_NAME_UNKNOWN: Final = "name_unknown"
PROBLEM_NOT_QTCHAT: Final = "not_qtchat"
PROBLEM_UNVERIFIED: Final = "unverified"
"""A server is met for the first time without an invitation: `Problem.suggestion` is its code, to be compared."""
PROBLEM_SERVER_CHANGED: Final = "server_changed"
PROBLEM_WRONG_CODE: Final = "wrong_code"
PROBLEM_OFFLINE: Final = "offline"
PROBLEM_LOST: Final = "lost"

PAGE: Final = 100
"""Events asked for at once when somebody reads back, and told at the start."""
PAGES_AT_ONCE: Final = 4
"""History requests under way at one time."""
CHECK_INTERVAL: Final = 1.0

_DECISIONS: Final = {ErrorCode.NICK_INVALID, ErrorCode.NICK_TAKEN, ErrorCode.AUTH_FAILED, ErrorCode.VERSION}
"""Refusals that trying again does not change: somebody must decide."""
_VERDICTS: Final = {
    Verdict.CHANGED: (PROBLEM_SERVER_CHANGED, "This address showed another key than before."),
    Verdict.WRONG_CODE: (PROBLEM_WRONG_CODE, "The server code of the invitation is not that of this server."),
    Verdict.LOST: (PROBLEM_LOST, "The list of known servers was damaged, so this server cannot be recognised."),
}


class Account:
    """Talks to one server from threads of its own, and tells what happens by calling `on_update`.

    Every method may be called from any thread and returns at once; what comes of it is told by updates.
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
        """`profile`: folder of key, known servers and history. `link`: an invitation or an address."""
        self._profile = profile
        self._link = link
        self._nick = nick
        self._on_update = on_update
        self._capabilities = capabilities
        self._loop = IoLoop("qtchat-network")
        self._storage: Storage | None = None
        self._key: SigningKey | None = None
        self._servers: KnownServers | None = None
        self._addresses: tuple[Address, ...] = ()
        self._code: str | None = None
        self._accepted: bytes | None = None
        self._context = client_context()

        self._dial: Dial | None = None
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._address: Address = ("", 0)
        self._server_key = b""
        self._nonce = b""
        self._backoff = Backoff()
        self._retry: Timer | None = None
        self._sender_timer: Timer | None = None
        self._phase = Phase.OFFLINE
        self._stopping = False

        self._server_name = ""
        self._known: tuple[bytes, int] | None = None
        self._user = 0
        self._known_rooms: dict[int, Room] = {}
        self._present: set[int] = set()
        self._cursors: dict[int, Cursor] = {}
        self._sender = Sender()
        self._unsaved: dict[bytes, OutboxItem] = {}
        self._requests: dict[bytes, Request] = {}
        self._unsent: list[Request] = []
        self._members: dict[int, list[Person]] = {}
        self._directory: list[Room] = []

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
        """The code that PROBLEM_UNVERIFIED told was compared, or is taken on trust: pin that key, and go on."""
        self._loop.call_soon(self._accept_server)

    def connect_now(self) -> None:
        """Do not wait for the next attempt."""
        self._loop.call_soon(self._connect_now)

    def post(self, room: int, text: str) -> bytes:
        """Say something; it is kept on disk until the server has it. Returns the message's id.

        ValueError if the text is longer than MAX_TEXT."""
        now = time.time_ns() // 1_000_000
        # Half a surrogate pair, as a paste can leave behind, is no text that could be stored or sent.
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        item = OutboxItem(new_id(now), room, Post(bytes(16), room, whole).text, now)
        self._loop.call_soon(self._keep, item)
        return item.id

    def retry(self, message_id: bytes, room: int) -> None:
        """Send a refused message again."""
        self._loop.call_soon(self._retry_post, message_id, room)

    def discard(self, message_id: bytes, room: int) -> None:
        """Take a message out of the outbox."""
        self._loop.call_soon(self._discard, message_id, room)

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
        self._loop.call_soon(self._load_older, room, before)

    def mark_read(self, room: int, seq: int) -> None:
        """Everything up to `seq` was on the screen."""
        self._loop.call_soon(self._to_disk, lambda disk: disk.cache.set_read(room, seq))

    def _ask(self, make: Callable[[bytes], Request]) -> bytes:
        request = make(new_id(time.time_ns() // 1_000_000))
        self._loop.call_soon(self._request, request)
        return request.id

    # -- starting, stopping, connecting: all from here on in the loop's thread ---------------------------

    def _emit(self, update: Update) -> None:
        if not self._stopping:
            self._on_update(update)

    def _set_phase(self, phase: Phase, problem: Problem | None = None, retry_in: float | None = None) -> None:
        self._phase = phase
        self._emit(ConnectionUpdate(phase, problem, retry_in))

    def _begin(self) -> None:
        try:
            invitation = parse_invitation(self._link)
            self._key = load_or_create_key(self._profile)
            self._servers = KnownServers(self._profile)
        except InvitationError as error:
            self._set_phase(Phase.REFUSED, Problem(PROBLEM_BAD_LINK, str(error)))
            return
        except ProfileError as error:
            self._set_phase(Phase.REFUSED, Problem(PROBLEM_PROFILE, str(error)))
            return
        self._addresses = invitation.addresses
        pinned = {server.address: server.code for server in self._servers.known()}
        self._code = invitation.code
        known = invitation.code or next((pinned[place] for place in self._addresses if place in pinned), None)
        self._loop.call_later(CHECK_INTERVAL, self._check)
        if known is None:
            self._connect()
        else:
            self._open_storage(known)

    def _open_storage(self, code: str) -> None:
        path = self._profile / "servers" / code.replace("-", "") / "chat.sqlite3"
        self._storage = Storage(path, self._loop.call_soon)
        self._storage.submit(_read_disk, self._loaded, self._disk_unusable)

    def _disk_unusable(self, error: ProfileError) -> None:
        self._set_phase(Phase.REFUSED, Problem(PROBLEM_PROFILE, str(error)))

    def _loaded(self, told: "_Told") -> None:
        """Show what is known from last time, then connect."""
        if told.moved is not None:
            text = f"The local history was damaged. It was put aside as {told.moved}, and is fetched again."
            self._emit(StorageUpdate(Problem(PROBLEM_PROFILE, text)))
        self._known = told.identity
        if told.known_as is not None:
            self._user = told.known_as.user
            self._server_name = told.known_as.server_name
            self._tell_server(told.known_as.nick)
        for cached, span, events in told.rooms:
            number = cached.room.room
            self._known_rooms[number] = cached.room
            self._emit(RoomUpdate(cached.room, cached.read))
            cursor = self._cursors[number] = Cursor(head=cached.room.head)
            if span is not None:
                cursor.low, cursor.high = span
                self._emit(EventsUpdate(number, tuple(events), live=False))
        for item in told.waiting:
            self._emit(PendingUpdate(item.id, item.room, item.text, item.created))
            if item.problem_code is None:
                self._sender.add(item)
            else:
                problem = Problem(item.problem_code, item.problem_text or "")
                self._unsaved[item.id] = item
                self._emit(FailedUpdate(item.id, item.room, problem))
        self._connect()

    def _end(self) -> None:
        self._stopping = True
        for timer in (self._retry, self._sender_timer):
            if timer is not None:
                timer.cancel()
        if self._dial is not None:
            self._dial.cancel()
        if self._connection is not None:
            self._connection.abort("the program ends")

    def _join_as(self, nick: str) -> None:
        self._nick = nick
        self._connect_now()

    def _connect_now(self) -> None:
        if self._connection is None and self._dial is None and self._addresses:
            self._backoff.reset()
            self._connect()

    def _connect(self) -> None:
        if self._stopping or self._connection is not None or self._dial is not None:
            return
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        try:
            self._nick = clean_nick(self._nick)
        except NameProblemError as problem:
            self._set_phase(Phase.REFUSED, Problem(ErrorCode.NICK_INVALID, str(problem)))
            return
        self._set_phase(Phase.CONNECTING)
        self._dial = Dial(self._loop, self._addresses, self._dialled, self._not_dialled)

    def _dialled(self, sock: socket.socket, address: Address) -> None:
        self._dial = None
        self._address = address
        self._session = Session(Role.CLIENT, time.monotonic())
        peer = f"{address[0]} port {address[1]}"
        connection = Connection(self._loop, sock, peer, self, context=self._context, server_side=False)
        if connection.open:
            self._connection = connection

    def _not_dialled(self, error: DialError) -> None:
        self._dial = None
        self._go_offline(Problem(error.reason, str(error)))

    def _go_offline(self, problem: Problem) -> None:
        """Not connected; try again by itself."""
        if self._stopping:
            return
        delay = self._backoff.next_delay(random.random())  # noqa: S311  (spreads clients, guards nothing)
        self._retry = self._loop.call_later(delay, self._connect)
        self._set_phase(Phase.OFFLINE, problem, delay)

    def _refuse(self, problem: Problem) -> None:
        """Not connected, and only somebody's decision can change that."""
        self._set_phase(Phase.REFUSED, problem)
        if self._connection is not None:
            self._connection.abort(problem.text)

    def _accept_server(self) -> None:
        if self._accepted is None or self._servers is None:
            return
        try:
            self._servers.pin(self._address, self._accepted, self._server_name)
        except ProfileError as error:
            self._set_phase(Phase.REFUSED, Problem(PROBLEM_PROFILE, str(error)))
            return
        self._open_storage(server_code(self._accepted))
        self._accepted = None

    def _check(self) -> None:
        now = time.monotonic()
        if self._session is not None and self._connection is not None:
            self._session.check(now)
            self._connection.check(now)
            self._flush()
        self._loop.call_later(CHECK_INTERVAL, self._check)

    # -- the connection's handler ------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        """TLS is up: decide whether this is the right server before anything is said."""
        self._connection = connection
        assert self._servers is not None
        assert self._session is not None
        try:
            self._server_key = public_key_of(connection.peer_certificate)
        except ValueError as error:
            self._refuse(Problem(PROBLEM_NOT_QTCHAT, str(error)))
            return
        verdict = self._servers.check(self._address, self._code, self._server_key)
        if verdict in _VERDICTS:
            self._refuse(Problem(*_VERDICTS[verdict], suggestion=server_code(self._server_key)))
            return
        if verdict is Verdict.NEW and self._code is None:
            self._accepted = self._server_key
            text = "This server is met for the first time."
            self._refuse(Problem(PROBLEM_UNVERIFIED, text, suggestion=server_code(self._server_key)))
            return
        self._nonce = os.urandom(NONCE_SIZE)
        agent = f"qtchat {__version__}"
        capabilities = tuple(sorted(self._capabilities))
        self._session.send(Hello(OLDEST_VERSION, PROTOCOL_VERSION, capabilities, agent, self._nonce))
        self._flush()

    def received(self, _connection: Connection, data: bytes) -> None:
        session = self._session
        assert session is not None
        try:
            for message in session.receive_data(data, time.monotonic()):
                self._message(message)
        except (ProtocolError, ProfileError) as error:
            self._go_wrong(str(error))
            return
        self._pump()
        self._flush()

    def drained(self, _connection: Connection) -> None:
        return

    def closed(self, _connection: Connection, reason: str) -> None:
        session, self._session, self._connection = self._session, None, None
        self._sender.connection_lost()
        for cursor in self._cursors.values():
            cursor.fetching = False
        self._members.clear()
        self._directory.clear()
        unanswered = [*self._requests.values(), *self._unsent]
        self._requests.clear()
        self._unsent.clear()
        for request in unanswered:
            self._not_done(request, Problem(PROBLEM_OFFLINE, "The connection was lost before the server answered."))
        if self._stopping or self._phase is Phase.REFUSED:
            return
        problem = Problem(PROBLEM_UNREACHABLE, reason)
        if session is not None and session.error is not None:
            problem = Problem(session.error.code, session.error.text)
        elif session is not None and session.state is State.HELLO:
            problem = Problem(PROBLEM_NOT_QTCHAT, f"What answers there is no qtchat server: {reason}.")
        self._go_offline(problem)

    def _go_wrong(self, text: str) -> None:
        """The server broke the protocol, or our disk failed: start anew."""
        logger.warning("connection to %s given up: %s", self._address[0], text)
        if self._connection is not None:
            self._connection.abort(text)

    def _flush(self) -> None:
        if self._session is None or self._connection is None:
            return
        session, connection = self._session, self._connection
        connection.send(session.data_to_send())
        if session.state is State.CLOSING:
            connection.close(session.error.text if session.error else "the session ended")

    # -- what the server says ------------------------------------------------------------------------------

    def _message(self, message: Message) -> None:
        match message:
            case Event():
                self._events(message.room, (message,))
            case Ack():
                self._acknowledged(message)
            case History():
                self._history(message)
            case Room():
                self._room(message)
            case Presence():
                self._emit(PresenceUpdate(message.people))
            case People():
                self._people(message)
            case Rooms():
                self._directory_page(message)
            case Ping():
                for number, head in message.heads:
                    if number in self._cursors:
                        self._cursors[number].head = max(self._cursors[number].head, head)
            case Error():
                self._error(message)
            case Welcome():
                self._welcome(message)
            case Authenticated():
                self._authenticated(message)
            case Ready():
                self._ready()

    def _welcome(self, message: Welcome) -> None:
        assert self._servers is not None
        assert self._session is not None
        assert self._key is not None
        self._server_name = message.name
        self._servers.pin(self._address, self._server_key, message.name)
        history = (message.server_id, message.epoch)
        if self._known is not None and self._known != history:
            # A backup was restored, or the server began anew: our numbers mean nothing there.
            self._cursors.clear()
            self._known_rooms.clear()
            self._to_disk(lambda disk: disk.cache.reset())
            self._emit(ResetUpdate())
        if self._known != history:
            self._known = history
            self._to_disk(lambda disk: disk.cache.set_identity(*history))
        content = signed_content(self._server_key, self._nonce, message.nonce, self._nick)
        self._session.send(Authenticate(self._nick, self._key.public_key, self._key.sign(content)))

    def _authenticated(self, message: Authenticated) -> None:
        self._user = message.user
        self._present = set()
        known_as = KnownAs(message.user, message.nick, self._server_name)
        self._to_disk(lambda disk: disk.cache.set_known_as(known_as))
        self._tell_server(message.nick)

    def _tell_server(self, nick: str) -> None:
        host, port = self._address if self._address[0] else self._addresses[0]
        server_id = self._known[0] if self._known else b""
        code = server_code(self._server_key) if self._server_key else self._code or ""
        self._emit(ServerUpdate(server_id, self._server_name, code, self._user, nick, host, port))

    def _room(self, room: Room) -> None:
        if not room.member:
            self._forget_room(room.room)
            return
        self._present.add(room.room)
        known = self._cursors.get(room.room)
        if known is not None and known.high > room.head:
            # It knows less than we do, in the same epoch: nothing of ours can be trusted.
            self._forget_room(room.room)
        first_time = room.room not in self._known_rooms
        cursor = self._cursors.setdefault(room.room, Cursor())
        cursor.head = max(cursor.head, room.head)
        self._known_rooms[room.room] = room
        # What was said before we were here is not unread.
        read = room.head if first_time else None
        self._to_disk(lambda disk: _put_room(disk, room, read))
        self._emit(RoomUpdate(room, read))
        self._pump()

    def _forget_room(self, number: int) -> None:
        self._known_rooms.pop(number, None)
        self._cursors.pop(number, None)
        self._to_disk(lambda disk: disk.cache.forget_room(number))
        self._emit(RoomGoneUpdate(number))

    def _ready(self) -> None:
        for number in self._known_rooms.keys() - self._present:  # left on another device
            self._forget_room(number)
        self._backoff.reset()
        self._set_phase(Phase.ONLINE)

    def _events(self, number: int, events: Iterable[Event]) -> None:
        cursor = self._cursors.get(number)
        if cursor is None:
            return
        fresh = cursor.take(events)
        if not fresh:
            return
        for event in fresh:
            if event.author == self._user:
                self._stored(event.id)
        self._to_disk(lambda disk: _append(disk, number, fresh))
        self._emit(EventsUpdate(number, fresh))

    def _history(self, message: History) -> None:
        request = self._requests.pop(message.re, None)
        cursor = self._cursors.get(message.room)
        if not isinstance(request, GetHistory) or cursor is None:
            return
        if request.before:
            self._older_page(message, request)
            return
        cursor.fetching = False
        if request.after is None:
            self._newest_page(message, cursor)
        elif message.first > request.after + 1:
            # What lies between is gone for good: begin anew with what there is.
            room = self._known_rooms[message.room]
            self._forget_room(message.room)
            self._room(room)
        else:
            self._events(message.room, message.events)
            if not message.events:
                cursor.head = message.head  # what we were told of never came to be
            cursor.head = max(cursor.head, message.head)

    def _newest_page(self, message: History, cursor: Cursor) -> None:
        cursor.head = max(cursor.head, message.head)
        cursor.begin(message.events)
        if message.events:
            number, events = message.room, message.events
            self._to_disk(lambda disk: _start(disk, number, events))
            self._emit(EventsUpdate(number, events, live=False))

    def _older_page(self, message: History, request: GetHistory) -> None:
        cursor = self._cursors[message.room]
        events = message.events
        if events and events[-1].seq == cursor.low - 1:
            cursor.low = events[0].seq
            self._to_disk(lambda disk: _prepend(disk, message.room, events))
        at_start = not message.more
        if events and events[-1].seq != request.before - 1:
            self._go_wrong("the server sent another part of the history than was asked for")
            return
        self._emit(OlderUpdate(message.room, events, at_start, gap=at_start and message.first > 1))

    def _acknowledged(self, message: Ack) -> None:
        request = self._requests.pop(message.re, None)
        if isinstance(request, Post):
            self._stored(message.re)
            self._emit(AckedUpdate(message.re, message.room, message.seq, message.ts))
            if message.room in self._cursors:
                self._cursors[message.room].head = max(self._cursors[message.room].head, message.seq)
        elif request is not None:
            self._emit(RequestDoneUpdate(message.re, message.room))

    def _stored(self, message_id: bytes) -> None:
        """The server has it; the outbox may forget it, at leisure."""
        if self._sender.done(message_id):
            self._to_disk(lambda disk: disk.outbox.remove(message_id, durable=False))

    def _people(self, message: People) -> None:
        request = self._requests.pop(message.re, None)
        if request is None:
            return
        people = self._members.setdefault(message.room, [])
        people.extend(message.people)
        if message.more and message.people:
            self._request(ListPeople(message.re, message.room, message.people[-1].user))
            return
        self._emit(MembersUpdate(message.room, tuple(self._members.pop(message.room))))

    def _directory_page(self, message: Rooms) -> None:
        request = self._requests.pop(message.re, None)
        if request is None:
            return
        self._directory.extend(message.rooms)
        if message.more and message.rooms:
            self._request(ListRooms(message.re, message.rooms[-1].room))
            return
        self._emit(DirectoryUpdate(tuple(self._directory)))
        self._directory.clear()

    def _error(self, message: Error) -> None:
        if not message.re:
            self._session_error(message)
            return
        request = self._requests.pop(message.re, None)
        problem = Problem(message.code, message.text, message.suggestion)
        if not isinstance(request, Post):
            if request is not None:
                self._not_done(request, problem)
            return
        if message.retry_after_ms is not None:
            self._sender.refused(request.id, time.monotonic() + message.retry_after_ms / 1000)
            return
        item = self._sender.get(request.id)
        if item is not None and self._sender.done(request.id):
            self._unsaved[item.id] = item
            self._to_disk(lambda disk: disk.outbox.fail(item.id, problem.code, problem.text))
            self._emit(FailedUpdate(item.id, item.room, problem))

    def _session_error(self, message: Error) -> None:
        """The connection ends. Some reasons need a decision, after the others we come back by ourselves."""
        if message.code in _DECISIONS:
            self._refuse(Problem(message.code, message.text, message.suggestion))

    def _not_done(self, request: Request, problem: Problem) -> None:
        match request:
            case GetHistory():
                cursor = self._cursors.get(request.room)
                if cursor is not None and not request.before:
                    cursor.fetching = False
                elif request.before:
                    self._emit(OlderUpdate(request.room, (), at_start=False))
            case CreateRoom() | JoinRoom() | LeaveRoom():
                room = 0 if isinstance(request, CreateRoom) else request.room
                self._emit(RequestDoneUpdate(request.id, room, problem))

    # -- what we say ---------------------------------------------------------------------------------------

    def _request(self, request: Request) -> None:
        """Send a request other than a post, as soon as the window allows."""
        if self._phase is not Phase.ONLINE:
            self._not_done(request, Problem(PROBLEM_OFFLINE, "There is no connection to the server now."))
            return
        self._unsent.append(request)
        self._pump()
        self._flush()

    def _pump(self) -> None:
        """Send what may be sent now: catch up first, then requests, then posts."""
        if self._session is None or self._session.state is not State.OPEN:
            return
        fetching = sum(cursor.fetching for cursor in self._cursors.values())
        for number, cursor in self._cursors.items():
            if fetching >= PAGES_AT_ONCE or len(self._requests) >= MAX_IN_FLIGHT:
                break
            if cursor.behind:
                cursor.fetching = True
                fetching += 1
                now = time.time_ns() // 1_000_000
                after = cursor.high or None
                self._send(GetHistory(new_id(now), number, after, limit=MAX_PAGE if cursor.high else PAGE))
        while self._unsent and len(self._requests) < MAX_IN_FLIGHT:
            self._send(self._unsent.pop(0))
        if self._phase is Phase.ONLINE and len(self._requests) < MAX_IN_FLIGHT:
            self._send_posts()

    def _send_posts(self) -> None:
        if self._sender.stuck and self._connection is not None:
            self._connection.abort("a held message was discarded")
            return
        now = time.monotonic()
        for item in self._sender.next(now):
            self._send(Post(item.id, item.room, item.text))
        resume_at = self._sender.resume_at
        if resume_at is not None:
            if self._sender_timer is not None:
                self._sender_timer.cancel()
            self._sender_timer = self._loop.call_later(max(0.0, resume_at - now), self._pump_and_flush)

    def _pump_and_flush(self) -> None:
        self._pump()
        self._flush()

    def _send(self, request: Request) -> None:
        assert self._session is not None
        self._requests[request.id] = request
        self._session.send(request)

    def _keep(self, item: OutboxItem) -> None:
        """To disk first; then it is shown, then sent."""
        if self._storage is None:
            return
        self._storage.submit(
            lambda disk: disk.outbox.add(item.id, item.room, item.text, item.created),
            lambda _: self._kept(item),
            lambda error: self._not_kept(item, error),
        )

    def _kept(self, item: OutboxItem) -> None:
        self._emit(PendingUpdate(item.id, item.room, item.text, item.created))
        self._sender.add(item)
        self._pump()
        self._flush()

    def _not_kept(self, item: OutboxItem, error: ProfileError) -> None:
        """The disk does not take it. It stays on the screen, to be retried; it is not sent unsaved."""
        self._unsaved[item.id] = item
        self._emit(PendingUpdate(item.id, item.room, item.text, item.created))
        self._emit(FailedUpdate(item.id, item.room, Problem(PROBLEM_PROFILE, str(error))))

    def _retry_post(self, message_id: bytes, _room: int) -> None:
        item = self._unsaved.pop(message_id, None)
        if item is None or self._storage is None:
            return
        self._storage.submit(
            lambda disk: _keep_again(disk, item),
            lambda _: self._kept(item),
            lambda error: self._not_kept(item, error),
        )

    def _discard(self, message_id: bytes, room: int) -> None:
        if message_id in self._requests:  # on its way: too late
            return
        self._unsaved.pop(message_id, None)
        self._sender.done(message_id)
        self._to_disk(lambda disk: disk.outbox.remove(message_id))
        self._emit(DiscardedUpdate(message_id, room))
        self._pump()

    def _load_older(self, number: int, before: int) -> None:
        cursor = self._cursors.get(number)
        if cursor is None or self._storage is None:
            return
        if before <= 1 or not cursor.high:
            self._emit(OlderUpdate(number, (), at_start=before <= 1))
            return
        self._storage.submit(
            lambda disk: tuple(disk.cache.before(number, before, PAGE)),
            lambda events: self._older_from_disk(number, before, events),
            lambda _: self._older_from_disk(number, before, ()),
        )

    def _older_from_disk(self, number: int, before: int, events: tuple[Event, ...]) -> None:
        if events and events[-1].seq == before - 1:
            self._emit(OlderUpdate(number, events, at_start=events[0].seq == 1))
            return
        self._request(GetHistory(new_id(time.time_ns() // 1_000_000), number, before=before, limit=PAGE))

    def _to_disk(self, job: Callable[[Disk], None]) -> None:
        """A write that nobody waits for."""
        if self._storage is not None:
            self._storage.submit(job, failed=self._disk_failed)

    def _disk_failed(self, error: ProfileError) -> None:
        self._emit(StorageUpdate(Problem(PROBLEM_PROFILE, str(error))))


# -- jobs of the storage thread -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Told:
    """What the disk knows at the start."""

    moved: Path | None
    identity: tuple[bytes, int] | None
    known_as: KnownAs | None
    rooms: list[tuple[CachedRoom, tuple[int, int] | None, list[Event]]]
    waiting: list[OutboxItem]


def _read_disk(disk: Disk) -> _Told:
    cache = disk.cache
    rooms = [(cached, cache.range(cached.room.room), cache.newest(cached.room.room, PAGE)) for cached in cache.rooms()]
    return _Told(disk.moved, cache.identity(), cache.known_as(), rooms, disk.outbox.items())


def _put_room(disk: Disk, room: Room, read: int | None) -> None:
    disk.cache.put_room(room)
    if read is not None:
        disk.cache.set_read(room.room, read)


def _append(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    """Another window on the same profile may have written some or all of these before us."""
    held = disk.cache.range(number)
    if held is None or held[1] < events[0].seq - 1:
        _start(disk, number, events)
    else:
        disk.cache.append(number, [event for event in events if event.seq > held[1]])


def _start(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    disk.cache.clear_events(number)
    disk.cache.append(number, events)


def _prepend(disk: Disk, number: int, events: tuple[Event, ...]) -> None:
    held = disk.cache.range(number)
    if held is not None and held[0] == events[-1].seq + 1:
        disk.cache.prepend(number, events)


def _keep_again(disk: Disk, item: OutboxItem) -> None:
    """Let a message wait again, whether or not the disk had taken it the first time."""
    if any(kept.id == item.id for kept in disk.outbox.items()):
        disk.outbox.retry(item.id)
    else:
        disk.outbox.add(item.id, item.room, item.text, item.created)

"""The server as an object: builds everything, starts and stops it in order. `qtchat-server` and the desktop
app's *Start a chat here* run the same one."""

import itertools
import logging
import queue
import socket
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from qtchat import __version__
from qtchat.net.announcement import Announcement
from qtchat.net.invitation import Invitation
from qtchat.net.loop import IoLoop
from qtchat.net.tls import load_or_create_identity, server_context
from qtchat.protocol.messages import GUEST
from qtchat.protocol.names import clean_room_name
from qtchat.server.addresses import reachable_addresses
from qtchat.server.announcer import Announcer
from qtchat.server.backup import back_up, last_backup
from qtchat.server.config import ServerSettings
from qtchat.server.doctor_key import load_or_create_doctor_key
from qtchat.server.doors.classic import ClassicDoor
from qtchat.server.doors.classic_codec import ClassicCodec
from qtchat.server.doors.door import DoorLimits
from qtchat.server.doors.entrance import Entrance, PlainDoor, without_locks
from qtchat.server.doors.native import Introduction, NativeCodec, NativeDoor
from qtchat.server.handlers.roles import claim_hash, new_token
from qtchat.server.handout import PATH, Handout
from qtchat.server.hub import Hub
from qtchat.server.letters import Call
from qtchat.server.limits import TokenBuckets, connection_limit
from qtchat.server.listener import Crowd, Listener
from qtchat.server.locks import Locks
from qtchat.server.naming import read_name
from qtchat.server.passwords import read_password
from qtchat.server.readers import Readers
from qtchat.server.running import Running, remove_running, write_running
from qtchat.server.state import Rules, State
from qtchat.server.status import People, Status, count, folder_size
from qtchat.server.store import Store, open_store

logger = logging.getLogger(__name__)

STATUS_PATIENCE = 5.0
"""Seconds that the hub may take to count."""


class Server:
    """A running chat server. Use it as a context manager, or `start` and `stop` it once.

    Raises from `start`: StoreError (PasswordDamaged is one), IdentityError, ListenError; each text says what to do.
    """

    def __init__(self, settings: ServerSettings, *, restored: bool = False, owner_key: bytes = b"") -> None:
        """`restored`: the database in the data folder is a backup, see open_store. `owner_key`: Ed25519 public key of
        whoever hosts, who owns the server then without a token."""
        self._restored = restored
        self._owner_key = owner_key
        self.settings = settings
        self.name = ""
        """What people see; known from the start on."""
        self.code = ""
        self.host = ""
        self.port = 0
        self.link = ""
        self.claim_token = ""
        """What makes its sender the owner; empty if there is one, or a key that will be."""
        self.addresses: list[str] = []
        self.entrances: list[Entrance] = []
        """The plain-text doors that are open, with the ports they have got."""
        self.plain_doors: list[PlainDoor] = []
        """The same in words, with those that were to be open and stay shut."""
        self.handout_link = ""
        """Where the hand-out page is; empty without one."""
        self._loops: list[IoLoop] = []
        self._doors: list[NativeDoor] = []
        self._classic_doors: list[ClassicDoor] = []
        self._hub: Hub | None = None
        self._locks: Locks | None = None
        self._token = new_token()
        self._readers: Readers | None = None
        self._listeners: list[Listener] = []
        self._handout: Handout | None = None
        self._store: Store | None = None
        self._announcer: Announcer | None = None
        self._turns = itertools.count()  # several listeners take from it; one step of it is never interrupted
        self._stopped = False

    def start(self) -> None:
        """Accepting connections when it returns."""
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        settings = self.settings
        identity = load_or_create_identity(settings.folder)
        self._context = server_context(identity)
        self.name = settings.name.strip() or read_name(settings.folder) or settings.shown_name
        store = self._store = open_store(settings.folder, restored=self._restored)
        remove_running(settings.folder)  # of one that was killed
        password = read_password(settings.folder)
        newcomers: TokenBuckets[str] = TokenBuckets(settings.newcomers_per_hour / 3600, settings.newcomer_burst)
        locks = self._locks = Locks(password, newcomers)
        self._readers = Readers(store.reader, settings.readers)
        hub = self._hub = self._make_hub(store, self._readers, locks, has_password=bool(password))
        server_id, epoch = hub.open()
        self.claim_token = "" if hub.owned or self._owner_key else self._token
        locks.start()
        self._readers.start()
        crowd = Crowd(self._connection_limit(), settings.max_connections_per_address, settings.connections_per_second)
        native = Listener(settings.listen_on, settings.port, self._accepted, crowd, backlog=settings.listen_backlog)
        self._listeners.append(native)
        self._open_entrances(crowd, has_password=bool(password))
        # While nobody is there who could let newcomers in, the owner's token is the password.
        closed = settings.approve_newcomers and not self._owner_key
        introduction = Introduction(
            server_id, epoch, self.name, identity.public_key, lambda: bool(password) or (closed and not hub.owned)
        )
        self._start_loops(introduction, hub, locks, crowd)
        self.code = identity.code
        self.port = native.port
        self.addresses = reachable_addresses(settings.listen_on)
        self.host = self.addresses[0]
        self.link = str(Invitation(tuple((address, self.port) for address in self.addresses[:4]), self.code))
        if settings.handout is not None:
            self._open_handout(settings.handout)
        for listener in self._listeners:
            listener.start()
        self._say_running()
        if settings.announced:
            self._announce(server_id)

    def _make_hub(self, store: Store, readers: Readers, locks: Locks, *, has_password: bool) -> Hub:
        settings = self.settings
        rules = Rules(
            has_password,
            settings.approve_newcomers,
            settings.newcomer_role,
            settings.max_nicks,
            self._owner_key,
            claim_hash(self._token),
            _doctor_key(settings.folder),
        )
        return Hub(
            store.log,
            readers,
            clean_room_name(settings.lobby),
            settings.presence_interval_ms / 1000,
            TokenBuckets(settings.messages_per_second, settings.message_burst),
            batch_limit=settings.batch_limit,
            rules=rules,
            locks=locks,
            lists=TokenBuckets(settings.lists_per_second, settings.list_burst),
        )

    def _start_loops(self, introduction: Introduction, hub: Hub, locks: Locks, crowd: Crowd) -> None:
        """The I/O loops, each with its native and its plain-text door."""
        settings, codec, kept_away = self.settings, NativeCodec(), locks.addresses.said
        limits = DoorLimits(
            settings.soft_outbox,
            settings.hard_window,
            settings.login_timeout,
            settings.silence_timeout,
            settings.connection_limits,
        )
        for number in range(settings.io_loops):
            loop = IoLoop(f"qtchat-loop-{number}")
            door = NativeDoor(loop, introduction, codec, hub.post, limits, crowd.leave)
            classic = ClassicDoor(loop, self.name, door.post, limits, crowd.leave, kept_away)
            self._classic_doors.append(classic)
            self._loops.append(loop)
            self._doors.append(door)
            loop.start()
            loop.call_soon(door.start)
            loop.call_soon(classic.start)

    def _say_running(self) -> None:
        """To the log, and to the commands that look into the folder."""
        settings = self.settings
        host, interface, discoverable = settings.host, settings.interface, settings.discoverable
        doors = tuple(self.plain_doors)
        running = Running(tuple(self.addresses), self.port, self.link, host, interface, discoverable, doors)
        write_running(settings.folder, running)
        logger.info("listening on %s, port %d", settings.listen_on or "all addresses", self.port)

    def _announce(self, server_id: bytes) -> None:
        hub, hint = self._hub, self.code.partition("-")[0]
        assert hub is not None
        announcement = Announcement(server_id, self.name, hint, 0, __version__, self.port)
        place = self.settings.interface or self.settings.host
        self._announcer = Announcer(
            announcement, place, lambda tell: hub.post([Call(lambda state: tell(state.online))])
        )
        self._announcer.start()

    def _open_handout(self, folder: Path) -> None:
        """The page with the app. It is asked for rarely, and has threads of its own."""
        settings = self.settings
        if not folder.is_dir():
            logger.warning("handout_folder: there is no folder %s, so the page offers nothing until there is", folder)
        self._handout = Handout(folder, settings.listen_on, settings.handout_port, name=self.name, link=self.link)
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.handout_link = f"http://{host}:{self._handout.port}{PATH}"
        self._handout.start()

    def _open_entrances(self, crowd: Crowd, *, has_password: bool) -> None:
        """The plain-text doors; their rooms are made when the first comes in."""
        settings, codecs = self.settings, dict[str, ClassicCodec]()
        guests = settings.newcomer_role == GUEST
        without = without_locks(password=has_password, approve=settings.approve_newcomers, guests=guests)
        for entrance in settings.entrances:
            if without and not (entrance.local or settings.classic_unlocked):
                self.plain_doors.append(PlainDoor(str(entrance), shut=True, without=without))
                logger.error(
                    "the plain-text door %s stays shut, for people who come in there %s: let it listen on 127.0.0.1, "
                    "or say classic_unlocked = true if that is meant",
                    entrance,
                    without,
                )
                continue
            codec = codecs.setdefault(entrance.dialect.name, ClassicCodec(entrance.dialect))
            accepted = partial(self._accepted_plain, codec, entrance.room or clean_room_name(settings.lobby))
            listener = Listener(entrance.host, entrance.port, accepted, crowd, backlog=settings.listen_backlog)
            self._listeners.append(listener)
            self.entrances.append(replace(entrance, port=listener.port))
            self.plain_doors.append(PlainDoor(str(self.entrances[-1]), without=without))
            logger.warning(
                "the door %s is not encrypted: whoever is on the way can read and change what is said through it%s",
                self.entrances[-1],
                f"; people who come in there {without}" if without else "",
            )

    def status(self) -> Status:
        """How it stands. Takes as long as the batch under way; from any thread while it runs. Raises TimeoutError."""
        assert self._hub is not None
        answer: queue.SimpleQueue[People] = queue.SimpleQueue()

        def tell(state: State) -> None:
            answer.put(count(state))

        self._hub.post([Call(tell)])
        try:
            people = answer.get(timeout=STATUS_PATIENCE)
        except queue.Empty:
            raise TimeoutError("The server is too busy to say how it stands.") from None
        folder = self.settings.folder
        return Status(people, folder_size(folder), last_backup(folder), tuple(map(str, self.entrances)))

    def back_up(self, into: Path) -> Path:
        """Copy the data into a new folder in `into`, and return that. From any thread. Raises BackupError."""
        return back_up(self.settings.folder, into)

    def stop(self, timeout: float = 5.0) -> bool:
        """Stop accepting, say goodbye to everybody, finish what was asked, end all threads. Idempotent.

        False if something did not end within `timeout` seconds in all.
        """
        if self._stopped:
            return True
        self._stopped = True
        deadline = time.monotonic() + timeout

        def left() -> float:
            return max(0.0, deadline - time.monotonic())

        in_time = True
        if self._store is not None:
            remove_running(self.settings.folder)
        if self._announcer is not None:
            self._announcer.withdraw()  # it takes half a second, meanwhile the rest goes on
        in_time = (self._handout.stop(left()) if self._handout else True) and in_time
        for listener in self._listeners:
            in_time = listener.stop(left()) and in_time
        # The hub first: what was received is stored and acknowledged before the connections close.
        hub_ended = self._hub.stop(left()) if self._hub else True
        in_time = hub_ended and in_time
        in_time = (self._locks.stop(left()) if self._locks else True) and in_time
        in_time = (self._readers.stop(left()) if self._readers else True) and in_time
        for loop, native in zip(self._loops, self._doors, strict=True):
            loop.call_soon(native.close)
        for loop, classic in zip(self._loops, self._classic_doors, strict=True):
            loop.call_soon(classic.close)
        doors: list[NativeDoor | ClassicDoor] = [*self._doors, *self._classic_doors]
        for door in doors:
            in_time = door.wait_until_empty(min(left(), 2.5)) and in_time
        for loop in self._loops:
            in_time = loop.stop(left()) and in_time
        # The log is closed last of all connections to the database: then SQLite folds the write-ahead log into it.
        # A hub that hangs in the disk goes on using the database: the folder then stays locked until the process ends.
        if self._store is not None and hub_ended:
            self._store.close()
        if self._announcer is not None:
            in_time = self._announcer.stop(left()) and in_time
        if not in_time:
            logger.error("the server did not stop within %.0f s", timeout)
        return in_time

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _connection_limit(self) -> int:
        wanted = self.settings.max_connections
        limit = connection_limit(wanted, self.settings.io_loops, self.settings.descriptor_reserve)
        if limit < wanted:
            logger.warning("the system allows %d connections at one time, not %d", limit, wanted)
        return limit

    def _accepted(self, sock: socket.socket, address: str) -> None:
        """In the listener's thread: the next loop in turn gets the connection."""
        number = next(self._turns) % len(self._loops)
        loop, door = self._loops[number], self._doors[number]
        loop.call_soon(door.welcome, sock, address, self._context)

    def _accepted_plain(self, codec: ClassicCodec, room: str, sock: socket.socket, address: str) -> None:
        """In a listener's thread, like `_accepted`."""
        number = next(self._turns) % len(self._loops)
        loop, door = self._loops[number], self._classic_doors[number]
        loop.call_soon(door.welcome, sock, address, codec, room)


def _doctor_key(folder: Path) -> bytes:
    """Its public half; empty, and people are served all the same, if it cannot be used."""
    try:
        return load_or_create_doctor_key(folder).public_key
    except (OSError, ValueError) as error:
        logger.warning("the doctor will be a stranger here: %s", error)
        return b""

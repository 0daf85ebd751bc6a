"""The server as an object: builds everything, starts and stops it in order. `qtchat-server` and the desktop
app's *Start a chat here* run the same one."""

import logging
import socket
import time
from types import TracebackType
from typing import Self

from qtchat.net.invitation import Invitation
from qtchat.net.loop import IoLoop
from qtchat.net.tls import load_or_create_identity, server_context
from qtchat.protocol.names import clean_room_name
from qtchat.server.addresses import reachable_addresses
from qtchat.server.config import ServerSettings
from qtchat.server.doors.native import Introduction, NativeCodec, NativeDoor
from qtchat.server.hub import Hub
from qtchat.server.limits import TokenBuckets, connection_limit
from qtchat.server.listener import Listener
from qtchat.server.readers import Readers
from qtchat.server.store import Store, open_store

logger = logging.getLogger(__name__)


class Server:
    """A running chat server. Use it as a context manager, or `start` and `stop` it once.

    Raises from `start`: StoreError, IdentityError, ListenError; each text says what to do.
    """

    def __init__(self, settings: ServerSettings, *, restored: bool = False) -> None:
        """`restored`: the database in the data folder is a backup, see open_store."""
        self._restored = restored
        self.settings = settings
        self.code = ""
        self.host = ""
        self.port = 0
        self.link = ""
        self.addresses: list[str] = []
        self._loops: list[IoLoop] = []
        self._doors: list[NativeDoor] = []
        self._hub: Hub | None = None
        self._readers: Readers | None = None
        self._listener: Listener | None = None
        self._store: Store | None = None
        self._next_loop = 0
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
        store = self._store = open_store(settings.folder, restored=self._restored)
        self._readers = Readers(store.reader, settings.readers)
        lobby = clean_room_name(settings.lobby)
        pace: TokenBuckets[int] = TokenBuckets(settings.messages_per_second, settings.message_burst)
        self._hub = Hub(store.log, self._readers, lobby, settings.presence_interval_ms / 1000, pace)
        server_id, epoch = self._hub.open()
        self._readers.start()
        self._listener = Listener(
            settings.host,
            settings.port,
            self._accepted,
            max_connections=self._connection_limit(),
            max_per_address=settings.max_connections_per_address,
            connections_per_second=settings.connections_per_second,
        )
        introduction = Introduction(server_id, epoch, settings.shown_name, identity.public_key)
        codec = NativeCodec()
        for number in range(settings.io_loops):
            loop = IoLoop(f"qtchat-loop-{number}")
            door = NativeDoor(loop, introduction, codec, self._hub.post, settings.soft_outbox, self._listener.left)
            self._loops.append(loop)
            self._doors.append(door)
            loop.start()
            loop.call_soon(door.start)
        self.code = identity.code
        self.port = self._listener.port
        self.addresses = reachable_addresses(settings.host)
        self.host = self.addresses[0]
        self.link = str(Invitation(tuple((address, self.port) for address in self.addresses[:4]), self.code))
        self._listener.start()
        logger.info("listening on %s, port %d", settings.host or "all addresses", self.port)

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

        in_time = self._listener.stop(left()) if self._listener else True
        # The hub first: what was received is stored and acknowledged before the connections close.
        hub_ended = self._hub.stop(left()) if self._hub else True
        in_time = hub_ended and in_time
        in_time = (self._readers.stop(left()) if self._readers else True) and in_time
        for loop, door in zip(self._loops, self._doors, strict=True):
            loop.call_soon(door.close)
        for door in self._doors:
            in_time = door.wait_until_empty(min(left(), 2.5)) and in_time
        for loop in self._loops:
            in_time = loop.stop(left()) and in_time
        # The log is closed last of all connections to the database: then SQLite folds the write-ahead log into it.
        # A hub that hangs in the disk goes on using the database: the folder then stays locked until the process ends.
        if self._store is not None and hub_ended:
            self._store.close()
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
        limit = connection_limit(wanted, self.settings.io_loops)
        if limit < wanted:
            logger.warning("the system allows %d connections at one time, not %d", limit, wanted)
        return limit

    def _accepted(self, sock: socket.socket, address: str) -> None:
        """In the listener's thread: the next loop in turn gets the connection."""
        number = self._next_loop
        self._next_loop = (number + 1) % len(self._loops)
        loop, door = self._loops[number], self._doors[number]
        loop.call_soon(door.welcome, sock, address, self._context)

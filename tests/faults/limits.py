"""Rows 15, 18 and 19 of the fault matrix: no descriptors left, slow logins, and a storm of logins."""

import contextlib
import random
import selectors
import socket
import ssl
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from qtchat.client.backoff import Backoff
from qtchat.net.connection import Connection
from qtchat.net.loop import IoLoop
from qtchat.net.signature import SigningKey
from qtchat.net.tls import client_context, public_key_of
from qtchat.protocol.messages import (
    NONCE_SIZE,
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Authenticate,
    Authenticated,
    Error,
    GetHistory,
    Hello,
    History,
    ListPeople,
    People,
    Ready,
    Welcome,
    signed_content,
)
from qtchat.protocol.session import HANDSHAKE_TIMEOUT, Role, Session, State
from tests.faults.outcome import CannotRunError, Outcome
from tests.faults.people import LOBBY
from tests.faults.processes import PATIENCE, ServerProcess
from tests.faults.raw import Lost, RawSender
from tests.faults.tools import need
from tests.helpers.wire import WireClient, new_id

if sys.platform != "win32":
    import resource

USER_LIMIT = 1.0
"""Seconds within which a real user is in during an attack."""
STORM_LIMIT = 30.0
"""Seconds within which all are in again after a restart."""
BYTE_EVERY = 9.0
"""Seconds between two bytes of a slow login: just below the time a login may take."""


# -- row 15 -------------------------------------------------------------------------------------------------


def no_descriptors(folder: Path, *, limit: int = 64, attempts: int = 120) -> Outcome:
    """Row 15: more people knock than the server may have descriptors. Those inside notice nothing, not even when they
    read history for the first time; the log has one line about it; afterwards there is room again."""
    outcome = Outcome()
    launcher = [need("prlimit", "util-linux"), f"--nofile={limit}:{limit}"]
    with ServerProcess(folder, launcher=launcher) as server, ExitStack() as knocking:
        server.start()
        log = folder / "raw.sent"
        inside = knocking.enter_context(RawSender(server.port, log))
        inside.say(5)
        said_before = len(server.said)
        for _ in range(attempts):
            sock = knocking.enter_context(socket.socket())
            sock.settimeout(PATIENCE)
            sock.connect(("127.0.0.1", server.port))
        inside.say(20)
        page = inside.client.ask(GetHistory(new_id(), LOBBY, after=0), History)
        outcome.expect(len(page.events) > 20, f"the history has {len(page.events)} events")
        inside.client.ask(ListPeople(new_id(), LOBBY), People)
        outcome.expect(server.running, "the server ended")
        complaints = [
            line for line in server.said[said_before:].splitlines() if " WARNING " in line or " ERROR " in line
        ]
        outcome.expect(len(complaints) == 1, f"the log has {len(complaints)} lines about it: {complaints[:3]}")
        outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
        outcome.count("attempts", attempts)
        knocking.pop_all().close()
        with _in_again(server.port, log, inside) as sender:
            sender.say(5)
        outcome.expect(server.stop() == 0, "the server did not stop in order")
        outcome.add(sender.judge(server.database))
    return outcome


def _in_again(port: int, log: Path, again: RawSender) -> RawSender:
    """As soon as there is room: the server takes a moment to see that others have gone."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return RawSender(port, log, again=again)
        except Lost:
            if time.monotonic() > deadline:
                raise
            threading.Event().wait(0.1)


# -- row 18 -------------------------------------------------------------------------------------------------


def slow_logins(
    folder: Path, *, sockets: int = 2000, rounds: int = 2, users: int = 5, limit: float = USER_LIMIT
) -> Outcome:
    """Row 18: many connections that send a byte every nine seconds. A real user is in at once; the others are thrown
    out when their time is up."""
    need_descriptors(sockets + 200)
    outcome = Outcome()
    with ServerProcess(folder) as server:
        server.start()
        hello = _client_hello()
        with ExitStack() as attack:
            attackers = [attack.enter_context(socket.socket()) for _ in range(sockets)]
            for sock in attackers:
                sock.settimeout(PATIENCE)
                sock.connect(("127.0.0.1", server.port))
            times = []
            began = time.monotonic()
            for turn in range(rounds):
                threading.Event().wait(max(0.0, began + turn * BYTE_EVERY - time.monotonic()))
                for sock in attackers:
                    with contextlib.suppress(OSError):
                        sock.send(hello[turn : turn + 1])
                for user in range(users):
                    times.append(_login_time(server.port, f"user {turn} {user}"))
            outcome.count("slow sockets", sockets)
            outcome.note(
                f"a real user is in after {statistics.median(times):.3f} s (median), {max(times):.3f} s (worst)"
            )
            outcome.expect(statistics.median(times) < limit, f"a real user waited {times} s")
            if rounds > 1:
                thrown_out = _closed(attackers, HANDSHAKE_TIMEOUT + 5)
                outcome.count("thrown out", thrown_out)
                outcome.expect(thrown_out == sockets, f"{sockets - thrown_out} are still connected")
        outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome


def need_descriptors(count: int) -> None:
    """Raise the limit of this process, and of those it starts, if that is allowed."""
    if sys.platform == "win32":
        raise CannotRunError("works on Linux and macOS only")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        if hard < count:
            raise CannotRunError(f"needs {count} descriptors, and {hard} are allowed (ulimit -n)")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def _client_hello() -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with contextlib.suppress(ssl.SSLWantReadError):
        client_context().wrap_bio(incoming, outgoing).do_handshake()
    return outgoing.read()


def _login_time(port: int, nick: str) -> float:
    began = time.monotonic()
    with WireClient(port) as client:
        client.login(nick)
        return time.monotonic() - began


def _closed(sockets: list[socket.socket], patience: float) -> int:
    """How many of them the other side closes within that many seconds."""
    deadline = time.monotonic() + patience
    closed = 0
    with selectors.DefaultSelector() as selector:
        for sock in sockets:
            sock.setblocking(False)
            selector.register(sock, selectors.EVENT_READ)
        while selector.get_map() and time.monotonic() < deadline:
            for key, _ in selector.select(1.0):
                assert isinstance(key.fileobj, socket.socket)
                try:
                    gone = not key.fileobj.recv(4096)
                except OSError:
                    gone = True
                if gone:
                    closed += 1
                    selector.unregister(key.fileobj)
    return closed


# -- row 19 -------------------------------------------------------------------------------------------------


class Guest:
    """A client without a disk: logs in, and comes back by the client's own back-off when it is thrown out."""

    def __init__(
        self, loop: IoLoop, port: int, nick: str, context: ssl.SSLContext, changed: Callable[[], None]
    ) -> None:
        self.ready_at = 0.0
        """When it was last told everything; 0 while it is not in. Monotonic seconds."""
        self.first_try = 0.0
        self.tries = 0
        self.error = ""
        self._loop = loop
        self._port = port
        self._nick = nick
        self._context = context
        self._changed = changed
        self._key = SigningKey.generate()
        self._backoff = Backoff()
        self._session = Session(Role.CLIENT, 0.0)
        self._connection: Connection | None = None
        self._nonce = b""
        self._server_key = b""
        self._leaving = False

    def dial(self) -> None:
        """In the loop's thread, like everything here."""
        if self._leaving:
            return
        self.tries += 1
        self.first_try = self.first_try or time.monotonic()
        self._session = Session(Role.CLIENT, time.monotonic())
        sock = socket.socket()
        sock.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            try:
                sock.connect(("127.0.0.1", self._port))
            except ConnectionError:
                sock.close()
                self._again()
                return
        connection = Connection(self._loop, sock, "server", self, context=self._context, server_side=False)
        self._connection = connection if connection.open else None

    def leave(self) -> None:
        self._leaving = True
        if self._connection is not None:
            self._connection.abort("the test ends")

    def connected(self, connection: Connection) -> None:
        self._connection = connection
        self._server_key = public_key_of(connection.peer_certificate)
        self._nonce = random.randbytes(NONCE_SIZE)
        self._session.send(Hello(OLDEST_VERSION, PROTOCOL_VERSION, (), "storm", self._nonce))
        connection.send(self._session.data_to_send())

    def received(self, connection: Connection, data: bytes) -> None:
        for message in self._session.receive_data(data, time.monotonic()):
            match message:
                case Welcome():
                    content = signed_content(self._server_key, self._nonce, message.nonce, self._nick)
                    self._session.send(Authenticate(self._nick, self._key.public_key, self._key.sign(content)))
                case Ready():
                    self.ready_at = time.monotonic()
                    self._backoff.reset()
                    self._changed()
                case Error():
                    self.error = message.text
                case Authenticated() | _:
                    pass
        connection.send(self._session.data_to_send())
        if self._session.state is State.CLOSING:
            connection.close("refused")

    def drained(self, connection: Connection) -> None:
        """There is nothing to resume."""

    def closed(self, connection: Connection, reason: str) -> None:
        self._connection = None
        self.ready_at = 0.0
        self._again()
        self._changed()

    def _again(self) -> None:
        if not self._leaving:
            self._loop.call_later(self._backoff.next_delay(random.random()), self.dial)


@contextmanager
def _guests(count: int, port: int, board: threading.Condition) -> Iterator[list[Guest]]:
    loop = IoLoop("guests")
    loop.start()

    def changed() -> None:
        with board:
            board.notify_all()

    context = client_context()
    guests = [Guest(loop, port, f"guest {number}", context, changed) for number in range(count)]

    def leave() -> None:
        for guest in guests:
            guest.leave()

    try:
        for guest in guests:
            loop.call_soon(guest.dial)
        yield guests
    finally:
        loop.call_soon(leave)
        loop.stop(PATIENCE)


def login_storm(folder: Path, *, count: int = 2000) -> Outcome:
    """Row 19: the server is killed and comes back, and everybody with it."""
    need_descriptors(count + 200)
    outcome = Outcome()
    board = threading.Condition()

    def wait(what: str, reached: Callable[[], bool], patience: float) -> None:
        with board:
            outcome.expect(board.wait_for(reached, patience), f"not within {patience:.0f} s: {what}")

    with ServerProcess(folder) as server:
        server.start()
        with _guests(count, server.port, board) as guests:
            wait("everybody has come", lambda: all(guest.ready_at for guest in guests), 4 * STORM_LIMIT)
            server.kill()
            wait("everybody noticed", lambda: not any(guest.ready_at for guest in guests), STORM_LIMIT)
            for guest in guests:
                guest.tries = 0
            server.start()
            began = time.monotonic()
            wait("everybody is back", lambda: all(guest.ready_at for guest in guests), 2 * STORM_LIMIT)
            # Who was quick is in before the server's word that it is ready was read here.
            back = sorted(max(0.0, guest.ready_at - began) for guest in guests if guest.ready_at)
            outcome.count("back", len(back))
            errors = {guest.error for guest in guests if guest.error}
            outcome.expect(not errors, f"some were refused: {errors}")
            if back:
                outcome.expect(back[-1] < STORM_LIMIT, f"the last was in after {back[-1]:.1f} s")
                halves = f"half of them in {back[len(back) // 2]:.1f} s, all in {back[-1]:.1f} s"
                tries = statistics.mean(guest.tries for guest in guests)
                outcome.note(f"{len(back)} of {count} are back, {halves}, {tries:.1f} attempts each")
        outcome.expect("internal error" not in server.said, "the server's log tells of an internal error")
        outcome.expect(server.stop() == 0, "the server did not stop in order")
    return outcome

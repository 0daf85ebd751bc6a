"""Connector: gets a connection to the right server and keeps it: dial, TLS, trust, hello, login, reconnect."""

import logging
import os
import random
import socket
import time
from collections.abc import Sequence
from functools import partial
from typing import Final, Protocol

from qtchat import __version__
from qtchat.client.backoff import Backoff
from qtchat.client.errors import ProfileError
from qtchat.client.line import retry_after
from qtchat.client.trust import KnownServers, Verdict
from qtchat.client.updates import Phase, Problem, ProblemCode
from qtchat.net.connection import Connection
from qtchat.net.dial import Address, Dial, DialError
from qtchat.net.invitation import MAX_ADDRESSES
from qtchat.net.loop import IoLoop, Timer
from qtchat.net.signature import SigningKey
from qtchat.net.tls import client_context, public_key_of, server_code
from qtchat.protocol.errors import ErrorCode, ProtocolError
from qtchat.protocol.messages import (
    NONCE_SIZE,
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Authenticate,
    Authenticated,
    Error,
    Hello,
    Message,
    Request,
    Welcome,
    signed_content,
)
from qtchat.protocol.names import NameProblemError, clean_nick
from qtchat.protocol.session import Role, Session, State

logger = logging.getLogger(__name__)

CHECK_INTERVAL: Final = 1.0
"""Seconds between two looks at a silent server."""

WAITING_RETRY: Final = 10.0
"""Seconds until a newcomer asks again to be let in, unless the server says when."""
LEAST_WAITING_RETRY: Final = 1.0
"""Seconds that it waits at least, whatever the server says: each time costs both a handshake."""

_DECISIONS: Final = {
    *(ErrorCode.NICK_INVALID, ErrorCode.NICK_TAKEN, ErrorCode.AUTH_FAILED, ErrorCode.VERSION),
    *(ErrorCode.PASSWORD_WRONG, ErrorCode.BANNED, ErrorCode.REVOKED, ErrorCode.KICKED),
}
"""Refusals that trying again does not change, or should not: somebody must decide."""
_GIBBERISH: Final = {ErrorCode.BAD_FRAME, ErrorCode.TOO_LARGE, ErrorCode.BAD_MESSAGE, ErrorCode.UNEXPECTED}
"""What is wrong with the first words of something that is no qtchat server."""
_VERDICTS: Final = {
    Verdict.CHANGED: (ProblemCode.SERVER_CHANGED, "This address showed another key than before."),
    Verdict.WRONG_CODE: (ProblemCode.WRONG_CODE, "The server code of the invitation is not that of this server."),
    Verdict.LOST: (ProblemCode.LOST, "The list of known servers was damaged, so this server cannot be recognised."),
}
_STOPS: Final = (ProblemCode.SERVER_CHANGED, ProblemCode.LOST, ProblemCode.WRONG_CODE)
_RANKS: Final[dict[str, int]] = {code: rank for rank, code in enumerate((*_STOPS, ProblemCode.NOT_QTCHAT))}
"""Of all that was met at several addresses the lowest is told; anything else comes after these."""


class Owner(Protocol):
    """Who the connector works for; called in the loop's thread."""

    def phase_changed(self, phase: Phase, problem: Problem | None, retry_in: float | None) -> None: ...

    def recognised(self, code: str) -> None:
        """A server that we know, by this code, answers where none was known: set `meant`, and `connect` again."""

    def welcomed(self, welcome: Welcome) -> None:
        """Which server and which history it is; the login follows."""

    def message(self, message: Message) -> None:
        """Anything that the server says after that."""

    def pump(self) -> None:
        """All that came at once was handled: send what may be sent now."""

    def lost(self) -> None:
        """There was a connection, and now there is none."""


def met_first(public_key: bytes) -> Problem:
    """The question whether this is the right server: it goes on when the code of its key is accepted."""
    return Problem(ProblemCode.UNVERIFIED, "This server is met for the first time.", server_code(public_key))


class AnyConnector(Protocol):
    """What an account needs of its way to a server, of whatever kind that is. In the loop's thread only."""

    nick: str
    password: str
    address: Address
    meant: str | None
    server_key: bytes
    phase: Phase

    @property
    def open(self) -> bool: ...

    def connect(self) -> None: ...

    def connect_now(self) -> None: ...

    def ready(self) -> None: ...

    def send(self, message: Message) -> None: ...

    def flush(self) -> None: ...

    def give_up(self, reason: str) -> None: ...

    def refuse(self, problem: Problem) -> None: ...

    def pin(self, name: str) -> None: ...

    def end(self) -> None: ...


class _Round:
    """One try of all addresses of a server: which are left, and what was met at the others.

    An invitation names every address that its host had, and the guest may have another computer at one of them. So
    what answers at one says nothing of the next.
    """

    def __init__(self, addresses: Sequence[Address]) -> None:
        self.untried = list(addresses)
        self._problems: list[Problem] = []
        self._silence = False
        self._final = False

    def reached(self, address: Address) -> None:
        """Somebody answers there; those before it did not."""
        place = self.untried.index(address)
        self._silence = self._silence or place > 0
        del self.untried[: place + 1]

    def failed(self, problem: Problem, *, final: bool = False) -> None:
        """Whoever was reached is of no use. `final`: unless the right server is found, trying again is no answer."""
        self._problems.append(problem)
        self._final = self._final or final

    @property
    def worst(self) -> Problem:
        """What to tell of all that has failed."""
        return min(self._problems, key=lambda problem: _RANKS.get(problem.code, len(_RANKS)))

    @property
    def stops(self) -> bool:
        """Must somebody decide? Not where the right server may only be away: at an address that has shown no key."""
        return self._final or (not self._silence and all(problem.code in _STOPS for problem in self._problems))


class Connector:
    """One server's connection. In the loop's thread only; `connect` it once, `end` it last."""

    def __init__(
        self,
        loop: IoLoop,
        owner: Owner,
        servers: KnownServers,
        key: SigningKey,
        addresses: Sequence[Address],
        code: str | None,
        capabilities: frozenset[str],
    ) -> None:
        """`code`: the server code of the invitation, if it had one."""
        self.nick = ""
        self.password = ""
        """The server's, from a newcomer; forgotten once it was right or wrong."""
        self.address: Address = addresses[0]
        self.meant: str | None = None
        """The server code that the owner's files belong to, once that is known."""
        self.server_key = b""
        self.phase = Phase.OFFLINE
        self._loop = loop
        self._owner = owner
        self._servers = servers
        self._key = key
        self._addresses = tuple(addresses)
        self._code = code
        self._capabilities = capabilities
        self._context = client_context()
        self._dial: Dial | None = None
        self._connection: Connection | None = None
        self._session: Session | None = None
        self._nonce = b""
        self._round = _Round(())
        self._passed_by = False
        """The connection is of no use, and the round knows why."""
        self._welcomed = False
        self._halted = False
        """Nothing goes on before somebody connects again."""
        self._backoff = Backoff()
        self._retry_timer: Timer | None = None
        self._ended = False
        self._loop.call_later(CHECK_INTERVAL, self._check)

    # -- for the owner --------------------------------------------------------------------------------

    @property
    def open(self) -> bool:
        """Logged in: requests may be sent."""
        return self._session is not None and self._session.state is State.OPEN

    def connect(self) -> None:
        """Begin, unless it is under way already."""
        self._begin(quiet=False)

    def _begin(self, *, quiet: bool) -> None:
        """`quiet`: it is still refused, until something else comes of it."""
        if self._ended or self._connection is not None or self._dial is not None:
            return
        self._cancel_retry()
        self._halted = False
        try:
            self.nick = clean_nick(self.nick)
        except NameProblemError as problem:
            self.refuse(Problem(ErrorCode.NICK_INVALID, str(problem)))
            return
        if not quiet and self.phase is not Phase.CONNECTING:
            self._set_phase(Phase.CONNECTING)
        self._round = _Round(self._addresses)
        self._go_on()

    def connect_now(self) -> None:
        """Do not wait for the next attempt."""
        self._backoff.reset()
        self.connect()

    def also_at(self, addresses: Sequence[Address]) -> None:
        """The server is said to be there: try these before the others, in place of an attempt that goes elsewhere."""
        self._addresses = tuple(dict.fromkeys((*addresses, *self._addresses)))[:MAX_ADDRESSES]
        if self._dial is not None:
            self._dial.cancel()
            self._dial = None
        elif self._connection is not None and not self.open and self.address not in addresses:
            self._round, self._passed_by = _Round(self._addresses), True
            self._connection.abort("the server is said to be at another address")

    def ready(self) -> None:
        """The owner has heard all it needs."""
        self._backoff.reset()
        self._set_phase(Phase.ONLINE)

    def send(self, message: Message) -> None:
        """Queue a message; `flush` must follow. Only while `open`. A request that cannot be written is refused here."""
        assert self._session is not None
        try:
            self._session.send(message)
        except ValueError as error:  # half a character, or too long: no reason to do without all the others
            if not isinstance(message, Request):
                raise
            logger.warning("a %s cannot be sent: %s", type(message).__name__, error)
            self._owner.message(Error(message.id, ErrorCode.TEXT_INVALID, "This cannot be sent as it is."))

    def flush(self) -> None:
        session, connection = self._session, self._connection
        if session is None or connection is None:
            return
        connection.send(session.data_to_send())
        if session.state is State.CLOSING:
            connection.close(session.error.text if session.error else "the session ended")

    def give_up(self, reason: str) -> None:
        """Break the connection and begin anew."""
        logger.warning("connection to %s given up: %s", self.address[0], reason)
        if self._connection is not None:
            self._connection.abort(reason)

    def refuse(self, problem: Problem, retry_in: float | None = None) -> None:
        """Not connected, and only somebody's decision can change that. `retry_in`: seconds until the server is asked
        whether others have decided."""
        self._halted = True
        self._cancel_retry()
        if retry_in is not None:
            self._retry_timer = self._loop.call_later(retry_in, partial(self._begin, quiet=True))
        self._set_phase(Phase.REFUSED, problem, retry_in)
        if self._connection is not None:
            self._connection.abort(problem.text)

    def pin(self, name: str) -> None:
        """Remember the key that the server at `address` showed. Raises ProfileError."""
        self._servers.pin(self.address, self.server_key, name)

    def end(self) -> None:
        self._ended = True
        if self._dial is not None:
            self._dial.cancel()
        if self._connection is not None:
            self._connection.abort("the program ends")

    # -- steps ----------------------------------------------------------------------------------------

    def _cancel_retry(self) -> None:
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None

    def _set_phase(self, phase: Phase, problem: Problem | None = None, retry_in: float | None = None) -> None:
        self.phase = phase
        self._owner.phase_changed(phase, problem, retry_in)

    def _go_on(self) -> None:
        """Try the next address. After the last one, tell the worst of what was met."""
        if self._round.untried:
            self._dial = Dial(self._loop, self._round.untried, self._dialled, self._not_dialled)
        elif self._round.stops:
            self.refuse(self._round.worst)
        else:
            self._go_offline(self._round.worst)

    def _dialled(self, sock: socket.socket, address: Address) -> None:
        self._dial = None
        self._round.reached(address)
        self._welcomed = False
        self._passed_by = False
        self.server_key = b""
        self.address = address
        self._session = Session(Role.CLIENT, time.monotonic())
        peer = f"{address[0]} port {address[1]}"
        connection = Connection(self._loop, sock, peer, self, context=self._context, server_side=False)
        if connection.open:
            self._connection = connection

    def _not_dialled(self, error: DialError) -> None:
        self._dial = None
        self._round.untried.clear()
        self._round.failed(Problem(error.reason, str(error)))
        self._go_on()

    def _go_offline(self, problem: Problem) -> None:
        """Not connected; try again by itself."""
        delay = self._backoff.next_delay(random.random())  # noqa: S311  (spreads clients, guards nothing)
        self._retry_timer = self._loop.call_later(delay, self.connect)
        self._set_phase(Phase.OFFLINE, problem, delay)

    def _check(self) -> None:
        now = time.monotonic()
        if self._session is not None:
            self._session.check(now)
            self.flush()
        reason = self._connection.stalled(now) if self._connection is not None else ""
        if self._connection is not None and reason:
            self._connection.abort(reason)
        if not self._ended:
            self._loop.call_later(CHECK_INTERVAL, self._check)

    # -- the connection's handler (net.connection.Handler) --------------------------------------------------

    def connected(self, connection: Connection) -> None:
        """TLS is up: decide whether this is the right server before anything is said."""
        assert self._session is not None
        self._connection = connection
        try:
            self.server_key = public_key_of(connection.peer_certificate)
        except ValueError as error:
            self._pass_by(Problem(ProblemCode.NOT_QTCHAT, str(error)))
            return
        code = server_code(self.server_key)
        verdict = self._servers.check(self.address, self._code, self.server_key)
        if verdict in _VERDICTS:
            problem, text = _VERDICTS[verdict]
            self._pass_by(Problem(problem, text, suggestion=code))
        elif self.meant is not None and self.meant != code:
            # One of several addresses leads to another server that we know: not the one that this is about.
            text = "Another server answers there than the one that was meant."
            self._pass_by(Problem(ProblemCode.WRONG_CODE, text, suggestion=code))
        else:
            self._found(verdict)

    def _pass_by(self, problem: Problem) -> None:
        """It is not the right server, and nothing was said to it. That may be at another address."""
        assert self._connection is not None
        logger.info("%s port %d was passed by: %s", *self.address, problem.text)
        # That a code does not fit may mean just another chat. That the pin of this address does not is a full stop.
        changed = self._servers.check(self.address, None, self.server_key) in (Verdict.CHANGED, Verdict.LOST)
        self._round.failed(problem, final=changed and problem.code in _STOPS)
        self._passed_by = True
        self._connection.abort(problem.text)

    def _found(self, verdict: Verdict) -> None:
        """It is the one, or the user has to say so. What it says counts, and the next time it is tried first."""
        assert self._session is not None
        self._round = _Round(())
        self._addresses = tuple(dict.fromkeys((self.address, *self._addresses)))
        if verdict is Verdict.NEW and self._code is None:
            self.refuse(met_first(self.server_key))
        elif self.meant is None:
            assert self._connection is not None
            self._halted = True
            self._connection.abort("what is known of this server is read first")
            self._owner.recognised(server_code(self.server_key))
        else:
            self._nonce = os.urandom(NONCE_SIZE)
            capabilities, agent = tuple(sorted(self._capabilities)), f"qtchat {__version__}"
            self._session.send(Hello(OLDEST_VERSION, PROTOCOL_VERSION, capabilities, agent, self._nonce))
            self.flush()

    def received(self, _connection: Connection, data: bytes) -> None:
        session = self._session
        assert session is not None
        try:
            for message in session.receive_data(data, time.monotonic()):
                self._message(message)
                if self._session is not session:  # what it said made us give up
                    return
        except (ProtocolError, ProfileError) as error:
            self.give_up(str(error))
            return
        except Exception:
            # A bug of ours. What else had come with this message is lost, so everything is fetched anew.
            self.give_up("internal error")
            raise
        self._owner.pump()
        self.flush()

    def drained(self, _connection: Connection) -> None:
        """The window of requests bounds what we send; there is nothing to resume."""

    def closed(self, _connection: Connection, reason: str) -> None:
        session, self._session, self._connection = self._session, None, None
        if self._ended:
            return
        if not self._halted:
            if not self._passed_by:
                self._round.failed(_why_lost(session, self._welcomed, reason))
            self._go_on()
        self._owner.lost()

    def _message(self, message: Message) -> None:
        if isinstance(message, Welcome):
            self._welcomed = True
            self.pin(message.name)
            self._owner.welcomed(message)
            content = signed_content(self.server_key, self._nonce, message.nonce, self.nick)
            password = self.password if message.password else ""
            self.send(Authenticate(self.nick, self._key.public_key, self._key.sign(content), password))
        elif isinstance(message, Error) and not message.re:
            self._turned_away(message)
        else:
            if isinstance(message, Authenticated):
                self.password = ""
            self._owner.message(message)

    def _turned_away(self, error: Error) -> None:
        """The connection ends. Some reasons need a decision; after the others we come back by ourselves."""
        problem = Problem(error.code, error.text, error.suggestion)
        if error.code == ErrorCode.WAITING:
            wait = WAITING_RETRY if error.retry_after_ms is None else max(LEAST_WAITING_RETRY, retry_after(error))
            self.refuse(problem, wait)
        elif error.code in _DECISIONS:
            if error.code == ErrorCode.PASSWORD_WRONG:
                self.password = ""
            self.refuse(problem)


def _why_lost(session: Session | None, welcomed: bool, reason: str) -> Problem:
    error = session.error if session is not None else None
    if error is not None and (welcomed or error.code not in _GIBBERISH):
        return Problem(error.code, error.text)
    if not welcomed:
        return Problem(ProblemCode.NOT_QTCHAT, f"What answers there is not a qtchat server: {reason}.")
    return Problem(ProblemCode.UNREACHABLE, f"The connection was lost: {reason}.")

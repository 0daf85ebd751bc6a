"""Gets a connection to a plain chat and keeps it; to the rest of the account it looks like one to a qtchat server."""

import contextlib
import logging
import random
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from qtchat.client.backoff import Backoff
from qtchat.client.classic_link import ClassicLink
from qtchat.client.classic_room import OWN, ClassicRoom
from qtchat.client.classic_speech import Asked, Came, Heard, Said, Speech, Went, guess_dialect
from qtchat.client.connector import CHECK_INTERVAL, Owner
from qtchat.client.updates import Phase, Problem, ProblemCode
from qtchat.net.connection import Connection
from qtchat.net.dial import Address, Dial, DialError
from qtchat.net.keepalive import keep_alive
from qtchat.net.loop import IoLoop, Timer
from qtchat.protocol.dialects import Dialect
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    OLDEST_VERSION,
    READS,
    Ack,
    Authenticated,
    Done,
    Message,
    Post,
    Ready,
    Request,
    SetNick,
    Welcome,
)
from qtchat.protocol.names import NameProblemError, clean_nick

logger = logging.getLogger(__name__)

GUESS_TIME: Final = 1.0
"""Seconds that a server of an unknown dialect has to say something first."""
ASK_TIMEOUT: Final = 10.0
"""Seconds that a server has to ask for our nick."""
WRITE_INTERVAL: Final = 0.05
"""Seconds between two writes: what such a server had no time to read runs together."""
REST_TIMEOUT: Final = 0.5
"""Seconds to wait for the rest of a character."""
EPOCH: Final = 1


class ClassicConnector:
    """One plain server's connection. In the loop's thread only; `connect` it once, `end` it last.

    What is asked is answered here, in the name of a server that cannot.
    """

    def __init__(self, loop: IoLoop, owner: Owner, link: ClassicLink, server_id: bytes, room: ClassicRoom) -> None:
        self.nick = ""
        self.password = ""  # such a server asks for none
        self.address: Address = (link.host, link.port)
        self.dialect: Dialect | None = link.dialect
        self.meant: str | None = None
        self.server_key = b""
        self.phase = Phase.OFFLINE
        self.room = room
        self._loop = loop
        self._owner = owner
        self._link = link
        self._server_id = server_id
        self._dial: Dial | None = None
        self._connection: Connection | None = None
        self._speech: Speech | None = None
        self._backoff = Backoff()
        self._timers: list[Timer] = []
        self._in = False
        self._answers: list[Message] = []
        self._to_write: deque[tuple[Post | None, list[bytes]]] = deque()
        self._next_write = 0.0
        self._writing = False
        self._rest: Timer | None = None
        self._ended = False
        self._loop.call_later(CHECK_INTERVAL, self._check)

    # -- for the owner (client.connector.AnyConnector) -----------------------------------------------------

    @property
    def open(self) -> bool:
        return self._in

    def connect(self) -> None:
        """Begin, unless it is under way already."""
        if self._ended or self._connection is not None or self._dial is not None:
            return
        self._cancel_timers()
        try:
            self.nick = clean_nick(self.nick)
        except NameProblemError as problem:
            self.refuse(Problem(ErrorCode.NICK_INVALID, str(problem)))
            return
        self._set_phase(Phase.CONNECTING)
        self._dial = Dial(self._loop, [self.address], self._dialled, self._not_dialled)

    def connect_now(self) -> None:
        """Do not wait for the next attempt."""
        self._backoff.reset()
        self.connect()

    def ready(self) -> None:
        """The owner has heard all it needs."""
        self._set_phase(Phase.ONLINE)

    def send(self, message: Message) -> None:
        """Take a request in; it is answered a little later."""
        if isinstance(message, Post):
            refusal = self.room.refusal(message)
            if refusal is not None:
                self._answer(refusal)
            elif self._speech is not None:
                self._write(message, self._speech.write(message.text))
        elif isinstance(message, SetNick):
            self._change_nick(message)
        elif isinstance(message, Request):
            self._answer(self.room.answer(message))

    def flush(self) -> None:
        """Whatever is asked is answered by itself."""

    def give_up(self, reason: str) -> None:
        """Break the connection and begin anew."""
        logger.warning("connection to %s given up: %s", self.address[0], reason)
        if self._connection is not None:
            self._connection.abort(reason)

    def refuse(self, problem: Problem) -> None:
        """Not connected, and only somebody's decision can change that."""
        self._set_phase(Phase.REFUSED, problem)
        if self._connection is not None:
            self._connection.abort(problem.text)

    def pin(self, name: str) -> None:
        """Such a server has no key by which it could be known."""

    def end(self) -> None:
        self._ended = True
        self._cancel_timers()
        if self._dial is not None:
            self._dial.cancel()
        if self._connection is not None:
            if self._in and self.dialect is not None and self.dialect.quit:
                self._connection.send(self.dialect.quit.encode())
            self._connection.abort("the program ends")

    # -- steps ----------------------------------------------------------------------------------------

    def _set_phase(self, phase: Phase, problem: Problem | None = None, retry_in: float | None = None) -> None:
        self.phase = phase
        self._owner.phase_changed(phase, problem, retry_in)

    def _dialled(self, sock: socket.socket, address: Address) -> None:
        self._dial = None
        with contextlib.suppress(OSError):  # it was reset already, as the connection will notice
            keep_alive(sock)
        Connection(self._loop, sock, f"{address[0]} port {address[1]}", self, context=None, server_side=False)

    def _not_dialled(self, error: DialError) -> None:
        self._dial = None
        self._go_offline(Problem(error.reason, str(error)))

    def _go_offline(self, problem: Problem) -> None:
        """Not connected; try again by itself."""
        delay = self._backoff.next_delay(random.random())  # noqa: S311  (spreads clients, guards nothing)
        self._call_later(delay, self.connect)
        self._set_phase(Phase.OFFLINE, problem, delay)

    def _call_later(self, delay: float, callback: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_later(delay, callback))

    def _cancel_timers(self) -> None:
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()

    def _check(self) -> None:
        reason = self._connection.stalled(time.monotonic()) if self._connection is not None else ""
        if self._connection is not None and reason:
            self._connection.abort(reason)
        if not self._ended:
            self._loop.call_later(CHECK_INTERVAL, self._check)

    # -- the connection's handler (net.connection.Handler) --------------------------------------------------

    def connected(self, connection: Connection) -> None:
        self._connection = connection
        if self._link.dialect is None:
            self._call_later(GUESS_TIME, lambda: self._meet(b""))
        else:
            self._meet(b"")

    def received(self, _connection: Connection, data: bytes) -> None:
        self._backoff.reset()  # it lives; one that only accepts would be asked ever more often
        if self._speech is None:
            self._meet(data)
        else:
            self._hear(self._speech.feed(data))

    def drained(self, _connection: Connection) -> None:
        """Writes are few and small; there is nothing to resume."""

    def closed(self, _connection: Connection, reason: str) -> None:
        self._connection, self._speech = None, None
        self._in = False
        self._answers.clear()
        self._to_write.clear()
        self._cancel_timers()
        if self._ended:
            return
        if self.phase is not Phase.REFUSED:
            self._go_offline(Problem(ProblemCode.UNREACHABLE, f"The connection was lost: {reason}."))
        self._owner.lost()

    # -- coming in ------------------------------------------------------------------------------------

    def _meet(self, beginning: bytes) -> None:
        """Settle on a dialect, from what the server has said first; and say who we are where it will not ask."""
        if self._speech is not None or self._connection is None:
            return
        self._cancel_timers()
        self.dialect = self._link.dialect or guess_dialect(self.address[1], beginning)
        self._speech = Speech(self.dialect, self.nick)
        if self.dialect.asks:
            self._call_later(ASK_TIMEOUT, self._was_not_asked)
        else:
            if self.dialect.named:
                self._write(None, [f"{self.nick}\n".encode() if self.dialect.framed else self.nick.encode()])
            self._come_in()
        if beginning:
            self._hear(self._speech.feed(beginning))

    def _was_not_asked(self) -> None:
        if not self._in and self._connection is not None:
            self._connection.abort(f"it did not ask for a name within {ASK_TIMEOUT:.0f} s, as its dialect does")

    def _come_in(self) -> None:
        self._cancel_timers()
        self._in = True
        name = f"{self.address[0]}:{self.address[1]}"[:64]  # several may run on one computer
        self._owner.welcomed(Welcome(OLDEST_VERSION, (READS,), self._server_id, EPOCH, name, bytes(32)))
        for message in (Authenticated(OWN, self.nick), self.room.enter(self.nick), Ready()):
            self._owner.message(message)
        self._owner.pump()

    def _change_nick(self, request: SetNick) -> None:
        """Such servers are told a name only once, so we go and come again."""
        if self.dialect is None or not self.dialect.named:
            self._answer(self.room.answer(request))
            return
        self._answer(Done(request.id))
        self._loop.call_soon(self._come_again, request.nick)

    def _come_again(self, nick: str) -> None:
        self.nick = nick
        self.give_up("we come again under another name")

    # -- what comes and goes ----------------------------------------------------------------------------

    def _hear(self, heard: list[Heard]) -> None:
        for one in heard:
            match one:
                case Asked():
                    self._write(None, [self.nick.encode()])
                    if not self._in:
                        self._come_in()
                case Came() if one.nick == self.nick:
                    pass  # that is us
                case Came():
                    self._owner.message(self.room.came(one.nick))
                case Went():
                    self._owner.message(self.room.went(one.nick))
                case Said():
                    self._owner.message(self.room.said(one.nick, one.text))
        if self._in:
            self._owner.pump()
        if self._rest is not None:
            self._rest.cancel()  # something has come
        unfinished = self._speech is not None and self._speech.unfinished
        self._rest = self._loop.call_later(REST_TIMEOUT, self._take_the_rest) if unfinished else None

    def _take_the_rest(self) -> None:
        self._rest = None
        if self._speech is not None:
            self._hear(self._speech.flush())

    def _answer(self, message: Message) -> None:
        """Not at once: whoever asks is still in the middle of something."""
        if not self._answers:
            self._loop.call_soon(self._give_answers)
        self._answers.append(message)

    def _give_answers(self) -> None:
        answers, self._answers = self._answers, []
        for answer in answers:
            self._owner.message(answer)
        if self._in:
            self._owner.pump()

    def _write(self, post: Post | None, pieces: list[bytes]) -> None:
        """Write the pieces, one at a time; a post is done when its last one is written."""
        self._to_write.append((post, pieces))
        self._plan_to_write()

    def _plan_to_write(self) -> None:
        if self._to_write and not self._writing:
            self._writing = True
            wait = max(0.0, self._next_write - time.monotonic())
            self._loop.call_later(wait, self._write_next) if wait else self._loop.call_soon(self._write_next)

    def _write_next(self) -> None:
        self._writing = False
        if self._connection is None or not self._to_write:
            return
        post, pieces = self._to_write[0]
        self._next_write = time.monotonic() + WRITE_INTERVAL
        self._connection.send(pieces.pop(0))
        if not pieces and self._to_write:
            self._to_write.popleft()
            if post is not None:
                event = self.room.written(post)
                self._owner.message(Ack(post.id, event.room, event.seq, event.ts))
                self._owner.message(event)
                self._owner.pump()
        self._plan_to_write()

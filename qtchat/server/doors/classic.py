"""The classic door: plain TCP chats can come in, unmodified and unencrypted. Runs in the I/O loops.

A peer here is a small client of the hub on behalf of somebody's simple program: it asks one request at a time, waits
and repeats where the hub says so, and reads no further meanwhile. So a flood stays in the flooder's own socket, and
nothing that came in is lost or changes its order.
"""

import contextlib
import logging
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from qtchat.net.connection import Connection
from qtchat.net.keepalive import keep_alive
from qtchat.net.loop import IoLoop, Timer
from qtchat.protocol.dialects import ASK_NICK
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.framing import FrameReader
from qtchat.protocol.messages import (
    MAX_FRAME,
    Ack,
    Error,
    GetHistory,
    History,
    Message,
    People,
    Post,
    Request,
    Room,
)
from qtchat.protocol.names import fold
from qtchat.protocol.plaintext import HTTP_VERBS, TLS_HELLO, Lines, WholeReads, split_name, split_prefixed
from qtchat.protocol.session import Role, decode
from qtchat.server.doors import classic_lines
from qtchat.server.doors.classic_backlog import Backlog
from qtchat.server.doors.classic_codec import ClassicCodec, pieces
from qtchat.server.doors.classic_writer import LineWriter, ReadWriter
from qtchat.server.doors.door import Door, DoorLimits
from qtchat.server.handlers.plain import PlainLogin, PlainLogout
from qtchat.server.letters import Gone, Letter
from qtchat.server.limits import TokenBuckets
from qtchat.server.state import Codec

logger = logging.getLogger(__name__)

ENTRIES_PER_SECOND: Final = 1.0
"""Logins from one address that are let through in the long run; the others wait. Each is told to all in the room."""
ENTRIES_AT_ONCE: Final = 30
"""Logins from one address before that rate holds."""
MAX_NAME: Final = 256
"""Characters in what somebody calls himself; of those that fit no nick, as many are taken as do."""
REST_TIMEOUT: Final = 0.5
"""Seconds to wait for the rest of a character."""
MAX_RETRY: Final = 60.0
LAST_WORDS: Final = 0.3
"""Seconds between our last words to a peer and the reset, which would overtake them."""
LINGER: Final = 10.0
"""Seconds in which what somebody said who has hung up since must be stored; the rest of it is dropped."""


class ClassicDoor(Door["ClassicPeer"]):
    """The plain-text peers of one loop, of all dialects."""

    def __init__(
        self,
        loop: IoLoop,
        server_name: str,
        post: Callable[[Letter], None],
        limits: DoorLimits,
        left: Callable[[str], None],
        kept_away: Callable[[str], str] = lambda _address: "",
    ) -> None:
        """`post`: takes a letter to the hub at the end of the tick. `left`: called with a peer's address when its
        connection has ended. `limits.soft_outbox`: bytes waiting for a peer above which it is let go. `kept_away`: why
        an address may not come in, empty if it may."""
        super().__init__(loop, limits, left)
        self.server_name = server_name
        self.post = post
        self.entries: TokenBuckets[str] = TokenBuckets(ENTRIES_PER_SECOND, ENTRIES_AT_ONCE)
        self.kept_away = kept_away

    def welcome(self, sock: socket.socket, address: str, codec: ClassicCodec, room: str) -> None:
        """Take over an accepted socket. `room`: the name of the room behind the door."""
        peer = ClassicPeer(self, address, codec, room)
        _make_abrupt(sock)
        Connection(self.loop, sock, address, peer, context=None, server_side=True, limits=self.limits.connection)
        if self.closing:
            peer.see_off()


class ClassicPeer:
    """One plain-text client. Everything here runs in its loop's thread; the hub calls through `loop.call_soon`."""

    def __init__(self, door: ClassicDoor, address: str, codec: ClassicCodec, room: str) -> None:
        self.loop = door.loop
        self.codec: Codec = codec
        self.address = address
        self.capabilities: frozenset[str] = frozenset()
        self.user: int | None = None
        self.connection: Connection | None = None
        self._door = door
        self._dialect = codec.dialect
        self._room_name = room
        self._room = 0
        self._reader: Lines | WholeReads = Lines() if self._dialect.framed else WholeReads()
        self._writer: LineWriter | ReadWriter = LineWriter() if self._dialect.framed else ReadWriter()
        self._since = time.monotonic()
        self._name: str | None = None
        """What it called itself, which it also puts in front of its messages."""
        self._number = 0
        self._nick = ""
        self._arriving = False
        self._first = 0
        """The seq of the first event that it was told."""
        self._heard_before = False
        self._rest: Timer | None = None
        self._backlog = Backlog()
        self._pausing = False
        self._request: Request | PlainLogin | None = None
        self._unsaved = False
        self._entering_history = False
        self._write_planned = False
        self._last_write = 0.0
        self._left_room = False
        self._ended = False
        door.peers.add(self)

    # -- from the connection --------------------------------------------------------------------------

    def connected(self, connection: Connection) -> None:
        self.connection = connection
        banned = self._door.kept_away(self.address)
        if banned:
            self.end(ErrorCode.BANNED, banned)
        elif self._dialect.asks:
            connection.send(ASK_NICK.encode())
        elif self._dialect.framed:
            where = f"* This is {self._room_name} on {self._door.server_name}. /help tells what you can do.\r\n"
            connection.send((where + classic_lines.ASK_NAME).encode())
        elif not self._dialect.named:
            self._enter("")

    def received(self, _connection: Connection, data: bytes) -> None:
        if self._ended:
            return
        if not self._heard_before and data.startswith(HTTP_VERBS):
            # A web page can make a browser send anything to any port: nothing of it may be said in a room.
            self.drop("spoke HTTP to a plain-text door")
            return
        if not self._heard_before and data.startswith(TLS_HELLO):
            self.drop("spoke TLS to a plain-text door")
            return
        self._heard_before = True
        for text in self._reader.feed(data):
            self._heard(text)
        self._await_rest()

    def drained(self, _connection: Connection) -> None:
        self._plan_to_write()

    def closed(self, _connection: Connection, reason: str) -> None:
        """What it said before is still said: some write and hang up at once."""
        self.connection = None
        self._door.forget(self)
        who = f"{self._nick} from {self.address}" if self._nick else self.address
        logger.info("%s left the %s door: %s", who, self._dialect.name, reason)
        if self._name is not None:
            self.loop.call_later(LINGER, self._leave)
            self._next()

    # -- from the hub, through loop.call_soon -----------------------------------------------------------

    def admit(self, user: int, nick: str, _role: str) -> None:
        """The login is on disk, or the new name is. The number of its room follows as the first reply."""
        logger.info("%s came in by the %s door from %s", nick, self._dialect.name, self.address)
        self._number, self._nick = user, nick
        self._request = None
        self._first = 0
        self._arriving = True
        self.loop.after_tick(self._arrive)

    def refuse(self, code: str, text: str, _suggestion: str, _retry_after_ms: int | None) -> None:
        """It cannot come in."""
        self.end(code, text)

    def end(self, _code: str, text: str) -> None:
        """It was put out, or cannot come in: what it says from now on is not heard."""
        self._ended = True
        self._request = None
        self._backlog.clear()
        self._say(f"* {text}")
        self.loop.call_later(LAST_WORDS, lambda: self.drop(f"was turned away: {text}"))

    def reply(self, data: bytes, _answered: int) -> None:
        """Native frames, for this side of the door."""
        for frame in FrameReader(MAX_FRAME).feed(data):
            message = decode(Role.CLIENT, frame)
            if message is not None:
                self._replied(message)

    def ping(self, _data: bytes, _count: int) -> None:
        """Those programs have no answer to that; the system asks theirs."""

    def ask_receipt(self, act: int) -> None:
        """They are told of no acts."""

    def news(self, data: bytes) -> None:
        """What happened in its room, in its dialect."""
        for piece in pieces(data):
            own = piece.said and piece.author == self._number
            if piece.room == self._room and (self._dialect.echo or not own):
                self._writer.add(piece.text)
                self._first = self._first or piece.seq
        self._plan_to_write()

    # -- from the door ----------------------------------------------------------------------------------

    def check(self, now: float) -> None:
        if self._name is None and now - self._since > self._door.limits.login_timeout:
            self.drop(f"said no name within {self._door.limits.login_timeout:.0f} s")
        stalled = self.connection.stalled(now) if self.connection is not None else ""
        if stalled:
            self.drop(stalled)

    def see_off(self) -> None:
        self.drop("the server is shutting down")

    def drop(self, reason: str) -> None:
        """End the connection by a reset: three of those programs take its end for an empty message, for ever."""
        if self.connection is not None:
            self.connection.abort(reason)

    # -- what it says -----------------------------------------------------------------------------------

    def _await_rest(self) -> None:
        """Of a character of which the first bytes came just now."""
        if self._rest is not None:
            self._rest.cancel()
        self._rest = self.loop.call_later(REST_TIMEOUT, self._take_the_rest) if self._reader.unfinished else None

    def _take_the_rest(self) -> None:
        if self.connection is not None and self.connection.paused:  # it cannot come
            self._await_rest()
            return
        self._rest = None
        for text in self._reader.flush():
            self._heard(text)

    def _heard(self, text: str | None) -> None:
        if self.connection is None:
            return
        if isinstance(self._writer, LineWriter):
            self._writer.entered()
            self._plan_to_write()
        if text is None:
            self._say(self._dialect.words.too_long)
        elif self._name is None:
            self._heard_name(text)
        else:
            self._heard_message(text)

    def _heard_name(self, text: str) -> None:
        name, rest = split_name(text)
        if len(name) > MAX_NAME:
            self.drop(f"said a name of {len(name)} characters")
        elif name.strip():
            self._enter(name)
            if rest:
                self._heard_message(rest)
        elif self._dialect.framed and self.connection is not None:
            self.connection.send(classic_lines.ASK_NAME.encode())

    def _enter(self, name: str) -> None:
        self._name = name
        self._log_in(PlainLogin(name, b"", classic_lines.new_id(), self._room_name))

    def _log_in(self, login: PlainLogin) -> None:
        """As soon as its address has not had too many logins; all else waits behind it."""
        if self._left_room:
            return
        self._request = login
        if self.connection is None and not self._number:
            self._leave()  # and leave its turn to somebody who is still there
        elif wait := self._door.entries.take(self.address, time.monotonic()):
            self.loop.call_later(wait, lambda: self._log_in(login))
        else:
            self._ask(login)

    def _heard_message(self, text: str) -> None:
        text = text.strip("\r\n")
        if self._dialect.quit and text.strip() == self._dialect.quit:
            self._backlog.leave()
        else:
            for message in split_prefixed(text, f"{self._name}: ") if self._dialect.prefixed else (text,):
                self._backlog.say(message)
        self._next()
        if self.connection is not None and self._backlog.full:
            self.connection.hold(True)

    def _next(self) -> None:
        """Ask the hub for what was said next, unless it still works on the last."""
        while self._backlog and self._room and not (self._request or self._arriving or self._pause()):
            said = self._backlog.take()
            if said is None:
                self._backlog.clear()
                self.drop("said quit")
            elif self._dialect.framed and said.startswith("/"):
                self._obey(said)
            else:
                self._ask(Post(classic_lines.new_id(), self._room, said))
        if self.connection is None:
            if self._request is None and not self._backlog:
                self._leave()
        elif self._backlog.low and self.connection.paused:
            self.connection.hold(False)
            self._await_rest()

    def _pause(self) -> bool:
        """Whether it has said so much that it has to wait."""
        wait = 0.0 if self._pausing else self._backlog.wait(time.monotonic())
        if wait:
            self._pausing = True
            self.loop.call_later(wait, self._go_on)
        return self._pausing

    def _go_on(self) -> None:
        self._pausing = False
        self._next()

    def _leave(self) -> None:
        if not self._left_room:
            self._left_room = True
            self._backlog.clear()
            self._request = None
            self._door.post((self, PlainLogout(classic_lines.new_id())))
            self._door.post(Gone(self))

    def _obey(self, line: str) -> None:
        wanted = classic_lines.obey(line, self._room, self._room_name)
        if wanted is None:
            self._backlog.clear()
            self.drop("said /quit")
        elif isinstance(wanted, tuple):
            for answer in wanted:
                self._say(answer)
        elif isinstance(wanted, PlainLogin):
            self._name = wanted.nick
            self._log_in(wanted)
        else:
            self._ask(wanted)

    def _ask(self, request: Request | PlainLogin) -> None:
        self._request = request
        self._door.post((self, request))

    # -- what the hub answers -----------------------------------------------------------------------------

    def _replied(self, message: Message) -> None:
        asked = self._request.id if isinstance(self._request, Request) else b""
        match message:
            case Room() if fold(message.name) == fold(self._room_name):
                self._room = message.room
            case Error() if message.re == asked and message.retry_after_ms is not None:
                self._refused_for_now(message, message.retry_after_ms / 1000)
            case Ack() | Error() | History() | People() if message.re == asked:
                self._request = None
                self._answered(message)
                self._next()

    def _arrive(self) -> None:
        """It was told that it has come in, or has another name: that news is the first it hears."""
        self._arriving = self._unsaved = False
        self._say(self._dialect.connected)
        if self._name and self._nick != self._name:
            self._say(self._dialect.words.renamed.format(nick=self._nick))
        if isinstance(self._writer, LineWriter) and not self._writer.prompting:
            self._writer.prompting = self._entering_history = True
            limit = classic_lines.SHORT_HISTORY
            self._ask(GetHistory(classic_lines.new_id(), self._room, before=self._first, limit=limit))
        else:
            self._next()

    def _refused_for_now(self, error: Error, wait: float) -> None:
        if error.code == ErrorCode.STORAGE and not self._unsaved:
            self._unsaved = True
            self._say(self._dialect.words.unsaved)
        self.loop.call_later(min(wait, MAX_RETRY), self._ask_again)

    def _ask_again(self) -> None:
        if isinstance(self._request, PlainLogin):  # if the first was stored after all, this is news of its own
            self._request = replace(self._request, event_id=classic_lines.new_id())
        if self._request is not None:
            self._door.post((self, self._request))

    def _answered(self, message: Ack | Error | History | People) -> None:
        words = self._dialect.words
        if isinstance(message, Error):
            self._say(words.refused.format(text=message.text))
        elif self._unsaved:
            self._say(words.saved)
        self._unsaved = False
        if isinstance(message, History):
            for line in classic_lines.past(message, self._dialect, only_messages=self._entering_history):
                self._say(line)
            self._entering_history = False
        elif isinstance(message, People):
            self._say(classic_lines.who(message))

    # -- what it is told ----------------------------------------------------------------------------------

    def _say(self, text: str) -> None:
        if text:
            self._writer.add(text.encode())
            self._plan_to_write()

    def _plan_to_write(self) -> None:
        connection = self.connection
        if connection is None:
            return
        if self._writer.size + connection.outbox_size > self._door.limits.soft_outbox:
            self.drop(f"did not read: {self._writer.size + connection.outbox_size} bytes waited for it")
        elif not self._write_planned:
            self._write_planned = True
            wait = self._last_write + self._writer.interval - time.monotonic()
            if wait > 0:
                self.loop.call_later(wait, self._write)
            else:
                self.loop.after_tick(self._write)

    def _write(self) -> None:
        self._write_planned = False
        if self.connection is None or self.connection.outbox_size:
            return
        self._last_write = time.monotonic()
        self.connection.send(self._writer.next())
        if self._writer.size:
            self._plan_to_write()


def _make_abrupt(sock: socket.socket) -> None:
    """However this connection ends on our side, it is a reset; and a peer that died is noticed."""
    layout = "hh" if sys.platform == "win32" else "ii"
    with contextlib.suppress(OSError):  # it was reset already, and is noticed as soon as it is read
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, 0))
    keep_alive(sock)

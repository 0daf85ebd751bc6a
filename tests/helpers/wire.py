"""A small blocking client that speaks the real protocol over real TLS, and lets a test misbehave on purpose."""

import os
import socket
import time
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self, TypeVar

from qtchat.net.signature import SigningKey
from qtchat.net.tls import client_context, public_key_of
from qtchat.protocol.messages import (
    NONCE_SIZE,
    OLDEST_VERSION,
    PRESENCE,
    PROTOCOL_VERSION,
    Authenticate,
    Authenticated,
    Error,
    Event,
    Hello,
    Message,
    Ready,
    Request,
    Room,
    Welcome,
    signed_content,
)
from qtchat.protocol.session import Role, Session

PATIENCE: Final = 20.0
"""Seconds a read may take: reached only where a test is about to fail."""

AnyMessage = TypeVar("AnyMessage", bound=Message)


class ClosedByServerError(Exception):
    """The server closed while something was still expected."""


def new_id() -> bytes:
    """An id for a request."""
    return os.urandom(16)


class WireClient:
    """One connection to 127.0.0.1. Everything blocks, for at most PATIENCE seconds."""

    def __init__(self, port: int, key: SigningKey | None = None, *, receive_buffer: int = 0, source: str = "") -> None:
        """`key`: who we are; a new one unless given. `receive_buffer`: bytes of SO_RCVBUF, 0 for the usual. `source`:
        the address to come from; Linux answers on all that begin with 127."""
        self.key = key or SigningKey.generate()
        raw = socket.socket()
        raw.settimeout(PATIENCE)
        if receive_buffer:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if source:
            raw.bind((source, 0))
        raw.connect(("127.0.0.1", port))
        try:
            self.sock = client_context().wrap_socket(raw)
        except OSError:
            raw.close()
            raise
        self.server_key = public_key_of(self.sock.getpeercert(binary_form=True) or b"")
        self.session = Session(Role.CLIENT, 0.0)
        self.rooms: dict[int, Room] = {}
        """What the server has said of each room, newest."""
        self.passed_over: list[Message] = []
        """What came while something else was expected."""
        self._arrived: deque[Message] = deque()
        self._server_nonce = b""
        self._nonce = os.urandom(NONCE_SIZE)

    # -- becoming acquainted ----------------------------------------------------------------------------

    def hello(
        self,
        *,
        oldest: int = OLDEST_VERSION,
        newest: int = PROTOCOL_VERSION,
        capabilities: tuple[str, ...] = (PRESENCE,),
    ) -> None:
        self.send(Hello(oldest, newest, capabilities, "qtchat tests", self._nonce))

    def claim(self, nick: str, password: str = "") -> Authenticate:
        """The message that a correct client sends after Welcome."""
        content = signed_content(self.server_key, self._nonce, self._server_nonce, nick)
        return Authenticate(nick, self.key.public_key, self.key.sign(content), password)

    def introduce(self, nick: str, capabilities: tuple[str, ...] = (PRESENCE,), password: str = "") -> None:
        """Everything up to the claim; what the server answers is not awaited."""
        self.hello(capabilities=capabilities)
        self._server_nonce = self.expect(Welcome).nonce
        self.send(self.claim(nick, password))

    def login(self, nick: str, capabilities: tuple[str, ...] = (PRESENCE,), password: str = "") -> Authenticated:
        """The whole login; afterwards `rooms` holds what the user is in."""
        self.introduce(nick, capabilities, password)
        authenticated = self.expect(Authenticated)
        self.expect(Ready)
        return authenticated

    # -- talking ----------------------------------------------------------------------------------------

    def send(self, *messages: Message) -> None:
        for message in messages:
            self.session.send(message)
        self.sock.sendall(self.session.data_to_send())

    def send_raw(self, data: bytes) -> None:
        self.sock.sendall(data)

    def ask(self, request: Request, answer: type[AnyMessage]) -> AnyMessage:
        """Send a request and wait for its reply, which must be of the type `answer`."""
        self.send(request)
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.next(deadline)
            if getattr(message, "re", None) == request.id:
                assert isinstance(message, answer), message
                return message
            self.passed_over.append(message)

    def next(self, deadline: float | None = None) -> Message:
        """The next message. ClosedByServerError at the end of the stream.

        TimeoutError after PATIENCE seconds, or at `deadline` (monotonic seconds).
        """
        if deadline is None:
            deadline = time.monotonic() + PATIENCE
        while not self._arrived:
            self.sock.settimeout(max(0.001, deadline - time.monotonic()))
            data = self.sock.recv(65_536)
            if not data:
                raise ClosedByServerError(self.session.error)
            self._take(data)
        message = self._arrived.popleft()
        if isinstance(message, Room):
            self.rooms[message.room] = message
        return message

    def expect(self, kind: type[AnyMessage]) -> AnyMessage:
        """The next message of this type; others are put into `passed_over`."""
        deadline = time.monotonic() + PATIENCE
        while True:
            message = self.next(deadline)
            if isinstance(message, kind):
                return message
            assert not isinstance(message, Error), message
            self.passed_over.append(message)

    def events(self, count: int, kind: str = "post") -> list[Event]:
        """The next `count` events of this kind."""
        found: list[Event] = []
        while len(found) < count:
            event = self.expect(Event)
            if event.kind == kind:
                found.append(event)
        return found

    def last_words(self) -> list[Message]:
        """Everything until the server closes the connection."""
        messages: list[Message] = []
        deadline = time.monotonic() + PATIENCE
        try:
            while True:
                messages.append(self.next(deadline))
        except (ClosedByServerError, ConnectionError):
            return messages

    def close(self) -> None:
        self.sock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _take(self, data: bytes) -> None:
        self._arrived.extend(self.session.receive_data(data, 0.0))
        answers = self.session.data_to_send()
        if answers:
            self.sock.sendall(answers)


Connect = Callable[..., WireClient]
"""connect(nick) logs in, connect() only connects; a fixture that closes them all at the end."""

"""Servers that a client should not have to meet: one that speaks the protocol and lies, and some that do not."""

import contextlib
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from qtchat.net.tls import load_or_create_identity, server_context
from qtchat.protocol.messages import (
    CAPABILITIES,
    Authenticate,
    Authenticated,
    Hello,
    Message,
    Ready,
    Room,
    Welcome,
)
from qtchat.protocol.session import Role, Session

PATIENCE: Final = 30.0

AnyMessage = TypeVar("AnyMessage", bound=Message)


class GoneError(Exception):
    """The client has closed the connection."""


class Guest:
    """One client of the fake server. Everything blocks, in the server's thread, for at most PATIENCE seconds."""

    def __init__(self, sock: ssl.SSLSocket) -> None:
        self._sock = sock
        self._session = Session(Role.SERVER, 0.0)
        self._arrived: deque[Message] = deque()

    def login(
        self,
        *rooms: Room,
        server_id: bytes = bytes(16),
        epoch: int = 1,
        capabilities: tuple[str, ...] = tuple(sorted(CAPABILITIES)),
    ) -> None:
        self.expect(Hello)
        self.send(Welcome(1, capabilities, server_id, epoch, "fake", bytes(32)))
        claim = self.expect(Authenticate)
        self.send(Authenticated(7, claim.nick), *rooms, Ready())

    def send(self, *messages: Message) -> None:
        for message in messages:
            self._session.send(message)
        self.send_raw(self._session.data_to_send())

    def send_raw(self, data: bytes) -> None:
        try:
            self._sock.sendall(data)
        except OSError as error:
            raise GoneError from error

    def next(self) -> Message:
        while not self._arrived:
            try:
                data = self._sock.recv(65_536)
            except OSError as error:
                raise GoneError from error
            if not data:
                raise GoneError
            self._arrived.extend(self._session.receive_data(data, 0.0))
            self.send_raw(self._session.data_to_send())
        return self._arrived.popleft()

    def expect(self, kind: type[AnyMessage]) -> AnyMessage:
        """The next message of this type; others are dropped."""
        while True:
            message = self.next()
            if isinstance(message, kind):
                return message

    def stay(self) -> None:
        """Until the client goes."""
        while True:
            self.next()


Script = Callable[[Guest, int], None]
"""What the server does with a connection; the second argument counts them from 0."""


@contextmanager
def fake_server(folder: Path, script: Script) -> Iterator[str]:
    """An invitation to a server on 127.0.0.1 that does with each connection what `script` says."""
    identity = load_or_create_identity(folder)
    context = server_context(identity)

    def serve(sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError, GoneError), context.wrap_socket(sock, server_side=True) as encrypted:
            script(Guest(encrypted), number)

    with listening(serve) as port:
        yield f"qtchat://127.0.0.1:{port}/#{identity.code}"


@contextmanager
def listening(serve: Callable[[socket.socket, int], None]) -> Iterator[int]:
    """A port on 127.0.0.1; `serve` gets each connection, one at a time, and its number. Fails if `serve` does."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = int(listener.getsockname()[1])
    current: list[socket.socket] = []
    ending = threading.Event()
    trouble: list[BaseException] = []

    def run() -> None:
        number = 0
        while True:
            sock, _ = listener.accept()
            if ending.is_set():
                sock.close()
                return
            sock.settimeout(PATIENCE)
            current[:] = [sock]
            try:
                serve(sock, number)
            except BaseException as error:  # handed to the test's thread
                trouble.append(error)
            sock.close()
            number += 1

    thread = threading.Thread(target=run, name="fake-server")
    thread.start()
    try:
        yield port
    finally:
        ending.set()
        for sock in current:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
        thread.join()
        listener.close()
    if trouble:
        raise trouble[0]

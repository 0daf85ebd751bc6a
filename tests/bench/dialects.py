"""How the load generator speaks: qtchat's protocol, and IRC for the servers it is compared with.

A message's text is ten digits of its number, then MARK, then padding. So deliveries are counted by searching MARK
in what was received, without decoding it, and the number tells when the message was sent.
"""

import itertools
import os
import re
import ssl
from collections.abc import Generator
from typing import Final, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qtchat.net.signature import SigningKey
from qtchat.net.tls import client_context
from qtchat.protocol.framing import encode_frame
from qtchat.protocol.messages import (
    MAX_IN_FLIGHT,
    NONCE_SIZE,
    OLDEST_VERSION,
    PROTOCOL_VERSION,
    Authenticate,
    Hello,
    Pong,
    Post,
    Ready,
    Welcome,
    signed_content,
)
from qtchat.protocol.session import Role, Session

MARK: Final = b"[>delivered<]"
NUMBER_SIZE: Final = 10
ROOM: Final = 1
"""The room that everybody is in; for IRC the channel of that name."""
CIRCLE: Final = 2
"""A room that only some are in."""
ACK: Final = b"\xa3ack\xc4\x10"
"""How each Ack begins."""

Login = Generator[bytes, bytes, None]
"""Yields what is to be sent, is given what was received, and returns when the login is complete."""


def text(number: int, payload: int) -> bytes:
    """The text of a message, `payload` bytes."""
    return (b"%0*d" % (NUMBER_SIZE, number) + MARK).ljust(payload, b".")


def nick(number: int) -> str:
    """A client's name; the same length for all."""
    return f"user{number:05d}"


class Dialect(Protocol):
    """One protocol."""

    context: ssl.SSLContext
    ack: bool
    """Whether a sender is told (ACK) that its message is safe."""
    in_flight: int
    """Unanswered messages that one connection may have; 0: no limit."""
    echo: bool
    """Whether a sender gets its own messages, too."""

    alive: bytes
    """What shows the server that a client is still there; empty where nobody asks."""

    def login(self, number: int, server_key: bytes) -> Login:
        """Of client `number`, over an encrypted connection to the server with this public key (DER)."""

    def post(self, number: int, payload: int) -> bytes:
        """What sends message `number`."""


class Native:
    """qtchat's own protocol."""

    alive = encode_frame(Pong())
    ack = True
    in_flight = MAX_IN_FLIGHT
    echo = True

    def __init__(self, room: int = ROOM) -> None:
        """`room`: where the clients talk."""
        self.context = client_context()
        self._room = room
        self._run = os.urandom(8)
        self._requests = itertools.count()

    @staticmethod
    def key(number: int) -> SigningKey:
        """The key of client `number`, always the same, so that it can be known to a server beforehand."""
        seed = b"qtchat bench".ljust(28, b".") + number.to_bytes(4, "big")
        return SigningKey(Ed25519PrivateKey.from_private_bytes(seed))

    def login(self, number: int, server_key: bytes) -> Login:
        session = Session(Role.CLIENT, 0.0)
        nonce = os.urandom(NONCE_SIZE)
        session.send(Hello(OLDEST_VERSION, PROTOCOL_VERSION, (), "qtchat bench", nonce))
        while True:
            data = yield session.data_to_send()
            for message in session.receive_data(data, 0.0):
                if isinstance(message, Welcome):
                    key = self.key(number)
                    content = signed_content(server_key, nonce, message.nonce, nick(number))
                    session.send(Authenticate(nick(number), key.public_key, key.sign(content)))
                elif isinstance(message, Ready):
                    return
            if session.error is not None:
                raise ConnectionError(session.error.text)

    def post(self, number: int, payload: int) -> bytes:
        id_ = self._run + next(self._requests).to_bytes(8, "big")
        return encode_frame(Post(id_, self._room, text(number, payload).decode()))


class Irc:
    """IRC as far as it is needed here."""

    alive = b""
    ack = False
    in_flight = 0
    echo = False

    def __init__(self) -> None:
        self.context = client_context()

    def login(self, number: int, server_key: bytes) -> Login:
        del server_key
        name = nick(number)
        received = yield f"NICK {name}\r\nUSER bench 0 * :bench\r\n".encode()
        while b" 001 " not in received:
            received += yield b""
        received = yield f"JOIN #{ROOM}\r\n".encode()
        while b" 366 " not in received:
            refused = re.search(rb" 4\d\d [^\r]*", received.replace(b" 422 ", b""))
            if refused:
                raise ConnectionError(refused[0].decode(errors="replace"))
            received = received[-4096:] + (yield b"")

    def post(self, number: int, payload: int) -> bytes:
        return b"PRIVMSG #%d :%b\r\n" % (ROOM, text(number, payload))

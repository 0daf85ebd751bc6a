"""What tests of the plain-text doors have in common: where they stand, who came, and what natives hear."""

import socket
from collections.abc import Callable

from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    Ack,
    Event,
    Post,
)
from qtchat.server.app import Server
from tests.helpers.plain import PlainClient
from tests.helpers.wire import PATIENCE, WireClient, new_id

LOBBY = 1
FRAMELESS = ["nick-ru", "nick-en", "name-first", "anonymous"]
NAMED = ["nick-ru", "nick-en", "name-first"]
NOTICES = ["nick-ru", "nick-en"]

Enter = Callable[..., PlainClient]


def port_of(server: Server, dialect: str) -> int:
    return next(entrance.port for entrance in server.entrances if entrance.dialect.name == dialect)


def say(client: WireClient, text: str) -> int:
    return client.ask(Post(new_id(), LOBBY, text), Ack).seq


def raw(server: Server, dialect: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(server, dialect)), timeout=PATIENCE)


def read_to_the_reset(sock: socket.socket) -> None:
    """Until the server ends the connection, which must not be the end of a stream."""
    try:
        while sock.recv(1024):
            pass
    except ConnectionResetError:
        return
    raise AssertionError("the stream came to an end")


def came(client: WireClient, count: int = 1) -> list[Event]:
    """The next `count` who came in without a key."""
    found: list[Event] = []
    while len(found) < count:
        found += [event for event in client.events(1, "joined") if event.author >= FIRST_PLAIN_USER]
    return found


def left(client: WireClient) -> Event:
    """The next who left."""
    return client.events(1, "left")[0]


def next_of_others(client: WireClient) -> Event:
    """The next post that came by a plain-text door."""
    while True:
        (event,) = client.events(1)
        if event.author >= FIRST_PLAIN_USER:
            return event

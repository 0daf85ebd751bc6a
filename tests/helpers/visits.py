"""What tests of the native door have in common."""

from qtchat.protocol.messages import (
    Ack,
    Error,
    Post,
)
from tests.helpers.wire import WireClient, new_id

LOBBY = 1


def farewell(client: WireClient) -> Error:
    """The error that ends the connection; afterwards it is closed."""
    *_, last = client.last_words()
    assert isinstance(last, Error)
    assert last.re == b""
    client.close()
    return last


def say(client: WireClient, text: str) -> Ack:
    return client.ask(Post(new_id(), LOBBY, text), Ack)

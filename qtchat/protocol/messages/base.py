"""What every message is, and those that belong to no one thing: replies to any request, and the heartbeat."""

from typing import Annotated

import msgspec

from qtchat.protocol.messages.values import MAX_NICK, Count, Id, Number, Sentence, Time, Word


class Message(msgspec.Struct, frozen=True, array_like=True, tag_field="type", gc=False):
    """Base of everything on the wire."""


class Request(Message, frozen=True):
    """Base of what an open client asks. Exactly one reply carries `re` = this `id`."""

    id: Id


class Ack(Message, frozen=True, tag="ack"):
    """The request `re` was carried out and stored as event `seq` of `room`; it survives power loss.

    `duplicate`: it had been stored before; `seq` and `ts` are those of the first time.
    """

    re: Id
    room: Number
    seq: Number
    ts: Time
    duplicate: bool = False


class Done(Message, frozen=True, tag="done"):
    """The request `re` was carried out; it stands in no log."""

    re: Id


class Error(Message, frozen=True, tag="error"):
    """A request was refused (`re` is its id) or the connection ends (`re` is empty).

    `code`: an ErrorCode, for programs. `text`: for people. `retry_after_ms`: try again after that; None:
    repeating it will not help. `suggestion`: a free nick, where the nick was the trouble.
    """

    re: Annotated[bytes, msgspec.Meta(max_length=16)]
    code: Word
    text: Sentence
    retry_after_ms: Count | None = None
    suggestion: Annotated[str, msgspec.Meta(max_length=MAX_NICK)] = ""


class Ping(Message, frozen=True, tag="ping"):
    """Are you there? The server's also carries (room, head seq) pairs, so that a lost tail is seen."""

    heads: tuple[tuple[Number, Number], ...] = ()


class Pong(Message, frozen=True, tag="pong"):
    """Answer to Ping."""

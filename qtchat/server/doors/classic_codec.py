"""What the hub says, in the words of a plain-text dialect."""

import struct
from collections import OrderedDict
from collections.abc import Iterator
from typing import Final, NamedTuple

from qtchat.protocol.dialects import Dialect
from qtchat.protocol.messages import (
    KIND_ADDED,
    KIND_DELETED,
    KIND_EDITED,
    KIND_JOINED,
    KIND_KICKED,
    KIND_LEFT,
    KIND_POST,
    KIND_REACTED,
    KIND_TOPIC,
    KIND_UNREACTED,
    Event,
    Message,
)
from qtchat.protocol.plaintext import harmless
from qtchat.protocol.session import encode_all
from qtchat.server.handlers.plain import is_guest

REMEMBERED: Final = 256
"""Messages of which the beginning is kept, so that a reaction can say what it is about."""
QUOTED: Final = 40
"""Characters of such a beginning."""

_HEAD: Final = struct.Struct(">QQQ?I")


class Piece(NamedTuple):
    """One event as the peers of a dialect are told of it: `text` are the bytes; `said`: somebody said it, so it may
    need to be kept from its `author`."""

    room: int
    seq: int
    author: int
    said: bool
    text: bytes


class ClassicCodec:
    """Events as pieces, made once for all peers of a dialect; answers to a single peer as native frames, which its
    side of the door reads.

    `encode_events` remembers, so it belongs to one thread, the hub's.
    """

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._speaker = Speaker(dialect)

    def encode(self, messages: list[Message]) -> bytes:
        return encode_all(messages)

    def encode_events(self, events: list[Event]) -> bytes:
        parts: list[bytes] = []
        for event in events:
            text = self._speaker.say(event).encode()
            if text:
                parts += (_HEAD.pack(event.room, event.seq, event.author, event.kind == KIND_POST, len(text)), text)
        return b"".join(parts)


def pieces(data: bytes) -> Iterator[Piece]:
    """What `ClassicCodec.encode_events` made."""
    start = 0
    while start < len(data):
        room, seq, author, said, size = _HEAD.unpack_from(data, start)
        start += _HEAD.size
        yield Piece(room, seq, author, said, data[start : start + size])
        start += size


class Speaker:
    """Says events in a dialect, one after the other, and remembers how the last messages began."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._beginnings: OrderedDict[tuple[int, int], str] = OrderedDict()

    def say(self, event: Event) -> str:
        """Empty for what the dialect does not tell."""
        dialect, text = self._dialect, harmless(event.text)
        if event.kind == KIND_POST:
            self._remember(event.room, event.seq, text)
            # Those who say no name hear each other without one, as in their own chat.
            bare = not dialect.named and is_guest(event.nick)
            return text if bare else f"{event.nick}: {text}"
        sentences = {
            KIND_JOINED: dialect.joined,
            KIND_LEFT: dialect.left,
            KIND_KICKED: dialect.left,
            KIND_ADDED: dialect.joined,
            KIND_TOPIC: dialect.words.topic,
            KIND_EDITED: dialect.words.edited,
            KIND_DELETED: dialect.words.deleted,
            KIND_REACTED: dialect.words.reacted,
            KIND_UNREACTED: dialect.words.unreacted,
        }
        nick = text if event.kind in (KIND_ADDED, KIND_KICKED) else event.nick
        line = sentences.get(event.kind, "").format(nick=nick, text=text, quote=self._quote(event.room, event.about))
        if event.kind in (KIND_EDITED, KIND_DELETED):  # nobody is reminded of what stood there before
            self._beginnings.pop((event.room, event.about), None)
        return line

    def _remember(self, room: int, seq: int, text: str) -> None:
        first = " ".join(text.split())
        self._beginnings[room, seq] = first if len(first) <= QUOTED else f"{first[:QUOTED]}…"
        if len(self._beginnings) > REMEMBERED:
            self._beginnings.popitem(last=False)

    def _quote(self, room: int, seq: int) -> str:
        beginning = self._beginnings.get((room, seq))
        return f" → {beginning}" if beginning else ""

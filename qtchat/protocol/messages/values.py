"""The limits of the protocol, and the types of its values within them."""

from typing import Annotated, Final

import msgspec

PROTOCOL_VERSION: Final = 1
"""The newest version this code speaks."""
OLDEST_VERSION: Final = 1
"""The oldest version this code still speaks."""
DEFAULT_PORT: Final = 47300
"""TCP port of the native door, where nothing else was chosen."""

MAX_HANDSHAKE_FRAME: Final = 4 * 1024
"""Bytes in one frame before the session is open."""
MAX_FRAME: Final = 64 * 1024
"""Bytes in one frame of an open session."""
MAX_TEXT: Final = 16 * 1024
"""Bytes of UTF-8 in one message text."""
LOBBY: Final = 1
"""Number of the room that everybody is in and nobody can leave."""
MAX_NICK: Final = 32
"""Characters in a nick."""
MAX_ROOM_NAME: Final = 64
"""Characters in a room name."""
MAX_TOPIC: Final = 256
"""Characters in a room topic."""
MAX_IN_FLIGHT: Final = 32
"""Requests a client may have unanswered on one connection."""
MAX_PAGE: Final = 500
"""Items in one page of history, rooms or people. A page also never exceeds MAX_FRAME."""
PING_INTERVAL_MS: Final = 15_000
"""How often the server pings an open session."""
NONCE_SIZE: Final = 32
MAX_STATUS: Final = 80
"""Characters in the line that people say about themselves."""
MAX_TIME: Final = 253_402_214_400_000
"""Milliseconds from 1970 to the last day of the year 9999."""
MAX_COLOR: Final = 8
"""Users choose one of so many colours for their name and avatar."""
COLORS_PAGE: Final = 4096
"""Users in one `colors`."""
MAX_PASSWORD: Final = 128
"""Characters in a server's password."""
MAX_REASON: Final = 200
"""Characters in the reason that is given for an act of moderation."""
MAX_TOKEN: Final = 64
"""Characters in the token that makes somebody the owner of a server."""
MAX_EMOJI: Final = 16
"""Characters (code points) in a reaction; a family of four with skin tones has eleven."""
MAX_REACTIONS: Final = 32
"""Different reactions under one message."""
MAX_READERS: Final = 64
"""Members up to which a room is told who has read how far."""
TYPING_INTERVAL_MS: Final = 4_000
"""How often a client says that somebody is typing, at most. It is over when nothing was said for twice as long."""
FIRST_PLAIN_USER: Final = 2**40
"""User numbers from here on: people without a key, who came by a plain-text door; anybody may use such a name."""

Id = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
"""128 bits, made by whoever sends a request; a repeated request carries the same id."""
Nonce = Annotated[bytes, msgspec.Meta(min_length=NONCE_SIZE, max_length=NONCE_SIZE)]
Nick = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NICK)]
RoomName = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ROOM_NAME)]
Topic = Annotated[str, msgspec.Meta(max_length=MAX_TOPIC)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Status = Annotated[str, msgspec.Meta(max_length=MAX_STATUS)]
Color = Annotated[int, msgspec.Meta(ge=0, le=MAX_COLOR)]
Reason = Annotated[str, msgspec.Meta(max_length=MAX_REASON)]
Emoji = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_EMOJI)]
Sentence = Annotated[str, msgspec.Meta(max_length=1024)]
Words = Annotated[tuple[Word, ...], msgspec.Meta(max_length=64)]
Number = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
"""An identifier, or a place in a log; small enough for every language's numbers."""
Time = Annotated[int, msgspec.Meta(ge=0, le=MAX_TIME)]
"""Milliseconds since 1970, UTC. The last one is a day in every calendar, in every time zone."""
Count = Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)]
"""A number of things, or of milliseconds; small enough for whatever puts it into words."""
Limit = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)]

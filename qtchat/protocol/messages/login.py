"""Becoming acquainted: from the first message to an open session, and what a peer can say it wants."""

from typing import Annotated, Final

import msgspec

from qtchat.protocol.messages.base import Message
from qtchat.protocol.messages.people import MEMBER
from qtchat.protocol.messages.values import MAX_PASSWORD, Id, Nick, Nonce, Number, Time, Word, Words

PRESENCE: Final = "presence"
"""Capability: the client wants to be told who comes, goes, is away, and changes the nick or status."""
TYPING: Final = "typing"
"""Capability: the client wants to be told who is typing."""
READS: Final = "reads"
"""Capability: the client wants to be told who has read how far."""
MODERATION: Final = "moderation"
"""Capability: the client wants to be told of acts of moderation that concern its user."""
COLORS: Final = "colors"
"""Capability: the client wants to be told who chose which colour; the server lets users choose one."""
CAPABILITIES: Final = frozenset({PRESENCE, TYPING, READS, MODERATION, COLORS})
"""All that this code knows."""


class Hello(Message, frozen=True, tag="hello"):
    """Client, first message."""

    oldest: Number
    newest: Number
    capabilities: Words
    agent: Word
    nonce: Nonce


class Welcome(Message, frozen=True, tag="welcome"):
    """Server's answer: the version both speak from here on, and which server and which history this is.

    `password`: a newcomer needs the server's password. `time`: the server's clock, ms since 1970, UTC; 0: it does not
    tell. For finding clocks that are wrong, and for making the ends of bans and mutes.
    """

    version: Number
    capabilities: Words
    server_id: Id
    epoch: Number
    name: Word
    nonce: Nonce
    time: Time = 0
    password: bool = False


class Authenticate(Message, frozen=True, tag="authenticate"):
    """Client: the nick it wants, its Ed25519 public key, and the signature over `signed_content`.

    `password`: the server's, where `Welcome.password` asks for one; TLS to a verified key protects it.
    """

    nick: Nick
    key: Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
    signature: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    password: Annotated[str, msgspec.Meta(max_length=MAX_PASSWORD)] = ""


class Authenticated(Message, frozen=True, tag="authenticated"):
    """Server: the session is open. Room messages follow, one for each room the user is in, then Ready.

    `role`: the user's on this server; a change is told by Sanction, with the act `set_role`.
    """

    user: Number
    nick: Nick
    role: Word = MEMBER


class Ready(Message, frozen=True, tag="ready"):
    """Server: all rooms have been told; from the Room messages on nothing of theirs was left out."""


def signed_content(server_key: bytes, client_nonce: bytes, server_nonce: bytes, nick: str) -> bytes:
    """The bytes an Authenticate signs.

    `server_key`: the DER SubjectPublicKeyInfo of the certificate the client saw in this TLS connection. With
    it in the signature, a man in the middle, who must show a key of his own, cannot relay the login.
    """
    parts = (b"qtchat authenticate 1", server_key, client_nonce, server_nonce, nick.encode())
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)

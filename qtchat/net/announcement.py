"""How a server says on the network that it is there: what it tells, and the two forms in which that travels.

The first way is mDNS: the service SERVICE with the announcement in its TXT record. The second is for networks that let
no multicast through: a client broadcasts a Question to UDP port DISCOVERY_PORT, and each server sends an Answer back.
Anybody can send either, so it is a hint where to knock and nothing more: the server's key decides who opens.
"""

import ipaddress
from collections.abc import Mapping
from typing import Annotated, Final

import ifaddr
import msgspec

from qtchat.protocol.messages import DEFAULT_PORT

SERVICE: Final = "_qtchat._tcp.local."
DISCOVERY_PORT: Final = DEFAULT_PORT
"""UDP."""
DATAGRAM: Final = 512
"""Bytes of a question, and of an answer at most: nobody can use a server to make more traffic than he sends."""
TOKEN_SIZE: Final = 8

ServerId = Annotated[bytes, msgspec.Meta(min_length=16, max_length=16)]
Word = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
Hint = Annotated[str, msgspec.Meta(max_length=8)]
Token = Annotated[bytes, msgspec.Meta(min_length=TOKEN_SIZE, max_length=TOKEN_SIZE)]


class Announcement(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What a server tells everybody on the network; nothing of it is secret, and nothing of it is proven.

    `hint`: the first group of the server code. `people`: how many are connected. `version`: of the program.
    """

    server_id: ServerId
    name: Word
    hint: Hint
    people: Count
    version: Word
    port: Port


class Question(msgspec.Struct, frozen=True, array_like=True, tag_field="type", tag="qtchat?", gc=False):
    """Who is there? `token`: comes back in the answer, so that nobody can answer who was not asked."""

    token: Token
    padding: bytes = b""


class Answer(msgspec.Struct, frozen=True, array_like=True, tag_field="type", tag="qtchat!", gc=False):
    """I am."""

    token: Token
    server: Announcement


_QUESTION: Final = msgspec.msgpack.Decoder(Question)
_ANSWER: Final = msgspec.msgpack.Decoder(Answer)


def question(token: bytes) -> bytes:
    """A datagram that asks; as long as any answer."""
    bare = len(msgspec.msgpack.encode(Question(token, bytes(256))))
    return msgspec.msgpack.encode(Question(token, bytes(256 + DATAGRAM - bare)))


def read_question(datagram: bytes) -> bytes | None:
    """The token of a question; None for anything else."""
    try:
        return _QUESTION.decode(datagram).token if len(datagram) >= DATAGRAM else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def answer(token: bytes, server: Announcement) -> bytes:
    """A datagram that answers the question with that token."""
    return msgspec.msgpack.encode(Answer(token, server))


def read_answer(datagram: bytes, token: bytes) -> Announcement | None:
    """Who answers our question; None for anything else."""
    try:
        found = _ANSWER.decode(datagram)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return found.server if found.token == token else None


# -- as the TXT record of a service (RFC 6763) ----------------------------------------------------------------


def to_txt(server: Announcement) -> dict[str, str]:
    return {
        "id": server.server_id.hex(),
        "name": server.name,
        "hint": server.hint,
        "people": str(server.people),
        "version": server.version,
    }


def from_txt(values: Mapping[bytes, bytes | None], port: int | None) -> Announcement | None:
    """None if that is no announcement of ours. What others may have written is checked like a message."""
    try:
        texts = {key.decode(): (value or b"").decode() for key, value in values.items()}
        server_id, people = bytes.fromhex(texts["id"]), int(texts["people"])
        fields = (server_id, texts["name"], texts["hint"], people, texts["version"], port or 0)
        return msgspec.convert(fields, Announcement)
    except (KeyError, ValueError, msgspec.MsgspecError):
        return None


def instance_name(server: Announcement) -> str:
    """The service's name; one label of at most 63 bytes, different for two servers that are called the same."""
    suffix = f" {server.hint}"
    name = "".join(" " if character == "." else character for character in server.name if character.isprintable())
    short = name.encode()[: 63 - len(suffix)].decode(errors="ignore")
    return f"{short}{suffix}.{SERVICE}"


# -- this computer's networks -----------------------------------------------------------------------------------


class Network(msgspec.Struct, frozen=True):
    """An IPv4 address of this computer, the bits that all of its network share, and where to send what all computers of
    that network shall hear."""

    address: str
    prefix: int
    broadcast: str
    adapter: str

    def has(self, address: str) -> bool:
        """Whether this address is of this network."""
        network = ipaddress.ip_network(f"{self.address}/{self.prefix}", strict=False)
        return ipaddress.ip_address(address.partition("%")[0]) in network

    @property
    def loopback(self) -> bool:
        return ipaddress.ip_address(self.address).is_loopback


def networks(interface: str = "") -> list[Network]:
    """The IPv4 networks that this computer is in; with `interface`, an address of its own, only that one.

    Without it, loopback is left out unless there is nothing else.
    """
    found: list[Network] = []
    for adapter in ifaddr.get_adapters():
        for place in adapter.ips:
            if place.is_IPv4:
                address = str(place.ip)
                network = ipaddress.ip_interface(f"{address}/{place.network_prefix}").network
                found.append(Network(address, network.prefixlen, str(network.broadcast_address), adapter.nice_name))
    if interface:
        chosen = [place for place in found if place.address == interface]
        # All of 127.0.0.0/8 is this computer, whatever address the adapter shows.
        own = Network(interface, 8, "127.255.255.255", "loopback")
        return chosen or ([own] if own.loopback else [])
    return [place for place in found if not place.loopback] or found


def stays_within(interface: str, host: str) -> bool:
    """Whether this address can be reached from `interface`, an address of this computer, without going beyond it;
    empty: from any."""
    if not interface:
        return True
    own, other = (ipaddress.ip_address(address) for address in (interface, host))
    return own.version == other.version and own.is_loopback == other.is_loopback

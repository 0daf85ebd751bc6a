"""Where a server is and how to recognise it: `qtchat://HOST:PORT/#CODE`, as a link or typed by hand."""

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from msgspec import Struct

from qtchat.net.tls import CodeError, parse_code
from qtchat.protocol.messages import DEFAULT_PORT

SCHEME: Final = "qtchat"
MAX_ADDRESSES: Final = 16
"""Addresses in one invitation."""
MAX_LENGTH: Final = 4096
"""Characters in an invitation."""
MAX_HOST: Final = 253
"""Characters in a host name, as in the domain name system."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")  # some home routers and containers do give out names with "_"
_ZONE = re.compile(r"[A-Za-z0-9._~-]{1,64}")


class InvitationError(ValueError):
    """This is no usable invitation. The text is a sentence for people."""


class Invitation(Struct, frozen=True):
    """`addresses`: (host, port) pairs, best first, at least one; a host is a lower-case name in ASCII (IDNA) or an IP
    address without brackets. `code`: the server code in its canonical form, None where it is not known."""

    addresses: tuple[tuple[str, int], ...]
    code: str | None = None

    def __str__(self) -> str:
        """The link."""
        places = ",".join(f"{_bracketed(host)}:{port}" for host, port in self.addresses)
        return f"{SCHEME}://{places}/" + (f"#{self.code}" if self.code else "")


def parse_invitation(text: str) -> Invitation:
    """Read a link, or an address as people type it: `host`, `host:port`, `[::1]:port`, `::1`.

    Several addresses are separated by commas. Without a port it is DEFAULT_PORT. Raises InvitationError.
    """
    text = text.strip()
    if not text:
        raise InvitationError("Please enter an address or an invitation link.")
    if len(text) > MAX_LENGTH:
        raise InvitationError("This is too long to be an invitation link.")
    scheme = _SCHEME.match(text)
    if scheme and scheme[1].lower() != SCHEME:
        raise InvitationError(f"A {scheme[1]} link does not lead to a chat; an invitation begins with {SCHEME}://.")
    places, mark, code = (text[scheme.end() :] if scheme else text).partition("#")
    places = places.strip().removesuffix("/")
    if not places:
        raise InvitationError("The invitation contains no address.")
    pieces = places.split(",")
    if len(pieces) > MAX_ADDRESSES:
        raise InvitationError(f"An invitation can hold at most {MAX_ADDRESSES} addresses.")
    addresses = tuple(dict.fromkeys(_address(piece.strip()) for piece in pieces))
    return Invitation(addresses, _code(code) if mark else None)


def _code(text: str) -> str:
    if not text.strip():
        raise InvitationError("The server code after # is missing: the link was cut off.")
    try:
        return parse_code(text)
    except CodeError as error:
        raise InvitationError(str(error)) from error


def _address(text: str) -> tuple[str, int]:
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket:
            raise InvitationError(f"The closing ] is missing in {_quoted(text)}.")
        if rest and not rest.startswith(":"):
            raise InvitationError(f"After ] only a colon and a port can follow in {_quoted(text)}.")
        return _ipv6(host), _port(rest[1:]) if rest else DEFAULT_PORT
    if text.count(":") > 1:
        return _ipv6(text), DEFAULT_PORT
    host, colon, port = text.partition(":")
    return _host(host), _port(port) if colon else DEFAULT_PORT


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535):
        raise InvitationError(f"The port must be a number from 1 to 65535, not {_quoted(text)}.")
    return int(text)


def _ipv6(text: str) -> str:
    # In a link the % before the zone of a link-local address is written %25 (RFC 6874).
    plain, mark, zone = text.replace("%25", "%", 1).partition("%")
    try:
        address = str(IPv6Address(plain))
    except ValueError:
        raise InvitationError(f"{_quoted(text)} is not an IPv6 address.") from None
    if mark and not _ZONE.fullmatch(zone):
        raise InvitationError(f"{_quoted(text)} has no proper network interface after the %.")
    return address + mark + zone


def _host(text: str) -> str:
    if not text:
        raise InvitationError("The name or address of the computer is missing.")
    if len(text) > MAX_HOST:
        raise InvitationError(f"{_quoted(text)} is too long for the name of a computer.")
    try:
        name = text.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        name = ""
    labels = name.split(".")
    if len(name) > MAX_HOST or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvitationError(f"{_quoted(text)} is not the name or address of a computer.")
    if labels[-1].isdigit():  # no top-level name is a number, so this must be an IPv4 address
        try:
            return str(IPv4Address(name))
        except ValueError:
            raise InvitationError(f"{_quoted(text)} is not an IPv4 address: it needs four numbers to 255.") from None
    return name


def _bracketed(host: str) -> str:
    return f"[{host.replace('%', '%25', 1)}]" if ":" in host else host


def _quoted(text: str) -> str:
    """`text` as it may stand in a sentence: bounded, and nothing in it that is not printable."""
    clean = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return f'"{clean}"' if len(clean) <= 60 else f'"{clean[:59]}…"'

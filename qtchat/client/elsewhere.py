"""Addresses in other networks, for neither a broadcast nor a multicast crosses a router: somebody has to name them.

They are named one a line: a name or an address, with a port where it is not the usual one.
"""

import argparse
import ipaddress
from typing import Final

from msgspec import Struct

from qtchat.net.dial import Address
from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.protocol.messages import DEFAULT_PORT

MAX_ELSEWHERE: Final = 256
"""Addresses that can be named."""
MAX_TEXT: Final = 32 * 1024
"""Characters of all the lines."""


class ElsewhereError(ValueError):
    """This line names no address. The text is a sentence for people."""


class BadLine(Struct, frozen=True):
    """A line that names no address. `number`: from 1. `reason`: a sentence for people."""

    number: int
    text: str
    reason: str


class Elsewhere(Struct, frozen=True):
    """What somebody has written: the addresses, none twice, and the lines that are none."""

    addresses: tuple[Address, ...]
    bad: tuple[BadLine, ...]


def parse_line(text: str) -> Address:
    """One address as people write it. Raises ElsewhereError."""
    if "#" in text or "," in text:
        raise ElsewhereError("One address a line, without a server code.")
    try:
        (address,) = parse_invitation(text).addresses
    except InvitationError as error:
        raise ElsewhereError(str(error)) from error
    return address


def parse_lines(text: str) -> Elsewhere:
    """Read what was written, one address a line; empty lines and those that begin with # say nothing."""
    addresses: dict[Address, None] = {}
    bad: list[BadLine] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        try:
            address = parse_line(words)
        except ElsewhereError as error:
            bad.append(BadLine(number, words, str(error)))
            continue
        addresses[address] = None
        if len(addresses) > MAX_ELSEWHERE:
            del addresses[address]
            bad.append(BadLine(number, words, f"From here on there is no room: {MAX_ELSEWHERE} addresses at most."))
            break
    return Elsewhere(tuple(addresses), tuple(bad))


def address_text(address: Address) -> str:
    """As somebody would write it."""
    host, port = address
    if port == DEFAULT_PORT:
        return host
    return str(Invitation((address,))).partition("//")[2].rstrip("/")


def own_address(text: str) -> str:
    """For an option: an IP address of this computer. ArgumentTypeError for what is none."""
    try:
        return str(ipaddress.ip_address(text)) if text else ""  # the default comes by here, too
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not an IP address") from None


def address_option(text: str) -> Address:
    """For the option --also of a command line. ArgumentTypeError for what is no address."""
    try:
        return parse_line(text.strip())
    except ElsewhereError as error:
        raise argparse.ArgumentTypeError(str(error)) from None

"""Where a plain chat is: `classic://HOST:PORT?dialect=NAME`."""

import re
from typing import Final

from msgspec import Struct

from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.protocol.dialects import DIALECTS, Dialect

SCHEME: Final = "classic"
_FORM: Final = re.compile(r"classic://(?P<place>[^?#]*?)/?(\?(?P<query>[^#]*))?", re.IGNORECASE)
_PORT: Final = re.compile(r":\d+\Z")


class ClassicLink(Struct, frozen=True):
    """`dialect`: None where it has to be found out."""

    host: str
    port: int
    dialect: Dialect | None = None

    def __str__(self) -> str:
        place = str(Invitation(((self.host, self.port),))).partition("://")[2].removesuffix("/")
        return f"{SCHEME}://{place}" + (f"?dialect={self.dialect.name}" if self.dialect else "")


def is_classic(link: str) -> bool:
    """Whether a link leads to a plain chat, and not to a qtchat server."""
    return link.strip().lower().startswith(f"{SCHEME}://")


def parse_classic_link(text: str) -> ClassicLink:
    """Without a port it is that of the dialect. Raises InvitationError."""
    parts = _FORM.fullmatch(text.strip())
    if parts is None:
        raise InvitationError("A link to a plain chat looks like classic://host:port?dialect=nick-en.")
    name = (parts["query"] or "").partition("dialect=")[2].partition("&")[0]
    if name and name not in DIALECTS:
        raise InvitationError(f"There is no dialect of that name; there are {', '.join(DIALECTS)}.")
    dialect = DIALECTS.get(name)
    addresses = parse_invitation(parts["place"]).addresses
    if len(addresses) > 1:
        raise InvitationError("A link to a plain chat has one address.")
    host, port = addresses[0]
    if not _PORT.search(parts["place"].rpartition("]")[2]):
        if dialect is None:
            raise InvitationError("A link to a plain chat needs a port, or a dialect.")
        port = dialect.port
    return ClassicLink(host, port, dialect)


def same_place(one: str, other: str) -> bool:
    """Whether two links lead to the same plain chat, whatever they say of its dialect."""
    try:
        links = [parse_classic_link(link) for link in (one, other)]
    except InvitationError:
        return False
    return (links[0].host, links[0].port) == (links[1].host, links[1].port)

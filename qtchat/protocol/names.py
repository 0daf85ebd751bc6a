"""What people and rooms may be called. Server and client use the same rules, so that a dialog can say at once
what the server would refuse."""

import re
import unicodedata
from typing import Final

from qtchat.protocol.messages import MAX_NICK, MAX_ROOM_NAME, MAX_TOPIC

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of control, bidirectional, zero-width, private and unassigned characters."""
_SPACES: Final = re.compile(r"\s+")
_HASHES: Final = re.compile(r"\A[\s#]+")


class NameProblemError(ValueError):
    """A name is not allowed. The text is one plain sentence; `reason` is for programs and translations."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


def clean_nick(text: str) -> str:
    """The nick as it will be shown: NFKC, single spaces, trimmed. NameProblemError if it is not allowed."""
    nick = _clean(text, MAX_NICK, "name")
    if nick[0] in "#@/":
        raise NameProblemError("first", f"A name cannot begin with {nick[0]}.")
    if ":" in nick:
        raise NameProblemError("colon", "A name cannot contain a colon.")
    return nick


def clean_room_name(text: str) -> str:
    """A room's name as it will be shown, without a leading #. NameProblemError if it is not allowed."""
    return _clean(_HASHES.sub("", unicodedata.normalize("NFKC", text)), MAX_ROOM_NAME, "room name")


def clean_topic(text: str) -> str:
    """A topic in one line; invisible characters are dropped, an over-long one is cut."""
    visible = "".join(c for c in _SPACES.sub(" ", text) if unicodedata.category(c) not in _INVISIBLE)
    return unicodedata.normalize("NFC", visible).strip()[:MAX_TOPIC]


def fold(name: str) -> str:
    """What two names must differ in: upper and lower case, and forms that look the same, are one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def free_nick(wanted: str, taken: "set[str] | dict[str, int]") -> str:
    """`wanted` with the smallest number behind it whose folded form is not in `taken`; cut to fit."""
    for number in range(2, len(taken) + 3):
        nick = f"{wanted[: MAX_NICK - len(str(number)) - 1].rstrip()} {number}"
        if fold(nick) not in taken:
            return nick
    raise AssertionError("more numbers were tried than names are taken")


def _clean(text: str, longest: int, what: str) -> str:
    name = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    if not name:
        raise NameProblemError("empty", f"A {what} cannot be empty.")
    if len(name) > longest:
        raise NameProblemError("long", f"A {what} can have at most {longest} characters; this has {len(name)}.")
    if any(unicodedata.category(character) in _INVISIBLE for character in name):
        raise NameProblemError("invisible", f"A {what} cannot contain invisible or control characters.")
    if not any(unicodedata.category(character)[0] in "LNS" for character in name):
        raise NameProblemError("bare", f"A {what} needs at least one letter, digit or symbol.")
    return name

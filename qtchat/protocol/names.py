"""What people and rooms may be called. Server and client use the same rules, so that a dialog can say at once
what the server would refuse."""

import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from itertools import count
from typing import Final

from qtchat.protocol.messages import MAX_NICK, MAX_REASON, MAX_ROOM_NAME, MAX_STATUS, MAX_TOPIC

_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of control, bidirectional, zero-width, private and unassigned characters."""
_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
    + "".join(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
)
"""Fillers, variation selectors and the like: of other categories than those above, and yet nothing is seen of them."""
_AS_PICTURE: Final = re.compile("(?<=[\u203c-\u3299\U0001f000-\U0001faff])\ufe0f")
"""The one variation selector that belongs somewhere: it makes a picture of a symbol."""
MAX_MARKS: Final = 4
"""Combining marks in a row: no script that is written needs more, and piles of them cover what stands above."""
COUNTED_NICKS: Final = 20
"""Numbers behind a nick that are tried in order."""
_JOINER: Final = "\u200d"
"""Makes one emoji of several."""
_LOOSE_JOINERS: Final = re.compile(
    "(?<![\u2600-\u27bf\ufe0f\U0001f000-\U0001faff])\u200d|\u200d(?![\u2190-\u2bff\U0001f000-\U0001faff])"
)
"""Joiners that stand anywhere else, where they are invisible."""
_EMOJI_PARTS: Final = frozenset("0123456789#*" + _JOINER) | frozenset(map(chr, range(0xE0020, 0xE0080)))
"""Besides symbols and marks: keycaps are made of the first, families of the joiner, some flags of tags."""
_SPACES: Final = re.compile(r"\s+")
_HASHES: Final = re.compile(r"\A[\s#]+")


ONESELF: Final = frozenset({"you", "вы"})
"""What an app calls whoever sits before it, in the languages it speaks."""


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
    if nick.casefold() in ONESELF:
        raise NameProblemError("oneself", f"A name cannot be “{nick}”: by that everybody means themselves.")
    return nick


def clean_room_name(text: str) -> str:
    """A room's name as it will be shown, without a leading #. NameProblemError if it is not allowed."""
    return _clean(_HASHES.sub("", unicodedata.normalize("NFKC", text)), MAX_ROOM_NAME, "room name")


def clean_topic(text: str) -> str:
    """A topic in one line; invisible characters are dropped, an over-long one is cut."""
    return _clean_line(text, MAX_TOPIC)


def clean_status(text: str) -> str:
    """What people say about themselves, by the rules of a topic. May be empty."""
    return _clean_line(text, MAX_STATUS)


def clean_reason(text: str) -> str:
    """Why somebody was put out, by the rules of a topic. May be empty."""
    return _clean_line(text, MAX_REASON)


def is_emoji(text: str) -> bool:
    """Whether this can stand under a message: symbols, with what belongs to them, and no letters or spaces.

    New emoji, which this Python does not know, lie in blocks of their own and count as well.
    """
    return any(map(_is_picture, text)) and all(
        _is_picture(character) or character in _EMOJI_PARTS or unicodedata.category(character)[0] in "SM"
        for character in text
    )


def _is_picture(character: str) -> bool:
    return "\U0001f000" <= character <= "\U0001faff" or (
        character > "\x7f" and unicodedata.category(character) in ("So", "Sm", "Me")
    )


def fold(name: str) -> str:
    """What two names must differ in: upper and lower case, and forms that look the same, are one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def free_nick(wanted: str, taken: Callable[[str], bool]) -> str:
    """`wanted` with a number behind it that is not `taken`; cut to fit. The smallest one, unless very many are."""
    for number in _numbers():
        nick = f"{wanted[: MAX_NICK - len(str(number)) - 1].rstrip()} {number}"
        if not taken(nick):
            return nick
    raise AssertionError("there is always another number")


def _numbers() -> Iterator[int]:
    """2 and so on for a while; then any of more and more, so that a crowd under one name costs little."""
    yield from range(2, 2 + COUNTED_NICKS)
    for digits in count(4):
        yield 10**digits + secrets.randbelow(9 * 10**digits)


def _clean_line(text: str, longest: int) -> str:
    visible = "".join(c for c in _SPACES.sub(" ", text) if c == _JOINER or unicodedata.category(c) not in _INVISIBLE)
    composed = _LOOSE_JOINERS.sub("", unicodedata.normalize("NFC", visible))
    return "".join(c for c, marks in _marks(composed) if marks <= MAX_MARKS).strip()[:longest]


def _marks(text: str) -> Iterator[tuple[str, int]]:
    """Each character, and how many combining marks there are in a row with it."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character)[0] == "M" else 0
        yield character, marks


def _clean(text: str, longest: int, what: str) -> str:
    name = _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()
    if not name:
        raise NameProblemError("empty", f"A {what} cannot be empty.")
    if len(name) > longest:
        raise NameProblemError("long", f"A {what} can have at most {longest} characters; this has {len(name)}.")
    seen = _AS_PICTURE.sub("", name)
    if any(unicodedata.category(character) in _INVISIBLE or character in _BLANK for character in seen):
        raise NameProblemError("invisible", f"A {what} cannot contain invisible or control characters.")
    if any(marks > MAX_MARKS for _, marks in _marks(name)):
        raise NameProblemError("marks", f"A {what} can have at most {MAX_MARKS} accents on one letter.")
    if not any(unicodedata.category(character)[0] in "LNS" for character in name):
        raise NameProblemError("bare", f"A {what} needs at least one letter, digit or symbol.")
    return name

"""Reading and cutting UTF-8 that has no frames, without I/O: bytes in, texts out; texts in, pieces out."""

import codecs
import re
from typing import Final

from qtchat.protocol.messages import MAX_NICK, MAX_TEXT

HTTP_VERBS: Final = (b"GET ", b"HEAD ", b"POST ", b"PUT ", b"DELETE ", b"OPTIONS ", b"PATCH ", b"CONNECT ", b"TRACE ")
"""So begins a browser, which a web page can make speak to any port."""
TLS_HELLO: Final = b"\x16\x03"
"""So begins who wants to encrypt."""
SHORT_NICK: Final = 2
"""Characters up to which a nick is found inside of ordinary words, so that it separates messages less readily."""

_CONTINUES: Final = 0xC0, 0x80
"""Mask and value of a byte of UTF-8 that does not begin a character."""
_STEERING: Final = dict.fromkeys(
    {*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A)} - {ord("\n"), ord("\t")},
    "\ufffd",
)
"""Control characters, and those that turn the direction of writing around."""
_TELNET: Final = re.compile(rb"\xff(?:[\xfb-\xfe].|.)", re.DOTALL)
"""What telnet programs say to each other; no byte of UTF-8 is 0xFF."""


class WholeReads:
    """Where one write of the peer is one message: what a read gave is a text, unless it ends inside a character.

    Bytes that are no UTF-8 become U+FFFD. `unfinished`: the rest of a character is awaited; if it does not come, take
    what there is with `flush`.
    """

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    @property
    def unfinished(self) -> bool:
        return bool(self._decoder.getstate()[0])

    def feed(self, data: bytes) -> list[str]:
        """The text that these bytes complete, if they do."""
        self._held += self._decoder.decode(data)
        if self.unfinished and len(self._held) < MAX_TEXT:
            return []
        return self._take()

    def flush(self) -> list[str]:
        """What is held, although its end is missing."""
        self._held += self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return self._take()

    def _take(self) -> list[str]:
        text, self._held = self._held, ""
        return [text] if text else []


class Lines:
    """Where a message is a line. A line of more than MAX_TEXT characters comes as None, once, and is not kept."""

    unfinished = False

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._skipping = False

    def feed(self, data: bytes) -> list[str | None]:
        """The lines that these bytes complete, without their ends."""
        *ended, last = (self._held + self._decoder.decode(_TELNET.sub(b"", data))).split("\n")
        lines: list[str | None] = []
        for line in ended:
            if self._skipping:
                self._skipping = False
            else:
                lines.append(line.removesuffix("\r") if len(line) <= MAX_TEXT else None)
        if len(last) > MAX_TEXT and not self._skipping:
            self._skipping = True
            lines.append(None)
        self._held = "" if self._skipping else last
        return lines

    def flush(self) -> list[str | None]:
        return []


def cut(text: str, limit: int) -> list[str]:
    """`text` in pieces of at most `limit` bytes of UTF-8 each, no character cut. `limit`: at least 4."""
    data, pieces = text.encode(), []
    while data:
        end = boundary(data, limit)
        pieces.append(data[:end].decode())
        data = data[end:]
    return pieces


def boundary(data: bytes, limit: int) -> int:
    """The highest place up to `limit` at which UTF-8 can be cut without cutting a character."""
    mask, value = _CONTINUES
    end = min(limit, len(data))
    while 0 < end < len(data) and data[end] & mask == value:
        end -= 1
    return end


def split_prefixed(text: str, prefix: str) -> list[str]:
    """The messages in a read of which each began with `prefix` ("nick: "), without it; empty ones are left out.

    Two writes can arrive as one read, and then only the prefix tells where the second begins. Whoever quotes himself
    in that form gets two messages of one; the other way round two people's words would run together. A nick of one
    or two letters stands at the end of many words, so it does not count right behind a letter or a digit.
    """
    messages, start = [], 0
    text = text.removeprefix(prefix)
    position = text.find(prefix)
    while position >= 0:
        if position == 0 or len(prefix) > SHORT_NICK + 2 or not text[position - 1].isalnum():
            messages.append(text[start:position])
            start = position + len(prefix)
        position = text.find(prefix, position + len(prefix))
    return [message for message in (*messages, text[start:]) if message.strip()]


def split_name(text: str) -> tuple[str, str]:
    """The name at the beginning of a read, and what came with it: another line, or a message that the name precedes."""
    name, newline, rest = text.partition("\n")
    name = name.removesuffix("\r")
    if newline:
        return name, rest
    for end in range(1, min(len(name) // 2, MAX_NICK) + 1):
        if name.startswith(f"{name[:end]}: ", end):
            return name[:end], name[end:]
    return name, ""


def harmless(text: str) -> str:
    """Without the characters by which a message could steer the reader's terminal, and without lines that look like
    those of others: what follows a newline is indented."""
    return text.translate(_STEERING).replace("\n", "\n  ")

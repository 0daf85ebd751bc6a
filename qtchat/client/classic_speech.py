"""The speech of a plain chat, without I/O: bytes in, what was heard out; a text in, pieces to be written out."""

import re
from collections import deque
from operator import itemgetter
from typing import Final

from msgspec import Struct

from qtchat.protocol.dialects import ASK_NICK, DIALECTS, READ_SIZE, Dialect
from qtchat.protocol.messages import MAX_NICK, MAX_TEXT
from qtchat.protocol.names import NameProblemError, clean_nick
from qtchat.protocol.plaintext import Lines, WholeReads, cut, harmless

SERVER: Final = "server"
"""Who says what has no name before it, in a chat where people have names."""
ANONYMOUS: Final = "anonymous"
"""Who says everything in a chat without names."""
MAX_ECHOES: Final = 64
"""Own messages that may still come back."""

_NOISE: Final = re.compile(r"\A(?:Your name: |> |\r)+")
"""What a server of lines writes in front of a line, for people at a terminal."""
_SAID: Final = re.compile(rf"([^:\n]{{1,{MAX_NICK}}}): ?(.*)", re.DOTALL)


class Asked(Struct, frozen=True):
    """The server wants to know our nick."""


class Came(Struct, frozen=True):
    nick: str


class Went(Struct, frozen=True):
    nick: str


class Said(Struct, frozen=True):
    nick: str
    text: str


Heard = Asked | Came | Went | Said


def guess_dialect(port: int, beginning: bytes) -> Dialect:
    """From what a server says first, if anything, and else from its port."""
    at_port = next((dialect for dialect in DIALECTS.values() if port in dialect.ports), None)
    if beginning.startswith(ASK_NICK.encode()):
        return at_port if at_port is not None and at_port.asks else DIALECTS["nick-en"]
    if b"\n" in beginning:
        return DIALECTS["lines"]
    return at_port if at_port is not None and not at_port.asks else DIALECTS["name-first"]


class Speech:
    """One connection's. Those servers know no frames, so what comes is taken apart where that can be told; a server
    that echoes, or does not, where its kind does the other thing, is understood too."""

    def __init__(self, dialect: Dialect, nick: str) -> None:
        self.dialect = dialect
        self.nick = nick
        self._reader: Lines | WholeReads = Lines() if dialect.framed else WholeReads()
        self._echoes: deque[str] = deque(maxlen=MAX_ECHOES)
        self._speaker = ""
        self._full_read = False
        kin = [other for other in DIALECTS.values() if other.asks] if dialect.asks else [dialect]
        self._notices: list[tuple[type[Came | Went], re.Pattern[str]]] = [
            *((Came, _notice(other.joined)) for other in kin if other.joined),
            *((Went, _notice(other.left)) for other in kin if other.left),
        ]
        self._connected = [other.connected for other in kin if other.connected]

    # -- what comes -----------------------------------------------------------------------------------

    @property
    def unfinished(self) -> bool:
        """The rest of a character is awaited; without it, take what there is with `flush`."""
        return self._reader.unfinished

    def feed(self, data: bytes) -> list[Heard]:
        heard = [one for text in self._reader.feed(data) if text is not None for one in self._understand(text)]
        self._full_read = len(data) % READ_SIZE == 0
        return heard

    def flush(self) -> list[Heard]:
        return [one for text in self._reader.flush() if text is not None for one in self._understand(text)]

    def _understand(self, text: str) -> list[Heard]:
        if self.dialect.asks and text.strip() == ASK_NICK:
            return [Asked()]
        for words in self._connected:  # it is often sent right behind a notice
            text = text.replace(words, "\n")
        text = self._without_echoes(text)
        heard: list[Heard] = []
        for line in text.split("\n"):
            line = _NOISE.sub("", line).removesuffix("\r") if self.dialect.framed else line.removesuffix("\r")
            last = heard[-1] if heard else None
            if isinstance(last, Said) and line.startswith("  "):  # a message of several lines
                heard[-1] = Said(last.nick, f"{last.text}\n{line[2:]}")
            elif line.strip():
                heard += self._understand_line(line)
        return heard

    def _understand_line(self, line: str) -> list[Heard]:
        heard: list[Heard] = []
        while line:
            found = [(match.end(), kind, match[1]) for kind, notice in self._notices if (match := notice.match(line))]
            end, kind, nick = min(found, key=itemgetter(0), default=(0, Came, ""))
            if not end or (self.dialect.framed and end < len(line)):
                return [*heard, self._said(line)]
            heard.append(kind(_nick(nick) or SERVER))
            line = line[end:]
        return heard

    def _said(self, line: str) -> Said:
        if not self.dialect.named:
            return Said(ANONYMOUS, line)
        match = _SAID.fullmatch(line)
        nick = _nick(match[1]) if match and not line.startswith("* ") else ""
        if match and nick:
            self._speaker = nick
            return Said(nick, match[2])
        # What was longer than those servers read at once goes on without a name.
        return Said(self._speaker if self._full_read and self._speaker else SERVER, line)

    def _without_echoes(self, text: str) -> str:
        """What we said comes back where the server does so, and something of others may stand before or behind it."""
        for own in tuple(self._echoes):
            told = next((form for form in (own, harmless(own)) if f"{self.nick}: {form}" in text), None)
            if told is not None:
                self._echoes.remove(own)
                text = text.replace(f"{self.nick}: {told}", "\n", 1)
        return text

    # -- what goes ------------------------------------------------------------------------------------

    def write(self, text: str) -> list[bytes]:
        """A message, in the writes that the server is to take for one message each."""
        if self.dialect.framed:
            # A line that begins with / would be a command.
            lines = [f" {line}" if line.startswith("/") else line for line in text.split("\n") if line.strip()]
            return [f"{piece}\n".encode() for line in lines for piece in cut(line, MAX_TEXT - 1)]
        prefix = f"{self.nick}: " if self.dialect.prefixed else ""
        pieces = cut(text, READ_SIZE - len(prefix.encode()))
        if self.dialect.named:
            self._echoes.extend(pieces)
        return [f"{prefix}{piece}".encode() for piece in pieces]


def _notice(template: str) -> re.Pattern[str]:
    before, _, behind = template.partition("{nick}")
    return re.compile(rf"{re.escape(before)}([^:\n]{{1,{MAX_NICK}}}?){re.escape(behind)}")


def _nick(text: str) -> str:
    """Empty for what nobody can be called."""
    try:
        return clean_nick(text)
    except NameProblemError:
        return ""

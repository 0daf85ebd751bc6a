"""The plain TCP chats that can still come in, and that the app can go to: their differences, as data.

Five small programs, each with an unwritten protocol of its own over raw TCP and UTF-8. Four of them know no framing:
what one side sends with one `send`, the other reads with one `recv(READ_SIZE)`. `lines` is what somebody with `nc`
or telnet speaks. The texts in this table are bytes on the wire: their clients and servers show or compare them.
"""

from typing import Final

from msgspec import Struct

READ_SIZE: Final = 1024
"""Bytes that those programs ask of the socket at once, and try to decode by themselves."""
ASK_NICK: Final = "NICK"
"""What a server of the `nick-` dialects sends first; the client compares all it reads with this."""


class Words(Struct, frozen=True, kw_only=True):
    """What those programs have no words for, as a line of its own. Everything in braces is filled in."""

    edited: str = "* {nick} edited: {text}"
    deleted: str = "* {nick} deleted a message"
    reacted: str = "* {nick} {text}{quote}"
    unreacted: str = "* {nick} takes {text} back{quote}"
    topic: str = "* {nick} changed the topic: {text}"
    renamed: str = "* Here you are called {nick}."
    unsaved: str = "* The server cannot store your message now. It is kept, and tried again."
    saved: str = "* Your message is stored now."
    refused: str = "* Not sent: {text}"
    too_long: str = "* That line was too long, and was not sent."


ENGLISH: Final = Words()
RUSSIAN: Final = Words(
    edited="* {nick} исправляет: {text}",
    deleted="* {nick} удаляет сообщение",
    unreacted="* {nick} убирает {text}{quote}",
    topic="* {nick} меняет тему: {text}",
    renamed="* Здесь вас зовут {nick}.",
    unsaved="* Сервер пока не может сохранить ваше сообщение. Оно ждёт, попытка повторится.",
    saved="* Теперь ваше сообщение сохранено.",
    refused="* Не отправлено: {text}",
    too_long="* Строка слишком длинная и не отправлена.",
)


class Dialect(Struct, frozen=True, kw_only=True):
    """One of those chats.

    `ports`: where its servers stood, the usual one first. `asks`: the server begins by asking for the nick with
    ASK_NICK. `named`: the first thing a client sends is its nick. `prefixed`: a client sends `nick: text`, and not
    the bare text. `echo`: the sender gets its own message back. `framed`: a message is a line. `joined`, `left`: what
    all are told; `connected`: what the newcomer is told; empty where that chat says nothing. `quit`: what a client
    sends instead of closing, and then waits for the server to do it.
    """

    name: str
    ports: tuple[int, ...]
    asks: bool = False
    named: bool = True
    prefixed: bool = False
    echo: bool = False
    framed: bool = False
    joined: str = ""
    left: str = ""
    connected: str = ""
    quit: str = ""
    words: Words = ENGLISH

    @property
    def port(self) -> int:
        """The usual one."""
        return self.ports[0]


DIALECTS: Final[dict[str, Dialect]] = {
    dialect.name: dialect
    for dialect in (
        Dialect(
            name="nick-ru",
            ports=(12347,),
            asks=True,
            prefixed=True,
            joined="{nick} присоединился к чату!",
            left="{nick} покинул чат!",
            connected="Подключение к серверу успешно!",
            words=RUSSIAN,
        ),
        Dialect(
            name="nick-en",
            ports=(55555,),
            asks=True,
            prefixed=True,
            echo=True,
            joined="{nick} joined the chat!",
            left="{nick} left the chat!",
            connected="Connected to the server!",
            quit="quit",
        ),
        Dialect(name="name-first", ports=(8000,)),
        Dialect(name="anonymous", ports=(4040, 12413), named=False),
        Dialect(name="lines", ports=(47301,), framed=True, joined="* {nick} joined", left="* {nick} left"),
    )
}
"""Every dialect by its name."""

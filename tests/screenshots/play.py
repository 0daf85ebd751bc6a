"""The people of the pictures and what they say: a real server, and accounts that talk to it."""

from contextlib import ExitStack
from pathlib import Path
from typing import Final

from qtchat.client.state import RoomState
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.helpers.accounts import LOBBY, User
from tests.helpers.plain import PlainClient, PlainServer

DIALECT: Final = "nick-en"
"""Of the plain chat."""
LONG_NICK: Final = "Maximilian-Konstantin Hohenzoll"
HOSTILE: Final = "<b>Böse</b> & <i>x</i>"
RLO: Final = "\u202e"
ZALGO: Final = "Z\u0351\u036b\u0343a\u0368\u0360l\u0352\u0341g\u0358\u034ao\u0322\u035c"
LONG_WORD: Final = "Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrik" * 3
CODE: Final = "```\nfor name in names:\n    print(f'hello {name}')  # a long comment that runs on and on and on\n```"


class Play:
    """A server with people who have talked. Used as a context manager."""

    def __init__(self, folder: Path, name: str) -> None:
        """`name`: of the server."""
        self._folder, self._name = folder, name
        self._stack = ExitStack()
        self.people: dict[str, User] = {}
        self.rooms: dict[str, int] = {"lobby": LOBBY}
        self.server: Server | None = None
        self._port = 0
        self._plain: PlainClient | None = None

    @property
    def link(self) -> str:
        assert self.server is not None
        return self.server.link

    def __enter__(self) -> "Play":
        self.open()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self.close()

    def open(self) -> None:
        """Start the server; again on the same port after `close`."""
        self.server = _start(self._folder / "server", self._port, self._name)
        self._port = int(self.server.link.split("/")[2].rpartition(":")[2])

    def close(self) -> None:
        """Stop the server, and nobody else. Idempotent."""
        server, self.server = self.server, None
        if server is not None:
            server.stop()

    # -- people ---------------------------------------------------------------------------------------

    def person(self, nick: str) -> User:
        """Somebody with an own profile, online."""
        if nick not in self.people:
            profile = self._folder / f"person-{len(self.people)}"
            self.people[nick] = self._stack.enter_context(User(profile, self.link, nick)).online()
        return self.people[nick]

    def other(self) -> "Play":
        """Another server with people of its own; it ends with this one."""
        return self._stack.enter_context(Play(self._folder / "other", name="Workshop"))

    def plain(self) -> str:
        """A plain chat with somebody in it; returns the link to it."""
        server = self._stack.enter_context(PlainServer(DIALECT))
        self._plain = self._stack.enter_context(PlainClient(DIALECT, server.port, "Боб"))
        server.wait(lambda: "Боб" in server.nicks)
        return f"classic://127.0.0.1:{server.port}?dialect={DIALECT}"

    def say_plainly(self, text: str) -> None:
        """Somebody says it in the plain chat."""
        assert self._plain is not None
        self._plain.write(text)

    def gone(self, nick: str) -> None:
        """Somebody leaves."""
        self.people.pop(nick).stop()

    def say(self, nick: str, text: str, room: int = LOBBY, reply_to: int = 0) -> int:
        """Say it, and wait until it stands on the server; returns its seq."""
        user = self.person(nick)
        before = self._state(user, room).head
        user.account.post(room, text, reply_to)
        user.wait(lambda: any(e.text == text and (e.seq or 0) > before for e in self._state(user, room).entries))
        return max(entry.seq or 0 for entry in self._state(user, room).entries if entry.text == text)

    def room(self, nick: str, name: str, topic: str = "", *, private: bool = False) -> int:
        """Let somebody make a room."""
        user = self.person(nick)
        user.account.create_room(name, topic, private)
        number = self.rooms[name] = user.wait_room(name).number
        return number

    def _state(self, user: User, room: int) -> RoomState:
        user.wait(lambda: room in user.state.rooms)
        return user.state.rooms[room]


def _start(folder: Path, port: int, name: str) -> Server:
    server = Server(ServerSettings(data=str(folder), host="127.0.0.1", port=port, name=name, messages_per_second=0))
    server.start()
    return server


def talk(play: Play) -> None:
    """What was said before anybody looks."""
    say = play.say
    say("Anna", "Good morning! Is the projector in room 3 free at ten?")
    question = say("Борис", "Доброе утро! Проектор свободен до обеда 🙂")
    say("Борис", "Я его как раз настроил, бери.")
    answer = say(
        "Anna", "Wonderful, thank you. The slides are at https://example.org/slides?page=1&dark=yes", LOBBY, question
    )
    say(HOSTILE, "My name is no markup. <img src=x onerror=alert(1)> **but this is bold**, `this is code`, ~~gone~~")
    say(LONG_NICK, f"A word without a break: {LONG_WORD}")
    say("Anna", f"Right to left: {RLO}abc and {ZALGO} and مرحبا بالعالم and 你好")
    say("Chen", CODE)
    say("Chen", "🎉")
    say("Anna", "> Is the projector free?\nYes, and the *microphone* too.")
    for nick in ("Chen", "Борис", HOSTILE):
        user = play.person(nick)
        user.account.react(LOBBY, answer, "👍", True)
    play.person("Anna").account.react(LOBBY, question, "❤️", True)
    wrong = say("Борис", "Встречаемся в 9 часов")
    play.person("Борис").account.edit(LOBBY, wrong, "Встречаемся в 10 часов")
    taken_back = say("Chen", "oops, wrong window")
    play.person("Chen").account.delete(LOBBY, taken_back)
    play.person("Anna").account.set_topic(LOBBY, "Everybody, everything. Lunch is at noon 🍜")
    books = play.room("Anna", "books", "What we read")
    say("Anna", "Who wants to read something short next?", books)
    long_room = play.room("Chen", "a room with a name that is longer than anybody would ever want")
    say("Chen", "Long names are cut.", long_room)
    play.room("Борис", "кухня", "Кто моет чашки?")

"""All five plain chats in one room with natives: the programs of the table on their usual ports, `nc`, a window."""

import socket
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from qtchat.client.state import Delivery
from qtchat.protocol.dialects import DIALECTS, Dialect
from qtchat.protocol.messages import KIND_JOINED, KIND_LEFT, KIND_POST, Event
from qtchat.server.doors.entrance import parse_entrance
from tests.end_to_end.conftest import Window
from tests.helpers.plain import PATIENCE, PlainClient, PlainServer, Terminal
from tests.helpers.programs import ServerProgram
from tests.helpers.wire import ClosedByServerError, WireClient

MESSAGES = 100
MARK = "привет 😀"
FRAMELESS = [dialect for dialect in DIALECTS.values() if not dialect.framed]


def usual_port(dialect: Dialect) -> int:
    """Its own, or any where another program has that."""
    try:
        socket.create_server(("127.0.0.1", dialect.port)).close()
    except OSError:
        return 0
    return dialect.port


@contextmanager
def server_of_all(folder: Path) -> Iterator[tuple[str, int, dict[str, int]]]:
    """A server program with all five doors: its link, its native port, and those of the doors."""
    arguments = [part for name, dialect in DIALECTS.items() for part in ("--classic", f"{name}:{usual_port(dialect)}")]
    with ServerProgram(folder, "--json", *arguments) as program:
        ready = program.ready()
        doors = {door.dialect.name: door.port for door in map(parse_entrance, ready["classic"])}
        yield ready["link"], int(ready["native"].rpartition(":")[2]), doors


class Witness:
    """A native who hears everything, and on whom the others wait: somebody who types is slower than the wire, and a
    plain program that sends twice at once may be heard as having said one thing."""

    def __init__(self, port: int) -> None:
        self.heard: Counter[str] = Counter()
        self.arrived: list[str] = []
        self.left: list[str] = []
        self._client = WireClient(port)
        self._client.login("Witness")
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._listen, name="witness")

    def __enter__(self) -> "Witness":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.sock.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._client.close()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, PATIENCE), (self.arrived, self.left, self.heard.total())

    def _listen(self) -> None:
        with suppress(OSError, ClosedByServerError):
            while True:
                event = self._client.expect(Event)
                with self._changed:
                    if event.kind == KIND_POST:
                        self.heard[f"{event.nick}: {event.text}"] += 1
                    elif event.kind == KIND_JOINED:
                        self.arrived.append(event.nick)
                    elif event.kind == KIND_LEFT:
                        self.left.append(event.nick)
                    self._changed.notify_all()


class Person:
    """Somebody in front of one of the programs. `nick`: what the others call them."""

    def __init__(self, program: PlainClient | Terminal, nick: str, dialect: str) -> None:
        self.program, self.nick, self.dialect = program, nick, dialect

    def say(self, text: str) -> None:
        self.program.write(text)

    def hears(self, speaker: "Person", text: str) -> str:
        """How a message looks here; empty for one's own, where that is not told."""
        if speaker is self:
            return f"{self.nick}: {text}" if self.dialect == "nick-en" else ""
        nameless = self.dialect == speaker.dialect == "anonymous"
        return text if nameless else f"{speaker.nick}: {text}"

    @property
    def heard(self) -> Counter[str]:
        return Counter(line for line in self.program.lines if line.endswith(MARK))


@contextmanager
def everybody(doors: dict[str, int], witness: Witness) -> Iterator[list[Person]]:
    """Two with each program, in the room."""
    with ExitStack() as stack:
        people: list[Person] = []
        for number, dialect in enumerate((*FRAMELESS, *FRAMELESS)):
            nick = f"{'Аня' if number % 2 else 'Bob'} {number}"
            program = stack.enter_context(PlainClient(dialect.name, doors[dialect.name], nick))
            known_as = nick if dialect.named else f"guest-{1 + number // len(FRAMELESS)}"
            people.append(Person(program, known_as, dialect.name))
            witness.wait(lambda: witness.arrived[-1:] == [known_as])  # noqa: B023 (it is called here)
        for nick in ("Ольга", "nc"):
            terminal = stack.enter_context(Terminal(doors["lines"]))
            terminal.write(nick)
            people.append(Person(terminal, nick, "lines"))
            witness.wait(lambda: witness.arrived[-1:] == [nick])  # noqa: B023
        yield people


@pytest.fixture
def quick_threads() -> Iterator[None]:
    """A dozen programs and a window share this process: none keeps Python to itself for long. The frameless ones read
    two messages as one if they come late, as they always did."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_threads")
def test_everybody_reads_everybody(tmp_path: Path, open_window: Callable[[str], Window]) -> None:
    with server_of_all(tmp_path / "server") as (link, port, doors), Witness(port) as witness:
        window = open_window("native")
        window.join(link, "Native")
        with everybody(doors, witness) as people:
            talk(people, witness)
            expected = Counter(f"{person.nick}: {text}" for person in people for text in texts_of(person))
            assert Counter({text: n for text, n in witness.heard.items() if text.endswith(MARK)}) == expected
            window.say("from the window")
            for person in people:
                person.program.wait_line("Native: from the window")
            for person in people:
                heard = Counter(
                    said for other in people for text in texts_of(other) if (said := person.hears(other, text))
                )
                person.program.wait(lambda: person.heard.total() >= heard.total())  # noqa: B023
                assert person.heard == heard, person.nick
            last = people[-1]
            window.until(lambda: f"{last.nick}: {texts_of(last)[-1]}" in window.shown)
            announced(people)
        witness.wait(lambda: len(witness.left) == len(people))


def texts_of(person: Person) -> list[str]:
    return [f"{person.nick} says {number} {MARK}" for number in range(MESSAGES)]


def talk(people: list[Person], witness: Witness) -> None:
    """All at once, each one message after the other."""

    def speak(person: Person) -> None:
        for text in texts_of(person):
            person.say(text)
            witness.wait(lambda: f"{person.nick}: {text}" in witness.heard)  # noqa: B023

    threads = [threading.Thread(target=speak, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def announced(people: list[Person]) -> None:
    """The last who came was announced to the others where their programs do so."""
    for person in people[:-1]:
        dialect = DIALECTS[person.dialect]
        told = dialect.joined.format(nick=people[-1].nick) if dialect.joined else ""
        assert (told in person.program.lines) == bool(told)


def link_to(port: int, dialect: str) -> str:
    return f"classic://127.0.0.1:{port}?dialect={dialect}"


@pytest.mark.parametrize("dialect", [dialect.name for dialect in FRAMELESS])
def test_the_app_talks_with_the_clients_of_a_plain_server(dialect: str, open_window: Callable[[str], Window]) -> None:
    prefix, nick = ("", "anonymous") if dialect == "anonymous" else ("Анна: ", "Bob")
    window = open_window("app")
    with PlainServer(dialect) as server, PlainClient(dialect, server.port, "Bob") as bob:
        server.wait(lambda: len(server.nicks) == 1)
        window.join(link_to(server.port, dialect), "Анна")
        window.say("hello")
        window.until(lambda: f"{prefix}hello" in bob.lines)
        bob.write("и тебе 👍")
        window.until(lambda: f"{nick}: и тебе 👍" in window.shown)
        window.until(lambda: nick in window.people)
        assert window.shown == ["Анна: hello", f"{nick}: и тебе 👍"]
        with PlainClient(dialect, server.port, "Вера") as vera:
            server.wait(lambda: len(server.nicks) == 3)
            if DIALECTS[dialect].joined:
                window.until(lambda: (KIND_JOINED, "Вера") in window.events)
            vera.write("me too")
            who = nick if dialect == "anonymous" else "Вера"
            window.until(lambda: f"{who}: me too" in window.shown)
        if DIALECTS[dialect].left:
            window.until(lambda: (KIND_LEFT, "Вера") in window.events)
        only_messages(window)
        window.quit()


def only_messages(window: Window) -> None:
    """It is said what a plain chat cannot do, nothing of it is offered, and no message is more than sent."""
    main = window.desktop.window
    assert main.plain_bar.isVisible()
    assert not main.conversations.add_button.isEnabled()
    main.toggle_details()
    assert main.people_pane.chat_label.isVisible()
    assert not main.people_pane.topic.isVisible()
    posts = [entry for entry in main.timeline.model.entries if entry.kind == KIND_POST]
    assert {entry.delivery for entry in posts} == {Delivery.SENT}


def test_the_app_talks_by_lines(tmp_path: Path, open_window: Callable[[str], Window]) -> None:
    with ServerProgram(tmp_path / "server", "--json", "--classic", "lines:0") as program:
        port = parse_entrance(program.ready()["classic"][0]).port
        window = open_window("app")
        with Terminal(port) as terminal:
            terminal.write("nc")
            window.join(link_to(port, "lines"), "Анна")
            window.say("hello")
            terminal.wait_line("Анна: hello")
            terminal.write("и тебе 👍")
            window.until(lambda: "nc: и тебе 👍" in window.shown)
            only_messages(window)
            window.quit()


def test_a_plain_chat_is_joined_in_the_dialog_and_there_again_at_the_next_start(
    open_window: Callable[[str], Window],
) -> None:
    with PlainServer("nick-en") as server:
        window = open_window("app")
        window.desktop.start()
        dialog = window.desktop.joining.dialog
        dialog.nick_field.setText("Анна")
        dialog.address_field.setText(f"classic://127.0.0.1:{server.port}?dialect=english")
        dialog.join_button.click()
        window.until(lambda: "no dialect of that name" in dialog.address_error.text())
        dialog.address_field.setText(f"classic://127.0.0.1:{server.port}")  # it asks for a name, so it is guessed
        dialog.join_button.click()
        window.until(lambda: window.desktop.chat.room is not None and not window.offline)
        assert not dialog.isVisible()
        window.say("hello")
        window.until(lambda: window.shown == ["Анна: hello"])
        window.quit()
        again = open_window("app")
        again.desktop.start()
        again.until(lambda: again.shown == ["Анна: hello"] and not again.offline)
        again.say("back")
        again.until(lambda: again.shown == ["Анна: hello", "Анна: back"])
        again.quit()

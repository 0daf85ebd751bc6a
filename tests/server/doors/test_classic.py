"""The classic door: each dialect as its own programs speak it, what is said between them and natives, and bad peers."""

import errno
import re
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    MAX_TEXT,
    Ack,
    Delete,
    Edit,
    Event,
    GetHistory,
    History,
    ListPeople,
    ListRooms,
    People,
    Post,
    React,
    Rooms,
    SetTopic,
)
from qtchat.server.app import Server
from qtchat.server.doors import classic, classic_backlog
from qtchat.server.doors.classic_codec import ClassicCodec
from qtchat.server.doors.classic_writer import ReadWriter
from qtchat.server.store import RoomLog, StoreFailed, StoreFull, Writes
from tests.helpers.logs import LogWatch
from tests.helpers.plain import PlainClient, Terminal
from tests.helpers.servers import running_server
from tests.helpers.wire import PATIENCE, Connect, WireClient, new_id

LOBBY = 1
FRAMELESS = ["nick-ru", "nick-en", "name-first", "anonymous"]
NAMED = ["nick-ru", "nick-en", "name-first"]
NOTICES = ["nick-ru", "nick-en"]

Enter = Callable[..., PlainClient]


@pytest.fixture
def log() -> Iterator[LogWatch]:
    with LogWatch() as watch:
        yield watch


@pytest.fixture
def server(tmp_path: Path, log: LogWatch) -> Iterator[Server]:
    doors = tuple(f"{name}:0" for name in DIALECTS)
    with running_server(tmp_path / "server", classic=doors, messages_per_second=0) as running:
        yield running


def port_of(server: Server, dialect: str) -> int:
    return next(entrance.port for entrance in server.entrances if entrance.dialect.name == dialect)


@pytest.fixture
def enter(server: Server, log: LogWatch) -> Iterator[Enter]:
    """enter(dialect, nick): a client that has come in; all are closed at the end."""
    with ExitStack() as clients:

        def make(dialect: str, nick: str = "", **options: int) -> PlainClient:
            before = len(log.lines())
            client = clients.enter_context(PlainClient(dialect, port_of(server, dialect), nick, **options))
            log.wait_until(lambda: any("came in by" in line for line in log.lines()[before:]))
            return client

        yield make


@pytest.fixture
def terminal(server: Server) -> Iterator[Terminal]:
    with Terminal(port_of(server, "lines")) as nc:
        yield nc


def say(client: WireClient, text: str) -> int:
    return client.ask(Post(new_id(), LOBBY, text), Ack).seq


def raw(server: Server, dialect: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port_of(server, dialect)), timeout=PATIENCE)


def read_to_the_reset(sock: socket.socket) -> None:
    """Until the server ends the connection, which must not be the end of a stream."""
    try:
        while sock.recv(1024):
            pass
    except ConnectionResetError:
        return
    raise AssertionError("the stream came to an end")


def came(client: WireClient, count: int = 1) -> list[Event]:
    """The next `count` who came in without a key."""
    found: list[Event] = []
    while len(found) < count:
        found += [event for event in client.events(1, "joined") if event.author >= FIRST_PLAIN_USER]
    return found


def left(client: WireClient) -> Event:
    """The next who left."""
    return client.events(1, "left")[0]


# -- each dialect, to the byte ------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", NOTICES)
def test_the_server_asks_for_the_nick_and_says_nothing_else_before(server: Server, dialect: str) -> None:
    with raw(server, dialect) as sock:
        assert sock.recv(1024) == b"NICK"
        sock.send("Аня".encode())
        words = DIALECTS[dialect]
        assert sock.recv(1024).decode() == f"{words.joined.format(nick='Аня')}\n{words.connected}"


@pytest.mark.parametrize("dialect", ["name-first", "anonymous"])
def test_the_others_say_nothing_by_themselves(server: Server, dialect: str, connect: Connect) -> None:
    ada = connect("Ada")
    with raw(server, dialect) as sock:
        if dialect == "name-first":
            sock.send(b"Bob")
        assert came(ada)[0].author == FIRST_PLAIN_USER
        say(ada, "first")
        assert sock.recv(1024) == b"Ada: first"


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_a_message_goes_both_ways(dialect: str, enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    bob = enter(dialect, "Боб")
    say(ada, "привет 😀")
    bob.wait_line("Ada: привет 😀")
    bob.write("и тебе 👍")
    event = next_of_others(ada)
    assert event.text == "и тебе 👍"  # what the program puts in front is not doubled
    assert event.nick == ("guest-1" if dialect == "anonymous" else "Боб")
    assert event.author >= FIRST_PLAIN_USER


def next_of_others(client: WireClient) -> Event:
    """The next post that came by a plain-text door."""
    while True:
        (event,) = client.events(1)
        if event.author >= FIRST_PLAIN_USER:
            return event


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_only_one_dialect_echoes(dialect: str, enter: Enter) -> None:
    bob, eve = enter(dialect, "Bob"), enter(dialect, "Eve")
    bob.write("one")
    said = "one" if dialect == "anonymous" else "Bob: one"
    eve.wait_line(said)
    eve.write("two")
    bob.wait_line("two" if dialect == "anonymous" else "Eve: two")
    assert bob.lines.count(said) == (1 if dialect == "nick-en" else 0)
    assert eve.lines.count(said) == 1


@pytest.mark.parametrize("dialect", NOTICES)
def test_comings_and_goings_are_announced_in_its_words(dialect: str, enter: Enter) -> None:
    words = DIALECTS[dialect]
    bob = enter(dialect, "Bob")
    eve = enter(dialect, "Eve")
    bob.wait_line(words.joined.format(nick="Eve"))
    eve.close()
    bob.wait_line(words.left.format(nick="Eve"))


def test_quit_is_typed_in_one_of_them_and_the_server_has_to_close(enter: Enter, log: LogWatch) -> None:
    bob = enter("nick-en", "Bob")
    bob.write("bye")
    bob.wait_line("Bob: bye")
    bob.write("quit")
    assert bob.wait_end() == "reset"
    log.wait_for("Bob from 127.0.0.1 left the nick-en door: said quit")


@pytest.mark.parametrize("dialect", ["nick-ru", "name-first", "anonymous"])
def test_quit_is_a_word_like_others_elsewhere(dialect: str, enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter(dialect, "Bob")
    bob.sock.send(b"quit")
    assert ada.events(1)[0].text == "quit"


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_the_end_is_a_reset(dialect: str, server: Server, enter: Enter) -> None:
    bob = enter(dialect, "Bob")
    assert server.stop()
    assert bob.wait_end() == "reset"


def test_what_is_done_to_messages_comes_as_a_line(enter: Enter, connect: Connect) -> None:
    ada, bob, guest = connect("Ada"), enter("nick-ru", "Боб"), enter("anonymous")
    seq = say(ada, "привет")
    ada.ask(Edit(new_id(), LOBBY, seq, "пока"), Ack)
    bob.wait_line("* Ada исправляет: пока")
    guest.wait_line("* Ada edited: пока")
    ada.ask(React(new_id(), LOBBY, seq, "👍"), Ack)
    bob.wait_line("* Ada 👍")
    ada.ask(SetTopic(new_id(), LOBBY, "погода"), Ack)
    bob.wait_line("* Ada меняет тему: погода")
    ada.ask(Delete(new_id(), LOBBY, seq), Ack)
    bob.wait_line("* Ada удаляет сообщение")


def test_a_message_of_several_lines_does_not_look_like_several(enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter("nick-en", "Bob")
    say(ada, "one\nBob: I never said this\x1b[2J")
    bob.wait_line("Ada: one")
    bob.wait_line("  Bob: I never said this\ufffd[2J")


def test_messages_that_wait_are_joined_and_no_character_is_cut(
    enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReadWriter, "interval", 0.2)
    ada, bob = connect("Ada"), enter("nick-ru", "Боб")
    texts = [f"{number} " + "я😀" * (number % 40) for number in range(100)]
    for text in texts:
        ada.send(Post(new_id(), LOBBY, text))
        ada.expect(Ack)
    bob.wait_line(f"Ada: {texts[-1]}")
    assert [line for line in bob.lines if line.startswith("Ada: ")] == [f"Ada: {text}" for text in texts]
    assert bob.ended == ""  # half a character would have killed it


def test_a_long_message_comes_in_pieces_of_whole_characters(enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter("name-first", "Bob")
    text = "x" + "я😀" * 1500
    say(ada, text)
    bob.wait(lambda: "".join(bob.reads).replace(" ", "") == f"Ada:{text}")
    assert len(bob.reads) > 5


class Reset(socket.socket):
    """One that takes no options any more, since its peer has reset it."""

    def setsockopt(self, *_arguments: object) -> None:
        raise OSError(errno.EINVAL, "Invalid argument")


def test_a_socket_that_takes_no_options_is_served_and_let_go(server: Server, connect: Connect) -> None:
    ada, door = connect("Ada"), server._classic_doors[0]
    ours, theirs = socket.socketpair()
    codec = ClassicCodec(DIALECTS["name-first"])
    door.loop.call_soon(door.welcome, Reset(fileno=ours.detach()), "192.0.2.9", codec, "lobby")
    with theirs:
        theirs.send(b"Bob")
        assert came(ada)[0].nick == "Bob"
    assert left(ada).nick == "Bob"
    assert not door.peers


def test_what_was_said_behind_a_new_name_is_said_although_nobody_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classic, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(classic, "ENTRIES_PER_SECOND", 5.0)
    with running_server(tmp_path, classic=("lines:0",)) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        with raw(server, "lines") as nc:
            nc.sendall(b"Bob\n/nick Eve\nlast words\n")
            assert came(ada)[0].nick == "Bob"
        event = ada.events(1)[0]
        assert (event.nick, event.text) == ("Eve", "last words")
        assert left(ada).nick == "Eve"


# -- names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", NAMED)
def test_a_name_that_belongs_to_a_key_gets_a_mark(dialect: str, enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    false = enter(dialect, "ada")
    false.wait_line(DIALECTS[dialect].words.renamed.format(nick="ada~"))
    false.write("it is me")
    event = ada.events(1)[0]
    assert (event.nick, event.text) == ("ada~", "it is me")


def test_two_of_one_name_are_told_apart_and_a_name_is_taken_up_again(enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    first, second = enter("name-first", "Bob"), enter("nick-en", "Bob")
    second.wait_line("* Here you are called Bob~.")
    authors = [event.author for event in came(ada, 2)]
    assert authors == [FIRST_PLAIN_USER, FIRST_PLAIN_USER + 1]
    first.close()
    assert left(ada).author == FIRST_PLAIN_USER
    enter("nick-ru", "Bob")
    assert came(ada)[0].author == FIRST_PLAIN_USER


def test_a_key_may_take_a_plain_name_at_any_time(enter: Enter, connect: Connect, server: Server) -> None:
    plain = enter("nick-en", "Bob")
    bob = connect("Bob")
    plain.write("hello")
    event = bob.events(1)[0]
    assert (event.nick, event.author >= FIRST_PLAIN_USER) == ("Bob", True)
    plain.close()
    again = enter("nick-en", "Bob")
    again.wait_line("* Here you are called Bob~.")
    assert server.entrances


@pytest.mark.parametrize(
    ("name", "nick"),
    [
        ("  Bob ", "Bob"),
        ("B:o:b", "B o b"),
        ("#bob", "bob"),
        ("x" * 60, "x" * 32),
        ("B\u202eob\x00", "Bob"),
        ("guest-7", "guest-7~"),
        (":", "guest-1"),
    ],
)
def test_what_is_no_proper_nick_becomes_one(name: str, nick: str, enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    client = enter("nick-en", name)
    assert came(ada)[0].nick == nick
    client.write("hello")
    assert ada.events(1)[0].text == "hello"  # without the prefix, which has the name as it was typed


def test_guests_are_numbered_and_numbers_used_again(enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    first, _second = enter("anonymous"), enter("anonymous")
    assert [event.nick for event in came(ada, 2)] == ["guest-1", "guest-2"]
    first.close()
    left(ada)
    enter("anonymous")
    assert came(ada)[0].nick == "guest-1"


def test_people_without_a_key_are_listed_only_while_they_are_here(enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter("nick-ru", "Bob")
    people = ada.ask(ListPeople(new_id(), LOBBY), People).people
    assert [(person.nick, person.online) for person in people] == [("Ada", True), ("Bob", True)]
    bob.close()
    left(ada)
    assert [person.nick for person in ada.ask(ListPeople(new_id(), LOBBY), People).people] == ["Ada"]


def test_after_a_restart_nobody_without_a_key_is_left_over(tmp_path: Path, log: LogWatch) -> None:
    key = SigningKey.generate()
    for _ in range(2):
        with running_server(tmp_path, classic=("anonymous:0",)) as server:
            with WireClient(server.port, key) as ada:
                ada.login("Ada")
                assert len(ada.ask(ListPeople(new_id(), LOBBY), People).people) == 1
            log.forget()
            client = PlainClient("anonymous", server.entrances[0].port)
            client.start()
            log.wait_for("guest-1 came in")
            assert server.stop()
            client.close()


# -- rooms --------------------------------------------------------------------------------------------


def test_a_door_leads_into_one_room_which_is_made_if_need_be(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, classic=("name-first:0/old times", "name-first:0")) as server,
        WireClient(server.port) as ada,
    ):
        ada.login("Ada")
        old, lobby = server.entrances
        with PlainClient("name-first", lobby.port, "Bob") as bob:
            came(ada)
            with PlainClient("name-first", old.port, "Eve") as eve:
                while len(rooms := ada.ask(ListRooms(new_id()), Rooms).rooms) < 2:
                    pass
                assert [room.name for room in rooms] == ["lobby", "old times"]
                eve.write("anybody?")
                say(ada, "hello")
                bob.wait_line("Ada: hello")
            assert bob.reads == ["Ada: hello"]
            assert eve.reads == []


# -- messages that come oddly ---------------------------------------------------------------------------


def test_two_messages_in_one_read_are_separated_by_the_prefix(enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter("nick-ru", "Боб")
    bob.sock.send("Боб: раз".encode() + "Боб: два".encode())
    assert [event.text for event in ada.events(2)] == ["раз", "два"]


def test_a_name_and_a_message_in_one_read(server: Server, connect: Connect) -> None:
    ada = connect("Ada")
    with raw(server, "nick-en") as sock:
        sock.send(b"BobBob: hello")
        assert came(ada)[0].nick == "Bob"
        assert ada.events(1)[0].text == "hello"


@pytest.mark.parametrize("at", [1, 3, 6, 7, 8])
def test_a_character_split_over_two_reads_is_assembled(at: int, enter: Enter, connect: Connect) -> None:
    ada, guest = connect("Ada"), enter("anonymous")
    data = "да 😀".encode()
    guest.sock.send(data[:at])
    say(ada, "in between")
    guest.sock.send(data[at:])
    assert next_of_others(ada).text == "да 😀"


def test_invalid_utf8_is_replaced(enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic, "REST_TIMEOUT", 0.01)
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.send(b"caf\xe9")  # it looks as if more of a character followed
    assert ada.events(1)[0].text == "caf\ufffd"
    guest.sock.send(b"\xff\xfe!")
    assert ada.events(1)[0].text == "\ufffd\ufffd!"


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_empty_messages_are_none(dialect: str, enter: Enter, connect: Connect) -> None:
    ada, bob, eve = connect("Ada"), enter(dialect, "Bob"), enter("nick-en", "Eve")
    for nothing in (" ", "\n", " \r\n"):
        bob.write(nothing)
        eve.write("next")
        assert ada.events(1)[0].text == "next"
    bob.write("end")
    assert ada.events(1)[0].text.endswith("end")


@pytest.fixture
def talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who talks much needs not wait for it."""
    monkeypatch.setattr(classic_backlog, "BYTES_PER_SECOND", 2**30)


@pytest.mark.usefixtures("talkative")
def test_a_megabyte_without_a_newline_is_said_in_pieces(enter: Enter, connect: Connect) -> None:
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.sendall("я".encode() * 500_000)
    said = 0
    while said < 500_000:
        (event,) = ada.events(1)
        assert len(event.text.encode()) <= MAX_TEXT
        assert set(event.text) == {"я"}
        said += len(event.text)
    assert said == 500_000


def test_what_was_said_before_hanging_up_is_said(server: Server, connect: Connect) -> None:
    ada = connect("Ada")
    with raw(server, "lines") as sock:
        sock.sendall(b"Bob\none\ntwo\nthree\n")
    assert [event.text for event in ada.events(3)] == ["one", "two", "three"]
    assert left(ada).nick == "Bob"


# -- bad peers ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_browser_is_turned_away(dialect: str, server: Server, log: LogWatch) -> None:
    with raw(server, dialect) as sock:
        sock.send(b"POST / HTTP/1.1\r\nHost: x\r\n\r\nhello")
        read_to_the_reset(sock)
    log.wait_for(f"left the {dialect} door: spoke HTTP to a plain-text door")


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_who_wants_to_encrypt_is_turned_away(dialect: str, server: Server, log: LogWatch) -> None:
    with raw(server, dialect) as sock:
        sock.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)))
        read_to_the_reset(sock)
    log.wait_for(f"left the {dialect} door: spoke TLS to a plain-text door")


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_who_says_no_name_is_let_go_after_a_while(tmp_path: Path, dialect: str, log: LogWatch) -> None:
    with running_server(tmp_path, classic=(f"{dialect}:0",), login_timeout=1) as server, raw(server, dialect) as sock:
        if dialect == "anonymous":  # it may listen as long as it likes
            log.wait_for("guest-1 came in by the anonymous door from 127.0.0.1")
            return
        read_to_the_reset(sock)
        log.wait_for(f"127.0.0.1 left the {dialect} door: said no name within 1 s")


def test_an_endless_name_is_no_name(server: Server, log: LogWatch) -> None:
    with raw(server, "name-first") as sock:
        sock.sendall(b"x" * 5_000)
        log.wait_for("left the name-first door: said a name of ")


def test_a_peer_that_never_reads_is_let_go(tmp_path: Path, log: LogWatch) -> None:
    with (
        running_server(tmp_path, classic=("anonymous:0",), messages_per_second=0, soft_outbox=65_536) as server,
        WireClient(server.port) as ada,
        WireClient(server.port) as bob,
    ):
        ada.login("Ada")
        bob.login("Bob")
        with raw(server, "anonymous"):
            log.wait_for("guest-1 came in")
            for _ in range(10):
                say(ada, "x" * MAX_TEXT)
            line = log.wait_for("guest-1 from 127.0.0.1 left the anonymous door: did not read: ")
            assert int(re.findall(r"(\d+) bytes", line)[0]) < 65_536 + 2 * MAX_TEXT
        assert len(bob.events(10)) == 10


def test_a_flood_is_slowed_down_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, classic=("lines:0",), messages_per_second=400, message_burst=100) as server,
        WireClient(server.port) as ada,
        Terminal(server.entrances[0].port) as flooder,
    ):
        ada.login("Ada")
        flooder.write("Bob")
        flooder.write("\n".join(map(str, range(200))))
        assert [event.text for event in ada.events(200)] == list(map(str, range(200)))


def test_who_says_much_has_to_wait(enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_backlog, "BYTES_AT_ONCE", 0)
    monkeypatch.setattr(classic_backlog, "BYTES_PER_SECOND", 10_000)
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.sendall(b"x" * 2_000)
    begin = ada.events(1)[0].ts
    guest.sock.sendall(b"y")
    assert ada.events(1)[0].ts - begin >= 195


@pytest.mark.usefixtures("talkative")
def test_what_comes_too_fast_is_not_even_read(enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_backlog, "HOLD_ABOVE", 4096)
    ada, guest = connect("Ada"), enter("anonymous")
    guest.sock.sendall(b"x" * 1_000_000)
    said = 0
    while said < 1_000_000:
        said += len(ada.events(1)[0].text)
    assert said == 1_000_000


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_a_peer_that_is_killed_leaves_nothing_behind(
    dialect: str, server: Server, connect: Connect, log: LogWatch
) -> None:
    ada = connect("Ada")
    sock = raw(server, dialect)
    sock.send(b"Bob\n" if DIALECTS[dialect].named else b"hello")
    nick = came(ada)[0].nick
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()
    assert left(ada).nick == nick
    log.wait_for(f"{nick} from 127.0.0.1 left the {dialect} door: ")
    assert [person.nick for person in ada.ask(ListPeople(new_id(), LOBBY), People).people] == ["Ada"]


def test_who_comes_again_and_again_has_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log: LogWatch) -> None:
    monkeypatch.setattr(classic, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(classic, "ENTRIES_PER_SECOND", 1.0)
    with running_server(tmp_path, classic=("name-first:0",)) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        with raw(server, "name-first") as ann, raw(server, "name-first") as eve:
            ann.send(b"Ann")
            assert came(ada)[0].nick == "Ann"
            killed = [raw(server, "name-first") for _ in range(5)]
            for number, sock in enumerate(killed):
                sock.send(f"Bob {number}".encode())
                sock.close()
            log.wait_until(lambda: sum("left the name-first door" in line for line in log.lines()) == len(killed))
            eve.send(b"Eve")
            assert came(ada)[0].nick == "Eve"  # and none of the others


def test_another_name_counts_as_coming_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(classic, "ENTRIES_PER_SECOND", 5.0)
    with running_server(tmp_path, classic=("lines:0",)) as server, WireClient(server.port) as ada:
        ada.login("Ada")
        with Terminal(server.entrances[0].port) as terminal:
            for line in ("Bob", "/nick Eve", "/nick Dan", "hello"):
                terminal.write(line)
            times = [event.ts for event in came(ada, 3)]
            assert times[2] - times[0] >= 390
            assert ada.events(1)[0].nick == "Dan"  # what was said behind it is said under the new name


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_a_disk_that_is_full_is_told_and_waited_for(
    dialect: str, enter: Enter, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtchat.server.refusals.RETRY_AFTER_MS", 10)
    ada, bob = connect("Ada"), enter(dialect, "Bob")
    full = [True]
    commit = RoomLog.commit

    def fail(log: RoomLog, writes: Writes) -> None:
        if full[0] and writes.events:
            raise StoreFull(Path("chat.db"))
        commit(log, writes)

    monkeypatch.setattr(RoomLog, "commit", fail)
    bob.write("one")
    bob.wait_line(DIALECTS[dialect].words.unsaved)
    bob.write("two")
    full[0] = False
    assert [event.text.removeprefix("one") for event in ada.events(2)] == ["", "two"]
    bob.wait_line(DIALECTS[dialect].words.saved)


def test_a_new_name_that_may_have_been_stored_is_asked_for_again(
    terminal: Terminal, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qtchat.server.refusals.RETRY_AFTER_MS", 10)
    ada, words = connect("Ada"), DIALECTS["lines"].words
    terminal.write("Bob")
    assert came(ada)[0].nick == "Bob"
    terminal.wait_screen("> ")
    commit, failures = RoomLog.commit, [StoreFailed(Path("chat.db"), "disk I/O error")]

    def fail(log: RoomLog, writes: Writes) -> None:
        commit(log, writes)
        if failures and writes.events:
            raise failures.pop()

    monkeypatch.setattr(RoomLog, "commit", fail)
    terminal.write("/nick Eve")
    terminal.wait_line(words.unsaved)
    assert came(ada)[0].nick == "Eve"
    terminal.write("hello")
    assert ada.events(1)[0].nick == "Eve"
    terminal.write("/who")
    terminal.wait_line("* Here: Ada, Eve")
    assert words.saved not in terminal.lines


def test_a_disk_that_is_full_lets_nobody_in(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StoreFull(Path("chat.db"))

    monkeypatch.setattr(RoomLog, "commit", fail)
    with PlainClient("nick-ru", port_of(server, "nick-ru"), "Bob") as bob:
        bob.wait_line("* The server's disk is full.")
        assert bob.wait_end() == "reset"


def test_the_door_is_off_unless_asked_for_and_says_that_it_is_open(tmp_path: Path, log: LogWatch) -> None:
    with running_server(tmp_path) as server:
        assert server.entrances == []
    log.forget()
    with running_server(tmp_path, classic=("nick-ru:0",)) as server:
        port = server.entrances[0].port
        log.wait_for(f"the door nick-ru:{port} is not encrypted")


# -- nc and telnet ----------------------------------------------------------------------------------------


def test_a_visit_with_nc(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    say(ada, "before")
    terminal.wait_screen("/help tells what you can do.\r\nYour name: ")
    terminal.write("")
    terminal.wait_screen("Your name: Your name: ")
    terminal.write("Боб")
    terminal.wait(lambda: any(re.fullmatch(r"\[\d\d:\d\d\] Ada: before", line) for line in terminal.lines))
    terminal.write("привет\r")
    assert next_of_others(ada).text == "привет"
    say(ada, "раз\nдва")
    terminal.wait_line("Ada: раз")
    terminal.wait_line("  два")
    terminal.wait(lambda: terminal.screen.endswith("> "))
    assert "Боб: привет" not in terminal.lines


def test_commands(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    terminal.write("Bob")
    assert came(ada)[0].nick == "Bob"
    terminal.write("/who")
    terminal.wait_line("* Here: Ada, Bob")
    terminal.write("/nick Ada")
    terminal.wait_line("* Here you are called Ada~.")
    assert left(ada).nick == "Bob"
    assert came(ada)[0].nick == "Ada~"
    terminal.write("/nick Bob")
    terminal.wait_line("* Bob joined")
    terminal.write("/nick")
    terminal.wait_line("* Which name? Write /nick NAME.")
    terminal.write("/help")
    terminal.wait_line("*   /quit          leave")
    terminal.write("/dance now")
    terminal.wait_line("* There is no command /dance. /help tells what there is.")
    terminal.write("hello")
    assert ada.events(1)[0].nick == "Bob"
    terminal.write("/history 1")
    terminal.wait(lambda: any(re.fullmatch(r"\[\d\d:\d\d\] Bob: hello", line) for line in terminal.lines))
    terminal.write("/quit")
    terminal.wait(lambda: terminal.ended == "reset")
    assert left(ada).nick == "Bob"


def test_a_line_that_is_too_long_is_told_and_not_said(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    terminal.write("Bob")
    terminal.wait_screen("> ")
    terminal.write("x" * 1_000_000)
    terminal.wait_line("* That line was too long, and was not sent.")
    terminal.write("short")
    assert ada.events(1)[0].text == "short"


def test_what_was_deleted_is_not_in_the_history(terminal: Terminal, connect: Connect) -> None:
    ada = connect("Ada")
    seq = say(ada, "secret")
    ada.ask(Delete(new_id(), LOBBY, seq), Ack)
    say(ada, "harmless")
    terminal.write("Bob")
    terminal.wait_screen("Ada: harmless")
    assert "secret" not in terminal.screen
    assert ada.ask(GetHistory(new_id(), LOBBY), History).events

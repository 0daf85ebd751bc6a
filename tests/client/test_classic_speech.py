"""What a plain server says, and how it is answered: each dialect, and servers with faults."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.classic_speech import ANONYMOUS, SERVER, Asked, Came, Heard, Said, Speech, Went, guess_dialect
from qtchat.protocol.dialects import DIALECTS, READ_SIZE


def speech(dialect: str, nick: str = "Anna") -> Speech:
    return Speech(DIALECTS[dialect], nick)


def hear(dialect: str, *reads: str) -> list[Heard]:
    listener = speech(dialect)
    return [one for read in reads for one in listener.feed(read.encode())]


@pytest.mark.parametrize(
    ("dialect", "read", "heard"),
    [
        ("nick-ru", "NICK", [Asked()]),
        ("nick-ru", "Боб присоединился к чату!", [Came("Боб")]),
        ("nick-ru", "Боб покинул чат!", [Went("Боб")]),
        ("nick-ru", "Подключение к серверу успешно!", []),
        ("nick-ru", "Боб: привет 😀", [Said("Боб", "привет 😀")]),
        ("nick-ru", "Боб joined the chat!", [Came("Боб")]),
        ("nick-en", "Bob joined the chat!", [Came("Bob")]),
        ("nick-en", "Bob left the chat!", [Went("Bob")]),
        ("nick-en", "Connected to the server!", []),
        ("nick-en", "Bob: hi", [Said("Bob", "hi")]),
        ("nick-en", "Bob:hi", [Said("Bob", "hi")]),
        ("nick-en", "Bob: Eve joined the chat!", [Said("Bob", "Eve joined the chat!")]),
        ("nick-en", "welcome, stranger", [Said(SERVER, "welcome, stranger")]),
        ("name-first", "Bob: see https://example.org", [Said("Bob", "see https://example.org")]),
        ("name-first", "Bob joined the chat!", [Said(SERVER, "Bob joined the chat!")]),
        ("anonymous", "note: buy milk", [Said(ANONYMOUS, "note: buy milk")]),
        ("lines", "> \rBob: hi\r\n> ", [Said("Bob", "hi")]),
        ("lines", "Your name: * Bob joined\r\n", [Came("Bob")]),
        ("lines", "* Bob left\r\n", [Went("Bob")]),
        ("lines", "* Here: Bob\r\n", [Said(SERVER, "* Here: Bob")]),
        ("lines", "* Bob joined the dots\r\n", [Said(SERVER, "* Bob joined the dots")]),
        ("lines", "Bob: not ended", []),
    ],
)
def test_what_is_understood(dialect: str, read: str, heard: list[Heard]) -> None:
    assert hear(dialect, read) == heard


def test_what_runs_together_is_taken_apart_where_that_can_be_told() -> None:
    assert hear("nick-en", "Anna joined the chat!Connected to the server!") == [Came("Anna")]
    assert hear("nick-en", "Bob left the chat!Eve joined the chat!Eve: hi") == [
        Went("Bob"),
        Came("Eve"),
        Said("Eve", "hi"),
    ]
    assert hear("nick-ru", "Боб: раз\nЕва: два") == [Said("Боб", "раз"), Said("Ева", "два")]


def test_a_message_of_several_lines_is_one() -> None:
    assert hear("nick-en", "Bob: one\n  two\n  three\nEve: four") == [
        Said("Bob", "one\ntwo\nthree"),
        Said("Eve", "four"),
    ]


def test_a_message_longer_than_those_servers_read_goes_on() -> None:
    text = "Bob: " + "x" * 2000
    assert hear("name-first", text[:1024], text[1024:]) == [Said("Bob", "x" * 1019), Said("Bob", "x" * 981)]


def test_half_a_character_waits_for_the_other_half() -> None:
    listener = speech("nick-ru")
    data = "Боб: да".encode()
    assert listener.feed(data[:-1]) == []
    assert listener.unfinished
    assert listener.feed(data[-1:]) == [Said("Боб", "да")]
    assert listener.feed(data[:-1]) == []
    assert listener.flush() == [Said("Боб", "д\ufffd")]


@pytest.mark.parametrize("dialect", ["nick-ru", "nick-en", "name-first"])
def test_an_echo_is_heard_once_at_most(dialect: str) -> None:
    talker = speech(dialect)
    assert len(talker.write("hello")) == 1
    assert talker.feed(b"Anna: hello") == []
    assert talker.feed(b"Anna: hello") == [Said("Anna", "hello")]  # somebody else with our name
    assert talker.feed(b"Bob: hello") == [Said("Bob", "hello")]


def test_an_echo_may_come_together_with_the_words_of_others() -> None:
    talker = speech("nick-en")
    for text in ("hello", "hello again", "two\nlines"):
        talker.write(text)
    heard = talker.feed(b"Bob: oneAnna: helloAnna: hello againEve: two")
    assert heard == [Said("Bob", "one"), Said("Eve", "two")]
    assert talker.feed(b"Anna: two\n  lines") == []  # as our own door writes it


def test_where_nobody_has_a_name_the_same_words_are_no_echo() -> None:
    talker = speech("anonymous")
    talker.write("hi")
    assert talker.feed(b"hi") == [Said(ANONYMOUS, "hi")]


@pytest.mark.parametrize(
    ("dialect", "pieces"),
    [
        ("nick-ru", [b"Anna: hi\nthere"]),
        ("nick-en", [b"Anna: hi\nthere"]),
        ("name-first", [b"hi\nthere"]),
        ("anonymous", [b"hi\nthere"]),
        ("lines", [b"hi\n", b"there\n"]),
    ],
)
def test_how_a_message_is_written(dialect: str, pieces: list[bytes]) -> None:
    assert speech(dialect).write("hi\nthere") == pieces


def test_a_message_to_a_terminal_door_is_no_command() -> None:
    assert speech("lines").write("/quit\n\nnot /this") == [b" /quit\n", b"not /this\n"]


@given(st.text(alphabet="aя😀 ", min_size=1, max_size=3000))
def test_no_write_is_longer_than_those_servers_read(text: str) -> None:
    for dialect in ("nick-ru", "name-first"):
        pieces = speech(dialect).write(text)
        assert all(len(piece) <= READ_SIZE for piece in pieces)
        assert "".join(piece.decode().removeprefix("Anna: ") for piece in pieces) == text or dialect == "name-first"


@pytest.mark.parametrize(
    ("port", "beginning", "dialect"),
    [
        (12347, b"NICK", "nick-ru"),
        (55555, b"NICK", "nick-en"),
        (9, b"NICK", "nick-en"),
        (8000, b"", "name-first"),
        (9, b"", "name-first"),
        (4040, b"", "anonymous"),
        (12413, b"hello", "anonymous"),
        (9, b"* Welcome\r\nYour name: ", "lines"),
        (12347, b"", "name-first"),
    ],
)
def test_a_guess(port: int, beginning: bytes, dialect: str) -> None:
    assert guess_dialect(port, beginning).name == dialect

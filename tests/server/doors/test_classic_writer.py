"""What is sent to a plain-text peer: pieces that its program can take."""

from itertools import takewhile

from hypothesis import given
from hypothesis import strategies as st

from qtchat.protocol.dialects import DIALECTS, READ_SIZE
from qtchat.server.doors.classic_writer import LineWriter, ReadWriter, make_writer


def everything(writer: ReadWriter) -> list[bytes]:
    pieces = list(takewhile(bool, iter(writer.next, None)))
    assert writer.size == 0
    return pieces


def test_the_dialect_decides() -> None:
    assert isinstance(make_writer(DIALECTS["lines"]), LineWriter)
    assert isinstance(make_writer(DIALECTS["nick-ru"]), ReadWriter)


def test_one_message_is_one_write_as_it_is() -> None:
    writer = ReadWriter()
    writer.add("Аня: привет".encode())
    assert writer.next() == "Аня: привет".encode()
    assert writer.next() == b""


def test_messages_that_wait_are_joined_by_a_newline() -> None:
    writer = ReadWriter()
    for text in (b"one", b"two", b"three"):
        writer.add(text)
    assert everything(writer) == [b"one\ntwo\nthree"]


def test_a_message_that_does_not_fit_any_more_begins_the_next_write() -> None:
    writer = ReadWriter()
    for text in (b"a" * 600, b"b" * 423, b"c"):
        writer.add(text)
    assert everything(writer) == [b"a" * 600 + b"\n" + b"b" * 423, b"c"]


def test_no_character_is_cut_where_those_programs_read() -> None:
    writer = ReadWriter()
    text = "x" + "я😀" * 1000
    writer.add(text.encode())
    pieces = everything(writer)
    assert all(len(piece) <= READ_SIZE for piece in pieces)
    assert "".join(piece.decode() for piece in pieces).replace(" ", "") == text  # each is decoded by itself
    assert {len(piece) for piece in pieces[:-1]} == {READ_SIZE}


@given(st.lists(st.text(alphabet="aя😀", min_size=1, max_size=2000), max_size=20))
def test_nothing_is_lost(texts: list[str]) -> None:
    writer = ReadWriter()
    for text in texts:
        writer.add(text.encode())
    assert writer.size == sum(len(text.encode()) for text in texts)
    pieces = [piece.decode() for piece in everything(writer)]
    assert "".join(pieces).replace("\n", "").replace(" ", "") == "".join(texts)
    assert all(len(piece.encode()) <= READ_SIZE for piece in pieces)


def test_the_prompt_stands_behind_the_last_line() -> None:
    writer = LineWriter()
    writer.add(b"* welcome")
    assert writer.next() == b"* welcome\r\n"
    writer.prompting = True
    assert writer.next() == b"> "
    assert writer.next() == b""
    writer.add(b"Bob: hi\n  there")
    assert writer.size == len(b"Bob: hi\r\n  there\r\n")
    assert writer.next() == b"\rBob: hi\r\n  there\r\n> "
    writer.entered()
    assert writer.next() == b"> "
    assert writer.size == 0

"""Text without frames: characters and lines that come in pieces, messages that come together, cuts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.protocol.messages import MAX_TEXT
from qtchat.protocol.plaintext import (
    Lines,
    WholeReads,
    boundary,
    cut,
    harmless,
    split_name,
    split_prefixed,
)


def test_a_read_is_a_text() -> None:
    reader = WholeReads()
    assert reader.feed("привет".encode()) == ["привет"]
    assert not reader.unfinished
    assert reader.feed(b"") == []


@pytest.mark.parametrize("at", range(1, len("да 😀!".encode())))
def test_a_character_in_two_reads_holds_its_text_together(at: int) -> None:
    data = "да 😀!".encode()
    reader = WholeReads()
    texts = reader.feed(data[:at]) + reader.feed(data[at:])
    assert "".join(texts) == "да 😀!"
    assert "\ufffd" not in "".join(texts)


def test_what_is_no_utf8_is_replaced() -> None:
    assert WholeReads().feed(b"caf\xe9!") == ["caf\ufffd!"]
    reader = WholeReads()
    assert reader.feed(b"caf\xe9") == []
    assert reader.unfinished
    assert reader.flush() == ["caf\ufffd"]
    assert reader.flush() == []
    assert reader.feed(b"next") == ["next"]


def test_what_is_held_is_bounded() -> None:
    reader = WholeReads()
    taken = 0
    for _ in range(100):
        taken += sum(map(len, reader.feed("я".encode()[1:] * 1000 + "я".encode()[:1])))
    assert taken > 100 * 1000 - 2 * MAX_TEXT


def test_lines_come_whole() -> None:
    reader = Lines()
    assert reader.feed("раз\r\nдв".encode()) == ["раз"]
    assert reader.feed("а\n\nтри".encode()) == ["два", ""]
    assert reader.feed(b"\n") == ["три"]


def test_a_character_may_come_in_two_reads_of_a_line() -> None:
    data = "😀\n".encode()
    reader = Lines()
    assert reader.feed(data[:2]) + reader.feed(data[2:]) == ["😀"]


def test_an_endless_line_is_told_once_and_not_kept() -> None:
    reader = Lines()
    told = [line for _ in range(100) for line in reader.feed(b"x" * 10_000)]
    assert told == [None]
    assert reader.feed(b"end\nnext\n") == ["next"]
    assert reader.feed(b"y" * (MAX_TEXT + 1) + b"\nz\n") == [None, "z"]


def test_what_telnet_programs_say_to_each_other_is_left_out() -> None:
    assert Lines().feed(b"\xff\xfb\x1f\xff\xf1hello\n") == ["hello"]


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(4, 40))
def test_a_cut_loses_nothing(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert "".join(pieces) == text
    assert all(0 < len(piece.encode()) <= limit for piece in pieces)


def test_a_boundary_lies_before_the_character_that_does_not_fit() -> None:
    data = "a😀b".encode()
    assert [boundary(data, limit) for limit in range(1, 9)] == [1, 1, 1, 1, 5, 6, 6, 6]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("Anna: hello", ["hello"]),
        ("hello", ["hello"]),
        ("Anna: oneAnna: two", ["one", "two"]),
        ("Anna: oneAnna: twoAnna: three", ["one", "two", "three"]),
        ("Anna: ", []),
        ("Anna: Anna: one", ["one"]),
        ("Anna:  two spaces", [" two spaces"]),
        ("Anna: Bob: is quoted", ["Bob: is quoted"]),
        ("anna: another case", ["anna: another case"]),
    ],
)
def test_messages_that_came_together_are_separated_by_the_prefix(text: str, messages: list[str]) -> None:
    assert split_prefixed(text, "Anna: ") == messages


def test_a_short_nick_does_not_cut_words() -> None:
    assert split_prefixed("a: this is data: 5", "a: ") == ["this is data: 5"]
    assert split_prefixed("a: one!a: two", "a: ") == ["one!", "two"]


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("Anna", "Anna", ""),
        ("Anna\n", "Anna", ""),
        ("Anna\r\nhello\r\n", "Anna", "hello\r\n"),
        ("AnnaAnna: hello", "Anna", "Anna: hello"),
        ("Anna: hello", "Anna: hello", ""),
        ("", "", ""),
    ],
)
def test_a_name_that_came_with_a_message(text: str, name: str, rest: str) -> None:
    assert split_name(text) == (name, rest)


def test_nothing_steers_the_terminal_or_looks_like_another_line() -> None:
    assert harmless("a\x1b[2Jb\r\u202ec") == "a\ufffd[2Jb\ufffd\ufffdc"
    assert harmless("one\nBob: two\ttab") == "one\n  Bob: two\ttab"
    family = "👨\u200d👩\u200d👧"
    assert harmless(family) == family

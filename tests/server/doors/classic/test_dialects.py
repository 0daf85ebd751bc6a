"""The classic door: each dialect as its own programs speak it, to the byte."""

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    Ack,
    Delete,
    Edit,
    Post,
    React,
    SetTopic,
)
from qtchat.server.app import Server
from qtchat.server.doors.classic_writer import ReadWriter
from tests.helpers.logs import LogWatch
from tests.helpers.plain_doors import FRAMELESS, LOBBY, NOTICES, Enter, came, next_of_others, raw, say
from tests.helpers.wire import Connect, new_id


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

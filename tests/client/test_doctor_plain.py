"""What the doctor says of a plain chat, without a word to it."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from qtchat.client import doctor_plain
from qtchat.client.doctor_plain import CHAT, ENCRYPTION, check_plain_chat
from qtchat.net.checks.findings import Finding, Outcome
from qtchat.net.checks.peer import Way
from qtchat.net.checks.tools import NEVER
from qtchat.net.checks.way import Attempt
from qtchat.net.dial import Address
from qtchat.protocol.dialects import DIALECTS
from tests.helpers.plain import PlainServer

HOST = "192.168.1.9"
PORT = 9000  # of no dialect


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_plain, "BEGIN", 0.05)


@contextmanager
def saying(beginning: bytes | None, port: int = PORT) -> Iterator[Attempt]:
    """A connection to somebody who says this first; None: who hangs up."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        if beginning is None:
            theirs.shutdown(socket.SHUT_WR)
        else:
            theirs.sendall(beginning)
        yield Attempt(HOST, port, ((HOST, Way.OPEN),), ours)
        theirs.setblocking(False)
        with pytest.raises(BlockingIOError):  # it was told nothing
            theirs.recv(1)


def look(made: Attempt, dialect: str = "", ours: tuple[Address, ...] = ()) -> Finding:
    """What is said of the chat."""
    chat, encryption = check_plain_chat(made, DIALECTS.get(dialect), ours, NEVER)
    assert (chat.step, encryption.step, encryption.outcome) == (CHAT, ENCRYPTION, Outcome.WARNING)
    return chat


@pytest.mark.parametrize(
    ("beginning", "port", "dialect", "outcome", "words"),
    [
        (b"NICK", 9000, "nick-en", Outcome.OK, "asks for a name, as a chat of the kind nick-en"),
        (b"NICK", 9000, "nick-ru", Outcome.OK, "asks for a name, as a chat of the kind nick-ru"),
        (b"NICK", 12347, "", Outcome.OK, "asks for a name, as a chat of the kind nick-ru"),
        (b"NICK", 9000, "anonymous", Outcome.FAILED, "says “NICK” first, as no chat of the kind anonymous does"),
        (b"", 9000, "nick-en", Outcome.FAILED, "does not ask for a name, as a chat of the kind nick-en"),
        (b"", 9000, "name-first", Outcome.OK, "as a chat of the kind name-first does. Nothing was written"),
        (b"", 4040, "", Outcome.OK, "as a chat of the kind anonymous does. Nothing was written"),
        (b"* Welcome\n", 9000, "", Outcome.OK, "“* Welcome” first. If that is a chat, it can be one of the kind lines"),
        (b"Bob: \xff\x1b[2J", 9000, "name-first", Outcome.OK, "says “Bob: ��[2J” first"),
        (b"SSH-2.0-x\r\n", 9000, "nick-en", Outcome.FAILED, "says “SSH-2.0-x” first, as no chat"),
        (None, 9000, "nick-en", Outcome.FAILED, "closes the connection at once"),
    ],
)
def test_what_it_says_first(beginning: bytes | None, port: int, dialect: str, outcome: Outcome, words: str) -> None:
    with saying(beginning, port) as made:
        found = look(made, dialect)
    assert found.outcome is outcome
    assert words in found.told().sentence
    assert bool(found.fix) is (outcome is Outcome.FAILED)


def test_the_link_of_the_kind_that_it_seems_to_be() -> None:
    with saying(b"NICK") as made:
        assert f"classic://{HOST}:{PORT}?dialect=nick-en" in look(made, "anonymous").told().fix


def test_a_server_of_our_own_is_no_plain_chat() -> None:
    with saying(b"") as made:
        found = look(made, "", ((HOST, PORT),))
    assert found.outcome is Outcome.FAILED
    assert f"qtchat://{HOST}:{PORT}/" in found.told().fix


@pytest.mark.parametrize("dialect", ["nick-ru", "nick-en", "name-first", "anonymous"])
def test_each_of_those_chats(dialect: str) -> None:
    with PlainServer(dialect) as server, socket.create_connection(("127.0.0.1", server.port)) as sock:
        made = Attempt("127.0.0.1", server.port, (("127.0.0.1", Way.OPEN),), sock)
        assert look(made, dialect).outcome is Outcome.OK
        assert server.heard == []

"""An account in plain chats: somebody's homework servers with their faults, and our own door."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qtchat.client import classic_connector
from qtchat.client.account import Account
from qtchat.client.classic import ClassicEngine, engine_for
from qtchat.client.classic_room import OWN
from qtchat.client.engine import Engine
from qtchat.client.state import Delivery
from qtchat.client.updates import (
    DirectoryUpdate,
    MembersUpdate,
    Phase,
    ProblemCode,
    RequestDoneUpdate,
    SearchUpdate,
)
from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import FIRST_PLAIN_USER, MAX_TEXT
from tests.helpers.accounts import LOBBY, User
from tests.helpers.fakes import listening
from tests.helpers.plain import PATIENCE, PlainClient, PlainServer
from tests.helpers.servers import running_server

FRAMELESS = [name for name, dialect in DIALECTS.items() if not dialect.framed]


def link_to(port: int, dialect: str = "") -> str:
    return f"classic://127.0.0.1:{port}" + (f"?dialect={dialect}" if dialect else "")


@contextmanager
def visit(folder: Path, server: PlainServer, nick: str = "Anna", *, guess: bool = False) -> Iterator[User]:
    """An account that is in, and known to the server."""
    before = len(server.nicks)
    dialect = "" if guess else server.dialect.name
    with User(folder, link_to(server.port, dialect), nick) as user:
        user.online()
        server.wait(lambda: len(server.nicks) > before)
        yield user


def rows(user: User) -> list[tuple[str, str, str]]:
    return [(entry.kind, entry.nick, entry.text) for entry in user.lobby.entries]


# -- each dialect -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_talking_with_the_other_clients_of_a_plain_server(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classic_connector, "WRITE_INTERVAL", 0.0)  # they say when they have read
    with PlainServer(dialect) as server, PlainClient(dialect, server.port, "Боб") as bob:
        server.wait(lambda: len(server.nicks) == 1)
        with visit(tmp_path, server) as anna:
            prefix = "" if dialect == "anonymous" else "Anna: "
            bob.wait(lambda: DIALECTS[dialect].joined.format(nick="Anna") in "".join(bob.reads))
            for number in range(100):  # each when the last was read: what waits together nobody can take apart there
                anna.account.post(LOBBY, f"привет {number} 😀")
                bob.wait_line(f"{prefix}привет {number} 😀")
            assert [line for line in bob.lines if "привет" in line] == [f"{prefix}привет {n} 😀" for n in range(100)]
            for number in range(100):
                bob.write(f"и тебе {number} 👍")
                anna.wait(lambda: anna.texts()[-1:] == [f"и тебе {number} 👍"])  # noqa: B023
            texts = [f"привет {n} 😀" for n in range(100)] + [f"и тебе {n} 👍" for n in range(100)]
            assert anna.texts() == texts  # an echo does not double them
            assert anna.state.server is not None
            assert anna.state.server.dialect == dialect
            mine, theirs = anna.lobby.entries[1], anna.lobby.entries[-1]
            assert (mine.own, mine.delivery, mine.author) == (True, Delivery.SENT, OWN)
            assert (theirs.own, theirs.nick) == (False, "anonymous" if dialect == "anonymous" else "Боб")
            assert theirs.author > FIRST_PLAIN_USER


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_a_burst_arrives_whole_and_in_order_however_it_is_read(dialect: str, tmp_path: Path) -> None:
    with PlainServer(dialect) as server, visit(tmp_path, server) as anna:
        prefix = "Anna: " if DIALECTS[dialect].prefixed else ""
        before = len(b"".join(server.heard))
        texts = [f"привет {number} 😀" for number in range(20)]
        for text in texts:
            anna.account.post(LOBBY, text)
        wanted = "".join(prefix + text for text in texts).encode()
        server.wait(lambda: b"".join(server.heard)[before:].replace(b"\n", b"") == wanted)


@pytest.mark.parametrize("dialect", ["nick-ru", "nick-en"])
def test_comings_and_goings_are_rows(dialect: str, tmp_path: Path) -> None:
    with PlainServer(dialect) as server, visit(tmp_path, server) as anna:
        with PlainClient(dialect, server.port, "Боб"):
            anna.wait(lambda: ("joined", "Боб", "") in rows(anna))
            anna.account.load_people(LOBBY)
            people = anna.wait_for(MembersUpdate).people
            assert [person.nick for person in people] == ["Anna", "Боб"]
        anna.wait(lambda: ("left", "Боб", "") in rows(anna))
        assert rows(anna).count(("joined", "Anna", "")) == 1


def test_the_one_that_waits_for_a_word_of_farewell_gets_it(tmp_path: Path) -> None:
    with PlainServer("nick-en") as server:
        with visit(tmp_path, server) as anna:
            anna.account.post(LOBBY, "bye")
            server.wait(lambda: server.heard == [b"Anna: bye"])
            anna.wait(lambda: anna.lobby.entries[-1].delivery is Delivery.SENT)
        server.wait(lambda: server.heard == [b"Anna: bye", b"quit"])


@pytest.mark.parametrize("dialect", list(DIALECTS))
def test_our_own_door_is_such_a_server_too(dialect: str, tmp_path: Path) -> None:
    with (
        running_server(tmp_path / "server", classic=(f"{dialect}:0",)) as server,
        User(tmp_path / "native", server.link, "Native") as native,
        User(tmp_path / "plain", link_to(server.entrances[0].port, dialect), "Анна") as anna,
    ):
        native.online()
        anna.online()
        nick = "guest-1" if dialect == "anonymous" else "Анна"
        native.wait(lambda: ("joined", nick, "") in rows(native))
        anna.account.post(LOBBY, "привет 😀")
        native.wait(lambda: ("post", nick, "привет 😀") in rows(native))
        native.account.post(LOBBY, "раз\nдва")
        # Where nobody has a name, what stands before the colon may be a part of the text.
        heard = ("anonymous", "Native: раз\nдва") if dialect == "anonymous" else ("Native", "раз\nдва")
        if dialect == "lines":  # its lines come one by one
            heard = ("server", "  два")
        anna.wait(lambda: ("post", *heard) in rows(anna))


# -- finding out what it is -----------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", FRAMELESS)
def test_the_dialect_is_guessed(dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_connector, "GUESS_TIME", PATIENCE if DIALECTS[dialect].asks else 0.1)
    with PlainServer(dialect) as server, visit(tmp_path, server, guess=True) as anna:
        assert anna.state.server is not None
        guessed = anna.state.server.dialect
        assert guessed == {"nick-ru": "nick-en", "anonymous": "name-first"}.get(dialect, dialect)
        with PlainClient(dialect, server.port, "Боб") as bob:
            server.wait(lambda: len(server.nicks) == 2)
            if dialect == "nick-ru":  # its notices are understood all the same
                anna.wait(lambda: ("joined", "Боб", "") in rows(anna))
            bob.write("привет")
            anna.wait(lambda: bool(anna.texts()))


def test_a_server_that_does_not_ask_for_a_name_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_connector, "ASK_TIMEOUT", 0.1)
    with PlainServer("name-first") as server, User(tmp_path, link_to(server.port, "nick-en"), "Anna") as anna:
        anna.wait(lambda: anna.state.problem is not None)
        assert anna.state.problem is not None
        assert "did not ask for a name" in anna.state.problem.text


@pytest.mark.parametrize(
    ("link", "nick", "code"), [("classic://box", "Anna", "bad_classic_link"), ("", "a:b", "nick_invalid")]
)
def test_what_cannot_work_is_told_at_once(link: str, nick: str, code: str, tmp_path: Path) -> None:
    with User(tmp_path, link or link_to(9, "nick-en"), nick) as anna:
        anna.wait_phase(Phase.REFUSED)
        assert anna.state.problem is not None
        assert anna.state.problem.code == code


# -- servers with faults ----------------------------------------------------------------------------------


def test_a_server_that_dies_is_found_again_and_what_waits_is_sent(tmp_path: Path) -> None:
    with PlainServer("nick-en") as server:
        port = server.port
        user = User(tmp_path, link_to(port, "nick-en"), "Anna")
        user.account.start()
        user.online()
        server.wait(lambda: server.nicks == ["Anna"])
    try:
        user.wait_phase(Phase.OFFLINE)
        user.account.post(LOBBY, "meanwhile")
        user.wait(lambda: any(entry.text == "meanwhile" for entry in user.lobby.entries))
        assert user.lobby.entries[-1].delivery is Delivery.WAITING
        with PlainServer("nick-en", port) as again:
            user.account.connect_now()
            again.wait(lambda: again.heard == [b"Anna: meanwhile"])
            user.wait(lambda: user.lobby.entries[-1].delivery is Delivery.SENT)
    finally:
        user.stop()


def test_one_that_throws_everybody_out(tmp_path: Path) -> None:
    with PlainServer("name-first") as server, visit(tmp_path, server) as anna:
        server.die()
        anna.wait(lambda: any(getattr(update, "phase", None) is Phase.OFFLINE for update in anna.updates))
        anna.online()
        server.wait(lambda: server.nicks == ["Anna"])


def test_half_a_character(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classic_connector, "REST_TIMEOUT", 0.01)
    with PlainServer("name-first") as server, visit(tmp_path, server) as anna:
        server.send("Боб: да".encode()[:-1])
        anna.wait(lambda: anna.texts() == ["д\ufffd"])
        server.send(b"\xd0\xb1 and more")
        anna.wait(lambda: len(anna.texts()) == 2)


@pytest.mark.parametrize("gibberish", [bytes(range(256)) * 40, b"\n" * 5000, b"NICK" * 300, b": " * 900])
def test_gibberish_harms_nobody(gibberish: bytes, tmp_path: Path) -> None:
    with PlainServer("nick-en") as server, visit(tmp_path, server) as anna:
        server.send(gibberish)
        server.send(b"\nBob: after it\n")
        anna.wait(lambda: "after it" in "".join(anna.texts()))
        assert anna.state.phase is Phase.ONLINE


def test_a_server_that_only_accepts(tmp_path: Path) -> None:
    with (
        listening(lambda sock, _: sock.close()) as port,
        User(tmp_path, link_to(port, "name-first"), "Anna") as anna,
    ):
        anna.wait(lambda: sum(getattr(update, "phase", None) is Phase.OFFLINE for update in anna.updates) >= 3)


def test_a_long_message_comes_in_pieces_with_our_name(tmp_path: Path) -> None:
    with PlainServer("nick-ru") as server, visit(tmp_path, server) as anna:
        text = "я😀" * 600
        anna.account.post(LOBBY, text)
        anna.wait(lambda: anna.texts() == [text])
        server.wait(lambda: b"".join(server.heard).decode().replace("Anna: ", "") == text)
        assert all(len(read) <= 1024 for read in server.heard)


# -- what such a server cannot do ----------------------------------------------------------------------------

Wish = Callable[[Account], bytes]


@pytest.mark.parametrize(
    "wish",
    [
        lambda account: account.edit(LOBBY, 1, "x"),
        lambda account: account.delete(LOBBY, 1),
        lambda account: account.react(LOBBY, 1, "👍", True),
        lambda account: account.create_room("x"),
        lambda account: account.open_direct(5),
        lambda account: account.join_room(2),
        lambda account: account.leave_room(LOBBY),
        lambda account: account.add_member(LOBBY, 5),
        lambda account: account.set_topic(LOBBY, "x"),
    ],
)
def test_what_it_cannot_do_is_told_in_words(wish: Wish, tmp_path: Path) -> None:
    with PlainServer("name-first") as server, visit(tmp_path, server) as anna:
        asked = wish(anna.account)
        problem = anna.wait_for(RequestDoneUpdate, lambda done: done.id == asked).problem
        assert problem is not None
        assert problem.code == ProblemCode.UNSUPPORTED
        assert problem.text.endswith(".")


def test_what_is_kept_here_works(tmp_path: Path) -> None:
    with PlainServer("name-first") as server, visit(tmp_path, server) as anna:
        anna.account.mark_read(LOBBY, 1)
        anna.account.typing(LOBBY)
        anna.account.set_presence(True, "busy")
        anna.account.list_rooms()
        assert [room.member for room in anna.wait_for(DirectoryUpdate).rooms] == [True]
        anna.account.post(LOBBY, "needle in hay")
        anna.wait(lambda: anna.texts() == ["needle in hay"])
        found = anna.account.search(None, "needle")
        assert [event.text for event in anna.wait_for(SearchUpdate, lambda done: done.id == found).events] == [
            "needle in hay"
        ]


def test_empty_and_endless_messages(tmp_path: Path) -> None:
    with PlainServer("name-first") as server, visit(tmp_path, server) as anna:
        anna.account.post(LOBBY, " \n")
        anna.wait(lambda: bool(anna.lobby.entries) and anna.lobby.entries[-1].delivery is Delivery.FAILED)
        with pytest.raises(ValueError, match="bytes"):
            anna.account.post(LOBBY, "x" * (MAX_TEXT + 1))
        assert server.heard == []


def test_another_name_means_to_come_again(tmp_path: Path) -> None:
    with PlainServer("nick-en") as server, visit(tmp_path, server) as anna:
        asked = anna.account.change_nick("Anne")
        assert anna.wait_for(RequestDoneUpdate, lambda done: done.id == asked).problem is None
        server.wait(lambda: server.nicks == ["Anne"])
        anna.wait(lambda: anna.state.server is not None and anna.state.server.nick == "Anne")
        anna.online()
        anna.account.post(LOBBY, "it is still me")
        server.wait(lambda: server.heard[-1:] == [b"Anne: it is still me"])


def test_without_names_there_is_no_other(tmp_path: Path) -> None:
    with PlainServer("anonymous") as server, visit(tmp_path, server) as anna:
        asked = anna.account.change_nick("Anne")
        problem = anna.wait_for(RequestDoneUpdate, lambda done: done.id == asked).problem
        assert problem is not None
        assert problem.code == ProblemCode.UNSUPPORTED


# -- the history --------------------------------------------------------------------------------------------


def test_the_history_is_kept_here_and_goes_on(tmp_path: Path) -> None:
    with PlainServer("name-first") as server:
        authors = []
        for number in range(2):
            with visit(tmp_path, server) as anna, PlainClient("name-first", server.port, "Bob") as bob:
                server.wait(lambda: len(server.nicks) == 2)
                bob.write(f"from Bob {number}")
                anna.wait(lambda: f"from Bob {number}" in anna.texts())  # noqa: B023
                anna.account.post(LOBBY, f"mine {number}")
                anna.wait(lambda: f"mine {number}" in anna.texts())  # noqa: B023
                authors.append(anna.lobby.last_post is not None and anna.lobby.entries[-2].author)
            server.wait(lambda: server.nicks == [])
        assert anna.texts() == ["from Bob 0", "mine 0", "from Bob 1", "mine 1"]
        assert authors[0] == authors[1]
    with User(tmp_path, link_to(server.port, "name-first"), "Anna") as anna:  # nobody is there now
        anna.wait(lambda: anna.texts() == ["from Bob 0", "mine 0", "from Bob 1", "mine 1"])
        assert anna.state.phase is not Phase.ONLINE


def test_the_link_decides_which_account_it_is(tmp_path: Path) -> None:
    with running_server(tmp_path / "server") as server, User(tmp_path / "a", server.link, "Ada") as ada:
        ada.online()
        assert ada.state.server is not None
        assert ada.state.server.dialect == ""
        assert ada.state.server.link.startswith("qtchat://")
    with PlainServer("name-first") as plain, visit(tmp_path / "b", plain) as anna:
        assert anna.state.server is not None
        assert anna.state.server.link == link_to(plain.port, "name-first")
    assert engine_for(server.link) is Engine
    assert engine_for(link_to(1)) is ClassicEngine


def test_a_server_that_is_gone_the_moment_it_answers_leaves_no_socket_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialled: list[socket.socket] = []

    def fail(sock: socket.socket) -> None:
        dialled.append(sock)
        raise OSError(22, "Invalid argument")  # as macOS says of a socket that was reset

    monkeypatch.setattr(classic_connector, "keep_alive", fail)
    with PlainServer("anonymous") as server, visit(tmp_path, server) as anna:
        anna.account.post(LOBBY, "hello")
        anna.wait_texts(["hello"])
    assert dialled
    assert all(sock.fileno() == -1 for sock in dialled)

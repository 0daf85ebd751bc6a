"""An invitation names every address that its host had; somebody else may be at some of them."""

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from qtchat.client import connector
from qtchat.client.trust import KnownServers
from qtchat.client.updates import ConnectionUpdate, Phase, Problem, ProblemCode
from qtchat.net.dial import Address
from qtchat.net.invitation import Invitation
from qtchat.net.tls import ServerIdentity, load_or_create_identity, server_context
from qtchat.protocol.messages import Error, Hello
from qtchat.protocol.session import HANDSHAKE_TIMEOUT
from qtchat.server.app import Server
from tests.client.conftest import Enter
from tests.helpers.accounts import PATIENCE, User, start_server
from tests.helpers.fakes import Guest, fake_server, listening

HOST = "127.0.0.1"


class Clock:
    """Stands for the module `time` in the connector: the real one, and how much of it a test passes over."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead


class Street:
    """Whoever answers at other addresses, until the test ends. `visits`: the ports, as they were connected to;
    `greeted`: a client waits for an answer of the silent one, and will no longer if `clock` is the client's."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.clock = Clock()
        self._identities = 0
        self.visits: list[int] = []
        self.heard = b""
        self.greeted = threading.Event()

    def another_chat(self) -> Address:
        """TLS with a key of its own; what a client says is in `heard`."""
        self._identities += 1
        context = server_context(load_or_create_identity(self._folder / f"other {self._identities}"))
        return self._open(partial(self._listen, context))

    def web_server(self) -> Address:
        return self._open(self._answer)

    def silent(self) -> Address:
        """Takes the connection, and that is all."""
        return self._open(self._say_nothing)

    def nobody(self) -> Address:
        """A port that nobody listens on, bound so that it stays so."""
        bound = self._stack.enter_context(socket.socket())
        bound.bind((HOST, 0))
        return (HOST, int(bound.getsockname()[1]))

    def _open(self, serve: Callable[[socket.socket], None]) -> Address:
        def visited(sock: socket.socket, number: int) -> None:
            self.visits.append(int(sock.getsockname()[1]))
            with contextlib.suppress(OSError):
                serve(sock)

        return (HOST, self._stack.enter_context(listening(visited)))

    def _listen(self, context: ssl.SSLContext, sock: socket.socket) -> None:
        with context.wrap_socket(sock, server_side=True) as encrypted:
            self.heard += encrypted.recv(65_536)

    def _answer(self, sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    def _say_nothing(self, sock: socket.socket) -> None:
        while sock.recv(65_536):
            self.clock.ahead = HANDSHAKE_TIMEOUT
            self.greeted.set()


@pytest.fixture
def street(tmp_path: Path, enter: Enter) -> Iterator[Street]:
    """Closed before it is looked at what those who entered left behind."""
    with ExitStack() as stack:
        yield Street(tmp_path / "street", stack)


@pytest.fixture
def impatient(street: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    """With one that keeps silent, and with nobody else."""
    monkeypatch.setattr(connector, "CHECK_INTERVAL", 0.05)
    monkeypatch.setattr(connector, "time", street.clock)


def link(code: str | None, *addresses: Address) -> str:
    return str(Invitation(addresses, code))


def place(server: Server) -> Address:
    return (HOST, server.port)


def problem_of(user: User, phase: Phase) -> Problem:
    """Why `phase` was reached."""
    problem = user.wait_for(ConnectionUpdate, lambda update: update.phase is phase).problem
    assert problem is not None
    return problem


def phases(user: User) -> list[Phase]:
    return [update.phase for update in user.updates if isinstance(update, ConnectionUpdate)]


def pin(profile: Path, address: Address, identity: ServerIdentity) -> None:
    KnownServers(profile).pin(address, identity.public_key, "Kitchen")


# -- who is there ---------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("other", [Street.another_chat, Street.web_server, Street.silent, Street.nobody])
def test_somebody_else_at_the_first_address_keeps_nobody_out(
    server: Server, enter: Enter, street: Street, other: Callable[[Street], Address]
) -> None:
    ada = enter("Ada", link(server.code, other(street), place(server))).online()
    assert phases(ada) == [Phase.CONNECTING, Phase.ONLINE]
    assert street.heard == b""


def test_several_others_in_a_row_keep_nobody_out(server: Server, enter: Enter, street: Street) -> None:
    others = [street.another_chat(), street.web_server(), street.nobody(), street.another_chat()]
    enter("Ada", link(server.code, *others, place(server))).online()
    assert street.visits == [others[0][1], others[1][1], others[3][1]]


def test_a_server_that_is_known_is_found_behind_another_without_a_code(
    server: Server, enter: Enter, street: Street, tmp_path: Path
) -> None:
    pin(tmp_path / "Ada", place(server), load_or_create_identity(tmp_path / "running"))
    ada = enter("Ada", link(None, street.another_chat(), place(server))).online()
    assert phases(ada) == [Phase.CONNECTING, Phase.ONLINE]
    assert street.heard == b""


def test_what_the_right_server_says_counts(enter: Enter, street: Street, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.expect(Hello)
        guest.send(Error(b"", "closing", "Back in a minute."))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as here:
        ada = enter("Ada", here.replace("/#", f",{HOST}:{street.another_chat()[1]}/#"))
        assert problem_of(ada, Phase.OFFLINE) == Problem("closing", "Back in a minute.")
        ada.stop()
    assert street.visits == []


# -- what is told ---------------------------------------------------------------------------------------------


def test_a_wrong_key_is_told_when_all_were_tried(server: Server, enter: Enter, street: Street) -> None:
    others = [street.another_chat(), street.another_chat()]
    ada = enter("Ada", link(server.code, *others))
    assert problem_of(ada, Phase.REFUSED).code == ProblemCode.WRONG_CODE
    assert phases(ada) == [Phase.CONNECTING, Phase.REFUSED]
    assert street.visits == [port for _, port in others]
    assert street.heard == b""


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ([Street.nobody, Street.another_chat], ProblemCode.WRONG_CODE),
        ([Street.another_chat, Street.nobody], ProblemCode.WRONG_CODE),
        ([Street.web_server, Street.another_chat], ProblemCode.WRONG_CODE),
        ([Street.nobody, Street.web_server], ProblemCode.NOT_QTCHAT),
        ([Street.web_server, Street.nobody], ProblemCode.NOT_QTCHAT),
        ([Street.nobody, Street.nobody], ProblemCode.CONNECTION_REFUSED),
    ],
)
def test_the_worst_is_told_and_the_right_one_is_waited_for(
    server: Server, enter: Enter, street: Street, others: list[Callable[[Street], Address]], code: str
) -> None:
    ada = enter("Ada", link(server.code, *(other(street) for other in others)))
    assert problem_of(ada, Phase.OFFLINE).code == code
    assert ada.wait_for(ConnectionUpdate, lambda update: update.phase is Phase.OFFLINE).retry_in is not None


@pytest.mark.usefixtures("impatient")
def test_one_that_keeps_silent_is_asked_again(server: Server, enter: Enter, street: Street) -> None:
    ada = enter("Ada", link(server.code, street.silent(), street.another_chat()))
    assert problem_of(ada, Phase.OFFLINE).code == ProblemCode.WRONG_CODE


def test_a_server_that_comes_back_is_found_though_another_answers_elsewhere(
    enter: Enter, street: Street, tmp_path: Path
) -> None:
    first = start_server(tmp_path / "kitchen")
    ada = enter("Ada", link(first.code, street.another_chat(), place(first))).online()
    first.stop()
    ada.wait_phase(Phase.OFFLINE)
    again = start_server(tmp_path / "kitchen", first.port)
    try:
        ada.online()
        assert Phase.REFUSED not in phases(ada)
        ada.stop()
    finally:
        again.stop()


# -- a changed key --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("others", [[], [Street.nobody], [Street.web_server], [Street.another_chat]])
@pytest.mark.parametrize("first", [True, False])
def test_a_changed_key_is_a_full_stop_wherever_else_nobody_is(
    enter: Enter, street: Street, tmp_path: Path, others: list[Callable[[Street], Address]], first: bool
) -> None:
    kitchen = load_or_create_identity(tmp_path / "kitchen")
    changed = street.another_chat()
    pin(tmp_path / "Ada", changed, kitchen)
    places = [changed, *(other(street) for other in others)]
    for code, expected in ((None, ProblemCode.SERVER_CHANGED), (kitchen.code, ProblemCode.WRONG_CODE)):
        ada = enter("Ada", link(code, *(places if first else places[::-1])))
        assert problem_of(ada, Phase.REFUSED).code == expected
        assert phases(ada)[0] is Phase.CONNECTING
        assert phases(ada)[1:] == [Phase.REFUSED]
        ada.stop()
    assert street.heard == b""


def test_a_server_that_has_moved_is_no_changed_one(
    server: Server, enter: Enter, street: Street, tmp_path: Path
) -> None:
    taken = street.another_chat()
    pin(tmp_path / "Ada", taken, load_or_create_identity(tmp_path / "running"))
    ada = enter("Ada", link(None, taken, place(server))).online()
    assert phases(ada) == [Phase.CONNECTING, Phase.ONLINE]


# -- the next time ----------------------------------------------------------------------------------------------


def test_the_address_that_worked_last_is_tried_first(enter: Enter, street: Street, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.login()
        if number:
            guest.stay()

    with fake_server(tmp_path / "fake", script) as here:
        ada = enter("Ada", here.replace("qtchat://", f"qtchat://{HOST}:{street.another_chat()[1]},"))
        ada.wait(lambda: phases(ada).count(Phase.ONLINE) == 2)
        ada.stop()
    assert len(street.visits) == 1


def test_the_server_whose_code_was_accepted_is_gone_back_to(server: Server, enter: Enter, street: Street) -> None:
    ada = enter("Ada", link(None, street.web_server(), place(server)))
    assert problem_of(ada, Phase.REFUSED) == Problem(
        ProblemCode.UNVERIFIED, "This server is met for the first time.", server.code
    )
    ada.account.accept_server(server.code)
    ada.online()
    assert len(street.visits) == 1


def test_a_place_where_it_is_said_to_be_comes_before_one_that_keeps_silent(
    server: Server, enter: Enter, street: Street
) -> None:
    ada = enter("Ada", link(server.code, street.silent()))
    assert street.greeted.wait(PATIENCE)
    ada.account.also_at([place(server)])
    ada.online()
    assert phases(ada) == [Phase.CONNECTING, Phase.ONLINE]

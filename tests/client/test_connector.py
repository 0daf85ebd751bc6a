"""Getting to the right server, and what is said when that fails."""

import contextlib
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from qtchat.client.updates import ConnectionUpdate, EventsUpdate, OlderUpdate, Phase, Problem, ProblemCode, ResetUpdate
from qtchat.net.tls import load_or_create_identity, server_context
from qtchat.protocol.messages import (
    KIND_POST,
    MAX_FRAME,
    Ack,
    Authenticate,
    Error,
    Event,
    GetHistory,
    Hello,
    History,
    ListPeople,
    People,
    Person,
    Post,
    Ready,
    Room,
    Welcome,
)
from qtchat.server.app import Server
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY, User, start_server
from tests.helpers.fakes import Guest, Script, fake_server, listening

ROOM = Room(LOBBY, "lobby", "", 3, 1)


def event(seq: int, author: int = 9) -> Event:
    return Event(LOBBY, seq, seq.to_bytes(16, "big"), seq, author, "Eve", KIND_POST, f"text {seq}")


def problem_of(user: User, phase: Phase) -> Problem:
    """Why `phase` was reached."""
    problem = user.wait_for(ConnectionUpdate, lambda update: update.phase is phase).problem
    assert problem is not None
    return problem


# -- who is it --------------------------------------------------------------------------------------------


def test_an_address_without_a_code_shows_the_code_and_goes_on_when_it_is_accepted(server: Server, enter: Enter) -> None:
    ada = enter("Ada", f"127.0.0.1:{server.port}")
    problem = problem_of(ada, Phase.REFUSED)
    assert (problem.code, problem.suggestion) == (ProblemCode.UNVERIFIED, server.code)
    assert ada.state.server is None
    ada.account.accept_server(server.code)
    ada.account.accept_server(server.code)
    ada.online()
    ada.stop()
    enter("Ada", f"127.0.0.1:{server.port}").online()  # and is not asked again


def test_only_the_code_that_was_read_is_accepted(enter: Enter, tmp_path: Path) -> None:
    first = start_server(tmp_path / "first")
    ada = enter("Ada", f"127.0.0.1:{first.port}")
    assert problem_of(ada, Phase.REFUSED).suggestion == first.code
    first.stop()
    second = start_server(tmp_path / "second", first.port)  # somebody else answers there meanwhile
    try:
        ada.account.connect_now()
        asked = Problem(ProblemCode.UNVERIFIED, "This server is met for the first time.", second.code)
        refused = ConnectionUpdate(Phase.REFUSED, asked)
        ada.wait(lambda: ada.updates.count(refused) == 1)
        ada.account.accept_server(first.code)
        ada.wait(lambda: ada.updates.count(refused) == 2)
        assert ada.state.server is None
        assert not (tmp_path / "Ada" / "servers.json").exists()
        ada.account.accept_server(second.code)
        ada.online()
    finally:
        second.stop()


def test_what_was_never_met_cannot_be_accepted(enter: Enter, tmp_path: Path) -> None:
    ada = enter("\n", "127.0.0.1:1")
    assert problem_of(ada, Phase.REFUSED).code == "nick_invalid"
    ada.account.accept_server("ABCDE")
    ada.account.join_as("Ada")
    ada.wait_phase(Phase.OFFLINE)
    assert not (tmp_path / "\n" / "servers.json").exists()


def test_a_wrong_code_is_a_hard_stop(server: Server, enter: Enter, tmp_path: Path) -> None:
    other = load_or_create_identity(tmp_path / "other").code
    ada = enter("Ada", f"qtchat://127.0.0.1:{server.port}/#{other}")
    problem = problem_of(ada, Phase.REFUSED)
    assert (problem.code, problem.suggestion) == (ProblemCode.WRONG_CODE, server.code)


def test_a_changed_key_is_a_hard_stop_and_the_login_is_never_sent(enter: Enter, tmp_path: Path) -> None:
    first = start_server(tmp_path / "first")
    address = f"127.0.0.1:{first.port}"
    ada = enter("Ada", address)
    ada.wait_phase(Phase.REFUSED)
    ada.account.accept_server(first.code)
    ada.online()
    ada.account.post(LOBBY, "before")
    ada.wait_texts(["before"])
    first.stop()
    ada.wait_phase(Phase.OFFLINE)
    ada.account.post(LOBBY, "a secret")
    second = start_server(tmp_path / "second", first.port)
    try:
        ada.account.connect_now()
        assert problem_of(ada, Phase.REFUSED) is not None
        ada.wait_phase(Phase.REFUSED)
        assert ada.state.problem is not None
        assert ada.state.problem.code == ProblemCode.SERVER_CHANGED
        assert ada.state.problem.suggestion == second.code
        ada.account.accept_server(second.code)  # not by a slip of the finger
        ada.stop()
        ada = enter("Ada", address)
        assert problem_of(ada, Phase.REFUSED).code == ProblemCode.SERVER_CHANGED
        assert ada.texts() == ["before"]
        assert ada.waiting() == ["a secret"]
        bob = enter("Bob", second.link).online()
        bob.wait(lambda: bob.lobby.newest == 1)  # nobody but Bob has ever been here
    finally:
        for user in (ada, bob):
            user.stop()
        second.stop()


def test_a_changed_server_hears_not_a_word(enter: Enter, tmp_path: Path) -> None:
    heard: list[bytes] = []
    context = server_context(load_or_create_identity(tmp_path / "false"))

    def serve(sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(sock, server_side=True) as encrypted:
            heard.append(encrypted.recv(65_536))

    code = load_or_create_identity(tmp_path / "right").code
    with listening(serve) as port:
        ada = enter("Ada", f"qtchat://127.0.0.1:{port}/#{code}")
        assert problem_of(ada, Phase.REFUSED).code == ProblemCode.WRONG_CODE
    assert b"".join(heard) == b""


def test_a_taken_nick_is_said_and_another_one_joins(enter: Enter) -> None:
    enter("Ada").online()
    other = enter("Ada", profile="other")
    problem = problem_of(other, Phase.REFUSED)
    assert problem.code == "nick_taken"
    assert problem.suggestion
    other.account.join_as(problem.suggestion)
    other.online()
    assert other.state.server is not None
    assert other.state.server.nick == problem.suggestion


@pytest.mark.parametrize("nick", [" ", "a\u202eb", "x" * 33])
def test_a_forbidden_nick_is_said_before_anything_is_sent(enter: Enter, nick: str) -> None:
    ada = enter(nick, profile="Ada")
    assert problem_of(ada, Phase.REFUSED).code == "nick_invalid"
    ada.account.join_as("Ada")
    ada.online()


# -- nobody there, or somebody else -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "phase", "code"),
    [
        ("http://example", Phase.REFUSED, ProblemCode.BAD_LINK),
        ("qtchat://127.0.0.1/#WRONG", Phase.REFUSED, ProblemCode.BAD_LINK),
        ("127.0.0.1:1", Phase.OFFLINE, ProblemCode.CONNECTION_REFUSED),
    ],
)
def test_a_link_that_leads_nowhere_says_so(enter: Enter, link: str, phase: Phase, code: str) -> None:
    assert problem_of(enter("Ada", link), phase).code == code


def test_an_unknown_name_says_so(enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    look_up = socket.getaddrinfo

    def unknown(host: str, *args: int, **options: int) -> object:  # no question leaves this computer
        if host == "nowhere.invalid":
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return look_up(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    problem = problem_of(enter("Ada", "nowhere.invalid"), Phase.OFFLINE)
    assert problem.code == ProblemCode.NAME_UNKNOWN
    assert "nowhere.invalid" in problem.text


def says(data: bytes) -> Callable[[socket.socket, int], None]:
    def serve(sock: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError):
            sock.sendall(data)
            sock.recv(65_536)

    return serve


@pytest.mark.parametrize(
    "data", [b"", b"220 mail.example ESMTP\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(range(1, 100))]
)
def test_what_is_no_qtchat_server_is_said_and_tried_again(enter: Enter, data: bytes) -> None:
    with listening(says(data)) as port:
        ada = enter("Ada", f"127.0.0.1:{port}")
        problem = problem_of(ada, Phase.OFFLINE)
        assert problem.code == ProblemCode.NOT_QTCHAT, problem
        assert ada.wait_for(ConnectionUpdate, lambda update: update.phase is Phase.OFFLINE).retry_in is not None
        ada.stop()


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\0\0\0\2\xff\xff", b"\0\0\0\3abc", b""])
def test_tls_without_our_protocol_is_no_qtchat_server(enter: Enter, tmp_path: Path, answer: bytes) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.expect(Hello)
        guest.send_raw(answer)

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        assert problem_of(ada, Phase.OFFLINE).code == ProblemCode.NOT_QTCHAT
        ada.stop()


def test_a_server_that_ends_the_connection_says_why_and_is_tried_again(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        if number == 0:
            guest.expect(Hello)
            guest.send(Error(b"", "closing", "Back in a minute."))
        guest.login(ROOM)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        assert problem_of(ada, Phase.OFFLINE) == Problem("closing", "Back in a minute.")
        ada.online()
        ada.stop()


@pytest.mark.parametrize("code", ["nick_invalid", "nick_taken", "auth_failed", "version"])
def test_what_only_somebody_can_decide_is_not_tried_again(enter: Enter, tmp_path: Path, code: str) -> None:
    def script(guest: Guest, number: int) -> None:
        assert number == 0
        guest.expect(Hello)
        guest.send(Error(b"", code, "No.", suggestion="Ada2"))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        assert problem_of(ada, Phase.REFUSED) == Problem(code, "No.", "Ada2")
        ada.stop()


# -- a server that lies -------------------------------------------------------------------------------------


def answer_history(guest: Guest) -> None:
    """Three events, as promised."""
    request = guest.expect(GetHistory)
    guest.send(History(request.id, LOBBY, (event(1), event(2), event(3)), False, 3))


def lied_to(enter: Enter, folder: Path, lie: Script) -> User:
    """The first connection does as it likes; the second behaves. Returns the user, online with all three events."""

    def script(guest: Guest, number: int) -> None:
        if number == 0:
            lie(guest, number)
        else:
            guest.login(ROOM)
            answer_history(guest)
        guest.stay()

    with fake_server(folder, script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: ada.lobby.newest == 3 and ada.state.phase is Phase.ONLINE)
        ada.stop()
    return ada


def hole_in_page(guest: Guest, _: int) -> None:
    guest.login(ROOM)
    request = guest.expect(GetHistory)
    guest.send(History(request.id, LOBBY, (event(1), event(3)), False, 3))


def page_of_another_room(guest: Guest, _: int) -> None:
    guest.login(ROOM)
    request = guest.expect(GetHistory)
    guest.send(History(request.id, 2, (), False, 3))


def wrong_answer(guest: Guest, _: int) -> None:
    guest.login(ROOM)
    request = guest.expect(GetHistory)
    guest.send(Ack(request.id, LOBBY, 1, 0))


def huge_frame(guest: Guest, _: int) -> None:
    guest.login(ROOM)
    guest.send_raw((MAX_FRAME + 1).to_bytes(4, "big") + bytes(100))


def garbage(guest: Guest, _: int) -> None:
    guest.login(ROOM)
    guest.send_raw(b"\0\0\0\4\xff\xff\xff\xff")


@pytest.mark.parametrize("lie", [hole_in_page, page_of_another_room, wrong_answer, huge_frame, garbage])
def test_a_lie_ends_the_connection_and_a_server_that_behaves_is_believed(
    enter: Enter, tmp_path: Path, lie: Script
) -> None:
    ada = lied_to(enter, tmp_path / "fake", lie)
    problem = problem_of(ada, Phase.OFFLINE)
    assert problem.text
    assert ada.texts() == ["text 1", "text 2", "text 3"]


def test_events_with_holes_or_that_go_back_are_put_right_by_the_log(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.login(ROOM)
        answer_history(guest)
        guest.send(event(7), event(2), event(3), event(5))
        request = guest.expect(GetHistory)
        assert request.after == 3
        guest.send(History(request.id, LOBBY, tuple(map(event, range(4, 8))), False, 7), event(4), event(8))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait_texts([f"text {seq}" for seq in range(1, 9)])
        ada.stop()


def test_answers_that_nobody_asked_for_change_nothing(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.login(ROOM)
        answer_history(guest)
        for message in (
            Ack(bytes(16), LOBBY, 1, 0),
            History(bytes(16), LOBBY, (event(9),), True, 9),
            Error(bytes(16), "busy", "Later.", retry_after_ms=1),
            People(bytes(16), LOBBY, (Person(9, "Eve", True),), True),
            Ready(),
            event(4),
        ):
            guest.send(message)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait_texts([f"text {seq}" for seq in range(1, 5)])
        ada.stop()


def test_endless_pages_end(enter: Enter, tmp_path: Path) -> None:
    asked: list[int] = []

    def script(guest: Guest, number: int) -> None:
        guest.login(ROOM)
        request = guest.expect(GetHistory)
        guest.send(History(request.id, LOBBY, (), True, 2**53))
        while True:
            people = guest.expect(ListPeople)
            asked.append(people.after)
            guest.send(People(people.id, LOBBY, (Person(9, "Eve", True),), True))

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        ada.account.load_people(LOBBY)
        ada.wait(lambda: 9 in ada.lobby.members)
        ada.stop()
    assert asked == [0, 9]


def test_a_server_with_another_history_is_begun_anew(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.login(ROOM if number == 0 else Room(LOBBY, "lobby", "", 1, 1), epoch=number)
        if number == 0:
            answer_history(guest)
            guest.expect(Post)
        else:
            request = guest.expect(GetHistory)
            assert request.after is None
            guest.send(History(request.id, LOBBY, (event(1),), False, 1))
            guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: ada.lobby.newest == 3)
        ada.account.post(LOBBY, "on its way")
        ada.wait_for(ResetUpdate)
        ada.wait(lambda: ada.lobby.newest == 1 and ada.waiting() == ["on its way"])
        ada.stop()


def test_a_page_that_cannot_be_read_now_is_asked_for_later(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        guest.login(ROOM)
        request = guest.expect(GetHistory)
        guest.send(Error(request.id, "storage", "Later.", retry_after_ms=10))
        answer_history(guest)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: ada.lobby.newest == 3)
        ada.stop()
    assert ada.counted(EventsUpdate) == 1
    assert ada.counted(OlderUpdate) == 0


def test_the_login_is_signed_for_the_server_that_was_met(enter: Enter, tmp_path: Path) -> None:
    claims: list[Authenticate] = []

    def script(guest: Guest, number: int) -> None:
        guest.expect(Hello)
        guest.send(Welcome(1, (), bytes(16), 1, "fake", bytes(32)))
        claims.append(guest.expect(Authenticate))
        guest.send(Error(b"", "auth_failed", "No."))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait_phase(Phase.REFUSED)
        ada.account.join_as("Ada")
        ada.wait(lambda: len(claims) == 2)
        ada.stop()
    one, two = claims
    assert one.key == two.key
    assert one.signature != two.signature  # the nonce of this very connection is in it

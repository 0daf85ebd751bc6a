"""A server that wants a password, lets newcomers wait, or does not let us in; and what cannot be sent."""

from collections.abc import Callable
from pathlib import Path

import pytest

from qtchat.client import connector, line
from qtchat.client.updates import ConnectionUpdate, Phase, RequestDoneUpdate
from qtchat.protocol.messages import (
    MAX_EMOJI,
    MAX_NICK,
    MAX_PASSWORD,
    MAX_REASON,
    MAX_ROOM_NAME,
    MAX_STATUS,
    MAX_TOPIC,
    Ack,
    Approve,
    Authenticate,
    Authenticated,
    Done,
    Error,
    Hello,
    Kick,
    Ready,
    Room,
    Sanction,
    SetPresence,
    SetTopic,
    Waiting,
    Welcome,
)
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY, PATIENCE, User
from tests.helpers.fakes import Guest, fake_server

ROOM = Room(LOBBY, "lobby", "", 0, 1)
CAPABILITIES = ("moderation", "reads")


def meet(guest: Guest, *, password: bool = False) -> Authenticate:
    guest.expect(Hello)
    guest.send(Welcome(1, CAPABILITIES, bytes(16), 1, "fake", bytes(32), password=password))
    return guest.expect(Authenticate)


def let_in(guest: Guest, nick: str, role: str = "member") -> None:
    guest.send(Authenticated(7, nick, role), ROOM, Ready())


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked again as soon as the server says."""
    monkeypatch.setattr(connector, "LEAST_WAITING_RETRY", 0.0)
    monkeypatch.setattr(line, "MIN_RETRY_AFTER", 0.0)


def phases(user: User) -> list[tuple[Phase, float | None]]:
    return [(one.phase, one.retry_in) for one in user.updates if isinstance(one, ConnectionUpdate)]


def code(user: User) -> str:
    return user.state.problem.code if user.state.problem else ""


# -- a connection that breaks -----------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [lambda user: user.account.kick(0, 9, "Enough."), lambda user: user.account.approve(9)])
def test_an_act_whose_answer_was_cut_off_is_asked_again_under_its_id(
    enter: Enter, tmp_path: Path, ask: Callable[[User], bytes]
) -> None:
    asked: list[bytes] = []

    def script(guest: Guest, number: int) -> None:
        let_in(guest, meet(guest).nick, "owner")
        while True:
            request = guest.next()
            if isinstance(request, Kick | Approve):
                asked.append(request.id)
                if number == 0:
                    return  # and nobody knows whether it was done
                guest.send(Done(request.id))

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        request = ask(ada)
        update = ada.wait_for(RequestDoneUpdate, lambda update: update.id == request)
        assert update.problem is None
        ada.stop()
    assert asked == [request, request]


# -- the login --------------------------------------------------------------------------------------------


def test_a_password_is_asked_for_told_once_and_forgotten(enter: Enter, tmp_path: Path) -> None:
    given: list[str] = []

    def script(guest: Guest, number: int) -> None:
        claim = meet(guest, password=True)
        given.append(claim.password)
        if number < 2:
            guest.send(Error(b"", "password_wrong", "The password, please."))
            guest.stay()
        let_in(guest, claim.nick)
        if number > 2:
            guest.stay()
        guest.expect(SetPresence)  # and the connection breaks

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: code(ada) == "password_wrong" and len(given) == 1)
        ada.account.password("wrong")
        ada.wait(lambda: len(given) == 2 and ada.state.phase is Phase.REFUSED)
        ada.account.password("secret \ud83d")
        ada.online()
        ada.account.set_presence(True)
        ada.wait(lambda: len(given) == 4)
        ada.online()
        ada.stop()
    assert given == ["", "wrong", "secret \ufffd", ""]  # whoever was let in needs none
    found = [path for path in (tmp_path / "Ada").rglob("*") if path.is_file() and b"secret" in path.read_bytes()]
    assert found == []


def test_a_password_is_kept_from_a_server_that_asks_for_none(enter: Enter, tmp_path: Path) -> None:
    given: list[str] = []

    def script(guest: Guest, number: int) -> None:
        claim = meet(guest, password=number == 0)
        given.append(claim.password)
        if number == 0:
            guest.send(Error(b"", "password_wrong", "The password, please."))
        else:
            let_in(guest, claim.nick)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait_phase(Phase.REFUSED)
        ada.account.password("secret")
        ada.online()
        ada.stop()
    assert given == ["", ""]


def test_a_password_is_kept_while_another_nick_is_chosen(enter: Enter, tmp_path: Path) -> None:
    given: list[str] = []

    def script(guest: Guest, number: int) -> None:
        claim = meet(guest, password=True)
        given.append(claim.password)
        if number == 0:
            guest.send(Error(b"", "password_wrong", "The password, please."))
        elif number == 1:
            guest.send(Error(b"", "nick_taken", "Taken.", suggestion="Ada 2"))
        else:
            let_in(guest, claim.nick)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: code(ada) == "password_wrong")
        ada.account.password("secret")
        ada.wait(lambda: code(ada) == "nick_taken")
        ada.account.join_as("Ada 2")
        ada.online()
        ada.stop()
    assert given == ["", "secret", "secret"]


@pytest.mark.usefixtures("prompt")
def test_who_waits_to_be_let_in_asks_again_in_silence(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        claim = meet(guest)
        if number < 3:
            guest.send(Error(b"", "waiting", "Please wait.", retry_after_ms=10))
        else:
            let_in(guest, claim.nick)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        ada.stop()
    waits = (Phase.REFUSED, 0.01)
    assert phases(ada) == [(Phase.CONNECTING, None), waits, waits, waits, (Phase.ONLINE, None)]


@pytest.mark.usefixtures("prompt")
def test_who_waits_comes_back_also_when_the_server_goes_away(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        if number == 1:
            return
        claim = meet(guest)
        if number == 0:
            guest.send(Error(b"", "waiting", "Please wait.", retry_after_ms=10))
        else:
            let_in(guest, claim.nick)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: Phase.OFFLINE in [phase for phase, _ in phases(ada)])
        ada.account.connect_now()
        ada.online()
        ada.stop()


@pytest.mark.parametrize("wait", [0, 1, 999])
def test_a_server_cannot_have_itself_asked_all_the_time(enter: Enter, tmp_path: Path, wait: int) -> None:
    def script(guest: Guest, number: int) -> None:
        meet(guest)
        guest.send(Error(b"", "waiting", "Please wait.", retry_after_ms=wait))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait_phase(Phase.REFUSED)
        assert (code(ada), ada.state.retry_in) == ("waiting", connector.LEAST_WAITING_RETRY)
        ada.stop()


def test_without_a_time_to_come_back_it_is_ten_seconds(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        claim = meet(guest)
        if number == 0:
            guest.send(Error(b"", "waiting", "Please wait."))
        else:
            let_in(guest, claim.nick)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait_phase(Phase.REFUSED)
        assert (code(ada), ada.state.retry_in) == ("waiting", connector.WAITING_RETRY)
        ada.account.connect_now()
        ada.online()
        ada.stop()


@pytest.mark.parametrize("reason", ["banned", "revoked", "kicked"])
def test_who_was_put_out_stays_out_until_somebody_tries_again(enter: Enter, tmp_path: Path, reason: str) -> None:
    def script(guest: Guest, number: int) -> None:
        claim = meet(guest)
        if number == 0:
            if reason == "kicked":
                let_in(guest, claim.nick)
            guest.send(Error(b"", reason, "By Bob: enough."))
        else:
            let_in(guest, claim.nick)
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: code(ada) == reason)
        assert ada.state.problem is not None
        assert (ada.state.phase, ada.state.retry_in) == (Phase.REFUSED, None)
        assert ada.state.problem.text == "By Bob: enough."
        ada.account.connect_now()
        ada.online()
        ada.stop()


# -- what is told ---------------------------------------------------------------------------------------


def test_our_role_comes_with_the_login_and_changes(enter: Enter, tmp_path: Path) -> None:
    def script(guest: Guest, number: int) -> None:
        claim = meet(guest)
        guest._session.peer_capabilities = frozenset(CAPABILITIES)
        let_in(guest, claim.nick, "moderator")
        guest.send(Waiting(2), Sanction("set_role", 0, "Bob", "", 0, "admin"))
        kick = guest.expect(Kick)
        guest.send(Done(kick.id))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link)
        ada.wait(lambda: ada.state.role == "admin")
        ada.online()
        assert ada.state.waiting == 2
        request = ada.account.kick(0, 9, "Enough.")
        assert ada.wait_for(RequestDoneUpdate, lambda update: update.id == request).problem is None
        ada.stop()


# -- what cannot be sent --------------------------------------------------------------------------------


def test_what_is_too_long_is_refused_at_once_and_half_a_character_is_replaced(enter: Enter, tmp_path: Path) -> None:
    heard: list[str] = []

    def script(guest: Guest, number: int) -> None:
        guest.login(ROOM)
        request = guest.expect(SetTopic)
        heard.append(request.topic)
        guest.send(Ack(request.id, LOBBY, 1, 1))
        presence = guest.expect(SetPresence)
        heard.append(str(presence.status))
        guest.send(Ack(guest.expect(SetTopic).id, LOBBY, 2, 2))
        guest.stay()

    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        account = ada.account
        limits: tuple[tuple[Callable[[str], object], int], ...] = (
            (account.create_room, MAX_ROOM_NAME),
            (lambda text: account.create_room("x", text), MAX_TOPIC),
            (lambda text: account.set_topic(LOBBY, text), MAX_TOPIC),
            (account.change_nick, MAX_NICK),
            (lambda text: account.react(LOBBY, 1, text, True), MAX_EMOJI),
            (lambda text: account.kick(LOBBY, 2, text), MAX_REASON),
            (lambda text: account.ban(2, 0, text), MAX_REASON),
            (account.claim, 64),
            (account.password, MAX_PASSWORD),
        )
        for ask, limit in limits:
            with pytest.raises(ValueError, match=f"at most {limit} characters"):
                ask("x" * (limit + 1))
        empty: tuple[Callable[[str], object], ...] = (account.create_room, account.change_nick, account.claim)
        for ask in empty:
            with pytest.raises(ValueError, match="empty"):
                ask("")
        request = account.set_topic(LOBBY, "half \ud83d")
        ada.wait_for(RequestDoneUpdate, lambda update: update.id == request)
        account.set_presence(False, "out \udc00" + "x" * MAX_STATUS)
        request = account.set_topic(LOBBY, "after")
        ada.wait_for(RequestDoneUpdate, lambda update: update.id == request)
        ada.stop()
    assert heard == ["half \ufffd", "out " + "x" * (MAX_STATUS - 4)]


def test_a_request_that_cannot_be_written_fails_alone(
    enter: Enter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(guest: Guest, number: int) -> None:
        assert number == 0, "the connection was given up"
        guest.login(ROOM)
        request = guest.expect(SetTopic)
        guest.send(Ack(request.id, LOBBY, 1, 1))
        guest.stay()

    monkeypatch.setattr("qtchat.client.account._whole", lambda text: text)
    with fake_server(tmp_path / "fake", script) as link:
        ada = enter("Ada", link).online()
        broken, whole = ada.account.set_topic(LOBBY, "half \ud83d"), ada.account.set_topic(LOBBY, "whole")
        problem = ada.wait_for(RequestDoneUpdate, lambda update: update.id == broken).problem
        assert problem is not None
        assert problem.code == "text_invalid"
        assert ada.wait_for(RequestDoneUpdate, lambda update: update.id == whole).problem is None
        assert ada.account.stop(PATIENCE)

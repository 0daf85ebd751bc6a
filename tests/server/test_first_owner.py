"""Whoever runs a server comes in by its token, whatever lock is on: nobody else could let them in yet."""

from pathlib import Path

import pytest

from qtchat.client import cli
from qtchat.net.signature import SigningKey
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MEMBER, OWNER, Claim, Done, Error, Welcome
from qtchat.server.passwords import write_password
from tests.helpers.servers import running_server
from tests.helpers.wire import WireClient, new_id


def asked_for_a_password(port: int) -> bool:
    with WireClient(port) as client:
        client.hello()
        return client.expect(Welcome).password


def refusal(port: int, nick: str, key: SigningKey | None = None, password: str = "") -> Error:
    with WireClient(port, key) as client:
        client.introduce(nick, password=password)
        error = client.last_words()[-1]
        assert isinstance(error, Error)
        return error


@pytest.mark.parametrize("with_password", [False, True])
def test_the_token_opens_the_door_and_makes_the_owner(tmp_path: Path, with_password: bool) -> None:
    if with_password:
        write_password(tmp_path, "sesame")
    with running_server(tmp_path, approve_newcomers=True) as server, WireClient(server.port) as ada:
        assert asked_for_a_password(server.port)
        for password in ("", "sesame", "AAAAA-BBBBB-CCCCC-DDDDD")[: 1 if with_password else 3]:
            error = refusal(server.port, "Eve", password=password)
            assert error.code == ErrorCode.PASSWORD_WRONG
            assert with_password or "owner token" in error.text
        assert ada.login("Ada", password=server.claim_token.lower()).role == OWNER
        ada.ask(Claim(new_id(), server.claim_token), Done)
        assert asked_for_a_password(server.port) is with_password
        eve = refusal(server.port, "Eve", password=server.claim_token)
        assert eve.code == (ErrorCode.PASSWORD_WRONG if with_password else ErrorCode.WAITING), "it works once"


def test_the_command_of_the_command_line_does_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with running_server(tmp_path / "server", approve_newcomers=True) as server:
        options = ["--profile", str(tmp_path / "Ada"), "--nick", "Ada"]
        assert cli.main([*options, server.link, "claim", server.claim_token]) == 0, capsys.readouterr().err
        assert capsys.readouterr().out == "You own this server now.\n"
        assert cli.main([*options, server.link, "claim", server.claim_token]) == 0, "however often it is asked"


def test_who_only_waited_is_a_newcomer_when_approval_is_switched_off(tmp_path: Path) -> None:
    owner, key = SigningKey.generate(), SigningKey.generate()
    with running_server(tmp_path, approve_newcomers=True) as server:
        with WireClient(server.port, owner) as ada:
            ada.login("Ada", password=server.claim_token)
        assert refusal(server.port, "Bob", key).code == ErrorCode.WAITING
    write_password(tmp_path, "sesame")
    with running_server(tmp_path) as server:
        assert refusal(server.port, "Bob", key).code == ErrorCode.PASSWORD_WRONG
        for password in ("sesame", ""):
            with WireClient(server.port, key) as bob:
                assert bob.login("Bob", password=password).role == MEMBER
        with WireClient(server.port, owner) as ada:
            assert ada.login("Ada").role == OWNER

"""Owners, passwords, bans and kicks at the native door, over real TLS."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    LOBBY,
    MODERATION,
    OWNER,
    PRESENCE,
    Ban,
    Claim,
    Done,
    Error,
    Kick,
    Message,
    Mute,
    Post,
    Sanction,
    Welcome,
)
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from qtchat.server.locks import AddressBans
from qtchat.server.passwords import write_password
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import WireClient, new_id

BOTH = (PRESENCE, MODERATION)


@contextmanager
def hosted(folder: Path, owner: SigningKey | None = None) -> Iterator[Server]:
    """A server; with `owner`, hosted by whoever has this key."""
    with no_thread_left():
        settings = ServerSettings(data=str(folder), host="127.0.0.1", port=0)
        server = Server(settings, owner_key=owner.public_key if owner else b"")
        server.start()
        try:
            yield server
        finally:
            assert server.stop()


def end_of(client: WireClient) -> tuple[str, str]:
    """The code and text with which the server closes."""
    words: list[Message] = client.last_words()
    assert isinstance(words[-1], Error), words
    return words[-1].code, words[-1].text


def test_the_token_makes_an_owner_and_then_there_is_none(tmp_path: Path) -> None:
    key = SigningKey.generate()
    with hosted(tmp_path) as server, WireClient(server.port, key) as ada:
        assert ada.login("Ada", BOTH).role == "member"
        assert server.claim_token
        ada.ask(Claim(new_id(), server.claim_token), Done)
    with hosted(tmp_path) as server, WireClient(server.port, key) as ada:
        assert server.claim_token == ""
        assert ada.login("Ada", BOTH).role == OWNER


def test_who_hosts_is_the_owner_without_a_token(tmp_path: Path) -> None:
    key = SigningKey.generate()
    with hosted(tmp_path, key) as server, WireClient(server.port, key) as ada:
        assert server.claim_token == ""
        assert ada.login("Ada", BOTH).role == OWNER


def test_newcomers_need_the_password_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtchat.server.locks.WRONG_DELAY", 0.01)
    write_password(tmp_path, "sesame")
    host, key = SigningKey.generate(), SigningKey.generate()
    with hosted(tmp_path, host) as server:
        with WireClient(server.port, key) as bob:
            bob.hello()
            assert bob.expect(Welcome).password
        for password, text in (
            ("", "This server wants a password from those who come for the first time."),
            ("open", "That is not the password."),
        ):
            with WireClient(server.port, key) as bob:
                bob.introduce("Bob", password=password)
                assert end_of(bob) == (ErrorCode.PASSWORD_WRONG, text)
        with WireClient(server.port, key) as bob:
            bob.login("Bob", password="sesame")
        with WireClient(server.port, key) as bob:
            bob.login("Bob")
        with WireClient(server.port, host) as ada:
            ada.login("Ada")


def test_somebody_is_told_put_out_and_kept_away(tmp_path: Path) -> None:
    host, key = SigningKey.generate(), SigningKey.generate()
    with hosted(tmp_path, host) as server, WireClient(server.port, host) as ada:
        ada.login("Ada", BOTH)
        with WireClient(server.port, key) as bob:
            number = bob.login("Bob", BOTH).user
            ada.ask(Mute(new_id(), LOBBY, number, reason="sh"), Done)
            muted = bob.expect(Sanction)
            assert muted == Sanction("mute", LOBBY, "Ada", "sh", number=muted.number)
            assert bob.ask(Post(new_id(), LOBBY, "x"), Error).code == ErrorCode.MUTED
            ada.ask(Kick(new_id(), 0, number, "enough"), Done)
            assert bob.expect(Sanction).act == "kick"
            assert end_of(bob) == (ErrorCode.KICKED, "You were put out by Ada: enough")
        with WireClient(server.port, key) as bob:
            bob.login("Bob", BOTH)
            told = bob.expect(Sanction)
            assert (told.act, told.room, told.by, told.reason) == ("mute", LOBBY, "Ada", "sh")
            assert told.ts
            ada.ask(Ban(new_id(), number), Done)
            assert end_of(bob) == (ErrorCode.BANNED, "You were banned by Ada.")
        with WireClient(server.port, key) as bob:
            bob.introduce("Bob")
            assert end_of(bob) == (ErrorCode.BANNED, "You were banned by Ada.")
        assert ada.ask(Ban(new_id(), 1), Error).text == "Nobody can do that to themselves."


def test_a_banned_address_is_kept_out_but_nobody_locks_the_owner_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    host = SigningKey.generate()
    monkeypatch.setattr(AddressBans, "said", lambda _self, address: f"{address} was banned.")
    with hosted(tmp_path, host) as server:
        with WireClient(server.port) as eve:
            eve.introduce("Eve")
            assert end_of(eve) == (ErrorCode.BANNED, "127.0.0.1 was banned.")
        with WireClient(server.port, host) as ada:
            assert ada.login("Ada").role == OWNER

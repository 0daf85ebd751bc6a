"""A ban with the address, by real sockets from several addresses: who comes from there is kept away, nobody else."""

import socket
import sys
from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import LOBBY, MODERATION, MODERATOR, PRESENCE, Ack, Error, Post, Ready
from qtchat.server.handlers import sanctions
from tests.end_to_end.house import House, OpenWindow, hosted
from tests.helpers.wire import PATIENCE, WireClient, new_id

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only there all addresses that begin with 127 answer")

OWN, THERE, ELSEWHERE = "127.0.0.1", "127.0.0.2", "127.0.0.3"
"""Of the server's own computer, and of two that count as others here."""


class Person(WireClient):
    """Somebody with a key, who comes from an address."""

    def __init__(self, port: int, source: str, nick: str, key: SigningKey | None = None) -> None:
        super().__init__(port, key, source=source)
        self.introduce(nick, (PRESENCE, MODERATION))

    def end(self) -> tuple[str, str]:
        """The code and text with which the server closes."""
        error = self.last_words()[-1]
        assert isinstance(error, Error)
        return error.code, error.text

    def can_write(self) -> bool:
        if not self.rooms:
            self.expect(Ready)
        return bool(self.ask(Post(new_id(), LOBBY, "still here"), Ack).seq)


def plain_reads(port: int, source: str) -> bytes:
    """What a plain-text program reads at once."""
    with socket.create_connection((OWN, port), PATIENCE, source_address=(source, 0)) as program:
        return program.recv(1024)


def test_a_banned_address_is_kept_away_and_no_other(
    tmp_path: Path, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sanctions, "is_loopback", lambda address: address == OWN)
    banned = (ErrorCode.BANNED, "Your address was banned by Boss: spam")
    with hosted(tmp_path / "server", tmp_path / "Boss", classic=("nick-en:0",)) as server:
        port, (door,) = server.port, server.entrances
        house = House(server, open_window)
        boss, key = house.boss, SigningKey.generate()
        boss.run("/banaddress Ben", r".*server's own computer.*")
        with (
            Person(port, THERE, "Eve", key) as eve,
            Person(port, THERE, "Cy") as neighbour,
            Person(port, THERE, "Max") as moderator,
            Person(port, ELSEWHERE, "Dan") as dan,
        ):
            for name in ("Eve", "Cy", "Max", "Dan"):
                boss.user(name)
            assert plain_reads(door.port, THERE) == b"NICK"
            boss.run("/role Max moderator", r"Max is moderator now\.")
            boss.until(lambda: boss.role_of("Max") == MODERATOR)
            boss.run("/banaddress Eve spam", r"Eve is banned.*")
            assert eve.end() == (ErrorCode.BANNED, "You were banned by Boss: spam")
            assert neighbour.end() == banned
            assert moderator.can_write(), "whoever could lift it stays"
            assert dan.can_write()
        with Person(port, THERE, "Mallory") as newcomer, Person(port, ELSEWHERE, "Eve", key) as moved:
            assert newcomer.end() == banned
            assert moved.end()[0] == ErrorCode.BANNED, "the key is banned, too"
        with Person(port, ELSEWHERE, "Zoe") as zoe:
            assert zoe.can_write()
        assert b"Your address was banned by Boss: spam" in plain_reads(door.port, THERE)
        assert plain_reads(door.port, ELSEWHERE) == b"NICK"
        boss.run("/unban Eve", r"Eve is not banned any more\.")
        with Person(port, THERE, "Mallory") as newcomer:
            assert newcomer.can_write()
        house.quit()

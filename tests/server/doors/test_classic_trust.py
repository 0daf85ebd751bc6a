"""People without a key can be muted and put out; and those from a banned address do not come in."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.messages import LOBBY, PRESENCE, Ack, Done, Kick, ListPeople, Mute, People, Post
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import PATIENCE, WireClient, new_id

HOST = SigningKey.generate()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with no_thread_left():
        settings = ServerSettings(data=str(tmp_path), host="127.0.0.1", port=0, classic=("name-first:0",))
        running = Server(settings, owner_key=HOST.public_key)
        running.start()
        try:
            yield running
        finally:
            assert running.stop()


def plain(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.entrances[0].port), timeout=PATIENCE)


def read_until(sock: socket.socket, words: str) -> str:
    """What arrives, up to these words; the end of the connection counts as nothing."""
    heard = ""
    while words not in heard:
        data = sock.recv(1024)
        assert data, heard
        heard += data.decode()
    return heard


def is_reset(sock: socket.socket) -> bool:
    try:
        while sock.recv(1024):
            continue
    except ConnectionResetError:
        return True
    return False


def test_somebody_without_a_key_is_muted_and_put_out(server: Server) -> None:
    with WireClient(server.port, HOST) as ada, plain(server) as bob:
        ada.login("Ada", (PRESENCE,))
        bob.sendall(b"Bob")
        ada.events(1, "joined")
        (number,) = [person.user for person in ada.ask(ListPeople(new_id(), LOBBY), People).people if person.user > 1]
        ada.ask(Mute(new_id(), LOBBY, number, reason="noise"), Done)
        bob.sendall(b"hello")
        read_until(bob, "You were muted in lobby by Ada: noise")
        ada.ask(Kick(new_id(), LOBBY, number, "enough"), Ack)
        read_until(bob, "You were put out by Ada: enough")
        assert is_reset(bob)
        kicked = ada.events(1, "kicked")[0]
        assert (kicked.text, kicked.about) == ("Bob", number)
        ada.ask(Post(new_id(), LOBBY, "quiet now"), Ack)


def test_a_banned_address_hears_why(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._classic_doors[0], "kept_away", lambda _address: "You were banned by Ada.")
    with plain(server) as bob:
        bob.sendall(b"Bob")
        read_until(bob, "You were banned by Ada.")
        assert is_reset(bob)

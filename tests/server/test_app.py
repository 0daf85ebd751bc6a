"""The server as an object: it starts whole or not at all, and stops in order with everybody told."""

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from qtchat.net.announcement import Announcement, question, read_answer
from qtchat.net.invitation import parse_invitation
from qtchat.net.tls import KEY_FILE, IdentityError
from qtchat.protocol.messages import Ack, Error, GetHistory, History, Message, Post
from qtchat.server import announcer
from qtchat.server.app import Server
from qtchat.server.config import ServerSettings
from qtchat.server.letters import Call
from qtchat.server.listener import ListenError
from qtchat.server.state import State
from qtchat.server.store import StoreDamaged, StoreError, StoreLocked
from qtchat.server.store.open import DATABASE_NAME
from tests.helpers.servers import no_thread_left, running_server
from tests.helpers.wire import PATIENCE, Connect, WireClient, new_id

LOBBY = 1


def make_server(folder: Path, port: int = 0, **options: str) -> Server:
    return Server(ServerSettings(data=str(folder), host="127.0.0.1", port=port, **options))  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _nothing_is_left_behind() -> Iterator[None]:
    with no_thread_left():
        yield


# -- a good start -------------------------------------------------------------------------------------


def test_what_it_says_of_itself(server: Server) -> None:
    assert server.addresses == ["127.0.0.1"]
    assert server.host == "127.0.0.1"
    invitation = parse_invitation(server.link)
    assert invitation.addresses == (("127.0.0.1", server.port),)
    assert invitation.code == server.code


def test_it_stays_the_same_server_over_restarts(tmp_path: Path) -> None:
    with running_server(tmp_path) as first:
        code = first.code
    with running_server(tmp_path) as second:
        assert second.code == code


def test_as_a_context_manager(tmp_path: Path) -> None:
    with make_server(tmp_path) as server, WireClient(server.port) as client:
        client.login("Ada")
        client.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.port))


def test_what_is_not_as_it_seems_is_said_at_the_start(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    missing = tmp_path / "missing"
    with running_server(tmp_path / "data", handout_folder=str(missing), handout_port=0, classic=("nick-en:0",)):
        assert f"there is no folder {missing}" in caplog.text
        assert "can read and change what is said through it" in caplog.text


def test_several_loops_serve_one_room(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, io_loops=3) as server,
        WireClient(server.port) as ada,
        WireClient(server.port) as bob,
        WireClient(server.port) as cy,
        WireClient(server.port) as dan,
    ):
        everybody = (ada, bob, cy, dan)
        for client, nick in zip(everybody, ("Ada", "Bob", "Cy", "Dan"), strict=True):
            client.login(nick)
        ack = ada.ask(Post(new_id(), LOBBY, "hello"), Ack)
        assert [client.events(1)[0].seq for client in everybody if client is not ada] == [ack.seq] * 3


def test_the_lobby_is_called_what_was_set(tmp_path: Path) -> None:
    with running_server(tmp_path, lobby="#Common  Room") as server, WireClient(server.port) as client:
        client.login("Ada")
        assert client.rooms[LOBBY].name == "Common Room"


# -- stopping -----------------------------------------------------------------------------------------


def test_what_was_received_before_the_end_is_stored(tmp_path: Path) -> None:
    server = make_server(tmp_path)
    server.start()
    with ThreadPoolExecutor(1) as pool, WireClient(server.port) as client:
        client.login("Ada")
        requests = [Post(new_id(), LOBBY, str(number)) for number in range(30)]
        client.send(*requests)

        def listen() -> list[Message]:
            words = client.last_words()
            client.close()
            return words

        words = pool.submit(listen)
        assert server.stop()
        acked = [message.re for message in words.result() if isinstance(message, Ack)]
    with running_server(tmp_path) as again, WireClient(again.port) as reader:
        reader.login("Bob")
        stored = [event.id for event in reader.ask(GetHistory(new_id(), LOBBY), History).events]
    posted = [request.id for request in requests]
    assert acked == posted[: len(acked)], "answered in order"
    assert set(acked) <= set(stored)


def test_peers_that_do_not_go_are_cut_off(server: Server, connect: Connect) -> None:
    stubborn = [connect("Ada"), connect(), connect("Bob")]
    half_open = socket.create_connection(("127.0.0.1", server.port))
    with closing(half_open):
        assert server.stop()
    for client in stubborn:
        assert [message for message in client.last_words() if isinstance(message, Error)]


def test_stopping_twice_or_without_a_start_is_fine(tmp_path: Path) -> None:
    server = make_server(tmp_path / "a")
    server.start()
    assert server.stop()
    assert server.stop()
    assert make_server(tmp_path / "b").stop()


def test_a_hub_that_hangs_is_reported_and_keeps_the_folder(tmp_path: Path) -> None:
    server = make_server(tmp_path)
    server.start()
    assert server._hub is not None
    assert server._store is not None
    go_on = threading.Event()

    def hang(_state: State) -> None:
        go_on.wait()

    server._hub.post([Call(hang)])
    try:
        assert not server.stop(timeout=0.05)
        with pytest.raises(StoreLocked):
            make_server(tmp_path).start()
    finally:
        go_on.set()
        for thread in threading.enumerate():
            if thread.name.startswith("qtchat-"):
                thread.join()
        server._store.close()


# -- a start that fails -------------------------------------------------------------------------------


def test_a_port_in_use_leaves_nothing_behind(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        server = make_server(tmp_path, other.getsockname()[1])
        with no_thread_left(), pytest.raises(ListenError, match="another program listens there already"):
            server.start()
    with running_server(tmp_path):
        pass


def test_a_damaged_database_is_left_as_it_is(tmp_path: Path) -> None:
    with running_server(tmp_path):
        pass
    database = tmp_path / DATABASE_NAME
    good = database.read_bytes()
    damaged = good[:100] + bytes(len(good) - 100)
    database.write_bytes(damaged)
    with no_thread_left(), pytest.raises(StoreDamaged) as caught:
        make_server(tmp_path).start()
    assert str(database) in str(caught.value)
    assert database.read_bytes() == damaged
    database.write_bytes(good)
    with running_server(tmp_path):
        pass


def test_two_servers_do_not_share_a_folder(server: Server) -> None:
    with no_thread_left(), pytest.raises(StoreLocked) as caught:
        make_server(server.settings.folder).start()
    assert str(server.settings.folder) in str(caught.value)
    with WireClient(server.port) as client:
        client.login("Ada")


def test_a_damaged_key_is_no_reason_to_make_a_new_one(tmp_path: Path) -> None:
    with running_server(tmp_path):
        pass
    key = tmp_path / KEY_FILE
    key.write_bytes(b"not a key")
    with no_thread_left(), pytest.raises(IdentityError) as caught:
        make_server(tmp_path).start()
    assert str(key) in str(caught.value)
    assert key.read_bytes() == b"not a key"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with no_thread_left(), pytest.raises((StoreError, IdentityError)) as caught:
        make_server(tmp_path / "file" / "data").start()
    assert str(tmp_path / "file") in str(caught.value)


def test_the_network_hears_of_it_and_of_who_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcer, "REFRESH", 0.05)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        monkeypatch.setattr(announcer, "DISCOVERY_PORT", port)
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        asking.settimeout(0.2)

        def ask() -> Announcement | None:
            asking.sendto(question(b"whoisthe"), ("127.255.255.255", port))
            with suppress(TimeoutError):
                return read_answer(asking.recv(1000), b"whoisthe")
            return None

        with running_server(tmp_path, interface="127.0.0.1", name="Kitchen") as server, WireClient(server.port) as ada:
            deadline = time.monotonic() + PATIENCE
            while (heard := ask()) is None:
                assert time.monotonic() < deadline
            assert (heard.name, heard.hint, heard.port) == ("Kitchen", server.code[:5], server.port)
            ada.login("Ada")
            while heard is None or heard.people != 1:
                assert time.monotonic() < deadline
                heard = ask()


@pytest.mark.parametrize(
    ("options", "announced"),
    [
        ({"host": ""}, True),
        ({"host": "127.0.0.1"}, False),
        ({"host": "localhost"}, False),
        ({"host": "::1"}, False),
        ({"host": "127.0.0.1", "interface": "127.0.0.1"}, True),
        ({"host": "", "discoverable": False}, False),
        ({"host": "192.0.2.7"}, True),
    ],
)
def test_a_server_that_nobody_else_can_reach_is_not_announced(options: dict[str, Any], announced: bool) -> None:
    assert ServerSettings(**options).announced is announced

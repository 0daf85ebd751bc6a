"""What was done to somebody is told again until a connection has shown that it read it, over real TLS."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.messages import ADMIN, MODERATION, MODERATOR, Claim, Done, ListRooms, Rooms, Sanction, SetRole
from qtchat.server.app import Server
from tests.helpers.servers import running_server
from tests.helpers.wire import WireClient, new_id


@contextmanager
def house(folder: Path) -> Iterator[tuple[Server, WireClient]]:
    """A server, and its owner."""
    with running_server(folder, messages_per_second=0) as server, WireClient(server.port) as ada:
        ada.login("Ada", (MODERATION,))
        ada.ask(Claim(new_id(), server.claim_token), Done)
        yield server, ada


def visit(server: Server, key: SigningKey) -> tuple[int, list[Sanction]]:
    """Bob comes, reads everything, and goes: his number, and what he was told."""
    with WireClient(server.port, key) as bob:
        user = bob.login("Bob", (MODERATION,)).user
        bob.ask(ListRooms(new_id()), Rooms)
        return user, [message for message in bob.passed_over if isinstance(message, Sanction)]


def test_who_does_not_read_the_answer_to_the_login_is_told_at_the_next(tmp_path: Path) -> None:
    key = SigningKey.generate()
    with house(tmp_path) as (server, ada):
        user, _ = visit(server, key)
        ada.ask(SetRole(new_id(), 0, user, ADMIN), Done)
        for _ in range(2):
            with WireClient(server.port, key) as broken:
                broken.introduce("Bob", (MODERATION,))
                assert broken.sock.recv(1), "the answer is on its way"
        told = visit(server, key)[1]
        assert [(one.act, one.detail) for one in told] == [("set_role", ADMIN)]
        assert visit(server, key)[1] == []


@pytest.mark.parametrize("reads", [True, False])
def test_a_device_that_reads_no_more_has_not_been_told(tmp_path: Path, reads: bool) -> None:
    key = SigningKey.generate()
    with house(tmp_path) as (server, ada):
        with WireClient(server.port, key) as bob:
            user = bob.login("Bob", (MODERATION,)).user
            ada.ask(SetRole(new_id(), 0, user, ADMIN), Done)
            ada.ask(SetRole(new_id(), 0, user, MODERATOR), Done)
            if reads:
                bob.ask(ListRooms(new_id()), Rooms)
        told = visit(server, key)[1]
        assert [one.detail for one in told] == ([] if reads else [ADMIN, MODERATOR])


def test_a_pong_counts_for_what_came_before_its_ping_and_not_for_more(tmp_path: Path) -> None:
    """The heartbeat's pings, of which there may be several at once, and the one behind what is told."""
    key = SigningKey.generate()
    with house(tmp_path) as (server, ada):
        with WireClient(server.port, key) as bob:
            user = bob.login("Bob", (MODERATION,)).user
            bob.ask(ListRooms(new_id()), Rooms)
            (peer,) = (peer for door in server._doors for peer in door.peers if peer.user == user)
            peer._pings += 1  # one that will not be answered before the next
            ada.ask(SetRole(new_id(), 0, user, ADMIN), Done)
            bob.ask(ListRooms(new_id()), Rooms)
        assert [one.detail for one in visit(server, key)[1]] == [ADMIN]

"""Accounts when things break: connections, servers, disks and profiles."""

import random
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.client.state import Delivery
from qtchat.client.updates import (
    ConnectionUpdate,
    FailedUpdate,
    Phase,
    ProblemCode,
    ResetUpdate,
    StorageUpdate,
)
from qtchat.server import refusals
from qtchat.server.app import Server
from qtchat.server.store import RoomLog, StoreFull, Writes
from tests.client.conftest import Enter
from tests.client.talking import database, forget_history, read_back, say, texts
from tests.helpers.accounts import LOBBY
from tests.helpers.proxy import CuttingProxy


def test_after_a_restart_of_the_server_nothing_is_missing_or_double(
    two_servers: Callable[..., Server], enter: Enter
) -> None:
    server = two_servers("server")
    ada, bob = enter("Ada", server.link).online(), enter("Bob", server.link).online()
    say(ada, *texts(5))
    for user in (ada, bob):
        user.wait_texts(texts(5))
    server.stop()
    for user in (ada, bob):
        user.wait_phase(Phase.OFFLINE)
    say(ada, *texts(60, 5))
    ada.wait(lambda: ada.waiting() == texts(60, 5))
    two_servers("server", server.port)
    for user in (ada, bob):
        user.account.connect_now()
        user.wait_texts(texts(65))
    assert bob.lobby.unread == 65


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_wherever_the_connection_is_cut_each_message_arrives_once_and_in_order(
    server: Server, enter: Enter, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    link = f"qtchat://127.0.0.1:%d/#{server.code}"
    with CuttingProxy(server.port, []) as proxy:  # how many bytes are there to be cut?
        measured = enter("Ada", link % proxy.port).online()
        say(measured, *texts(3))
        measured.wait_texts(texts(3))
        measured.stop()
        length = proxy.passed[0]
    cuts: list[int | None] = list(chance.sample(range(1, length), 30))
    said = texts(3)
    with CuttingProxy(server.port, cuts) as proxy:
        ada = enter("Ada", link % proxy.port)
        for number in range(30):
            more = texts(6, len(said))  # more than what was measured, so that every cut is reached
            say(ada, *more)
            said += more
            ada.wait(
                lambda number=number: (  # type: ignore[misc]
                    sum(isinstance(u, ConnectionUpdate) and u.phase is Phase.OFFLINE for u in ada.updates) > number
                )
            )
            ada.account.connect_now()
        ada.wait(lambda: len(ada.texts()) >= len(said) and ada.waiting() == [])
        assert ada.texts() == said
        ada.stop()
    bob = enter("Bob", profile="Bob").online()
    read_back(bob)
    assert bob.texts() == said


def test_a_full_outbox_outlives_the_program(two_servers: Callable[..., Server], enter: Enter) -> None:
    server = two_servers("server")
    ada = enter("Ada", server.link).online()
    server.stop()
    ada.wait_phase(Phase.OFFLINE)
    say(ada, *texts(50))
    ada.stop()  # at once: what was posted before is on the disk
    two_servers("server", server.port)
    ada = enter("Ada", server.link)
    ada.wait_texts(texts(50))
    bob = enter("Bob", server.link).online()
    bob.wait_texts(texts(50))


def test_an_acknowledgement_that_was_not_written_down_shows_nothing_twice(enter: Enter, tmp_path: Path) -> None:
    ada = enter("Ada").online()
    say(ada, *texts(130))
    ada.wait_texts(texts(130))
    old, recent = ada.lobby.entries[1], ada.lobby.entries[-1]
    ada.stop()
    with closing(sqlite3.connect(database(tmp_path / "Ada"))) as connection:  # the disk forgot what was not durable
        for entry in (old, recent):
            connection.execute(
                "INSERT INTO outbox (id, room, text, created) VALUES (?, 1, ?, ?)", (entry.id, entry.text, entry.ts)
            )
        connection.commit()
    ada = enter("Ada").online()
    say(ada, "last")
    ada.wait(lambda: "last" in ada.texts() and ada.waiting() == [])
    assert ada.texts() == [*texts(130)[-100:], "last"]
    ada.stop()
    with closing(sqlite3.connect(database(tmp_path / "Ada"))) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


@pytest.mark.parametrize(("seed", "pace"), [(1, 0), (2, 0), (3, 500)])
def test_while_the_server_cannot_write_order_is_kept_and_nothing_is_lost(
    two_servers: Callable[..., Server], enter: Enter, monkeypatch: pytest.MonkeyPatch, seed: int, pace: int
) -> None:
    """Also where it slows us down at the same time: both make it refuse in the middle of what is under way."""
    link = two_servers("server", messages_per_second=pace, message_burst=20).link
    ada, bob = enter("Ada", link).online(), enter("Bob", link).online()
    commit = RoomLog.commit
    chance = random.Random(seed)
    failures = [chance.random() < 0.6 for _ in range(30)]
    lock = threading.Lock()

    def sometimes(log: RoomLog, writes: Writes) -> None:
        with lock:
            if failures and failures.pop():
                raise StoreFull(Path("database"))
        commit(log, writes)

    monkeypatch.setattr(refusals, "RETRY_AFTER_MS", 20)
    monkeypatch.setattr(RoomLog, "commit", sometimes)
    said = texts(100)
    say(ada, *said)
    for user in (ada, bob):
        user.wait_texts(said)
    while failures:
        more = texts(1, len(said))
        say(ada, *more)
        said += more
        ada.wait_texts(said)
    bob.wait_texts(said)


def test_after_a_backup_was_restored_everything_is_fetched_anew(
    two_servers: Callable[..., Server], enter: Enter, tmp_path: Path
) -> None:
    server = two_servers("server")
    ada = enter("Ada", server.link).online()
    say(ada, *texts(5))
    ada.wait_texts(texts(5))
    server.stop()
    ada.wait_phase(Phase.OFFLINE)
    forget_history(tmp_path / "server")
    say(ada, "composed while offline")
    ada.wait(lambda: ada.waiting() == ["composed while offline"])
    two_servers("server", server.port)
    ada.account.connect_now()
    ada.wait_for(ResetUpdate)
    ada.wait_texts(["composed while offline"])
    ada.stop()
    ada = enter("Ada", server.link)
    ada.wait(lambda: ada.texts() == ["composed while offline"])


def test_what_waits_is_shown_again_after_a_reset(
    two_servers: Callable[..., Server], enter: Enter, tmp_path: Path
) -> None:
    """Also what was refused: it is in the outbox, so it must be on the screen."""
    server = two_servers("server")
    ada = enter("Ada", server.link).online()
    say(ada, " ")
    ada.wait_for(FailedUpdate)
    server.stop()
    forget_history(tmp_path / "server")
    two_servers("server", server.port)
    ada.account.connect_now()
    ada.wait_for(ResetUpdate)
    ada.wait(lambda: LOBBY in ada.state.rooms and ada.waiting() == [" "])
    assert ada.lobby.entries[-1].delivery is Delivery.FAILED


# -- the profile ------------------------------------------------------------------------------------------


def test_a_damaged_history_is_put_aside_said_and_fetched_again(enter: Enter, tmp_path: Path) -> None:
    ada = enter("Ada").online()
    say(ada, *texts(3))
    ada.wait_texts(texts(3))
    ada.stop()
    path = database(tmp_path / "Ada")
    path.write_bytes(b"damaged" * 1000)
    ada = enter("Ada").online()
    problem = ada.wait_for(StorageUpdate).problem
    assert problem is not None
    assert "damaged" in problem.text
    ada.wait_texts(texts(3))
    assert any(other.read_bytes() == b"damaged" * 1000 for other in path.parent.iterdir())


def test_a_history_that_cannot_be_used_is_said_and_tried_again_on_demand(enter: Enter, tmp_path: Path) -> None:
    blocker = tmp_path / "Ada" / "servers"
    blocker.parent.mkdir()
    blocker.write_text("a file where a folder should be")
    ada = enter("Ada")
    ada.wait_phase(Phase.REFUSED)
    assert ada.state.problem is not None
    assert ada.state.problem.code == ProblemCode.PROFILE
    assert str(blocker) in ada.state.problem.text
    blocker.unlink()
    ada.account.connect_now()
    ada.account.connect_now()
    ada.online()
    say(ada, "works")
    ada.wait_texts(["works"])


def test_a_damaged_key_is_said_and_kept(enter: Enter, tmp_path: Path) -> None:
    key = tmp_path / "Ada" / "identity.key"
    enter("Ada").online().stop()
    whole = key.read_bytes()
    key.chmod(0o600)
    key.write_bytes(b"damaged")
    ada = enter("Ada")
    ada.wait_phase(Phase.REFUSED)
    assert ada.state.problem is not None
    assert str(key) in ada.state.problem.text
    assert key.read_bytes() == b"damaged"
    key.write_bytes(whole)
    ada.account.connect_now()
    ada.online()


def test_a_disk_that_fails_for_a_while_is_said_and_then_that_it_works(
    enter: Enter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ada = enter("Ada").online()
    say(ada, "one")
    ada.wait_texts(["one"])
    with closing(sqlite3.connect(database(tmp_path / "Ada"), isolation_level=None)) as connection:
        connection.execute("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(FAIL, 'full'); END")
        say(ada, "two")
        ada.wait_texts(["one", "two"])
        assert ada.wait_for(StorageUpdate).problem is not None
        connection.execute("DROP TRIGGER full")
    say(ada, "three")
    ada.wait_texts(["one", "two", "three"])
    ada.wait(lambda: ada.state.storage_problem is None)

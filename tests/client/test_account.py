"""Accounts against a real server: nothing missing, nothing double, everything in order."""

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
    DirectoryUpdate,
    EventsUpdate,
    FailedUpdate,
    MembersUpdate,
    OlderUpdate,
    Phase,
    ProblemCode,
    RequestDoneUpdate,
    ResetUpdate,
    StorageUpdate,
)
from qtchat.net.tls import CERTIFICATE_FILE, KEY_FILE
from qtchat.protocol.messages import MAX_TEXT, Ack, Post
from qtchat.server import refusals
from qtchat.server.app import Server
from qtchat.server.store import RoomLog, StoreFull, Writes
from tests.client.conftest import Enter
from tests.helpers.accounts import LOBBY, User
from tests.helpers.proxy import CuttingProxy
from tests.helpers.servers import no_thread_left
from tests.helpers.wire import WireClient, new_id


def texts(count: int, first: int = 0) -> list[str]:
    return [f"message {number}" for number in range(first, first + count)]


def say(user: User, *said: str, room: int = LOBBY) -> None:
    for text in said:
        user.account.post(room, text)


def forget_history(folder: Path) -> None:
    """Of a server that does not run: its key stays, its history will be another one."""
    for path in folder.iterdir():
        if path.name not in (KEY_FILE, CERTIFICATE_FILE):
            path.unlink()


def database(profile: Path) -> Path:
    (found,) = profile.glob("servers/*/chat.sqlite3")
    return found


# -- talking ----------------------------------------------------------------------------------------------


def test_both_sides_see_what_is_said_once_and_in_order(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    say(ada, *texts(40))
    ada.wait_texts(texts(40))
    bob.wait_texts(texts(40))
    assert all(entry.own for entry in ada.lobby.entries if entry.kind == "post")
    say(bob, "answer")
    ada.wait_texts([*texts(40), "answer"])
    assert ada.lobby.unread == 1
    assert ada.waiting() == []


def test_what_was_said_before_one_came_is_there_and_read(enter: Enter) -> None:
    ada = enter("Ada").online()
    say(ada, *texts(3))
    ada.wait_texts(texts(3))
    bob = enter("Bob").online()
    bob.wait_texts(texts(3))
    assert bob.lobby.unread == 0
    assert not bob.wait_for(EventsUpdate).live


def test_a_text_is_kept_as_it_is_but_half_a_character_is_replaced(enter: Enter) -> None:
    ada = enter("Ada").online()
    whole = " two\nlines, \u0416, \U0001f600 and <b>no</b> markup "
    say(ada, whole, "half \ud83d a pair")
    ada.wait_texts([whole, "half \ufffd a pair"])


def test_a_message_that_is_too_long_is_refused_at_once(enter: Enter) -> None:
    ada = enter("Ada").online()
    with pytest.raises(ValueError, match="at most"):
        ada.account.post(LOBBY, "x" * (MAX_TEXT + 1))
    longest = "\u0416" * (MAX_TEXT // 2)
    say(ada, longest)
    ada.wait_texts([longest])


def test_a_message_that_the_server_refuses_stays_and_can_be_retried_and_discarded(enter: Enter, tmp_path: Path) -> None:
    ada = enter("Ada").online()
    message = ada.account.post(LOBBY, "  ")
    ada.wait_for(FailedUpdate)
    assert ada.lobby.entries[-1].delivery is Delivery.FAILED
    ada.stop()
    ada = enter("Ada").online()
    ada.wait(lambda: ada.waiting() == ["  "] and ada.lobby.entries[-1].delivery is Delivery.FAILED)
    ada.account.retry(message, LOBBY)
    ada.wait(lambda: ada.counted(FailedUpdate) >= 2)
    ada.account.discard(message, LOBBY)
    ada.wait(lambda: ada.waiting() == [])
    say(ada, "after")
    ada.wait_texts(["after"])
    ada.stop()
    with closing(sqlite3.connect(database(tmp_path / "Ada"))) as connection:
        assert connection.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


# -- history ----------------------------------------------------------------------------------------------


def test_local_history_is_shown_before_the_connection(enter: Enter) -> None:
    ada = enter("Ada").online()
    say(ada, *texts(3))
    ada.wait_texts(texts(3))
    ada.account.mark_read(LOBBY, ada.lobby.newest)
    ada.stop()
    ada = enter("Ada")
    ada.wait_phase(Phase.CONNECTING)
    before = ada.updates[: next(i for i, update in enumerate(ada.updates) if isinstance(update, ConnectionUpdate))]
    told = [event.text for update in before if isinstance(update, EventsUpdate) for event in update.events]
    assert told[-3:] == texts(3)
    ada.online()
    assert ada.texts() == texts(3)
    assert ada.lobby.unread == 0
    assert ada.state.server is not None
    assert ada.state.server.nick == "Ada"


def fill(port: int, count: int) -> None:
    """Somebody else says `count` things."""
    with WireClient(port) as client:
        client.login("Filler", capabilities=())
        for start in range(0, count, 25):
            posts = [Post(new_id(), LOBBY, f"message {n}") for n in range(start, min(start + 25, count))]
            client.send(*posts)
            for _ in posts:
                client.expect(Ack)


def test_thousands_of_missed_messages_are_caught_up_once_and_in_order(server: Server, enter: Enter) -> None:
    ada = enter("Ada").online()
    say(ada, "before")
    ada.wait_texts(["before"])
    ada.stop()
    fill(server.port, 3000)
    ada = enter("Ada").online()
    ada.wait_texts(["before", *texts(3000)])
    assert ada.lobby.unread == 3000


def test_older_history_comes_in_pages_down_to_the_first_event(server: Server, enter: Enter) -> None:
    fill(server.port, 350)
    for _ in range(2):  # from the server, then from the disk
        ada = enter("Ada")
        read_back(ada)
        assert not ada.lobby.gap
        assert ada.texts() == texts(350)
        ada.stop()


def read_back(user: User) -> None:
    """Down to the first event of the lobby; each page is asked for twice, as an impatient person does."""
    user.wait(lambda: user.lobby.numbered > 0)
    while not user.lobby.at_start:
        answers = user.counted(OlderUpdate) + 2
        for _ in range(2):
            user.account.load_older(LOBBY, user.lobby.oldest)
        user.wait(lambda answers=answers: user.counted(OlderUpdate) >= answers)  # type: ignore[misc]
    assert user.lobby.oldest == 1


# -- rooms and people -------------------------------------------------------------------------------------


def test_rooms_are_made_listed_entered_and_left(enter: Enter) -> None:
    ada, bob = enter("Ada").online(), enter("Bob").online()
    request = ada.account.create_room("tea", "hot")
    done = ada.wait_for(RequestDoneUpdate, lambda update: update.id == request)
    assert done.problem is None
    tea = ada.wait_room("tea")
    bob.account.list_rooms()
    assert [room.name for room in bob.wait_for(DirectoryUpdate).rooms] == ["lobby", "tea"]
    bob.account.join_room(tea.number)
    bob.wait_room("tea")
    say(bob, "a cup", room=tea.number)
    ada.wait_texts(["a cup"], tea.number)
    bob.account.load_people(tea.number)
    assert [p.nick for p in bob.wait_for(MembersUpdate).people] == ["Ada", "Bob"]
    bob.account.leave_room(tea.number)
    bob.wait(lambda: tea.number not in bob.state.rooms)
    refused = ada.account.create_room("TEA")
    problem = ada.wait_for(RequestDoneUpdate, lambda update: update.id == refused).problem
    assert problem is not None
    assert problem.code == "room_taken"


def test_a_room_that_was_left_on_another_device_disappears(server: Server, enter: Enter, tmp_path: Path) -> None:
    ada = enter("Ada").online()
    ada.account.create_room("tea")
    tea = ada.wait_room("tea").number
    second = enter("Ada", profile="Ada").online()
    second.wait_room("tea")
    second.account.leave_room(tea)
    ada.wait(lambda: tea not in ada.state.rooms)
    second.account.join_room(tea)
    ada.wait(lambda: tea in ada.state.rooms)
    ada.stop()
    second.account.leave_room(tea)
    second.wait(lambda: tea not in second.state.rooms)
    ada = enter("Ada").online()
    ada.wait(lambda: tea not in ada.state.rooms)


def test_requests_without_a_connection_fail_at_once(two_servers: Callable[..., Server], enter: Enter) -> None:
    server = two_servers("server")
    ada = enter("Ada", server.link).online()
    server.stop()
    ada.wait_phase(Phase.OFFLINE)
    request = ada.account.join_room(LOBBY)
    problem = ada.wait_for(RequestDoneUpdate, lambda update: update.id == request).problem
    assert problem is not None
    assert problem.code == ProblemCode.OFFLINE
    ada.account.load_older(LOBBY, 10_000)
    assert ada.wait_for(OlderUpdate) == OlderUpdate(LOBBY, (), at_start=False)


def test_two_windows_on_one_profile_both_show_everything_once(enter: Enter) -> None:
    one, two = enter("Ada").online(), enter("Ada").online()
    said = texts(30)
    for number, text in enumerate(said):
        say((one, two)[number % 2], text)
    for window in (one, two):
        window.wait(lambda window=window: len(window.texts()) == 30)  # type: ignore[misc]
    assert one.texts() == two.texts()
    assert [text for text in one.texts() if text in said[::2]] == said[::2]
    assert [text for text in one.texts() if text in said[1::2]] == said[1::2]
    one.stop()
    two.stop()
    again = enter("Ada").online()  # one file for both: it may hold less, but never a hole or something twice
    again.wait(lambda: again.lobby.newest == one.lobby.newest)
    assert again.texts() == one.texts()[-len(again.texts()) :]
    assert again.waiting() == []


# -- when things break ------------------------------------------------------------------------------------


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


# -- ending -----------------------------------------------------------------------------------------------


def test_it_can_be_stopped_twice_before_it_was_started_and_in_every_phase(server: Server, tmp_path: Path) -> None:
    with no_thread_left():
        assert User(tmp_path / "never", server.link, "Ada").account.stop()
        for number in range(5):  # in the middle of whatever it does at that moment
            user = User(tmp_path / "Ada", server.link, "Ada")
            user.account.start()
            user.wait(lambda user=user, number=number: len(user.updates) >= number)  # type: ignore[misc]
            user.stop()
            told = len(user.updates)
            user.stop()
            assert len(user.updates) == told


@pytest.mark.parametrize(("link", "phase"), [("", Phase.REFUSED), ("127.0.0.1:1", Phase.OFFLINE)])
def test_it_can_be_stopped_while_it_is_not_connected(enter: Enter, tmp_path: Path, link: str, phase: Phase) -> None:
    with no_thread_left(), User(tmp_path / "Ada", link, "Ada") as user:
        user.wait_phase(phase)
        user.account.load_older(LOBBY, 5)
        user.account.accept_server("ABCDE")
        user.account.list_rooms()


def test_without_a_nick_the_one_of_the_last_time_is_kept(enter: Enter) -> None:
    ada = enter("Ada")
    ada.online()
    ada.stop()
    again = enter("", profile="Ada")
    again.online()
    assert again.state.server is not None
    assert again.state.server.nick == "Ada"

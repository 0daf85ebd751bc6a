"""Accounts against a real server: nothing missing, nothing double, everything in order."""

import sqlite3
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
)
from qtchat.protocol.messages import MAX_TEXT
from qtchat.server.app import Server
from tests.client.conftest import Enter
from tests.client.talking import database, fill, read_back, say, texts
from tests.helpers.accounts import LOBBY, User
from tests.helpers.servers import no_thread_left


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

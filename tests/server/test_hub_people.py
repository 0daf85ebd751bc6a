"""The hub and those who come in, with a key and without."""

from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_JOINED,
    KIND_LEFT,
    PING_INTERVAL_MS,
    Error,
    Event,
    ListRooms,
    Post,
    Ready,
    Room,
)
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.plain import PlainLogin, PlainLogout
from qtchat.server.hub import Hub
from qtchat.server.letters import Gone
from qtchat.server.limits import TokenBuckets
from qtchat.server.readers import Readers
from qtchat.server.store import Store, StoreFull
from tests.helpers.hubs import Bench, Clock, FakeLoop, FakePeer, WatchedLog, key_of
from tests.helpers.wire import PATIENCE, new_id

LOBBY = 1


# -- people without a key --------------------------------------------------------------------------------


def come_plain(bench: Bench, nick: str) -> FakePeer:
    peer = bench.peer()
    bench.post((peer, PlainLogin(nick, b"", new_id(), "lobby")))
    assert peer.user is not None
    peer.told()
    return peer


def members(bench: Bench) -> object:
    return bench.look(lambda state: sorted(state.rooms[LOBBY].members))


@pytest.mark.parametrize("then", ["a batch", "a heartbeat"])
def test_who_left_while_the_disk_failed_is_seen_off_later(bench: Bench, clock: Clock, then: str) -> None:
    ada, zed = bench.login("Ada"), come_plain(bench, "Zed")
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))] * 2
    parting = new_id()
    bench.post((zed, PlainLogout(parting)), Gone(zed))
    bench.post((ada, Post(new_id(), LOBBY, "refused")))
    clock.now += PING_INTERVAL_MS / 1000 if then == "a heartbeat" else 0.0
    bench.post(*[(ada, ListRooms(new_id()))] if then == "a batch" else [])
    assert [(event.id, event.kind) for event in ada.news_told() if isinstance(event, Event)] == [(parting, KIND_LEFT)]
    assert members(bench) == [1]
    commits = len(bench.log.commits)
    bench.post((ada, ListRooms(new_id())))
    assert len(bench.log.commits) == commits, "seen off once"


def test_who_comes_back_then_is_seen_off_before(bench: Bench) -> None:
    ada, zed = bench.login("Ada"), come_plain(bench, "Zed")
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((zed, PlainLogout(new_id())), Gone(zed))
    again = come_plain(bench, "Zed")
    assert again.user == FIRST_PLAIN_USER
    assert [event.kind for event in ada.news_told() if isinstance(event, Event)] == [KIND_LEFT, KIND_JOINED]
    bench.post((ada, ListRooms(new_id())))
    assert members(bench) == [1, FIRST_PLAIN_USER], "seen off once"


def test_who_could_not_be_renamed_stays_and_may_try_again(bench: Bench) -> None:
    ada, zed = bench.login("Ada"), come_plain(bench, "Zed")
    user = zed.user
    bench.quiet(ada, zed)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((zed, PlainLogin("Yak", b"", new_id(), "lobby")))
    assert zed.refused is None
    (error,) = zed.told()
    assert isinstance(error, Error)
    assert (error.re, error.code, bool(error.retry_after_ms)) == (b"", ErrorCode.STORAGE, True)
    assert zed.user == user
    bench.post((zed, Post(new_id(), LOBBY, "still Zed")))
    bench.post((zed, PlainLogin("Yak", b"", new_id(), "lobby")))
    said = [(event.nick, event.kind) for event in ada.news_told() if isinstance(event, Event)]
    assert said == [("Zed", "post"), ("Zed", KIND_LEFT), ("Yak", KIND_JOINED)]


def test_who_leaves_behind_a_failed_new_name_leaves_as_who_they_were(bench: Bench) -> None:
    ada, zed = bench.login("Ada"), come_plain(bench, "Zed")
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((zed, PlainLogin("Yak", b"", new_id(), "lobby")), (zed, PlainLogout(new_id())), Gone(zed))
    bench.post((ada, ListRooms(new_id())))
    assert members(bench) == [1]


def test_a_name_that_was_given_up_was_seen_then(bench: Bench) -> None:
    zed = come_plain(bench, "Zed")
    user = zed.user
    assert user is not None
    bench.post((zed, PlainLogin("Yak", b"", new_id(), "lobby")))
    assert bench.look(lambda state: state.users[user].seen) == 7000
    assert bench.log.commits[-1].seen == {user: 7000}


def test_a_new_name_is_no_new_bucket(store: Store, clock: Clock) -> None:
    """Whoever has no key is paced by the connection."""
    readers, loop = Readers(store.reader, 1), FakeLoop()
    pace: TokenBuckets[object] = TokenBuckets(1, 2)
    hub = Hub(store.log, readers, "lobby", 60.0, pace, clock=lambda: 7.0)
    hub.open()
    bench = Bench(hub, WatchedLog(store.log), loop)
    try:
        zed = come_plain(bench, "Zed")
        bench.post(*((zed, Post(new_id(), LOBBY, "x")) for _ in range(2)))
        bench.post((zed, PlainLogin("Yak", b"", new_id(), "lobby")))
        bench.quiet(zed)
        bench.post((zed, Post(new_id(), LOBBY, "x")))
        assert [error.code for error in zed.told() if isinstance(error, Error)] == [ErrorCode.BUSY]
    finally:
        assert hub.stop(PATIENCE)


# -- logins ----------------------------------------------------------------------------------------------


def test_a_new_user_joins_the_lobby(bench: Bench) -> None:
    ada = bench.login("Ada")
    peer, event_id = bench.peer(), new_id()
    bench.quiet(ada)
    assert bench.post((peer, Login("Cy", key_of(9), event_id))) == 1
    assert peer.admitted == (2, "Cy")
    assert peer.user == 2
    assert peer.told() == [Room(LOBBY, "lobby", "", 2, 2, read=1), Ready()], "what was said before counts as read"
    assert peer.answered == 0
    assert ada.news_told() == [Event(LOBBY, 2, event_id, 7000, 2, "Cy", KIND_JOINED)]


def test_a_known_user_comes_back_without_a_word_in_the_log(bench: Bench) -> None:
    first = bench.login("Ada", 5)
    bench.post(Gone(first))
    commits = len(bench.log.commits)
    again = bench.login("Ada", 5)
    assert again.admitted == (1, "Ada")
    assert len(bench.log.commits) == commits


def test_a_known_user_may_come_back_under_another_name(bench: Bench) -> None:
    desk = bench.login("Ada", 5)
    phone = bench.login("Countess", 5)
    assert phone.admitted == (1, "Countess")
    bench.post((desk, Post(new_id(), LOBBY, "who am I")))
    (event,) = (message for message in phone.news_told() if isinstance(message, Event))
    assert event.nick == "Countess"
    assert bench.look(lambda state: state.nicks) == {"ada": 1, "countess": 1}


def test_two_who_want_one_name_in_the_same_batch(bench: Bench) -> None:
    first, second = bench.peer(), bench.peer()
    bench.post((first, Login("Ada", key_of(5), new_id())), (second, Login("ada", key_of(6), new_id())))
    assert first.admitted == (1, "Ada")
    assert second.admitted is None
    assert second.refused == (ErrorCode.NICK_TAKEN, "The name ada belongs to somebody else here.", "ada 2")


def test_two_devices_of_a_new_user_in_the_same_batch(bench: Bench) -> None:
    desk, phone = bench.peer(), bench.peer()
    bench.post((desk, Login("Ada", key_of(5), new_id())), (phone, Login("Ada", key_of(5), new_id())))
    assert desk.admitted == phone.admitted == (1, "Ada")
    assert bench.look(lambda state: state.rooms[LOBBY].head) == 1


def test_a_refused_login_changes_nothing(bench: Bench) -> None:
    peer = bench.peer()
    bench.post((peer, Login("#root", key_of(5), new_id())))
    assert peer.refused == (ErrorCode.NICK_INVALID, "A name cannot begin with #.", "")
    assert bench.look(lambda state: len(state.users)) == 0

"""The hub with a real store and stand-ins for peers: nothing is said before it is on disk, and each thing once."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    KIND_JOINED,
    KIND_LEFT,
    MAX_IN_FLIGHT,
    MAX_NICK,
    OWNER,
    PING_INTERVAL_MS,
    PRESENCE,
    TYPING,
    Ack,
    CreateRoom,
    Error,
    Event,
    GetHistory,
    History,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    Message,
    Person,
    Ping,
    Post,
    Presence,
    Ready,
    Request,
    Room,
    Rooms,
    SetPresence,
    SetRoom,
    SetTopic,
    Typing,
)
from qtchat.server.config import ServerSettings
from qtchat.server.effects import Effect
from qtchat.server.handlers import COMMANDS, Command
from qtchat.server.handlers.login import Login
from qtchat.server.handlers.plain import PlainLogin, PlainLogout
from qtchat.server.hub import Hub
from qtchat.server.letters import CaughtUp, Gone, Overrun, Typed
from qtchat.server.limits import TokenBuckets
from qtchat.server.readers import Readers
from qtchat.server.records import EventRecord
from qtchat.server.refusals import BUSY_RETRY_MS
from qtchat.server.state import State, User
from qtchat.server.store import RoomLog, Store, StoreDamaged, StoreFailed, StoreFull
from qtchat.server.store.mark import Mark
from tests.helpers.hubs import Bench, Clock, FakeLoop, FakePeer, WatchedLog, key_of
from tests.helpers.wire import PATIENCE, new_id

LOBBY = 1


def only(messages: list[Message], kind: type[Message]) -> list[Message]:
    return [message for message in messages if isinstance(message, kind)]


def seqs(peer: FakePeer) -> list[int]:
    return [message.seq for message in peer.news_told() if isinstance(message, Event)]


# -- the write path -----------------------------------------------------------------------------------


def test_nothing_is_said_before_the_commit(bench: Bench, store: Store) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    said_before: list[int] = []
    bench.log.before = lambda _writes: said_before.append(len(bench.loop.calls))
    request = Post(new_id(), LOBBY, "hello")
    bench.post((ada, request))
    assert said_before == [0]
    assert ada.told() == [Ack(request.id, LOBBY, 3, 7000)]
    event = Event(LOBBY, 3, request.id, 7000, 1, "Ada", "post", "hello")
    assert ada.news_told() == bob.news_told() == [event]
    assert bench.log.commits[-1].events == [EventRecord(LOBBY, 3, request.id, 1, 7000, "post", "hello")]


def test_a_batch_is_one_commit_one_encoding_and_one_call_of_each_loop(bench: Bench) -> None:
    people = [bench.login(f"P{number}") for number in range(5)]
    bench.quiet(*people)
    commits = len(bench.log.commits)
    requests = [Post(new_id(), LOBBY, str(number)) for number in range(10)]
    calls = bench.post(*((people[number % 5], request) for number, request in enumerate(requests)))
    assert calls == 1
    assert len(bench.log.commits) == commits + 1
    assert [[event.text for event in batch] for batch in bench.codec.batches] == [[str(n) for n in range(10)]]
    assert len({id(peer.heard[0]) for peer in people}) == 1, "every member gets the same bytes object"
    assert [len(peer.heard) for peer in people] == [1] * 5
    assert all(seqs(peer) == list(range(6, 16)) for peer in people)
    assert [peer.answered for peer in people] == [2] * 5


def test_each_loop_is_called_once(bench: Bench) -> None:
    ada = bench.login("Ada")
    other = FakeLoop()
    far = FakePeer(other, bench.codec)
    bench.post((far, Login("Far", key_of(77), new_id())))
    other.run()
    bench.quiet(ada, far)
    assert bench.post((ada, Post(new_id(), LOBBY, "a")), (ada, Post(new_id(), LOBBY, "b"))) == 1
    assert other.run() == 1
    assert seqs(far) == seqs(ada) == [3, 4]
    assert len(bench.codec.batches) == 1, "two loops, one dialect: encoded once"


def test_a_senders_messages_keep_their_order_over_batches(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    for start in range(0, 30, 10):
        bench.hub.post([(ada, Post(new_id(), LOBBY, str(number))) for number in range(start, start + 10)])
    bench.settle()
    events = [message for message in ada.news_told() if isinstance(message, Event)]
    assert [event.text for event in events] == [str(number) for number in range(30)]
    assert [event.seq for event in events] == list(range(2, 32))


def test_more_than_a_batch_holds_is_split_and_all_answered(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    limit = ServerSettings().batch_limit
    bench.hub.post([(ada, ListRooms(new_id())) for _ in range(limit)])
    bench.hub.post([(ada, Post(new_id(), LOBBY, "last"))])
    bench.settle()
    assert ada.answered == limit + 1
    assert seqs(ada) == [2]


def test_time_never_runs_backwards(store: Store, clock: Clock) -> None:
    readers, loop, times = Readers(store.reader, 1), FakeLoop(), [90.0, 80.0, 85.0]
    hub = Hub(store.log, readers, "lobby", 60.0, clock=lambda: times[0])
    hub.open()
    bench = Bench(hub, WatchedLog(store.log), loop)
    try:
        ada = bench.login("Ada")
        for _ in range(2):
            times.pop(0)
            bench.post((ada, Post(new_id(), LOBBY, "tick")))
        assert [ack.ts for ack in only(ada.told(), Ack) if isinstance(ack, Ack)] == [90_000, 90_000]
    finally:
        assert hub.stop(PATIENCE)


# -- repeated requests --------------------------------------------------------------------------------


def test_a_repeated_id_gets_the_first_seq(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    request = Post(new_id(), LOBBY, "once")
    bench.post((ada, request), (ada, Post(request.id, LOBBY, "once more")))
    bench.post((ada, Post(request.id, LOBBY, "and again")))
    first, *repeated = ada.told()
    assert first == Ack(request.id, LOBBY, 2, 7000)
    assert repeated == [Ack(request.id, LOBBY, 2, 7000, duplicate=True)] * 2
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["once"]


def test_a_repeated_id_is_known_after_a_restart(store: Store, clock: Clock) -> None:
    request, answers = Post(new_id(), LOBBY, "once"), []
    for _ in range(2):
        readers, loop = Readers(store.reader, 1), FakeLoop()
        # A log belongs to one thread, and each hub has its own.
        log = RoomLog(store.log._engine, store.path, Mark(store.path.parent))
        hub = Hub(log, readers, "lobby", 60.0)
        hub.open()
        bench = Bench(hub, WatchedLog(log), loop)
        ada = bench.login("Ada", 5)
        bench.post((ada, request))
        answers += only(ada.told(), Ack)
        assert hub.stop(PATIENCE)
    first, second = answers
    assert isinstance(first, Ack)
    assert second == Ack(request.id, LOBBY, first.seq, first.ts, duplicate=True)


def test_ids_belong_to_their_author(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    shared = new_id()
    bench.post((ada, Post(shared, LOBBY, "mine")), (bob, Post(shared, LOBBY, "mine too")))
    assert ada.told() == [Ack(shared, LOBBY, 3, 7000)]
    assert bob.told() == [Ack(shared, LOBBY, 4, 7000)]


def test_a_room_that_is_created_twice_is_one_room(bench: Bench) -> None:
    ada = bench.login("Ada")
    request = CreateRoom(new_id(), "Lab")
    bench.post((ada, request))
    assert ada.told() == [Room(2, "Lab", "", 0, 1, role=OWNER), Ack(request.id, 2, 1, 7000)]
    bench.post((ada, request))
    assert ada.told() == [Room(2, "Lab", "", 1, 1, role=OWNER), Ack(request.id, 2, 1, 7000, duplicate=True)]


def test_a_repeated_request_is_answered_on_the_device_that_asked_only(bench: Bench) -> None:
    desk, phone = bench.login("Ada", 5), bench.login("Ada", 5)
    request = CreateRoom(new_id(), "Lab")
    bench.post((desk, request))
    bench.quiet(desk, phone)
    bench.post(*[(desk, request)] * 3)
    assert [type(message) for message in desk.told()] == [Room, Ack] * 3
    assert not phone.replies


def test_a_private_room_that_one_has_left_is_not_shown_again(bench: Bench) -> None:
    ada = bench.login("Ada")
    request = CreateRoom(new_id(), "Lab", private=True)
    bench.post((ada, request), (ada, LeaveRoom(new_id(), 2)))
    bench.quiet(ada)
    bench.post((ada, request))
    assert ada.told() == [Ack(request.id, 2, 1, 7000, duplicate=True)]


# -- rooms and reading --------------------------------------------------------------------------------


def test_joining_and_leaving_decide_what_is_heard(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.post((ada, CreateRoom(new_id(), "Lab")))
    bench.quiet(ada, bob)
    bench.post((ada, Post(new_id(), 2, "alone")))
    assert not bob.news_told()
    bench.post((bob, JoinRoom(new_id(), 2)), (ada, Post(new_id(), 2, "both")))
    assert [event.kind for event in bob.news_told() if isinstance(event, Event)] == ["joined", "post"]
    bench.post((bob, LeaveRoom(new_id(), 2)), (ada, Post(new_id(), 2, "alone again")))
    assert not bob.news_told()
    assert only(bob.told(), Room)[-1] == Room(2, "Lab", "", 5, 1, member=False)


def test_all_devices_of_a_user_are_shown_a_new_room(bench: Bench) -> None:
    desk, phone = bench.login("Ada", 5), bench.login("Ada", 5)
    bench.post((desk, CreateRoom(new_id(), "Lab")))
    assert phone.told() == [Room(2, "Lab", "", 0, 1, role=OWNER)]
    assert only(phone.news_told(), Event)


def test_history_comes_from_a_reader(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.post(*((ada, Post(new_id(), LOBBY, str(number))) for number in range(4)))
    bench.quiet(ada)
    request = GetHistory(new_id(), LOBBY, after=1, limit=2)
    bench.post_and_wait_for_a_call((ada, request))
    (page,) = ada.told()
    assert isinstance(page, History)
    assert (page.re, page.room, page.more, page.head, page.first) == (request.id, LOBBY, True, 5, 1)
    assert [event.seq for event in page.events] == [2, 3]
    assert ada.answered == 1


# -- a disk that fails --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (StoreFull(Path("x")), "The server's disk is full."),
        (StoreFailed(Path("x"), "disk I/O error"), "The server cannot write to its disk."),
        (StoreDamaged(Path("x"), "torn"), "The server cannot write to its disk."),
    ],
)
def test_a_failed_commit_is_announced_to_nobody_and_answered_to_all(
    bench: Bench, failure: Exception, text: str
) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    loads = bench.log.loads
    bench.log.failures = [failure]
    first, second = Post(new_id(), LOBBY, "lost?"), CreateRoom(new_id(), "Lab")
    newcomer = bench.peer()
    bench.post((ada, first), (bob, second), (newcomer, Login("Cy", key_of(9), new_id())))
    for peer, request in ((ada, first), (bob, second)):
        (error,) = peer.told()
        assert isinstance(error, Error)
        assert (error.re, error.code, error.text) == (request.id, ErrorCode.STORAGE, text)
        assert error.retry_after_ms is not None
        assert peer.answered == 1
        assert not peer.news_told()
    assert newcomer.refused == (ErrorCode.STORAGE, text, "")
    assert newcomer.admitted is None
    assert newcomer.user is None

    bench.post((ada, first), (bob, second))  # and now the disk works
    assert bench.log.loads == loads + 1
    assert ada.told() == [Ack(first.id, LOBBY, 3, 7000)]
    assert bob.told() == [Room(2, "Lab", "", 0, 1, role=OWNER), Ack(second.id, 2, 1, 7000)]
    assert seqs(ada) == [3]
    assert bench.look(lambda state: (sorted(state.users), state.online)) == ([1, 2], 2)


def test_what_was_stored_after_all_is_found_when_it_is_repeated(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    bench.log.failures, bench.log.half = [StoreFailed(Path("x"), "disk I/O error")], True
    request = Post(new_id(), LOBBY, "in doubt")
    bench.post((ada, request))
    assert isinstance(ada.told()[0], Error)
    bench.post((ada, request), (bob, Post(new_id(), LOBBY, "next")))
    assert ada.told() == [Ack(request.id, LOBBY, 3, 7000, duplicate=True)]
    assert [event.seq for event in bob.news_told() if isinstance(event, Event)] == [4]


def test_it_keeps_trying_while_the_disk_cannot_even_be_read(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.log.load_failures = [StoreFailed(Path("x"), "gone")]
    request = Post(new_id(), LOBBY, "patient")
    for _ in range(2):
        bench.post((ada, request))
        (error,) = ada.told()
        assert isinstance(error, Error)
    bench.post((ada, request))
    assert ada.told() == [Ack(request.id, LOBBY, 2, 7000)]


def test_a_fault_of_the_program_is_answered_too(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    bench.log.failures = [ZeroDivisionError()]
    request = Post(new_id(), LOBBY, "hello")
    bench.post_and_wait_for_a_call((ada, request))
    (error,) = ada.told()
    assert isinstance(error, Error)
    assert error.code == ErrorCode.STORAGE
    bench.post((ada, request))
    assert ada.told() == [Ack(request.id, LOBBY, 2, 7000)]
    assert "internal error in the hub" in caplog.text


def test_a_fault_of_the_program_swallows_nothing_that_was_posted_behind_it(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.log.failures = [ZeroDivisionError()]
    bench.post_and_wait_for_a_call((ada, Post(new_id(), LOBBY, "hello")), Gone(bob))
    bench.settle()
    assert bob.user is None
    bench.post((ada, Post(new_id(), LOBBY, "hello again")))
    assert bench.look(lambda state: state.online) == 1


def stumble(_state: State, _sender: User, _request: Request, _now: int) -> Iterable[Effect]:
    raise ZeroDivisionError


@pytest.mark.parametrize("break_it", ["a handler that raises", "no entry in the table"])
def test_only_the_culprit_of_a_fault_is_refused(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, break_it: str, caplog: pytest.LogCaptureFixture
) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    if break_it == "no entry in the table":
        monkeypatch.delitem(COMMANDS, SetTopic)  # type: ignore[misc]
    else:
        monkeypatch.setitem(COMMANDS, SetTopic, Command(stumble, mutates=True))  # type: ignore[misc]
    poison = SetTopic(new_id(), LOBBY, "boo")
    for number in range(2):  # it comes again, and again harms nobody
        post, newcomer = Post(new_id(), LOBBY, "hello"), bench.peer()
        bench.post(
            (newcomer, Login(f"N{number}", key_of(90 + number), new_id())),
            (bob, poison),
            (ada, post),
        )
        assert newcomer.admitted == (3 + number, f"N{number}")
        assert [message.re for message in only(ada.told(), Ack) if isinstance(message, Ack)] == [post.id]
        (error,) = bob.told()
        assert isinstance(error, Error)
        assert (error.re, error.code, error.retry_after_ms) == (poison.id, ErrorCode.STORAGE, None)
    assert "ZeroDivisionError" in caplog.text or "KeyError" in caplog.text
    assert ada.answered == bob.answered == 2


def test_behind_a_culprit_that_will_not_come_again_nothing_is_held(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def post(state: State, sender: User, request: Post, now: int) -> Iterable[Effect]:
        return stumble(state, sender, request, now) if request.text == "boo" else handler(state, sender, request, now)

    ada = bench.login("Ada")
    bench.quiet(ada)
    handler = COMMANDS[Post].handler
    monkeypatch.setitem(COMMANDS, Post, Command(post, mutates=True))  # type: ignore[misc]
    poison = Post(new_id(), LOBBY, "boo")
    bench.post((ada, Overrun(poison)))
    bench.post((ada, poison), (ada, Post(new_id(), LOBBY, "held")))
    bench.post((ada, Post(new_id(), LOBBY, "goes on")))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)][-1] == "goes on"


def test_who_could_not_be_let_in_is_nobody_afterwards(bench: Bench) -> None:
    ada = bench.login("Ada")
    first, second = bench.peer(), bench.peer()
    bench.log.failures = [ZeroDivisionError()] * 2  # of the batch, and of the first alone
    bench.post_and_wait_for_a_call(
        (first, Login("First", key_of(91), new_id())), (second, Login("Second", key_of(92), new_id()))
    )
    bench.settle()
    assert first.user is None
    assert first.refused is not None
    assert (second.user, second.admitted) == (2, (2, "Second"))
    bench.post((ada, Post(new_id(), LOBBY, "hello")))
    assert not first.heard
    assert bench.look(lambda state: state.online) == 2


def test_being_away_is_not_kept_if_it_was_refused(bench: Bench) -> None:
    ada = bench.login("Ada")
    for away in (True, False):
        bench.log.failures = [StoreFull(Path("x"))]
        bench.post((ada, SetPresence(new_id(), away, f"{away}")))
        bench.post((ada, Post(new_id(), LOBBY, "hello")))
        person = bench.look(lambda state: state.users[1].person)
        assert isinstance(person, Person)
        assert person.away is not away
        bench.post((ada, SetPresence(new_id(), away, f"{away}")))
        person = bench.look(lambda state: state.users[1].person)
        assert isinstance(person, Person)
        assert (person.away, person.status) == (away, str(away))


def test_heads_of_a_state_in_doubt_are_not_told(bench: Bench, clock: Clock) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, Post(new_id(), LOBBY, "lost")))
    ada.told()
    clock.now += PING_INTERVAL_MS / 1000
    bench.post()
    assert ada.told() == [Ping()]


def test_one_line_is_logged_for_a_failing_disk_and_one_when_it_works_again(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    ada = bench.login("Ada")
    bench.log.failures = [StoreFull(Path("x"))] * 3
    request = Post(new_id(), LOBBY, "hello")
    for _ in range(5):
        bench.post((ada, request))
    assert len([record for record in caplog.records if "could not be written" in record.message]) == 1
    assert len([record for record in caplog.records if record.message == "writing works again"]) == 1


# -- people without a key -----------------------------------------------------------------------------


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


# -- what is not stored -------------------------------------------------------------------------------


def test_who_left_the_room_before_does_not_see_who_types(bench: Bench) -> None:
    ann, bob = bench.login("Ann", 0, PRESENCE, TYPING), bench.login("Bob", 0, PRESENCE, TYPING)
    bench.post((ann, CreateRoom(new_id(), "Lab")), (bob, JoinRoom(new_id(), 2)))
    bench.quiet(ann, bob)
    bench.post((bob, LeaveRoom(new_id(), 2)), Typed(ann, 2))
    assert not only(bob.news_told(), Typing)


def test_typing_comes_before_the_message_that_ends_it(bench: Bench) -> None:
    ann, bob = bench.login("Ann", 0, PRESENCE, TYPING), bench.login("Bob", 0, PRESENCE, TYPING)
    bench.quiet(ann, bob)
    commits = len(bench.log.commits)
    bench.post((bob, Post(new_id(), LOBBY, "a")), Typed(ann, LOBBY), (ann, Post(new_id(), LOBBY, "b")))
    assert [type(message) for message in bob.news_told()] == [Typing, Event, Event]
    assert len(bench.log.commits) == commits + 1, "it splits no batch"


def test_typing_in_a_batch_that_was_not_written_is_not_told(bench: Bench) -> None:
    ann, bob = bench.login("Ann", 0, PRESENCE, TYPING), bench.login("Bob", 0, PRESENCE, TYPING)
    bench.quiet(ann, bob)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post(Typed(ann, LOBBY), (ann, Post(new_id(), LOBBY, "b")))
    assert not bob.news_told()


def test_lists_are_paced(bench: Bench, clock: Clock) -> None:
    settings = ServerSettings()
    bench.hub._lists = TokenBuckets(settings.lists_per_second, settings.list_burst)
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.post(*((ada, ListRooms(new_id())) for _ in range(settings.list_burst)))
    bench.quiet(ada)
    bench.post((ada, ListRooms(new_id())), (bob, ListRooms(new_id())), (ada, Post(new_id(), LOBBY, "goes on")))
    assert [type(message) for message in ada.told()] == [Error, Ack]
    assert [type(message) for message in bob.told()] == [Rooms]
    clock.now += 1.0
    bench.post((ada, ListRooms(new_id())))
    assert [type(message) for message in ada.told()] == [Rooms]


# -- order behind a refusal ---------------------------------------------------------------------------


def test_behind_a_refused_post_nothing_may_pass(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    first, second = Post(new_id(), LOBBY, "1"), Post(new_id(), LOBBY, "2")
    bench.post((ada, Overrun(first)), (ada, second), (bob, Post(new_id(), LOBBY, "b")))
    errors = ada.told()
    assert [(error.re, error.code) for error in errors if isinstance(error, Error)] == [
        (first.id, ErrorCode.BUSY),
        (second.id, ErrorCode.BUSY),
    ]
    assert all(isinstance(error, Error) and error.retry_after_ms for error in errors)
    assert str(MAX_IN_FLIGHT) in str(errors[0])
    assert [event.text for event in bob.news_told() if isinstance(event, Event)] == ["b"]
    bench.post((ada, first), (ada, second))
    assert [event.text for event in bob.news_told() if isinstance(event, Event)] == ["1", "2"]


def test_other_requests_do_not_wait_behind_a_refused_post(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, rooms = Post(new_id(), LOBBY, "1"), ListRooms(new_id())
    bench.post((ada, Overrun(first)), (ada, rooms))
    assert [type(message) for message in ada.told()] == [Error, Rooms]


def test_a_question_in_between_does_not_let_a_post_pass(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, second = Post(new_id(), LOBBY, "1"), Post(new_id(), LOBBY, "2")
    bench.post((ada, Overrun(first)), (ada, ListRooms(new_id())), (ada, second))
    assert not ada.news_told()
    bench.post((ada, first), (ada, second))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["1", "2"]


def test_a_post_that_is_refused_in_one_room_holds_none_back_in_another(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.post((ada, CreateRoom(new_id(), "Lab")), (bob, JoinRoom(new_id(), 2)))
    bench.post((ada, SetRoom(new_id(), 2, "slow_ms", "3600000")), (bob, Post(new_id(), 2, "1")))
    bench.quiet(ada, bob)
    slow, behind, elsewhere = Post(new_id(), 2, "2"), Post(new_id(), 2, "3"), Post(new_id(), LOBBY, "help")
    bench.post((bob, slow), (bob, behind), (bob, elsewhere))
    waits = [(told.re, told.retry_after_ms or 0) for told in bob.told() if isinstance(told, Error)]
    (first, long), (second, short) = waits
    assert (first, second, short) == (slow.id, behind.id, BUSY_RETRY_MS)
    assert 3_500_000 < long <= 3_600_000
    bench.post((bob, Post(new_id(), LOBBY, "me")))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["help", "me"]
    bench.post((ada, SetRoom(new_id(), 2, "slow_ms", "0")), (bob, behind), (bob, slow), (bob, behind))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)][1:] == ["2", "3"]


def test_who_is_not_in_a_room_is_refused_there_and_nothing_is_kept_of_it(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.post((ada, CreateRoom(new_id(), "Lab")))
    bench.quiet(bob)
    first, second = Post(new_id(), 2, "1"), Post(new_id(), 2, "2")
    bench.post((bob, Overrun(first)), (bob, second), (bob, first))
    assert [told.code for told in bob.told() if isinstance(told, Error)] == [
        ErrorCode.BUSY,
        ErrorCode.NOT_MEMBER,
        ErrorCode.NOT_MEMBER,
    ]


def test_a_failed_batch_holds_its_senders_back(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, second = Post(new_id(), LOBBY, "1"), Post(new_id(), LOBBY, "2")
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, first))
    bench.post((ada, second))
    assert [error.code for error in ada.told() if isinstance(error, Error)] == [ErrorCode.STORAGE, ErrorCode.BUSY]
    bench.post((ada, first), (ada, second))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["1", "2"]


# -- logins -------------------------------------------------------------------------------------------


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


# -- coming and going ---------------------------------------------------------------------------------


def test_presence_is_gathered_into_one_message(bench: Bench, clock: Clock) -> None:
    ada = bench.login("Ada")
    deaf = bench.peer("something else")
    bench.post((deaf, Login("Deaf", key_of(9), new_id())))
    bob = bench.login("Bob")
    bench.post(Gone(bob))
    bench.quiet(ada, deaf)
    clock.now += 59.0
    bench.post()
    assert not only(ada.news_told(), Presence)
    clock.now += 1.0
    assert bench.post() >= 1
    people = (Person(1, "Ada", online=True), Person(2, "Deaf", online=True), Person(3, "Bob", online=False, seen=7000))
    assert only(ada.news_told(), Presence) == [Presence(people)]
    assert not only(deaf.news_told(), Presence), "it did not announce the capability"
    clock.now += 600.0
    bench.post()
    assert not only(ada.news_told(), Presence), "told once"


def test_nobody_is_told_of_people_who_could_not_be_stored(bench: Bench, clock: Clock) -> None:
    ada = bench.login("Ada")
    clock.now += 60.0
    bench.post()
    bench.quiet(ada)
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((bench.peer(), Login("Cy", key_of(9), new_id())))
    clock.now += 60.0
    bench.post()
    assert not [
        person
        for message in ada.news_told()
        if isinstance(message, Presence)
        for person in message.people
        if person.user != 1
    ]


def test_a_crowd_with_long_names_fits_into_frames(bench: Bench, clock: Clock) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    crowd = [chr(0x20000 + number) * MAX_NICK for number in range(500)]
    bench.post(*((bench.peer(), Login(nick, key_of(number + 5), new_id())) for number, nick in enumerate(crowd)))
    bench.quiet(ada)
    clock.now += 60.0
    bench.post()
    people = [person for message in ada.news_told() if isinstance(message, Presence) for person in message.people]
    assert [person.nick for person in people] == ["Ada", *crowd]


def test_heads_are_told_with_every_ping(bench: Bench, clock: Clock) -> None:
    ada = bench.login("Ada")
    bench.post((ada, CreateRoom(new_id(), "Lab")))
    bench.quiet(ada)
    clock.now += PING_INTERVAL_MS / 1000
    bench.post()
    assert ada.told() == [Ping(((LOBBY, 1), (2, 1)))]
    assert ada.answered == 0
    bench.post()
    assert not ada.told()


def test_a_slow_reader_that_caught_up_is_told_the_heads(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.post(CaughtUp(ada))
    assert ada.told() == [Ping(((LOBBY, 1),))]


def test_who_has_gone_is_asked_and_told_nothing(bench: Bench) -> None:
    ada, bob = bench.login("Ada"), bench.login("Bob")
    bench.quiet(ada, bob)
    last = Post(new_id(), LOBBY, "last words")
    bench.post((bob, last), Gone(bob), (bob, Post(new_id(), LOBBY, "from beyond")), CaughtUp(bob))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["last words"]
    assert bench.look(lambda state: state.online) == 1
    bench.post(Gone(bench.peer()))  # one that never logged in


def test_what_was_posted_before_the_end_is_done(bench: Bench, store: Store) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    for number in range(50):
        bench.hub.post([(ada, Post(new_id(), LOBBY, str(number)))])
    assert bench.hub.stop(PATIENCE)
    bench.loop.run()
    assert ada.answered == 50
    reader = store.reader()
    assert [event.text for event, _ in reader.after(LOBBY, 1, 100)] == [str(number) for number in range(50)]
    reader.close()


def test_a_hold_outlives_a_batch_that_was_not_written(bench: Bench) -> None:
    ada = bench.login("Ada")
    bench.quiet(ada)
    first, second = Post(new_id(), LOBBY, "first"), Post(new_id(), LOBBY, "second")
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, first))
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, second), (ada, first))
    bench.post((ada, first), (ada, second))
    assert [event.text for event in ada.news_told() if isinstance(event, Event)] == ["first", "second"]

"""The hub with a real store and stand-ins for peers: nothing is said before it is on disk, and each thing once."""

from qtchat.protocol.messages import (
    OWNER,
    Ack,
    CreateRoom,
    Event,
    GetHistory,
    History,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    Post,
    Room,
)
from qtchat.server.config import ServerSettings
from qtchat.server.handlers.login import Login
from qtchat.server.hub import Hub
from qtchat.server.readers import Readers
from qtchat.server.records import EventRecord
from qtchat.server.store import RoomLog, Store
from qtchat.server.store.mark import Mark
from tests.helpers.hubs import Bench, Clock, FakeLoop, FakePeer, WatchedLog, key_of, only, seqs
from tests.helpers.wire import PATIENCE, new_id

LOBBY = 1


# -- the write path --------------------------------------------------------------------------------------


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
        assert [ack.ts for ack in only(ada.told(), Ack)] == [90_000, 90_000]
    finally:
        assert hub.stop(PATIENCE)


# -- repeated requests -----------------------------------------------------------------------------------


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


# -- rooms and reading -----------------------------------------------------------------------------------


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


# -- coming and going ------------------------------------------------------------------------------------


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

"""What the hub tells that is not stored: who is here, who types, where the rooms stand."""

from pathlib import Path

from qtchat.protocol.messages import (
    MAX_NICK,
    PING_INTERVAL_MS,
    PRESENCE,
    TYPING,
    Ack,
    CreateRoom,
    Error,
    Event,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    Person,
    Ping,
    Post,
    Presence,
    Rooms,
    Typing,
)
from qtchat.server.config import ServerSettings
from qtchat.server.handlers.login import Login
from qtchat.server.letters import CaughtUp, Gone, Typed
from qtchat.server.limits import TokenBuckets
from qtchat.server.store import StoreFull
from tests.helpers.hubs import Bench, Clock, key_of, only
from tests.helpers.wire import new_id

LOBBY = 1


# -- what is not stored ----------------------------------------------------------------------------------


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


# -- coming and going ------------------------------------------------------------------------------------


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

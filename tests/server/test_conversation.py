"""What people do to messages, rooms and themselves, through the hub with a real store."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import (
    DIRECT,
    KIND_ADDED,
    KIND_CREATED,
    KIND_DELETED,
    KIND_EDITED,
    KIND_POST,
    KIND_REACTED,
    KIND_TOPIC,
    KIND_UNREACTED,
    PRIVATE,
    Ack,
    AddMember,
    CreateRoom,
    Delete,
    Done,
    Edit,
    Error,
    Event,
    GetHistory,
    History,
    JoinRoom,
    LeaveRoom,
    ListRooms,
    MarkRead,
    OpenDirect,
    Person,
    Post,
    Presence,
    React,
    Request,
    Room,
    Rooms,
    SetNick,
    SetPresence,
    SetTopic,
)
from qtchat.server.handlers.login import Login
from qtchat.server.letters import Gone, Overrun
from qtchat.server.store import Store, StoreFull
from tests.helpers.hubs import Bench, Clock, FakePeer, key_of
from tests.helpers.wire import new_id

LOBBY = 1


def say(bench: Bench, peer: FakePeer, text: str, room: int = LOBBY) -> int:
    """Post it; the seq that it got."""
    return stored(bench, peer, Post(new_id(), room, text)).seq


def stored(bench: Bench, peer: FakePeer, request: Request) -> Ack:
    bench.post((peer, request))
    ack = peer.told()[-1]
    assert isinstance(ack, Ack), ack
    assert ack.re == request.id
    return ack


def refused(bench: Bench, peer: FakePeer, request: Request) -> Error:
    bench.post((peer, request))
    error = peer.told()[-1]
    assert isinstance(error, Error), error
    assert error.re == request.id
    return error


def heard(peer: FakePeer) -> list[tuple[int, str, str, int]]:
    """(seq, kind, text, about) of the events since the last call."""
    return [(event.seq, event.kind, event.text, event.about) for event in peer.news_told() if isinstance(event, Event)]


def history(bench: Bench, peer: FakePeer, room: int = LOBBY) -> list[tuple[int, str, str, int]]:
    peer.told()
    bench.post_and_wait_for_a_call((peer, GetHistory(new_id(), room, after=0)))
    (page,) = peer.told()
    assert isinstance(page, History)
    return [(event.seq, event.kind, event.text, event.about) for event in page.events]


def rows(store: Store, statement: str) -> list[tuple[object, ...]]:
    """What is on the disk."""
    with closing(sqlite3.connect(store.path)) as connection:
        return connection.execute(statement).fetchall()


@pytest.fixture
def ada(bench: Bench) -> FakePeer:
    """User 1."""
    return bench.login("Ada")


@pytest.fixture
def bob(bench: Bench, ada: FakePeer) -> FakePeer:
    """User 2; he and Ada have heard nothing yet. The head of the lobby is 2."""
    peer = bench.login("Bob")
    bench.quiet(ada, peer)
    return peer


# -- messages about messages --------------------------------------------------------------------------


def test_an_answer_an_edit_and_reactions_are_events_about_a_message(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    seq = say(bench, ada, "hello")
    stored(bench, bob, Post(new_id(), LOBBY, "hi", reply_to=seq))
    stored(bench, ada, Edit(new_id(), LOBBY, seq, "hello all"))
    stored(bench, bob, React(new_id(), LOBBY, seq, "👍"))
    stored(bench, bob, React(new_id(), LOBBY, seq, "👍", add=False))
    assert heard(ada) == heard(bob) == history(bench, ada)[2:]
    assert history(bench, ada)[2:] == [
        (3, KIND_POST, "hello", 0),
        (4, KIND_POST, "hi", 3),
        (5, KIND_EDITED, "hello all", 3),
        (6, KIND_REACTED, "👍", 3),
        (7, KIND_UNREACTED, "👍", 3),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda seq: Edit(new_id(), LOBBY, seq, "x"),
        lambda seq: Delete(new_id(), LOBBY, seq),
        lambda seq: React(new_id(), LOBBY, seq, "👍"),
    ],
)
@pytest.mark.parametrize("seq", [0, 1, 99])
def test_only_a_post_can_be_changed(
    bench: Bench, ada: FakePeer, bob: FakePeer, make: Callable[[int], Request], seq: int
) -> None:
    assert refused(bench, ada, make(seq)).text == "There is no such message."
    assert not heard(bob)


def test_nobody_changes_what_somebody_else_said(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    seq = say(bench, ada, "hello")
    for request in (Edit(new_id(), LOBBY, seq, "x"), Delete(new_id(), LOBBY, seq)):
        assert refused(bench, bob, request).code == ErrorCode.FORBIDDEN
    assert [entry[2] for entry in history(bench, ada)[2:]] == ["hello"]


def test_a_deleted_message_and_its_edits_have_no_text_any_more(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    seq = say(bench, ada, "secret")
    stored(bench, ada, Edit(new_id(), LOBBY, seq, "no secret"))
    heard(bob)
    stored(bench, ada, Delete(new_id(), LOBBY, seq))
    assert heard(bob) == [(5, KIND_DELETED, "", seq)]
    assert history(bench, bob)[2:] == [(3, KIND_POST, "", 0), (4, KIND_EDITED, "", 3), (5, KIND_DELETED, "", 3)]
    for request in (Edit(new_id(), LOBBY, seq, "x"), React(new_id(), LOBBY, seq, "👍")):
        assert refused(bench, ada, request).text == "That message was deleted."
    assert stored(bench, ada, Delete(new_id(), LOBBY, seq)).duplicate


def test_a_message_can_be_changed_in_the_batch_that_stores_it(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    edit, delete, commits = Edit(new_id(), LOBBY, 3, "better"), Delete(new_id(), LOBBY, 4), len(bench.log.commits)
    bench.post(
        (ada, Post(new_id(), LOBBY, "good")),
        (ada, Post(new_id(), LOBBY, "secret")),
        (ada, edit),
        (bob, Edit(new_id(), LOBBY, 3, "not mine")),
        (ada, Edit(new_id(), LOBBY, 4, "still secret")),
        (ada, delete),
        (ada, Edit(new_id(), LOBBY, 4, "back again")),
        (bob, React(new_id(), LOBBY, 4, "👍")),
        (bob, React(new_id(), LOBBY, 3, "👍")),
        (bob, React(new_id(), LOBBY, 3, "👍")),
        (bob, React(new_id(), LOBBY, 3, "👍", add=False)),
        (bob, React(new_id(), LOBBY, 3, "👍", add=False)),
    )
    assert len(bench.log.commits) == commits + 1
    assert [message.code for message in ada.told() if isinstance(message, Error)] == [ErrorCode.FORBIDDEN]
    assert [(type(message), getattr(message, "duplicate", None)) for message in bob.told()] == [
        (Error, None),
        (Error, None),
        (Ack, False),
        (Ack, True),
        (Ack, False),
        (Ack, True),
    ]
    assert history(bench, bob)[2:] == [
        (3, KIND_POST, "good", 0),
        (4, KIND_POST, "", 0),
        (5, KIND_EDITED, "better", 3),
        (6, KIND_EDITED, "", 4),
        (7, KIND_DELETED, "", 4),
        (8, KIND_REACTED, "👍", 3),
        (9, KIND_UNREACTED, "👍", 3),
    ]


def test_requests_of_one_batch_about_an_old_message_see_each_other(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    seq = say(bench, ada, "hello")
    heard(bob)
    bench.post(
        (bob, React(new_id(), LOBBY, seq, "👍")),
        (bob, React(new_id(), LOBBY, seq, "👍")),
        (ada, Delete(new_id(), LOBBY, seq)),
        (bob, React(new_id(), LOBBY, seq, "🎉")),
    )
    assert [kind for _, kind, _, _ in heard(bob)] == [KIND_REACTED, KIND_DELETED]


@pytest.mark.parametrize(
    "request_",
    [
        Edit(new_id(), LOBBY, 3, "x"),
        Delete(new_id(), LOBBY, 3),
        React(new_id(), LOBBY, 3, "👍"),
        SetTopic(new_id(), LOBBY, "things"),
        AddMember(new_id(), 2, 2),
        OpenDirect(new_id(), 2),
    ],
    ids=lambda request: type(request).__name__,
)
def test_what_is_repeated_is_done_once(bench: Bench, ada: FakePeer, bob: FakePeer, request_: Request) -> None:
    say(bench, ada, "hello")
    stored(bench, ada, CreateRoom(new_id(), "Lab"))
    first = stored(bench, ada, request_)
    assert not first.duplicate
    heard(ada)
    second = stored(bench, ada, request_)
    assert (second.room, second.seq, second.ts, second.duplicate) == (first.room, first.seq, first.ts, True)
    assert not heard(ada)


def test_what_the_disk_did_not_take_has_not_happened(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    seq = say(bench, ada, "hello")
    heard(bob)
    bench.log.failures = [StoreFull(Path("x"))]
    delete = Delete(new_id(), LOBBY, seq)
    assert refused(bench, ada, delete).code == ErrorCode.STORAGE
    assert not heard(bob)
    stored(bench, bob, React(new_id(), LOBBY, seq, "👍"))
    assert not stored(bench, ada, delete).duplicate
    assert [kind for _, kind, _, _ in heard(bob)] == [KIND_REACTED, KIND_DELETED]


def test_an_edit_does_not_wait_behind_a_held_post(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    seq = say(bench, ada, "hello")
    bench.post((ada, Overrun(Post(new_id(), LOBBY, "too much"))))
    ada.told()
    assert not stored(bench, ada, Edit(new_id(), LOBBY, seq, "hello!")).duplicate


# -- rooms --------------------------------------------------------------------------------------------


def test_a_direct_room_is_there_for_both_and_for_nobody_else(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    cy = bench.login("Cy")
    bench.quiet(ada, bob, cy)
    request = OpenDirect(new_id(), 2)
    bench.post((ada, request))
    assert ada.told() == [Room(2, "Bob", "", 0, 2, kind=DIRECT, other=2), Ack(request.id, 2, 1, 7000)]
    assert bob.told() == [Room(2, "Ada", "", 0, 2, kind=DIRECT, other=1)]
    assert heard(ada) == heard(bob) == [(1, KIND_CREATED, "", 0)]
    say(bench, bob, "psst", room=2)
    assert heard(ada) == [(2, KIND_POST, "psst", 0)]
    assert not heard(cy)
    assert refused(bench, cy, JoinRoom(new_id(), 2)).code == ErrorCode.ROOM_UNKNOWN
    bench.post((cy, ListRooms(new_id())))
    (rooms,) = cy.told()
    assert isinstance(rooms, Rooms)
    assert [room.room for room in rooms.rooms] == [LOBBY]


def test_both_may_open_it_and_it_is_one(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    mine, theirs = OpenDirect(new_id(), 2), OpenDirect(new_id(), 1)
    bench.post((ada, mine), (bob, theirs))
    assert ada.told()[-1] == Ack(mine.id, 2, 1, 7000)
    assert bob.told()[-1] == Ack(theirs.id, 2, 1, 7000, duplicate=True)
    assert bench.look(lambda state: list(state.rooms)) == [1, 2]


def test_a_direct_room_is_known_after_the_state_was_read_anew(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    stored(bench, ada, OpenDirect(new_id(), 2))
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, Post(new_id(), LOBBY, "x")))
    bench.quiet(ada, bob)
    request = OpenDirect(new_id(), 1)
    assert stored(bench, bob, request) == Ack(request.id, 2, 1, 7000, duplicate=True)


def test_a_private_room_is_entered_by_being_added(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    phone = bench.login("Bob", int.from_bytes(b"Bob"))
    stored(bench, ada, CreateRoom(new_id(), "Lab", private=True))
    say(bench, ada, "alone", room=2)
    bench.quiet(ada, bob, phone)
    assert refused(bench, bob, JoinRoom(new_id(), 2)).code == ErrorCode.ROOM_UNKNOWN
    bench.post((ada, AddMember(new_id(), 2, 2)), (ada, Post(new_id(), 2, "welcome")))
    for device in (bob, phone):
        assert device.told() == [Room(2, "Lab", "", 2, 2, kind=PRIVATE, read=2)]
        assert heard(device) == [(3, KIND_ADDED, "Bob", 2), (4, KIND_POST, "welcome", 0)]
    say(bench, bob, "thanks", room=2)
    assert [room.name for room in directory(bench, bob)] == ["lobby", "Lab"]


def directory(bench: Bench, peer: FakePeer) -> tuple[Room, ...]:
    peer.told()
    bench.post((peer, ListRooms(new_id())))
    (rooms,) = peer.told()
    assert isinstance(rooms, Rooms)
    return rooms.rooms


def test_a_topic_is_told_by_its_event_and_kept(bench: Bench, store: Store, ada: FakePeer, bob: FakePeer) -> None:
    stored(bench, ada, SetTopic(new_id(), LOBBY, "this\nand that"))
    assert heard(bob) == [(3, KIND_TOPIC, "this and that", 0)]
    assert not bob.told()
    assert directory(bench, bob)[0].topic == "this and that"
    assert rows(store, "SELECT topic FROM rooms") == [("this and that",)]


# -- read marks ---------------------------------------------------------------------------------------


def test_a_read_mark_is_on_the_disk_before_it_is_done(bench: Bench, store: Store, ada: FakePeer, bob: FakePeer) -> None:
    done_before: list[int] = []
    bench.log.before = lambda _writes: done_before.append(len(bench.loop.calls))
    request = MarkRead(new_id(), LOBBY, 2)
    bench.post((ada, request))
    assert done_before == [0]
    assert ada.told() == [Done(request.id)]
    assert rows(store, "SELECT user, read FROM members ORDER BY user") == [(1, 2), (2, 1)]
    commits = len(bench.log.commits)
    bench.post((ada, MarkRead(new_id(), LOBBY, 1)))
    assert len(bench.log.commits) == commits, "it never goes back"
    assert rows(store, "SELECT user, read FROM members ORDER BY user") == [(1, 2), (2, 1)]


def test_another_device_begins_where_one_has_read(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    bench.post((ada, MarkRead(new_id(), LOBBY, 99)))
    phone = bench.peer()
    bench.post((phone, Login("Ada", key_of(int.from_bytes(b"Ada")), new_id())))
    assert phone.told()[0] == Room(LOBBY, "lobby", "", 2, 2, read=2)


def test_a_read_mark_that_the_disk_did_not_take_is_not_there(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    bench.log.failures = [StoreFull(Path("x"))]
    request = MarkRead(new_id(), LOBBY, 2)
    assert refused(bench, ada, request).code == ErrorCode.STORAGE
    commits = len(bench.log.commits)
    bench.post((ada, request))
    assert ada.told() == [Done(request.id)]
    assert len(bench.log.commits) == commits + 1


def test_who_left_and_came_back_begins_at_the_end(bench: Bench, store: Store, ada: FakePeer, bob: FakePeer) -> None:
    stored(bench, ada, CreateRoom(new_id(), "Lab"))
    stored(bench, bob, JoinRoom(new_id(), 2))
    bench.post(
        (bob, MarkRead(new_id(), 2, 2)),
        (bob, LeaveRoom(new_id(), 2)),
        (ada, Post(new_id(), 2, "while you were out")),
        (bob, JoinRoom(new_id(), 2)),
    )
    assert rows(store, "SELECT read FROM members WHERE room = 2 AND user = 2") == [(4,)]


# -- who people are -----------------------------------------------------------------------------------


def told_of(peer: FakePeer, clock: Clock, bench: Bench) -> list[Person]:
    """What presence says, after the time it takes."""
    clock.now += 60.0
    bench.post()
    return [person for message in peer.news_told() if isinstance(message, Presence) for person in message.people]


def test_a_new_nick_is_told_to_all(bench: Bench, clock: Clock, store: Store, ada: FakePeer, bob: FakePeer) -> None:
    stored(bench, ada, OpenDirect(new_id(), 2))
    bench.quiet(ada, bob)
    request = SetNick(new_id(), "Countess")
    bench.post((ada, request))
    assert ada.told() == [Done(request.id)]
    assert bob.told() == [Room(2, "Countess", "", 1, 2, kind=DIRECT, other=1)]
    assert Person(1, "Countess", online=True) in told_of(bob, clock, bench)
    say(bench, ada, "it is me")
    (event,) = (message for message in bob.news_told() if isinstance(message, Event))
    assert event.nick == "Countess"
    assert rows(store, "SELECT nick FROM users WHERE id = 1") == [("Countess",)]
    assert refused(bench, bob, SetNick(new_id(), "ada")).suggestion == "ada 2"


def test_a_login_under_another_name_renames_direct_rooms_too(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    stored(bench, bob, OpenDirect(new_id(), 1))
    bench.quiet(ada, bob)
    bench.login("Countess", int.from_bytes(b"Ada"))
    assert bob.told() == [Room(2, "Countess", "", 1, 2, kind=DIRECT, other=1)]


def test_somebody_is_away_when_all_devices_are(bench: Bench, clock: Clock, ada: FakePeer, bob: FakePeer) -> None:
    phone = bench.login("Ada", int.from_bytes(b"Ada"))
    told_of(bob, clock, bench)

    def set_away(device: FakePeer, away: bool) -> list[Person]:
        request = SetPresence(new_id(), away, "out")
        bench.post((device, request))
        assert device.told()[-1] == Done(request.id)
        return told_of(bob, clock, bench)

    assert set_away(ada, True) == [Person(1, "Ada", True, False, "out")]
    assert set_away(phone, True) == [Person(1, "Ada", True, True, "out")]
    assert set_away(ada, False) == [Person(1, "Ada", True, False, "out")]
    bench.post(Gone(ada))
    assert told_of(bob, clock, bench) == [Person(1, "Ada", True, True, "out")]


def test_who_is_away_stays_so_when_the_state_is_read_anew(bench: Bench, ada: FakePeer, bob: FakePeer) -> None:
    bench.post((ada, SetPresence(new_id(), True, "out")))
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((bob, Post(new_id(), LOBBY, "x")))
    bench.post((bob, Post(new_id(), LOBBY, "x")))
    assert bench.look(lambda state: [state.users[1].person, state.users[2].person]) == [
        Person(1, "Ada", True, True, "out"),
        Person(2, "Bob", True, False),
    ]


def test_a_status_stays_and_is_written_once(bench: Bench, store: Store, ada: FakePeer, bob: FakePeer) -> None:
    bench.post((ada, SetPresence(new_id(), False, "out")))
    commits = len(bench.log.commits)
    bench.post((ada, SetPresence(new_id(), True, "out")))
    assert len(bench.log.commits) == commits, "only whether a device is away has changed"
    assert rows(store, "SELECT status FROM users ORDER BY id") == [("out",), ("",)]


# -- when people were here ----------------------------------------------------------------------------


def seen(store: Store) -> list[tuple[object, ...]]:
    return rows(store, "SELECT seen FROM users ORDER BY id")


def test_when_somebody_left_costs_no_commit_of_its_own(
    bench: Bench, store: Store, ada: FakePeer, bob: FakePeer
) -> None:
    commits = len(bench.log.commits)
    bench.post(Gone(bob))
    assert len(bench.log.commits) == commits
    assert bench.look(lambda state: state.users[2].person) == Person(2, "Bob", online=False, seen=7000)
    say(bench, ada, "bye")
    assert seen(store) == [(0,), (7000,)]


def test_when_nothing_else_is_written_a_heartbeat_writes_it(
    bench: Bench, clock: Clock, store: Store, ada: FakePeer, bob: FakePeer
) -> None:
    bench.post(Gone(bob))
    bench.log.failures = [StoreFull(Path("x"))]
    clock.now += 15.0
    bench.post()
    assert seen(store) == [(0,), (0,)]
    clock.now += 15.0
    bench.post()
    assert seen(store) == [(0,), (7000,)]
    commits = len(bench.log.commits)
    clock.now += 15.0
    bench.post()
    assert len(bench.log.commits) == commits


def test_the_end_of_the_server_is_when_everybody_leaves(
    bench: Bench, store: Store, ada: FakePeer, bob: FakePeer
) -> None:
    phone = bench.login("Ada", int.from_bytes(b"Ada"))
    bench.post(Gone(phone))
    assert bench.look(lambda state: state.users[1].seen) == 0, "one device is left"
    bench.hub.stop(20.0)
    assert seen(store) == [(7000,), (7000,)]


def test_when_somebody_left_outlives_a_batch_that_was_not_written(
    bench: Bench, store: Store, ada: FakePeer, bob: FakePeer
) -> None:
    bench.post(Gone(bob))
    bench.log.failures = [StoreFull(Path("x"))]
    bench.post((ada, Post(new_id(), LOBBY, "x")))
    ada.told()
    bench.post((ada, ListRooms(new_id())))
    assert bench.look(lambda state: state.users[2].seen) == 7000
    bench.quiet(ada)
    bench.post((ada, SetPresence(new_id(), False, "back")))
    assert seen(store) == [(0,), (7000,)]

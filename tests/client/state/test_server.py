"""What a ServerState makes of updates, and what its changes tell a view."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.state import (
    Change,
    ColorsChanged,
    ConnectionChanged,
    Delivery,
    DirectoryChanged,
    Entry,
    PeopleChanged,
    RequestDone,
    RoomAdded,
    RoomChanged,
    RoomRemoved,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    ServerChanged,
    ServerState,
    TimelineEndsChanged,
    server,
)
from qtchat.client.updates import (
    AckedUpdate,
    ColorsUpdate,
    ConnectionUpdate,
    DirectoryUpdate,
    DiscardedUpdate,
    EventsUpdate,
    FailedUpdate,
    MembersUpdate,
    OlderUpdate,
    PendingUpdate,
    Phase,
    PresenceUpdate,
    Problem,
    RequestDoneUpdate,
    ResetUpdate,
    RoomGoneUpdate,
    RoomUpdate,
    ServerUpdate,
    StorageUpdate,
)
from qtchat.net.tls import server_code
from qtchat.protocol.messages import KIND_JOINED, KIND_LEFT, KIND_POST, Event, Person, Room
from tests.helpers.accounts import follow

ME, BOB = 1, 2
SERVER = ServerUpdate(bytes(16), "server", "CODE", ME, "Ada", "localhost", 1)
PROBLEM = Problem("busy", "Later.")


def message_id(number: int) -> bytes:
    return number.to_bytes(16, "big")


def event(seq: int, author: int = BOB, number: int | None = None, kind: str = KIND_POST) -> Event:
    return Event(1, seq, message_id(10_000 + seq if number is None else number), seq, author, "x", kind, f"text {seq}")


def told(*events: Event, live: bool = True) -> EventsUpdate:
    return EventsUpdate(1, events, live)


def pending(number: int) -> PendingUpdate:
    return PendingUpdate(message_id(number), 1, f"own {number}", number)


@pytest.fixture
def state() -> ServerState:
    state = ServerState()
    state.apply(SERVER)
    state.apply(RoomUpdate(Room(1, "lobby", "", 0, 2), 0))
    return state


def room(state: ServerState) -> RoomState:
    return state.rooms[1]


def seqs(state: ServerState) -> list[int | None]:
    return [entry.seq for entry in room(state).entries]


# -- one update each ------------------------------------------------------------------------------------


def test_the_connection() -> None:
    state = ServerState()
    assert state.apply(ConnectionUpdate(Phase.OFFLINE, PROBLEM, 2.0)) == (ConnectionChanged(),)
    assert (state.phase, state.problem, state.retry_in) == (Phase.OFFLINE, PROBLEM, 2.0)
    assert state.apply(StorageUpdate(PROBLEM)) == (ConnectionChanged(),)
    assert state.storage_problem == PROBLEM
    assert state.apply(SERVER) == (ServerChanged(),)
    assert state.server == SERVER


def test_a_room_is_added_then_changed_then_removed() -> None:
    state = ServerState()
    assert state.apply(RoomUpdate(Room(1, "a", "", 5, 2), 3)) == (RoomAdded(1),)
    assert state.apply(RoomUpdate(Room(1, "b", "topic", 6, 3))) == (RoomChanged(1),)
    assert (room(state).name, room(state).topic, room(state).head, room(state).member_count) == ("b", "topic", 6, 3)
    assert room(state).read == 3
    assert state.apply(RoomGoneUpdate(1)) == (RoomRemoved(1),)
    assert state.apply(RoomGoneUpdate(1)) == ()


@pytest.mark.parametrize(
    "update",
    [
        told(event(1)),
        OlderUpdate(1, (event(1),), at_start=True),
        MembersUpdate(1, ()),
        pending(1),
        AckedUpdate(message_id(1), 1, 1, 1),
        FailedUpdate(message_id(1), 1, PROBLEM),
        DiscardedUpdate(message_id(1), 1),
    ],
)
def test_news_of_a_room_that_was_left_changes_nothing(
    update: EventsUpdate | OlderUpdate | MembersUpdate | PendingUpdate | AckedUpdate | FailedUpdate | DiscardedUpdate,
) -> None:
    assert ServerState().apply(update) == ()


def test_events_are_put_behind_the_others_and_before_what_waits(state: ServerState) -> None:
    state.apply(told(event(1)))
    state.apply(pending(5))
    changes = state.apply(told(event(2), event(3)))
    inserted = RowsInserted(1, 1, tuple(room(state).entries[1:3]), live=True)
    assert changes == (inserted, RoomChanged(1))
    assert seqs(state) == [1, 2, 3, None]
    assert (room(state).oldest, room(state).newest, room(state).head) == (1, 3, 3)


def test_a_message_of_ours_from_composing_to_its_place(state: ServerState) -> None:
    (inserted, _) = state.apply(pending(5))
    assert inserted == RowsInserted(1, 0, (room(state).entries[0],), live=True)
    assert (room(state).entries[0].own, room(state).entries[0].delivery) == (True, Delivery.WAITING)
    state.apply(AckedUpdate(message_id(5), 1, 1, 77))
    assert (room(state).entries[0].delivery, room(state).entries[0].ts) == (Delivery.SENT, 77)
    changes = state.apply(told(event(1, ME, 5)))
    assert changes == (RowsReplaced(1, 0, (room(state).entries[0],)), RoomChanged(1))
    assert seqs(state) == [1]
    assert room(state).unread == 0


def test_a_message_that_is_confirmed_before_an_earlier_one_moves_up(state: ServerState) -> None:
    state.apply(pending(5))
    state.apply(pending(6))
    changes = state.apply(told(event(1), event(2, ME, 6)))
    entries = room(state).entries
    assert changes == (
        RowsInserted(1, 0, (entries[0],), live=True),
        RowsRemoved(1, 2, 1),
        RowsInserted(1, 1, (entries[1],)),
        RoomChanged(1),
    )
    assert seqs(state) == [1, 2, None]


def test_a_refused_message_stays_and_can_be_retried_or_discarded(state: ServerState) -> None:
    state.apply(pending(5))
    state.apply(FailedUpdate(message_id(5), 1, PROBLEM))
    assert (room(state).entries[0].delivery, room(state).entries[0].problem) == (Delivery.FAILED, PROBLEM)
    assert state.apply(pending(5)) == (RowsReplaced(1, 0, (room(state).entries[0],)),)
    assert (room(state).entries[0].delivery, room(state).entries[0].problem) == (Delivery.WAITING, None)
    assert state.apply(DiscardedUpdate(message_id(5), 1)) == (RowsRemoved(1, 0, 1), RoomChanged(1))
    assert room(state).entries == []


def test_a_message_that_the_server_had_long_ago_does_not_wait_for_its_event(state: ServerState) -> None:
    state.apply(told(event(3), event(4), live=False))
    state.apply(pending(5))
    assert state.apply(AckedUpdate(message_id(5), 1, 2, 77)) == (RowsRemoved(1, 2, 1), RoomChanged(1))
    assert seqs(state) == [3, 4]


def test_an_acknowledgement_after_the_event_changes_nothing(state: ServerState) -> None:
    state.apply(pending(5))
    state.apply(told(event(1, ME, 5)))
    assert state.apply(AckedUpdate(message_id(5), 1, 1, 77)) == ()


def test_somebody_elses_event_with_our_id_confirms_nothing(state: ServerState) -> None:
    state.apply(pending(5))
    state.apply(told(event(1, BOB, 5)))
    assert seqs(state) == [1, None]


def test_more_rooms_than_anybody_is_in_are_ignored(state: ServerState, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_ROOMS", 2)
    changes = [state.apply(RoomUpdate(Room(number, f"room {number}", "", 0, 1))) for number in range(1, 5)]
    assert changes == [(RoomChanged(1),), (RoomAdded(2),), (), ()]
    state.apply(RoomGoneUpdate(2))
    assert state.apply(RoomUpdate(Room(4, "room 4", "", 0, 1))) == (RoomAdded(4),)


# -- older rows and trimming ----------------------------------------------------------------------------


def test_older_rows_are_put_on_top(state: ServerState) -> None:
    state.apply(told(event(3), event(4)))
    changes = state.apply(OlderUpdate(1, (event(1), event(2)), at_start=True))
    assert changes == (RowsInserted(1, 0, tuple(room(state).entries[:2])), TimelineEndsChanged(1))
    assert seqs(state) == [1, 2, 3, 4]
    assert (room(state).at_start, room(state).gap) == (True, False)


def test_no_older_rows_and_a_gap(state: ServerState) -> None:
    state.apply(told(event(3)))
    assert state.apply(OlderUpdate(1, (), at_start=True, gap=True)) == (TimelineEndsChanged(1),)
    assert (room(state).at_start, room(state).gap) == (True, True)


def test_older_rows_that_were_asked_for_twice_stand_there_once(state: ServerState) -> None:
    state.apply(told(event(3)))
    state.apply(OlderUpdate(1, (event(1), event(2)), at_start=True))
    assert state.apply(OlderUpdate(1, (event(1), event(2)), at_start=True)) == ()
    assert seqs(state) == [1, 2, 3]


def test_older_rows_that_come_after_a_trim_make_no_hole(state: ServerState) -> None:
    state.apply(told(*(event(seq) for seq in range(3, 8))))
    state.trim(1, 2)
    state.apply(OlderUpdate(1, (event(1), event(2)), at_start=True))
    assert seqs(state) == [6, 7]
    assert not room(state).at_start


def test_trim_drops_the_oldest_numbered_rows_only(state: ServerState) -> None:
    assert state.trim(1, 3) == state.trim(99, 3) == ()
    state.apply(told(*(event(seq) for seq in range(1, 5))))
    for number in range(5):
        state.apply(pending(number))
    room(state).at_start = True
    assert state.trim(1) == ()
    assert state.trim(1, 3) == (RowsRemoved(1, 0, 4), TimelineEndsChanged(1))
    assert seqs(state) == [None] * 5
    assert not room(state).at_start
    assert (room(state).oldest, room(state).newest) == (5, 4)


# -- unread -----------------------------------------------------------------------------------------------


def test_unread_counts_what_others_said_beyond_what_was_read() -> None:
    state = ServerState()
    state.apply(SERVER)
    state.apply(RoomUpdate(Room(1, "lobby", "", 0, 2), 3))
    state.apply(told(*(event(seq) for seq in range(1, 6)), live=False))
    assert room(state).unread == 2
    state.apply(told(event(6, ME), event(7, kind=KIND_JOINED), event(8)))
    assert room(state).unread == 3
    assert state.mark_read(1) == (RoomChanged(1),)
    assert (room(state).read, room(state).unread) == (8, 0)
    assert state.mark_read(1) == ()
    assert state.mark_read(99) == ()


def test_a_room_of_which_nothing_came_yet_is_read(state: ServerState) -> None:
    state.apply(RoomUpdate(Room(1, "lobby", "", 9, 2), 9))
    assert state.mark_read(1) == ()


def test_the_last_post(state: ServerState) -> None:
    assert room(state).last_post is None
    state.apply(told(event(1), event(2, kind=KIND_JOINED)))
    last = room(state).last_post
    assert last is not None
    assert last.seq == 1


# -- people -----------------------------------------------------------------------------------------------


def test_members_follow_their_list_their_presence_and_the_log(state: ServerState) -> None:
    ada, bob, eve = Person(ME, "Ada", online=True), Person(BOB, "Bob", online=False), Person(3, "Eve", online=True)
    assert state.apply(MembersUpdate(1, (ada, bob))) == (PeopleChanged(1), RoomChanged(1))
    assert room(state).members == {ME: ada, BOB: bob}
    assert state.apply(PresenceUpdate((Person(BOB, "Bob", online=True), eve))) == (PeopleChanged(1),)
    assert room(state).members[BOB].online
    assert PeopleChanged(1) in state.apply(told(event(1, 3, kind=KIND_JOINED)))
    assert room(state).members[3] == eve
    assert room(state).member_count == 3
    assert PeopleChanged(1) in state.apply(told(event(2, BOB, kind=KIND_LEFT)))
    assert set(room(state).members) == {ME, 3}
    assert room(state).member_count == 2


def test_old_joins_are_no_member_list(state: ServerState) -> None:
    state.apply(told(event(1, 3, kind=KIND_JOINED), live=False))
    assert room(state).members == {}
    assert room(state).member_count == 2


# -- the rest ---------------------------------------------------------------------------------------------


def test_colours(state: ServerState) -> None:
    assert state.apply(ColorsUpdate(((1, 3), (2, 4)), anew=True)) == (ColorsChanged(),)
    state.apply(ColorsUpdate(((2, 0), (5, 8)), anew=False))
    assert state.colors == {1: 3, 5: 8}
    state.apply(ColorsUpdate((), anew=True))
    assert state.colors == {}


def test_directory_answers_and_reset(state: ServerState) -> None:
    rooms = (Room(1, "lobby", "", 0, 1),)
    assert state.apply(DirectoryUpdate(rooms)) == (DirectoryChanged(),)
    assert state.directory == rooms
    assert state.apply(RequestDoneUpdate(message_id(1), 4, PROBLEM)) == (RequestDone(message_id(1), 4, PROBLEM),)
    assert state.apply(ResetUpdate()) == (RoomRemoved(1), ColorsChanged())
    assert state.rooms == {}


class Mirror:
    """A view's copy of the rows, kept only by the changes."""

    def __init__(self) -> None:
        self.rows: list[Entry] = []

    def follow(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if isinstance(change, RowsInserted | RowsRemoved | RowsReplaced):
                follow(self.rows, change)


@given(st.integers(0, 2**32))
def test_whatever_happens_the_changes_tell_exactly_what_the_rows_are(seed: int) -> None:
    """A random life of a room: others speak, we speak, are confirmed in any order, refused, retried, read back."""
    chance = random.Random(seed)
    state, mirror = ServerState(), Mirror()
    state.apply(SERVER)
    first = chance.randint(1, 40)
    state.apply(RoomUpdate(Room(1, "lobby", "", first, 2), 0))
    head, waiting, numbers, unread = first - 1, list[int](), 0, 0
    for _ in range(60):
        match chance.randint(0, 7):
            case 0:
                numbers += 1
                waiting.append(numbers)
                mirror.follow(state.apply(pending(numbers)))
            case 1 | 2:
                events = []
                for _ in range(chance.randint(0, 4)):
                    head += 1
                    if waiting and chance.random() < 0.5:
                        own = waiting.pop(chance.randrange(len(waiting)))
                        events.append(event(head, ME, own))
                    else:
                        unread += 1
                        events.append(event(head))
                mirror.follow(state.apply(told(*events)))
            case 3 if waiting:
                mirror.follow(state.apply(AckedUpdate(message_id(chance.choice(waiting)), 1, head + 1, 5)))
            case 4 if waiting:
                mirror.follow(state.apply(FailedUpdate(message_id(chance.choice(waiting)), 1, PROBLEM)))
            case 5 if waiting:
                number = waiting.pop(chance.randrange(len(waiting)))
                mirror.follow(state.apply(DiscardedUpdate(message_id(number), 1)))
            case 6 if room(state).oldest > 1:
                oldest = room(state).oldest
                older = tuple(map(event, range(max(1, oldest - chance.randint(1, 9)), oldest)))
                mirror.follow(state.apply(OlderUpdate(1, older, at_start=older[0].seq == 1)))
            case 7:
                mirror.follow(state.mark_read(1))
                unread = 0
        current = room(state)
        assert mirror.rows == current.entries
        numbered = [entry.seq for entry in current.entries[: current.numbered]]
        assert numbered == list(range(current.oldest, current.newest + 1)) or not numbered
        assert [entry.id for entry in current.entries[current.numbered :]] == list(map(message_id, waiting))
        assert current.unread == unread
        assert current.newest in (head, 0)


def test_without_a_connection_nobody_is_known_to_be_online() -> None:
    state = ServerState()
    state.apply(SERVER)
    state.apply(RoomUpdate(Room(1, "lobby", "", 0, 2)))
    state.apply(ConnectionUpdate(Phase.ONLINE))
    state.apply(MembersUpdate(1, (Person(ME, "Ada", online=True), Person(2, "Bob", online=True))))
    changes = state.apply(ConnectionUpdate(Phase.OFFLINE))
    assert PeopleChanged(1) in changes
    assert not any(person.online for person in state.rooms[1].members.values())


def test_the_link_of_a_server_leads_to_where_it_was_met() -> None:
    code = server_code(b"key")
    assert ServerUpdate(b"", "", code, 1, "", "10.0.0.2", 1).link == f"qtchat://10.0.0.2:1/#{code}"
    assert ServerUpdate(b"", "", code, 1, "", "fe80::1", 1).link == f"qtchat://[fe80::1]:1/#{code}"

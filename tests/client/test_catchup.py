"""Where we are in a room's log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.catchup import Cursor
from qtchat.protocol.messages import KIND_POST, Event


def event(seq: int) -> Event:
    return Event(1, seq, seq.to_bytes(16, "big"), 0, 2, "Bob", KIND_POST, f"text {seq}")


def events(*seqs: int) -> tuple[Event, ...]:
    return tuple(map(event, seqs))


def test_what_comes_next_is_passed_on() -> None:
    cursor = Cursor(low=3, high=5, head=5, checked=True)
    assert cursor.take(events(6, 7)) == events(6, 7)
    assert (cursor.low, cursor.high, cursor.head) == (3, 7, 7)
    assert not cursor.behind


@pytest.mark.parametrize("seqs", [(5,), (1, 2), (5, 5, 3)])
def test_what_is_known_is_dropped(seqs: tuple[int, ...]) -> None:
    cursor = Cursor(low=3, high=5, head=5, checked=True)
    assert cursor.take(events(*seqs)) == ()
    assert (cursor.high, cursor.head, cursor.behind) == (5, 5, False)


def test_what_does_not_join_only_tells_how_far_the_log_goes() -> None:
    cursor = Cursor(low=1, high=5, head=5, checked=True)
    assert cursor.take(events(7)) == ()
    assert (cursor.high, cursor.head, cursor.behind) == (5, 7, True)
    assert cursor.take(events(6, 7)) == events(6, 7)
    assert not cursor.behind


def test_nothing_is_passed_on_before_the_newest_page_has_come() -> None:
    cursor = Cursor()
    assert cursor.take(events(1)) == ()
    assert cursor.behind
    cursor.begin(events(1, 2))
    assert (cursor.low, cursor.high, cursor.head) == (1, 2, 2)


def test_a_room_can_be_empty() -> None:
    cursor = Cursor(low=1, high=4, head=0)
    cursor.begin(())
    assert (cursor.low, cursor.high, cursor.behind) == (0, 0, False)


def test_while_a_page_is_under_way_no_other_is_asked_for() -> None:
    cursor = Cursor(low=1, high=5, head=9, fetching=b"page", checked=True)
    assert not cursor.behind
    cursor.fetching = b""
    assert cursor.behind


@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=30))
def test_whatever_comes_each_event_is_passed_on_once_and_in_order(bursts: list[list[int]]) -> None:
    cursor = Cursor(low=1, high=1, head=1)
    told = [e.seq for burst in bursts for e in cursor.take(events(*burst))]
    assert told == list(range(2, 2 + len(told)))
    assert cursor.high == 1 + len(told)
    assert cursor.head == max([1, *(seq for burst in bursts for seq in burst)])


def test_what_a_new_connection_has_not_confirmed_is_asked_for() -> None:
    cursor = Cursor(low=1, high=5, head=5)
    assert cursor.behind
    cursor.checked = True
    assert not cursor.behind


def test_the_newest_id_is_that_of_the_highest_event() -> None:
    cursor = Cursor()
    cursor.begin(events(1, 2))
    assert cursor.newest == event(2).id
    cursor.take(events(3, 9))
    assert cursor.newest == event(3).id

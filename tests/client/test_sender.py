"""The order of what is sent, the window, and the holds after refusals."""

import random
from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.outbox import OutboxItem
from qtchat.client.sender import WINDOW, Sender

MANY = 1000


def item(number: int, room: int = 1) -> OutboxItem:
    return OutboxItem(number.to_bytes(16, "big"), room, f"text {number}", 0)


def sender_with(count: int) -> Sender:
    sender = Sender()
    for number in range(count):
        sender.add(item(number))
    return sender


def numbers(items: list[OutboxItem]) -> list[int]:
    return [int.from_bytes(one.id, "big") for one in items]


# Functions, since mypy takes a property for a value that stays.


def is_stuck(sender: Sender) -> bool:
    return sender.stuck


def resume_at(sender: Sender) -> float | None:
    return sender.resume_at


def test_it_sends_in_order_within_the_window() -> None:
    sender = sender_with(WINDOW + 5)
    assert numbers(sender.next(0.0, MANY)) == list(range(WINDOW))
    assert sender.next(0.0, MANY) == []
    assert sender.done(item(0).id)
    assert numbers(sender.next(0.0, MANY)) == [WINDOW]


def test_it_sends_at_most_what_is_asked_for() -> None:
    sender = sender_with(5)
    assert numbers(sender.next(0.0, 2)) == [0, 1]
    assert sender.next(0.0, 0) == []
    assert numbers(sender.next(0.0, MANY)) == [2, 3, 4]


def test_the_same_message_waits_once() -> None:
    sender = sender_with(1)
    sender.add(item(0))
    assert len(sender) == len(sender.waiting()) == 1


def test_done_tells_whether_it_had_waited() -> None:
    sender = sender_with(1)
    assert sender.done(item(0).id)
    assert not sender.done(item(0).id)
    assert sender.get(item(0).id) is None


def test_after_a_refusal_all_answers_are_awaited_and_the_first_is_sent_first() -> None:
    sender = sender_with(4)
    sender.next(0.0, 3)
    sender.done(item(0).id)
    sender.refused(item(1).id, 10.0)
    assert resume_at(sender) is None
    assert sender.next(20.0, MANY) == []
    sender.refused(item(2).id, 5.0)
    assert resume_at(sender) == 10.0
    assert sender.next(9.9, MANY) == []
    assert numbers(sender.next(10.0, MANY)) == [1, 2, 3]
    assert resume_at(sender) is None


def test_it_is_stuck_when_the_one_the_server_wants_first_is_gone() -> None:
    sender = sender_with(2)
    sender.next(0.0, MANY)
    sender.refused(item(0).id, 1.0)
    sender.refused(item(1).id, 1.0)
    assert not is_stuck(sender)
    sender.done(item(0).id)
    assert is_stuck(sender)
    sender.connection_lost()
    assert not is_stuck(sender)
    assert numbers(sender.next(0.0, MANY)) == [1]


def test_after_a_lost_connection_all_is_sent_again_in_order() -> None:
    sender = sender_with(3)
    sender.next(0.0, 2)
    sender.refused(item(0).id, 99.0)
    sender.connection_lost()
    assert numbers(sender.next(0.0, MANY)) == [0, 1, 2]


def alternating(count: int) -> Sender:
    """Even numbers for room 2, odd ones for room 1."""
    sender = Sender()
    for number in range(count):
        sender.add(item(number, 2 - number % 2))
    return sender


def test_a_refusal_in_one_room_holds_no_other_back() -> None:
    sender = alternating(4)
    assert numbers(sender.next(0.0, MANY)) == [0, 1, 2, 3]
    sender.refused(item(1).id, 3600.0)
    sender.refused(item(3).id, 0.1)
    sender.done(item(0).id)
    sender.add(item(4, 2))
    sender.add(item(5, 1))
    assert numbers(sender.next(1.0, MANY)) == [4]
    assert resume_at(sender) == 3600.0, "room 1 waits for no answer of room 2"
    assert numbers(sender.next(3600.0, MANY)) == [1, 3, 5]


def test_each_room_goes_on_in_its_own_time() -> None:
    sender = alternating(4)
    sender.next(0.0, MANY)
    for number, until in ((0, 5.0), (1, 9.0), (2, 1.0), (3, 1.0)):
        sender.refused(item(number).id, until)
    assert resume_at(sender) == 5.0
    assert numbers(sender.next(5.0, MANY)) == [0, 2]
    assert resume_at(sender) == 9.0
    assert numbers(sender.next(9.0, MANY)) == [1, 3]
    assert resume_at(sender) is None


def test_what_is_held_takes_no_place_in_the_window() -> None:
    sender = sender_with(WINDOW)
    for one in sender.next(0.0, MANY):
        sender.refused(one.id, 3600.0)
    sender.add(item(WINDOW, 2))
    assert numbers(sender.next(0.0, MANY)) == [WINDOW]


def test_a_hold_can_end_sooner_but_not_later() -> None:
    sender = sender_with(1)
    sender.next(0.0, MANY)
    sender.refused(item(0).id, 3600.0)
    sender.hasten(1, 10.0)
    sender.hasten(1, 20.0)
    sender.hasten(2, 0.0)
    assert resume_at(sender) == 10.0


def test_a_refusal_of_what_was_stored_after_all_needs_a_new_connection() -> None:
    """Its event came first. The server wants it before any other of its room, and nobody will send it."""
    sender = sender_with(2)
    sender.next(0.0, MANY)
    sender.done(item(0).id)
    sender.refused(item(0).id, 1.0)
    assert is_stuck(sender)
    sender.connection_lost()
    assert not is_stuck(sender)
    assert numbers(sender.next(0.0, MANY)) == [1]


@given(st.integers(0, 2**32))
def test_the_server_stores_each_message_once_and_in_order(seed: int) -> None:
    """Against a model of the server, which holds all posts to a room behind one that has to come again."""
    chance = random.Random(seed)
    count = chance.randint(1, 60)
    sender = Sender()
    rooms = {number: chance.randint(1, 3) for number in range(count)}
    for number, room in rooms.items():
        sender.add(item(number, room))
    line: list[OutboxItem] = []
    stored: dict[int, list[int]] = defaultdict(list)
    held: dict[int, bytes] = {}
    now = 0.0
    for _ in range(3000):
        if not len(sender):
            break
        now += 1.0
        assert not sender.stuck
        line += sender.next(now, chance.randint(1, 32))
        assert len(sender.under_way) <= WINDOW
        cut = chance.randint(0, len(line))
        arrived, line = line[:cut], line[cut:]
        lost = chance.random() < 0.05  # the connection, and with it the answers to what had arrived
        for post in arrived:
            busy = chance.random() < 0.1
            if busy or held.get(post.room, post.id) != post.id:
                held.setdefault(post.room, post.id)
                if not lost:
                    sender.refused(post.id, now + (30.0 if post.room == 1 else 2.0))  # one room is slow
                continue
            held.pop(post.room, None)
            stored[post.room] += [number for number in numbers([post]) if number not in stored[post.room]]
            if not lost:
                sender.done(post.id)
        if lost:
            sender.connection_lost()
            line, held = [], {}
    assert dict(stored) == {room: [n for n in rooms if rooms[n] == room] for room in set(rooms.values())}

"""The order of what is sent, the window, and the hold after a refusal."""

import random

from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.outbox import OutboxItem
from qtchat.client.sender import WINDOW, Sender

MANY = 1000


def item(number: int) -> OutboxItem:
    return OutboxItem(number.to_bytes(16, "big"), 1, f"text {number}", 0)


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


@given(st.integers(0, 2**32))
def test_the_server_stores_each_message_once_and_in_order(seed: int) -> None:
    """Against a model of the server, which holds all posts behind one that has to come again."""
    chance = random.Random(seed)
    count = chance.randint(1, 60)
    sender = sender_with(count)
    line: list[OutboxItem] = []
    stored: list[int] = []
    held: bytes | None = None
    now = 0.0
    for _ in range(2000):
        if not len(sender):
            break
        now += 1.0
        assert not sender.stuck
        line += sender.next(now, chance.randint(1, 32))
        assert len(sender.under_way) <= WINDOW
        cut = chance.randint(0, len(line))
        arrived, line = line[:cut], line[cut:]
        if chance.random() < 0.05:  # the connection is lost, and with it the answers to what had arrived
            stored += [number for number in numbers(arrived) if held is None and number not in stored]
            sender.connection_lost()
            line, held = [], None
            continue
        for post in arrived:
            busy = chance.random() < 0.1
            if busy or held not in (None, post.id):
                held = held or post.id
                sender.refused(post.id, now + 2.0)
                continue
            held = None
            stored += [number for number in numbers([post]) if number not in stored]
            sender.done(post.id)
    assert stored == list(range(count))

"""The messages that a batch knows, and how far the announcing of batches has come."""

import threading

from qtchat.protocol.messages import Event
from qtchat.server.batch import Batch, Delivery
from qtchat.server.targets import Target

PATIENCE = 20.0


def test_nothing_under_way_is_not_waited_for() -> None:
    Delivery().wait(PATIENCE)


def test_every_loop_must_have_sent_its_part() -> None:
    delivery, waited = Delivery(), threading.Event()
    delivery.begin()
    delivery.begin()

    def wait() -> None:
        delivery.wait(PATIENCE)
        waited.set()

    waiter = threading.Thread(target=wait)
    waiter.start()
    delivery.end()
    assert not waited.is_set()
    delivery.end()
    assert waited.wait(PATIENCE)
    waiter.join()


def test_a_loop_that_hangs_delays_the_next_batch_but_does_not_stop_it() -> None:
    delivery = Delivery()
    delivery.begin()
    delivery.wait(0.01)


# -- messages that requests are about -----------------------------------------------------------------


def test_a_message_is_found_among_those_looked_up_and_those_of_the_batch() -> None:
    batch = Batch(targets={(1, 3): Target(5)})
    batch.events[1] = [
        Event(1, seq, bytes(16), 0, author, "Ada", kind)
        for seq, author, kind in ((8, 1, "post"), (9, 2, "joined"), (10, 3, "post"))
    ]
    assert batch.target((1, 3)) == Target(5)
    assert batch.target((1, 8)) == Target(1)
    assert batch.target((1, 10)) == Target(3)
    assert batch.target((1, 10)) is batch.target((1, 10))
    for place in ((1, 0), (1, 7), (1, 9), (1, 11), (2, 8)):
        assert batch.target(place) is None

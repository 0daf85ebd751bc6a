"""How far the announcing of batches has come."""

import threading

from qtchat.server.batch import Delivery

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

"""The reconnect policy."""

from hypothesis import given
from hypothesis import strategies as st

from qtchat.client.backoff import MAX_DELAY, MIN_DELAY, Backoff


def test_bounds_double_up_to_half_a_minute() -> None:
    backoff = Backoff()
    assert [backoff.next_delay(1.0) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_the_lower_bound_stays() -> None:
    backoff = Backoff()
    assert {backoff.next_delay(0.0) for _ in range(9)} == {MIN_DELAY}


def test_reset_begins_anew() -> None:
    backoff = Backoff()
    for _ in range(9):
        backoff.next_delay(1.0)
    backoff.reset()
    assert backoff.next_delay(1.0) == 0.5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_every_delay_is_within_the_bounds_and_the_first_is_quick(chances: list[float]) -> None:
    backoff = Backoff()
    delays = [backoff.next_delay(chance) for chance in chances]
    assert all(MIN_DELAY <= delay <= MAX_DELAY for delay in delays)
    assert delays[0] <= 0.5

"""How long is waited before something is asked again."""

import pytest

from qtchat.client.line import MAX_RETRY_AFTER, MIN_RETRY_AFTER, RETRY_AFTER, retry_after
from qtchat.protocol.messages import Error


def refused(retry_after_ms: int | None) -> Error:
    return Error(bytes(16), "busy", "Later.", retry_after_ms=retry_after_ms)


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        (None, RETRY_AFTER),
        (0, MIN_RETRY_AFTER),
        (1, MIN_RETRY_AFTER),
        (1500, 1.5),
        (60_000, 60.0),
        (2**31 - 1, MAX_RETRY_AFTER),
    ],
)
def test_the_server_says_how_long_within_bounds(told: int | None, seconds: float) -> None:
    assert retry_after(refused(told)) == seconds


def test_some_things_wait_for_longer() -> None:
    assert retry_after(refused(3_600_000), 3600.0) == 3600.0
    assert retry_after(refused(2**31 - 1), 3600.0) == 3600.0
    assert retry_after(refused(0), 3600.0) == MIN_RETRY_AFTER

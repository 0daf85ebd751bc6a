"""Token buckets as arithmetic, and the connections that the system allows."""

import sys

import pytest

from qtchat.server.limits import TokenBuckets, connection_limit

if sys.platform != "win32":
    import resource


def test_a_full_bucket_and_then_the_rate() -> None:
    buckets: TokenBuckets[str] = TokenBuckets(rate=10, burst=3)
    assert [buckets.take("ada", 0.0) for _ in range(3)] == [0.0] * 3
    assert buckets.take("ada", 0.0) == pytest.approx(0.1)
    assert buckets.take("ada", 0.05) == pytest.approx(0.05)
    assert buckets.take("ada", 0.1) == 0.0
    assert buckets.take("bob", 0.1) == 0.0, "everybody has one"


def test_it_never_holds_more_than_the_burst() -> None:
    buckets: TokenBuckets[int] = TokenBuckets(rate=10, burst=2)
    buckets.take(1, 0.0)
    assert [bool(buckets.take(1, 1000.0)) for _ in range(3)] == [False, False, True]


def test_rate_zero_is_no_limit() -> None:
    buckets: TokenBuckets[int] = TokenBuckets(rate=0, burst=0)
    assert not any(buckets.take(1, 0.0) for _ in range(1000))


def test_full_buckets_are_forgotten() -> None:
    buckets: TokenBuckets[int] = TokenBuckets(rate=1, burst=10)
    for key in range(100):
        buckets.take(key, float(key))
    assert len(buckets._buckets) <= 21


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of descriptors")
@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "expected", "asked"),
    [
        (100_000, 200_000, 5000, 5000, None),
        (1024, 4096, 5000, 4096 - 32, 4096),
        (1024, 100_000, 5000, 5000, 5000 + 32),
        (1024, 1024, 5000, 1024 - 32, 1024),
        (10, 10, 5000, 1, 10),
    ],
)
def test_the_system_is_asked_for_what_is_needed(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, wanted: int, expected: int, asked: int | None
) -> None:
    limits = [soft, hard]
    requests: list[int] = []

    def setrlimit(_kind: int, new: tuple[int, int]) -> None:
        requests.append(new[0])
        limits[:] = new

    monkeypatch.setattr(resource, "getrlimit", lambda _kind: tuple(limits))
    monkeypatch.setattr(resource, "setrlimit", setrlimit)
    assert connection_limit(wanted, 1, 32) == expected
    assert requests == ([] if asked is None else [asked])


def test_a_token_that_is_given_back_can_be_taken_again() -> None:
    buckets: TokenBuckets[str] = TokenBuckets(0.5, 2)
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 2.0]
    buckets.give_back("a")
    assert [buckets.take("a", 0.0) for _ in range(2)] == [0.0, 2.0]
    for _ in range(9):
        buckets.give_back("a")
    assert [buckets.take("a", 0.0) for _ in range(3)] == [0.0, 0.0, 2.0], "never more than there were"
    buckets.give_back("b")
    assert buckets.take("b", 0.0) == 0.0


def test_buckets_that_allow_a_multiple() -> None:
    buckets = TokenBuckets[str](1.0, 2).times(3)
    assert [buckets.take("a", 0.0) for _ in range(7)] == [0.0] * 6 + [pytest.approx(1 / 3)]
    assert TokenBuckets[str](0, 1).times(3).take("a", 0.0) == 0.0

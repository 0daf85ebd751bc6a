"""Cutting a list so that it fits into one frame."""

import pytest

from qtchat.protocol.messages import MAX_FRAME, MAX_TEXT, Event, History
from qtchat.protocol.session import encode_all
from qtchat.server.handlers.pages import fit


def event(seq: int, text: str) -> Event:
    return Event(2**53, seq, b"i" * 16, 2**53, 2**53, "\U00020000" * 32, "k" * 64, text)


def test_a_short_list_is_kept_whole() -> None:
    assert fit([1, 2, 3], 3) == ((1, 2, 3), False)
    assert fit([1, 2, 3], 3, keep_end=True) == ((1, 2, 3), False)
    assert fit([], 3) == ((), False)


def test_the_limit_keeps_the_side_that_was_asked_for() -> None:
    assert fit([1, 2, 3], 2) == ((1, 2), True)
    assert fit([1, 2, 3], 2, keep_end=True) == ((2, 3), True)


@pytest.mark.parametrize("keep_end", [False, True])
def test_big_items_are_cut_to_one_frame(keep_end: bool) -> None:
    items = [event(2**53 - 20 + number, "x" * MAX_TEXT) for number in range(20)]
    kept, more = fit(items, 500, keep_end=keep_end)
    assert more
    assert kept == tuple(items[-len(kept) :] if keep_end else items[: len(kept)])
    frame = encode_all([History(b"i" * 16, 2**53, kept, more, 2**53, 2**53)])
    assert MAX_FRAME - MAX_TEXT - 1024 < len(frame) <= MAX_FRAME


@pytest.mark.parametrize("size", [1, 50, 300, 1000])
def test_a_page_never_exceeds_a_frame(size: int) -> None:
    kept, _ = fit([event(2**53 - 500 + number, "x" * size) for number in range(500)], 500)
    assert kept
    assert len(encode_all([History(b"i" * 16, 2**53, kept, True, 2**53, 2**53)])) - 4 <= MAX_FRAME

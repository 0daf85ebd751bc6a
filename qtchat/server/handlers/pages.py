"""Cutting a list so that it fits into one frame."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

import msgspec

from qtchat.protocol.messages import COLORS_PAGE, MAX_FRAME, Colors

Item = TypeVar("Item")

_ROOM_FOR_THE_REST: Final = 256
"""Bytes of a page message besides its items, at most."""


def fit(items: list[Item], limit: int, *, keep_end: bool = False) -> tuple[tuple[Item, ...], bool]:
    """As many items as one frame holds, at most `limit`; and whether some were left out.

    `keep_end`: keep the last ones instead of the first.
    """
    chosen: list[Item] = []
    room = MAX_FRAME - _ROOM_FOR_THE_REST
    for item in reversed(items) if keep_end else items:
        room -= len(msgspec.msgpack.encode(item))
        if room < 0 or len(chosen) == limit:
            break
        chosen.append(item)
    if keep_end:
        chosen.reverse()
    return tuple(chosen), len(chosen) < len(items)


def color_pages(colors: Mapping[int, int], *, anew: bool = False) -> Iterator[Colors]:
    """`colors`: by user. `anew`: what was told before is over; then there is a page for no colours, too."""
    pairs = tuple(colors.items())
    for first in range(0, max(len(pairs), anew), COLORS_PAGE):
        yield Colors(pairs[first : first + COLORS_PAGE], anew and first == 0)

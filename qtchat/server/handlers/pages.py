"""Cutting a list so that it fits into one frame."""

from typing import Final, TypeVar

import msgspec

from qtchat.protocol.messages import MAX_FRAME

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

"""Telling who chose which colour for name and avatar."""

from collections.abc import Iterator, Mapping

from qtchat.protocol.messages import COLORS_PAGE, Colors


def color_pages(colors: Mapping[int, int], *, anew: bool = False) -> Iterator[Colors]:
    """`colors`: by user. `anew`: what was told before is over; then there is a page for no colours, too."""
    pairs = tuple(colors.items())
    for first in range(0, max(len(pairs), anew), COLORS_PAGE):
        yield Colors(pairs[first : first + COLORS_PAGE], anew and first == 0)

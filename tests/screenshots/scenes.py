"""Every screen and state that is photographed, as functions that bring the program there: the lists of them.

Each module of scenes puts its own in when it is imported, see run.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.screenshots.stage import Stage

NARROW, TIGHT, USUAL, WIDE = (420, 640), (800, 720), (1024, 720), (1920, 1080)
Size = tuple[int, int]


@dataclass(frozen=True)
class Scene:
    """`act` brings the program into the state; `sizes`: of the window; `scales`: of the text."""

    name: str
    act: Callable[[Stage], None]
    sizes: tuple[Size, ...] = (USUAL,)
    scales: tuple[float, ...] = (1.0,)


FIRST: Final[list[Scene]] = []
"""In front of a program that has just been started for the first time."""
ONLINE: Final[list[Scene]] = []
"""While the server runs and everybody is there."""
LAST: Final[list[Scene]] = []
"""With things that cannot be undone."""
EVERY: Final = (NARROW, USUAL, WIDE)
BOTH: Final = (1.0, 1.5)


def scene(
    where: list[Scene], *, sizes: tuple[Size, ...] = (USUAL,), scales: tuple[float, ...] = (1.0,)
) -> Callable[[Callable[[Stage], None]], Callable[[Stage], None]]:
    """Take the function into a list of scenes, under its own name."""

    def put(act: Callable[[Stage], None]) -> Callable[[Stage], None]:
        where.append(Scene(act.__name__.strip("_"), act, sizes, scales))
        return act

    return put

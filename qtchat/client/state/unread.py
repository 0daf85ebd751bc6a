"""Which messages of a room were not read yet, and which of them name us."""

from collections.abc import Iterable
from typing import Final

MAX_UNREAD: Final = 10_000
"""Unread messages that a room counts; of more, about as many of the newest."""
_SLACK: Final = 1_000
"""How many more there may be, so that not each new one has an old one looked for."""


class Unread:
    """Posts of others beyond what was read, whether or not their rows are in memory."""

    def __init__(self) -> None:
        self._named: dict[int, bool] = {}  # seq -> whether it names us, by rising seq
        self.mentions = 0

    def __len__(self) -> int:
        return len(self._named)

    def __contains__(self, seq: int) -> bool:
        return seq in self._named

    @property
    def first(self) -> int:
        """The lowest seq, 0 when there is none."""
        return next(iter(self._named), 0)

    def add(self, seq: int, named: bool) -> None:
        """A post behind all others, or one of them that says something else now."""
        self.mentions += named - self._named.get(seq, False)
        self._named[seq] = named
        if len(self._named) > MAX_UNREAD + _SLACK:
            self.read(list(self._named)[-MAX_UNREAD - 1])

    def add_older(self, posts: Iterable[tuple[int, bool]]) -> None:
        """(seq, whether it names us) of posts that may stand before the others."""
        merged = dict(posts) | self._named
        self._named = {seq: merged[seq] for seq in sorted(merged)[-MAX_UNREAD:]}
        self.mentions = sum(self._named.values())

    def drop(self, seq: int) -> bool:
        """It was deleted. False if it was not unread."""
        named = self._named.pop(seq, None)
        self.mentions -= bool(named)
        return named is not None

    def read(self, upto: int) -> bool:
        """Everything up to `upto` was read. False if none of it was unread."""
        if not self._named or self.first > upto:
            return False
        self._named = {seq: named for seq, named in self._named.items() if seq > upto}
        self.mentions = sum(self._named.values())
        return True

"""The messages that requests are about: edits, deletions and reactions need to know what is there now.

The hub keeps no history in memory. So those of a batch are looked up in the log together, before its requests are
handled, and follow what the batch does to them.
"""

from collections import Counter
from dataclasses import dataclass, field

from qtchat.protocol.messages import KIND_DELETED, KIND_REACTED, KIND_UNREACTED

Place = tuple[int, int]
"""(room, seq)"""


@dataclass(slots=True)
class Target:
    """A post as it is now. `reactions`: (user, emoji) that stand under it."""

    author: int
    deleted: bool = False
    reactions: set[tuple[int, str]] = field(default_factory=set)
    changes: Counter[int] = field(default_factory=Counter)
    """How often each user has put a reaction under it or taken one back."""

    def follow(self, kind: str, author: int, text: str) -> None:
        """An event about it: by whom, and what it says."""
        if kind == KIND_DELETED:
            self.deleted = True
        elif kind == KIND_REACTED:
            self.reactions.add((author, text))
            self.changes[author] += 1
        elif kind == KIND_UNREACTED:
            self.reactions.discard((author, text))
            self.changes[author] += 1

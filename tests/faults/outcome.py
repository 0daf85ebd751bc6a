"""What came of one row of the fault matrix."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.faults.judge import Verdict

COUNTED = ("composed", "acked", "stored", "lost", "doubled", "reordered", "misplaced", "gap", "unknown", "altered")


class CannotRunError(Exception):
    """This row cannot be tried here; the text says what is missing."""


@dataclass
class Outcome:
    """`counts`: what was counted, `faults`: a sentence for each promise that was broken, `notes`: what was measured."""

    counts: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + number

    def expect(self, kept: bool, otherwise: str) -> None:
        """A promise; the sentence is for when it was not kept."""
        if not kept:
            self.faults.append(otherwise)

    def note(self, text: str) -> None:
        self.notes.append(text)

    def add(self, verdict: Verdict) -> None:
        """Take over what a judge found."""
        for name in COUNTED:
            self.count(name, verdict.counts[name])
        self.faults += verdict.faults

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Names the faults that are found inside."""
        before = len(self.faults)
        yield
        self.faults[before:] = [f"{name}: {fault}" for fault in self.faults[before:]]

    def assert_green(self) -> None:
        """For tests: fail with all sentences."""
        assert not self.faults, "\n".join(self.faults[:20])

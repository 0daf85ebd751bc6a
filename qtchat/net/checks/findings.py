"""What a doctor says: findings, one for each step, in the words of whoever has the trouble."""

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from qtchat import __version__


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It could not be looked at; the sentence says why."""


class Finding(Struct, frozen=True):
    """`step`: what was looked at, some words. `sentence`: what was seen. `fix`: what to do, if anything; a command in
    it stands on a line of its own."""

    step: str
    outcome: Outcome
    sentence: str
    fix: str = ""

    def __str__(self) -> str:
        lines = [f"[{self.outcome.value:^7}] {self.step}: {self.sentence}"]
        return "\n".join(lines + [f"{'':10}{line}" for line in self.fix.splitlines()])


def ok(step: str, sentence: str) -> Finding:
    return Finding(step, Outcome.OK, sentence)


def warning(step: str, sentence: str, fix: str = "") -> Finding:
    return Finding(step, Outcome.WARNING, sentence, fix)


def failed(step: str, sentence: str, fix: str = "") -> Finding:
    return Finding(step, Outcome.FAILED, sentence, fix)


def skipped(step: str, sentence: str, fix: str = "") -> Finding:
    return Finding(step, Outcome.SKIPPED, sentence, fix)


def report(findings: Iterable[Finding], system: str) -> str:
    """All findings as text to pass on to whoever can help. `system`: what it ran on."""
    return "\n".join([f"qtchat {__version__} on {system}", *map(str, findings)]) + "\n"

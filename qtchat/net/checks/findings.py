"""What a doctor says: findings, one for each step, in the words of whoever has the trouble.

Their words are English templates with {names} for what is filled in, so that the app can translate them first. The
others, a terminal and the report that is passed on, get them in English.
"""

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final

from msgspec import Struct

from qtchat import __version__

CONTEXT: Final = "Doctor"
"""Under which the templates are translated."""

Translate = Callable[[str], str]

_NAME: Final = re.compile(r"\{(\w+)\}")


def QT_TRANSLATE_NOOP(_context: str, template: str) -> str:
    """Mark a template for those who translate: lupdate gathers these calls by their name, and they need no Qt."""
    return template


class Outcome(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    """It could not be looked at; the sentence says why."""


class Told(Struct, frozen=True):
    """The words of a finding in one language, with everything filled in."""

    step: str
    sentence: str
    fix: str


class Finding(Struct, frozen=True):
    """`step`: what was looked at, some words. `sentence`: what was seen. `fix`: what to do, if anything. `command`:
    what to type for that. `values`: what stands for the names in the templates, and may come from anybody."""

    step: str
    outcome: Outcome
    sentence: str
    fix: str = ""
    command: str = ""
    values: dict[str, str] = {}

    def told(self, translate: Translate = str) -> Told:
        """`translate`: from an English template to one of another language; it is not called for an empty one."""
        step, sentence, fix = (
            _NAME.sub(self._value, translate(template)) if template else ""
            for template in (self.step, self.sentence, self.fix)
        )
        return Told(step, sentence, fix)

    def _value(self, name: re.Match[str]) -> str:
        """Without the control characters by which the name of a server could steer the reader's terminal."""
        value = self.values.get(name[1], name[0])
        return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value)

    def __str__(self) -> str:
        told = self.told()
        lines = [f"[{self.outcome.value:^7}] {told.step}: {told.sentence}"]
        return "\n".join(lines + [f"{'':10}{line}" for line in (*told.fix.splitlines(), *self.command.splitlines())])


def ok(step: str, sentence: str, **values: object) -> Finding:
    return Finding(step, Outcome.OK, sentence, values=_texts(values))


def warning(step: str, sentence: str, fix: str = "", command: str = "", **values: object) -> Finding:
    return Finding(step, Outcome.WARNING, sentence, fix, command, _texts(values))


def failed(step: str, sentence: str, fix: str = "", command: str = "", **values: object) -> Finding:
    return Finding(step, Outcome.FAILED, sentence, fix, command, _texts(values))


def skipped(step: str, sentence: str, fix: str = "", command: str = "", **values: object) -> Finding:
    return Finding(step, Outcome.SKIPPED, sentence, fix, command, _texts(values))


def _texts(values: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in values.items()}


def report(findings: Iterable[Finding], system: str) -> str:
    """All findings as text to pass on to whoever can help. `system`: what it ran on."""
    return "\n".join([f"qtchat {__version__} on {system}", *map(str, findings)]) + "\n"

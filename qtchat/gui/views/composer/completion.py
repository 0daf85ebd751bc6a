"""What could be meant by the word before the cursor: a person behind @, an emoji behind :, a command behind /."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from qtchat.client.state import Power
from qtchat.gui.commands import offered_commands
from qtchat.gui.models.emoji import emoji_catalogue
from qtchat.gui.models.presence import presence_words
from qtchat.gui.models.words import one_line
from qtchat.protocol.messages import MAX_NICK, Person

MAX_SUGGESTIONS: Final = 30
LEAST_EMOJI: Final = 2
"""Letters behind a colon before emoji are proposed: shorter ones are smileys like :D, or mean nothing."""

# What is behind the mark may not be glued to a word: that would be an address, a time or a path.
_PERSON: Final = re.compile(rf"(?:^|[^\w@])@([^@]{{0,{MAX_NICK}}})$")
_EMOJI: Final = re.compile(rf"(?:^|[^\w:/]):((?!\d+$)[a-z0-9_+-]{{{LEAST_EMOJI},32}})$", re.IGNORECASE)
_WHOLE_EMOJI: Final = re.compile(r"(?:^|[^\w:/]):([a-z0-9_+-]+):$", re.IGNORECASE)
_COMMAND: Final = re.compile(r"^/([^\W\d_]*)$")


class Suggestion(Struct, frozen=True):
    """One line of the popup. `text`: what takes the place of the word; `emoji`: drawn before the title."""

    text: str
    title: str
    subtitle: str = ""
    emoji: str = ""


class Completion(Struct, frozen=True):
    """What is proposed for the last `length` UTF-16 units before the cursor. `finished`: one of it stands there."""

    length: int
    suggestions: tuple[Suggestion, ...]
    finished: bool


def complete(
    line: str,
    *,
    first_line: bool,
    people: Callable[[], Sequence[Person]],
    commands: bool = True,
    power: Power = Power.MEMBER,
    owned: bool = False,
) -> Completion | None:
    """What could stand at the end of `line`, the text up to the cursor; None if nothing is proposed. `people`: called
    if they matter; `power`: ours in the open room; `owned`: the server has an owner."""
    if commands and first_line and (match := _COMMAND.search(line)):
        return _proposed("/" + match.group(1), _commands(match.group(1), power, owned=owned))
    if match := _EMOJI.search(line):
        return _proposed(":" + match.group(1), _emoji(match.group(1)))
    if match := _PERSON.search(line):
        return _proposed("@" + match.group(1), _people(match.group(1), people()))
    return None


def whole_emoji(line: str) -> Completion | None:
    """The one emoji whose name between two colons ends `line`, if there is one of that name; within code none is."""
    match = _WHOLE_EMOJI.search(line) if line.count("`") % 2 == 0 else None
    emoji = emoji_catalogue().named(match.group(1)) if match else None
    if match is None or emoji is None:
        return None
    return Completion(len(match.group(1)) + 2, (Suggestion(emoji.text, emoji.name, "", emoji.text),), finished=True)


def _proposed(word: str, suggestions: Sequence[Suggestion]) -> Completion | None:
    if not suggestions:
        return None
    length = len(word.encode("utf-16-le", "surrogatepass")) // 2
    finished = any(suggestion.text.rstrip() == word for suggestion in suggestions)
    return Completion(length, tuple(suggestions[:MAX_SUGGESTIONS]), finished)


def _commands(word: str, power: Power, *, owned: bool) -> list[Suggestion]:
    return [
        Suggestion(f"/{entry.name} " if entry.arguments else f"/{entry.name}", usage, entry.help)
        for entry in offered_commands(power, owned=owned)
        if entry.name.startswith(word.casefold())
        for usage in [f"/{entry.name} {entry.arguments}".rstrip()]
    ]


def _emoji(word: str) -> list[Suggestion]:
    found = emoji_catalogue().search(word)
    return [Suggestion(f"{emoji.text} ", f":{emoji.code}:", emoji.name, emoji.text) for emoji in found]


def _people(word: str, people: Sequence[Person]) -> list[Suggestion]:
    """First those whose nick begins with `word`, then those with another word that does."""
    word = word.casefold()
    begins: list[Person] = []
    within: list[Person] = []
    for person in people:
        nick = person.nick.casefold()
        if nick.startswith(word):
            begins.append(person)
        elif f" {word}" in nick:
            within.append(person)
    found = [*begins, *within][:MAX_SUGGESTIONS]
    return [Suggestion(f"@{person.nick} ", one_line(person.nick), presence_words(person)) for person in found]

"""The emoji that people can choose: their names, search, and the grid they are shown in."""

import re
from collections.abc import Iterable, Sequence
from enum import IntEnum
from functools import cache
from operator import itemgetter
from typing import Final

import msgspec
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from qtchat.gui.resources import resource

Index = QModelIndex | QPersistentModelIndex
ROOT = QModelIndex()

COLUMNS: Final = 8
NEWEST_VERSION: Final = 15
"""Version of the emoji standard (2022) that the fonts of today's desktops draw; later ones would be boxes."""
MAX_RECENT_EMOJI: Final = 3 * COLUMNS
_PRESENTATION: Final = "\ufe0f"
_WORDS: Final = re.compile(r"[^\W_]+")


class EmojiGroup(IntEnum):
    """The categories, in the numbers of the data. Skin tones and hair (2) are nothing to choose."""

    SMILEYS = 0
    PEOPLE = 1
    ANIMALS = 3
    FOOD = 4
    TRAVEL = 5
    ACTIVITIES = 6
    OBJECTS = 7
    SYMBOLS = 8
    FLAGS = 9


class Emoji(msgspec.Struct, frozen=True):
    """One emoji. `codes`: the short names one can type behind a colon, never empty; `keywords`: what else it is found
    by."""

    text: str
    name: str
    group: EmojiGroup
    codes: tuple[str, ...]
    keywords: tuple[str, ...]

    @property
    def code(self) -> str:
        """The short name to show: rather "thumbsup" than "+1"."""
        return next((code for code in self.codes if code[0].isalpha()), self.codes[0])

    def words(self) -> str:
        """All words it is found by in lower case, each with a space before it."""
        parts = " ".join((self.name, *self.codes, *self.keywords)).casefold().replace("_", " ")
        return "".join(f" {word}" for word in dict.fromkeys(_WORDS.findall(parts)))


class EmojiCatalogue:
    """All emoji in the order of the standard."""

    def __init__(self, emoji: Iterable[Emoji]) -> None:
        self.all: Final = tuple(emoji)
        self._by_text = {each.text: each for each in self.all}
        self._words: list[str] = []  # made at the first search

    def get(self, text: str) -> Emoji | None:
        """What is known about this emoji; None if it is not in the catalogue."""
        return self._by_text.get(text)

    def named(self, code: str) -> Emoji | None:
        """The emoji that this is a short name of."""
        code = code.casefold()
        return next((each for each in self.all if code in each.codes), None)

    def group(self, group: EmojiGroup) -> list[Emoji]:
        """The emoji of one category."""
        return [each for each in self.all if each.group is group]

    def search(self, text: str) -> list[Emoji]:
        """Emoji whose short name begins with `text`, and those in which each word of it begins a word of their name,
        keywords or short names; best first."""
        name = text.strip().casefold()
        start = name.replace(" ", "_")
        if not start:
            return []
        self._words = self._words or [each.words() for each in self.all]
        wanted = [f" {word}" for word in _WORDS.findall(start.replace("_", " "))] or [
            "\n"
        ]  # without a word only short names can match
        found = []
        for each, words in zip(self.all, self._words, strict=True):
            named = any(code.startswith(start) for code in each.codes)
            if named or all(word in words for word in wanted):
                rank = 0 if start in each.codes else 1 if named else 2 if each.name.startswith(name) else 3
                found.append((rank, each))
        return [each for _, each in sorted(found, key=itemgetter(0))]


class _Record(msgspec.Struct):
    """The part of an emojibase record that is used; the type is 1 where a picture is shown without being asked for."""

    label: str
    hexcode: str
    emoji: str
    type: int
    version: float
    group: int = 2
    tags: tuple[str, ...] = ()


@cache
def emoji_catalogue() -> EmojiCatalogue:
    """The catalogue, read at its first use: it takes some milliseconds, which the program's start need not pay."""
    folder = resource("emoji", "en")
    records = msgspec.json.decode((folder / "data.json").read_bytes(), type=list[_Record])
    short_names = (folder / "shortcodes" / "github.json").read_bytes()
    codes = msgspec.json.decode(short_names, type=dict[str, str | tuple[str, ...]])
    groups = {group.value: group for group in EmojiGroup}
    return EmojiCatalogue(
        _emoji(record, groups[record.group], codes.get(record.hexcode, ()))
        for record in records
        if record.group in groups and record.version <= NEWEST_VERSION
    )


def _emoji(record: _Record, group: EmojiGroup, named: str | tuple[str, ...]) -> Emoji:
    codes = (named,) if isinstance(named, str) else named
    if not codes:
        codes = ("_".join(_WORDS.findall(record.label.casefold())),)
    text = record.emoji
    if record.type == 1 and len(text) == 2:
        text = text.removesuffix(_PRESENTATION)  # as keyboards and other programs write it
    return Emoji(text, record.label, group, codes, record.tags)


def with_recent(recent: Sequence[str], text: str) -> list[str]:
    """`recent`, the last used first, after `text` was used."""
    return [text, *(other for other in recent if other != text)][:MAX_RECENT_EMOJI]


class EmojiTable(QAbstractTableModel):
    """Sections of emoji, eight in a row, each under a row that has only a heading in its first cell."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: list[str | tuple[Emoji, ...]] = []

    def show(self, sections: Sequence[tuple[str, Sequence[Emoji]]]) -> list[int]:
        """Show these sections, each with its heading; returns the rows of the headings. One without a heading has
        no row for it."""
        self.beginResetModel()
        self._rows = []
        starts = []
        for heading, emoji in sections:
            starts.append(len(self._rows))
            if heading:
                self._rows.append(heading)
            self._rows += [tuple(emoji[at : at + COLUMNS]) for at in range(0, len(emoji), COLUMNS)]
        self.endResetModel()
        return starts

    def rowCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = ROOT) -> int:
        return 0 if parent.isValid() else COLUMNS

    def heading(self, row: int) -> str:
        """The heading in this row, "" where it has emoji."""
        content = self._rows[row]
        return content if isinstance(content, str) else ""

    def width(self, row: int) -> int:
        """How many emoji are in this row."""
        content = self._rows[row]
        return 0 if isinstance(content, str) else len(content)

    def emoji(self, index: Index) -> Emoji | None:
        """The emoji in a cell, None in a heading and behind the last one of a section."""
        if not index.isValid() or index.column() >= self.width(index.row()):
            return None
        content = self._rows[index.row()]
        assert not isinstance(content, str)
        return content[index.column()]

    def flags(self, index: Index) -> Qt.ItemFlag:
        if self.emoji(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        emoji = self.emoji(index)
        if emoji is None:
            is_text = role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole)
            return self.heading(index.row()) if is_text and index.column() == 0 else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return emoji.text
            case Qt.ItemDataRole.AccessibleTextRole:
                return emoji.name
        return None

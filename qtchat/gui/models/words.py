"""Somebody's words in one line, and times as people say them."""

import re
import unicodedata
from datetime import date, datetime
from typing import Final

from PySide6.QtCore import QCoreApplication, QDate, QLocale

from qtchat.gui.theme.avatars import MOST_MARKS
from qtchat.protocol.messages import PUBLIC

PREVIEW_CHARACTERS = 200
"""More of a message is never seen in one line."""
_DIRECTIONS: Final = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Marks that change the direction of what follows. In one line with our own words they would turn those around."""
LAST_TOLD: Final = 32_503_593_600_000
"""The last day of the year 2999: later ones Windows does not convert. Milliseconds since 1970, UTC."""


def fill(template: str, **values: str) -> str:
    """Put values in the place of {words}. One pass: a name like "{room}" stays a name."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), template)


def one_line(text: str, most: int = PREVIEW_CHARACTERS) -> str:
    """The first `most` characters of `text` on one line, without marks of direction and without towers of accents."""
    line = " ".join(_DIRECTIONS.sub("", text[:most]).split())
    return line if line.isascii() else _low(line)


def _low(text: str) -> str:
    """`text` with at most MOST_MARKS accents on each letter: more would reach into the lines above and below."""
    kept, marks = [], 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def room_title(name: str, kind: str) -> str:
    """What a room of this kind is called, on one line: "# books", or the mere name of one that is not public.

    Where there is room for an icon, a private one also has a lock.
    """
    return f"# {one_line(name)}" if kind == PUBLIC else one_line(name)


def local_time(ts: int) -> datetime:
    """When `ts` (ms since 1970, UTC) was or will be, on this computer's clock. A time that no system can tell, out of a
    local history that an early version wrote, becomes the last one that all can."""
    return datetime.fromtimestamp(min(ts, LAST_TOLD) / 1000).astimezone()


def short_time(ts: int, today: date) -> str:
    """When `ts` (ms since 1970, UTC) was, in as few characters as are clear on the day `today`, local time."""
    when = local_time(ts)
    age = (today - when.date()).days
    if age <= 0:
        return when.strftime("%H:%M")
    day = QDate(when.year, when.month, when.day)
    if age < 7:
        return QLocale().dayName(day.dayOfWeek(), QLocale.FormatType.ShortFormat)
    return QLocale().toString(day, QLocale.FormatType.ShortFormat)


def day_and_time(ts: int, today: date) -> str:
    """When `ts` (ms since 1970, UTC) was, as one says it on the day `today`, local time: "yesterday at 14:05"."""
    when = local_time(ts)
    time, age = when.strftime("%H:%M"), (today - when.date()).days
    then = QDate(when.year, when.month, when.day)
    if age < 7:
        day = QLocale().dayName(then.dayOfWeek(), QLocale.FormatType.LongFormat)
    else:
        day = QLocale().toString(then, QLocale.FormatType.ShortFormat)
    if age <= 0:
        said = QCoreApplication.translate("Words", "at {time}")
    elif age == 1:
        said = QCoreApplication.translate("Words", "yesterday at {time}")
    elif age < 7:
        said = QCoreApplication.translate("Words", "{day} at {time}")
    else:
        said = QCoreApplication.translate("Words", "on {day}")
    return fill(said, day=day, time=time)


def people_count(count: int) -> str:
    """ "1 person", "5 people"."""
    if count == 1:
        return QCoreApplication.translate("Words", "1 person")
    return QCoreApplication.translate("Words", "%n people", "", count)


def grouped(number: int) -> str:
    """A number that people read: in groups of three, with narrow spaces that do not break."""
    return f"{number:,}".replace(",", "\u202f")

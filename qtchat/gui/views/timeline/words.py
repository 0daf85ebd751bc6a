"""The words of the timeline: names made safe, dates and times of the reader's own country, system lines."""

import re
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from qtchat.client.state import Delivery, Entry
from qtchat.gui.views.timeline.markup import display_text
from qtchat.protocol.messages import KIND_CREATED, KIND_JOINED, KIND_LEFT, KIND_POST

translate = QCoreApplication.translate


def clean_name(name: str) -> str:
    """A name without line breaks, control or direction characters, which could spoil what stands around it."""
    if name.isprintable():
        return name
    return "".join(character if character.isprintable() else " " for character in name)


def time_text(ts: int) -> str:
    """Hours and minutes, local time."""
    return QLocale().toString(QDateTime.fromMSecsSinceEpoch(ts).time(), "HH:mm")


def stamp_text(ts: int) -> str:
    """Date and time, short, local."""
    date = QLocale().toString(QDateTime.fromMSecsSinceEpoch(ts).date(), QLocale.FormatType.ShortFormat)
    return f"{date} {time_text(ts)}"


def day_text(ts: int) -> str:
    """The day of `ts` as a heading: Today, Yesterday, 21 November, 21 November 2024."""
    date, today = QDateTime.fromMSecsSinceEpoch(ts).date(), QDate.currentDate()
    if date == today:
        return translate("Timeline", "Today")
    if date.daysTo(today) == 1:
        return translate("Timeline", "Yesterday")
    return QLocale().toString(
        date, translate("Timeline", "d MMMM") if date.year() == today.year() else translate("Timeline", "d MMMM yyyy")
    )


def _fill(template: str, values: dict[str, str]) -> str:
    """Put values in the place of {words}. One pass: a name like "{second}" stays a name."""
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], match[0]), template)


def _people(entries: Iterable[Entry]) -> str:
    nicks = {entry.author: None if entry.own else clean_name(entry.nick) for entry in entries}
    first, other = translate("Timeline", "You"), translate("Timeline", "you", "inside a sentence")
    names = [nick or (other if place else first) for place, nick in enumerate(nicks.values())]
    values = dict(zip(("first", "second", "third"), names, strict=False))
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return _fill(translate("Timeline", "{first} and {second}"), values)
    if len(names) == 3:
        return _fill(translate("Timeline", "{first}, {second} and {third}"), values)
    return _fill(translate("Timeline", "{first}, {second} and %n others", None, len(names) - 2), values)


def system_text(fold: Sequence[Entry]) -> str:
    """One line for one or many created, joined and left entries."""
    kinds: dict[str, list[Entry]] = {}
    for entry in fold:
        kinds.setdefault(entry.kind, []).append(entry)
    sentences = {
        KIND_CREATED: translate("Timeline", "{who} created the room"),
        KIND_JOINED: translate("Timeline", "{who} joined"),
        KIND_LEFT: translate("Timeline", "{who} left"),
    }
    return " · ".join(_fill(sentences[kind], {"who": _people(entries)}) for kind, entries in kinds.items())


def spoken_text(entry: Entry) -> str:
    """A row as a screen reader says it: nick, time, text, and what became of it where that is not plain."""
    if entry.kind != KIND_POST:
        return f"{system_text((entry,))}, {time_text(entry.ts)}" if entry.kind in _KNOWN else ""
    state = {
        Delivery.WAITING: translate("Timeline", ", waiting to be sent"),
        Delivery.FAILED: translate("Timeline", ", not sent"),
        Delivery.SENT: "",
    }[entry.delivery]
    return f"{clean_name(entry.nick)}, {time_text(entry.ts)}, {display_text(entry.text)}{state}"


_KNOWN = frozenset({KIND_CREATED, KIND_JOINED, KIND_LEFT})

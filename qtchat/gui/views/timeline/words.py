"""The words of the timeline: names made safe, dates and times of the reader's own country, system lines."""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from PySide6.QtCore import QCoreApplication, QDate, QDateTime, QLocale

from qtchat.client.state import Delivery, Entry, Quote, is_plain
from qtchat.gui.models.markup import display_text, preview
from qtchat.gui.models.words import fill
from qtchat.gui.views.moderation.words import setting_sentence
from qtchat.gui.views.timeline.grouping import SYSTEM_KINDS
from qtchat.protocol.messages import (
    DIRECT,
    KIND_ADDED,
    KIND_CHANGED,
    KIND_CREATED,
    KIND_JOINED,
    KIND_KICKED,
    KIND_LEFT,
    KIND_POST,
    KIND_TOPIC,
    PRIVATE,
)

translate = QCoreApplication.translate
_ISOLATE: Final = "\u2068\u2069"
"""What opens and what closes an isolate of the first strong direction in it."""


class Intro(NamedTuple):
    """The head of a room: the name of an icon, what the room is called, and one sentence."""

    icon: str = "hash"
    title: str = ""
    sentence: str = ""


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


def deleted_text() -> str:
    """What stands where a message was taken back."""
    return translate("Timeline", "Message deleted")


def edited_text() -> str:
    """What stands before the time of a message that was changed."""
    return translate("Timeline", "(edited)")


def plain_text() -> str:
    """The mark beside the name of somebody who came by a plain-text door."""
    return translate("Timeline", "plain text")


def about_sender() -> str:
    """What is clicked to learn who has written a message."""
    return translate("Timeline", "About the sender")


def not_sent_text() -> tuple[str, str]:
    """What stands in a message that failed: the words, and the part of them that is clicked."""
    return translate("Timeline", "Not sent."), translate("Timeline", "Retry")


def intro_of(kind: str, name: str, nick: str, *, plain: bool = False) -> Intro:
    """The head of a room of this kind and name; `nick` is our own, `plain` for somebody's plain chat."""
    name = clean_name(name)
    if plain:
        words = translate("Timeline", "A plain chat begins where you join it. Anybody on the network can read it.")
        return Intro("hash", name, words)
    if kind == DIRECT and name == nick:
        return Intro("bookmark", translate("Timeline", "Saved messages"), translate("Timeline", "Notes to yourself."))
    if kind == DIRECT:
        return Intro("user", name, translate("Timeline", "The beginning of your chat. Only the two of you are in it."))
    if kind == PRIVATE:
        return Intro("lock", name, translate("Timeline", "The beginning of this room. Only its members can read it."))
    return Intro(
        "hash", name, translate("Timeline", "The beginning of this room. Everybody on this server can read it.")
    )


def quoted_words(quote: Quote | None) -> tuple[str, str, bool]:
    """What a reply shows of the message it answers: the nick, one line of text, and whether that is ours to say."""
    if quote is None:
        return "", translate("Timeline", "An earlier message"), True
    if quote.deleted:
        return clean_name(quote.nick), deleted_text(), True
    return clean_name(quote.nick), preview(quote.text), False


def shown_text(entry: Entry) -> str:
    """What a message shows as its text."""
    return deleted_text() if entry.deleted else display_text(entry.text)


def _isolated(name: str) -> str:
    """A name that cannot turn the sentence around it: one from right to left stands in an isolate."""
    if name.isascii() or not any(unicodedata.bidirectional(character) in ("R", "AL") for character in name):
        return name
    return f"{_ISOLATE[0]}{name}{_ISOLATE[1]}"


def without_isolates(text: str) -> str:
    """A system line as it is copied."""
    return text.replace(_ISOLATE[0], "").replace(_ISOLATE[1], "")


def _people(nicks: Iterable[str | None]) -> str:
    """A list of names as the subject of a sentence; None is ourselves."""
    first, other = translate("Timeline", "You"), translate("Timeline", "you", "inside a sentence")
    names = [nick or (other if place else first) for place, nick in enumerate(nicks)]
    values = dict(zip(("first", "second", "third"), names, strict=False))
    if len(names) == 1:
        return names[0]
    if len(names) == 2:
        return fill(translate("Timeline", "{first} and {second}"), **values)
    if len(names) == 3:
        return fill(translate("Timeline", "{first}, {second} and {third}"), **values)
    return fill(translate("Timeline", "{first}, {second} and %n others", None, len(names) - 2), **values)


def _nick(entry: Entry) -> str:
    return _isolated(clean_name(entry.nick))


def _authors(entries: Iterable[Entry]) -> str:
    return _people({entry.author: None if entry.own else _nick(entry) for entry in entries}.values())


def system_text(fold: Sequence[Entry], partner: str = "") -> str:
    """One line for one or many system entries. `partner`: with whom a chat of two is."""
    kinds: dict[str, list[Entry]] = {}
    for entry in fold:
        kinds.setdefault(entry.kind, []).append(entry)
    return " · ".join(_sentence(kind, entries, partner) for kind, entries in kinds.items())


def _sentence(kind: str, entries: Sequence[Entry], partner: str) -> str:
    who = _authors(entries)
    if kind == KIND_CREATED and not entries[-1].text:  # not a room: that has a name from the first
        return _beginning(partner)
    if kind == KIND_TOPIC:
        topic = clean_name(entries[-1].text)
        if not topic:
            return fill(translate("Timeline", "{who} took the topic away"), who=_authors(entries[-1:]))
        template = translate("Timeline", "{who} set the topic: {topic}")
        return fill(template, who=_authors(entries[-1:]), topic=_isolated(topic))
    if kind == KIND_ADDED:
        added = _people({entry.about: _isolated(clean_name(entry.text)) for entry in entries}.values())
        if len({entry.author for entry in entries}) > 1:
            return fill(translate("Timeline", "{added} were added"), added=added)
        return fill(translate("Timeline", "{who} added {added}"), who=who, added=added)
    if kind == KIND_KICKED:
        kicked = _people({entry.about: _isolated(clean_name(entry.text)) for entry in entries}.values())
        if len({entry.author for entry in entries}) > 1:
            return fill(translate("Timeline", "{kicked} were removed"), kicked=kicked)
        return fill(translate("Timeline", "{who} removed {kicked}"), who=who, kicked=kicked)
    if kind == KIND_CHANGED:
        return " · ".join(setting_sentence(_authors((entry,)), entry.text) for entry in entries)
    sentences = {
        KIND_CREATED: translate("Timeline", "{who} created the room"),
        KIND_JOINED: translate("Timeline", "{who} joined"),
        KIND_LEFT: translate("Timeline", "{who} left"),
    }
    return fill(sentences[kind], who=who)


def _beginning(partner: str) -> str:
    if not partner:
        return translate("Timeline", "This chat began")
    return fill(translate("Timeline", "Your chat with {nick} began"), nick=_isolated(clean_name(partner)))


def spoken_text(entry: Entry) -> str:
    """A row as a screen reader says it: nick, time, what it answers, text, and what became of it."""
    if entry.kind != KIND_POST:
        return f"{system_text((entry,))}, {time_text(entry.ts)}" if entry.kind in SYSTEM_KINDS else ""
    said = [clean_name(entry.nick), time_text(entry.ts)]
    if is_plain(entry.author):
        said.insert(1, plain_text())
    if entry.reply_to and not entry.deleted:
        nick, text, _ = quoted_words(entry.quote)
        quoted = f"{nick}: {text}" if nick else text
        said.append(fill(translate("Timeline", "in reply to {quoted}"), quoted=quoted))
    said.append(shown_text(entry))
    if entry.edited and not entry.deleted:
        said.append(translate("Timeline", "edited"))
    said += [f"{reaction.emoji} {len(reaction.users)}" for reaction in entry.reactions if not entry.deleted]
    if state := delivery_text(entry):
        said.append(state)
    return ", ".join(said)


def delivery_text(entry: Entry) -> str:
    """What has become of our own message, in words; "" for those of others and where it is plain."""
    if not entry.own:
        return ""
    return {
        Delivery.WAITING: translate("Timeline", "waiting to be sent"),
        Delivery.FAILED: translate("Timeline", "not sent"),
        Delivery.READ: translate("Timeline", "read by all"),
        Delivery.SENT: "",
    }[entry.delivery]

"""Where a message leads: to the addresses in it, and to the message that it answers.

The mouse clicks on them where they stand; the menu and a screen reader have them from here, in words.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec import Struct
from PySide6.QtGui import QGuiApplication

from qtchat.client.state import Entry
from qtchat.gui.models.markup import parse
from qtchat.gui.models.words import fill, one_line
from qtchat.gui.views.timeline.asking import AskingArea
from qtchat.gui.views.timeline.words import clean_name, translate

MOST_LINKS: Final = 5
"""Of more addresses in one message only the first are offered."""
MOST_SHOWN: Final = 80
"""Characters of an address that stand in a menu; the message itself always shows it whole."""
_HEAD: Final = 55
"""Characters of them at the beginning, where it says whose address it is."""


class Way(Struct, frozen=True):
    """One thing to do. `words`: what it is called; `go` does it."""

    words: str
    go: Callable[[], object]


def links_of(entry: Entry) -> list[str]:
    """The first http and https addresses of a message, each once, as a click on them would tell them."""
    spans = (span for block in parse(entry.text) for span in block.spans)
    return list(dict.fromkeys(span.link for span in spans if span.link))[:MOST_LINKS]


def spoken_link(link: str) -> str:
    """All of an address, in one line that it cannot turn around."""
    return clean_name(one_line(link, len(link)))


def shown_link(link: str) -> str:
    """The same for a menu: what is too long for one lacks its middle."""
    whole = spoken_link(link)
    if len(whole) <= MOST_SHOWN:
        return whole
    return f"{whole[:_HEAD]}…{whole[_HEAD + 1 - MOST_SHOWN :]}"


def open_words(shown: str) -> str:
    """What opening an address is called."""
    return fill(translate("Timeline", "Open {link}"), link=shown)


def quoted_way(entry: Entry, asking: AskingArea) -> Way | None:
    """To the message that this one answers, if it does."""
    if not entry.reply_to or entry.deleted:
        return None
    return Way(translate("Timeline", "Go to the quoted message"), partial(asking.jump_wanted.emit, entry.reply_to))


def ways(entry: Entry, asking: AskingArea) -> dict[str, Way]:
    """All of them for a screen reader, by the names of their actions."""
    found: dict[str, Way] = {}
    if (quoted := quoted_way(entry, asking)) is not None:
        found["GoToQuoted"] = quoted
    for number, link in enumerate(links_of(entry), 1):
        shown = spoken_link(link)
        copied = fill(translate("Timeline", "Copy {link}"), link=shown)
        found[f"OpenLink{number}"] = Way(open_words(shown), partial(asking.link_activated.emit, link))
        found[f"CopyLink{number}"] = Way(copied, partial(copy_text, link))
    return found


def copy_text(text: str) -> None:
    """Put it on the clipboard."""
    QGuiApplication.clipboard().setText(text)

"""What a tool tip says."""

from msgspec.structs import replace

from qtchat.client.state import Delivery, Entry, Reaction
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.hit import Hit, Part, hit
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.message import build_row
from qtchat.gui.views.timeline.rows import Row
from qtchat.gui.views.timeline.tips import Tips
from qtchat.protocol.messages import FIRST_PLAIN_USER

OWN = Entry(bytes(16), 9, 1_700_000_000_000, 7, "me", "post", "hi", own=True)


def tip(theme: Theme, entry: Entry, part: Part, tips: Tips | None = None) -> str:
    """The tip over a part of a message, found with the mouse."""
    row: Row = build_row(entry, Context(), 600, Look(theme))
    rects = {
        Part.PERSON: row.name_rect,
        Part.META: row.meta,
        Part.BADGE: row.badge,
        Part.PILL: row.pills[0].rect if row.pills else None,
    }
    rect = rects[part]
    assert rect is not None
    found = hit([Placed(0, 0, row)], rect.center())
    assert isinstance(found, Hit)
    assert found.part is part
    return (tips or Tips()).text(found)


def test_who_has_read_it(theme: Theme) -> None:
    tips = Tips()
    tips.readers = lambda seq: ["Anna", "Бо\nрис"] if seq == 9 else []
    assert tip(theme, replace(OWN, delivery=Delivery.READ), Part.META, tips).endswith("\nRead by Anna, Бо рис")
    assert "Read by" not in tip(theme, replace(OWN, own=False), Part.META, tips)
    tips.readers = lambda _seq: [f"N{number}" for number in range(22)]
    assert tip(theme, OWN, Part.META, tips).endswith("N19 and 2 others")


def test_a_name_that_was_cut_is_told_whole(theme: Theme) -> None:
    entry = replace(OWN, own=False, nick="Wilhelmina \u202eof the very long Name " * 4)
    told = tip(theme, entry, Part.PERSON)
    assert told.startswith("Wilhelmina  of")
    assert len(told) == len(entry.nick)


def test_what_has_become_of_it(theme: Theme) -> None:
    assert tip(theme, replace(OWN, seq=None, delivery=Delivery.WAITING), Part.META).endswith("\nWaiting to be sent")
    assert tip(theme, replace(OWN, delivery=Delivery.FAILED), Part.META) == "This message was not sent."


def test_who_reacted(theme: Theme) -> None:
    tips = Tips()
    tips.name_of = lambda user: {1: "Anna", 2: "<b>Ben</b>"}[user]
    entry = replace(OWN, reactions=(Reaction("👍", (2, 1), own=False),))
    assert tip(theme, entry, Part.PILL, tips) == "👍  <b>Ben</b>, Anna"


def test_what_plain_text_means(theme: Theme) -> None:
    assert "without a key" in tip(theme, replace(OWN, own=False, author=FIRST_PLAIN_USER), Part.BADGE)

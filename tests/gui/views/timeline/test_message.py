"""A message with all that can be in it: everything lies inside its bubble, nothing over anything else."""

from itertools import combinations

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRectF

from qtchat.client.state import Delivery, Entry, Quote, Reaction
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.look import COMPACT_INDENT, SIDE, Look
from qtchat.gui.views.timeline.message import build_row
from qtchat.gui.views.timeline.rows import Row
from qtchat.protocol.messages import FIRST_PLAIN_USER

PLAIN = Entry(bytes(16), 9, 1_700_000_000_000, 2, "Anna", "post", "some words", own=False)
REACTIONS = tuple(Reaction(emoji, tuple(range(1, 2 + at)), own=at == 1) for at, emoji in enumerate("👍🎉😮😢😂🔥👀"))
FULL = replace(
    PLAIN,
    author=FIRST_PLAIN_USER,
    nick="Wolfeschlegelstein" * 3,
    reply_to=4,
    quote=Quote(4, "Ben", "what was said **before** " * 30),
    edited=True,
    reactions=REACTIONS,
)


def texts(row: Row) -> list[QRectF]:
    return [
        block.layout.lineAt(number).naturalTextRect().translated(block.origin)
        for block in row.blocks
        for number in range(block.layout.lineCount())
    ]


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5])
@pytest.mark.parametrize("width", [380, 420, 900, 1920])
@pytest.mark.parametrize("delivery", list(Delivery))
@pytest.mark.parametrize("own", [False, True])
def test_nothing_sticks_out_or_overlaps(
    theme: Theme, own: bool, delivery: Delivery, width: int, scale: float, compact: bool
) -> None:
    theme.set_text_scale(scale)
    look = Look(theme, compact=compact)
    theme.set_text_scale(1.0)
    for text in ("hi", "word " * 60, "```\ncode\n```", "> quoted", "🎉", "שלום עולם " * 9):
        entry = replace(FULL, text=text, own=own, delivery=delivery)
        row = build_row(entry, Context(answered=3), width, look)
        assert row.bubble is not None
        assert row.strip is not None
        assert len(row.pills) == len(REACTIONS) + 1
        parts = [row.meta, row.strip.rect, *(pill.rect for pill in row.pills), *texts(row)]
        parts += [rect for rect in (row.badge, row.retry) if rect is not None]
        inside = row.bubble.adjusted(-0.5, -0.5, 0.5, 0.5)
        for part in parts:
            assert part.width() < 1 or inside.contains(part), (text, part, row.bubble)
        for first, second in combinations((part for part in parts if part.width() > 1), 2):
            overlap = first.intersected(second)
            assert min(overlap.width(), overlap.height()) < 1, (text, first, second)


def test_what_is_answered_stands_above_the_text_in_one_line(theme: Theme) -> None:
    look = Look(theme)
    row = build_row(FULL, Context(answered=3), 700, look)
    assert row.strip is not None
    assert row.strip.nick == "Ben"
    assert row.strip.text.startswith("what was said before what")
    assert row.strip.text.endswith("…")
    assert row.strip.rect.bottom() < texts(row)[0].top()
    assert row.strip.color == look.person_color(3)
    assert not row.strip.faint


@pytest.mark.parametrize(
    ("quote", "nick", "text"),
    [(Quote(4, "Ben", "", deleted=True), "Ben", "Message deleted"), (None, "", "An earlier message")],
)
def test_what_is_gone_or_not_known_is_said_in_our_words(
    theme: Theme, quote: Quote | None, nick: str, text: str
) -> None:
    row = build_row(replace(FULL, quote=quote), Context(), 700, Look(theme))
    assert row.strip is not None
    assert (row.strip.nick, row.strip.text, row.strip.faint) == (nick, text, True)


def test_a_deleted_message_has_only_that_to_say(theme: Theme) -> None:
    row = build_row(replace(FULL, text="", deleted=True), Context(), 700, Look(theme))
    assert row.strip is None
    assert row.pills == []
    assert row.time == build_row(PLAIN, Context(), 700, Look(theme)).time
    assert row.blocks[0].layout.text() == "Message deleted"
    assert row.blocks[0].layout.font().italic()


def test_what_was_changed_says_so_beside_the_time(theme: Theme) -> None:
    row = build_row(replace(PLAIN, edited=True), Context(), 700, Look(theme))
    assert row.time.startswith("(edited) ")


def test_only_plain_text_users_have_the_mark(theme: Theme) -> None:
    assert build_row(FULL, Context(), 700, Look(theme)).badge is not None
    assert build_row(PLAIN, Context(), 700, Look(theme)).badge is None
    assert build_row(FULL, Context(head=False), 700, Look(theme)).badge is None


@pytest.mark.parametrize(
    ("text", "own", "called"), [("hi @ME!", False, True), ("hi @mel", False, False), ("@me", True, False)]
)
def test_a_message_of_somebody_else_that_names_us_calls_us(theme: Theme, text: str, own: bool, called: bool) -> None:
    row = build_row(replace(PLAIN, text=text, own=own), Context(), 700, Look(theme, nick="me"))
    assert row.called == called


def test_the_compact_mode_has_one_column_of_times(theme: Theme) -> None:
    look = Look(theme, compact=True)
    rows = [
        build_row(replace(PLAIN, own=own, delivery=delivery), Context(), 700, look)
        for own, delivery in ((False, Delivery.SENT), (True, Delivery.READ), (True, Delivery.FAILED))
    ]
    assert len({row.meta.left() for row in rows}) == 1
    assert all(row.meta.right() == 700 - SIDE for row in rows)
    assert all(row.blocks[0].origin.x() == COMPACT_INDENT for row in rows)
    assert all(row.name and row.avatar for row in rows)


def test_in_the_compact_mode_what_marks_a_message_touches_nothing_in_it(theme: Theme) -> None:
    look = Look(theme, compact=True, nick="me")
    head, second = (build_row(replace(FULL, text="@me"), Context(head=head), 700, look) for head in (True, False))
    assert head.bubble is not None
    assert head.avatar is not None
    assert second.bubble is not None
    for part in (head.name_rect, head.avatar):
        assert part.top() - head.bubble.top() >= 4
    for row in (head, second):
        assert row.bubble is not None
        assert row.bubble.bottom() - max(pill.rect.bottom() for pill in row.pills) >= 3
    assert second.bubble.top() == 0, "the marks of neighbours are one band"


def test_a_tower_of_marks_is_no_higher_than_a_line(theme: Theme) -> None:
    look = Look(theme)
    row = build_row(replace(PLAIN, text="a" + "\u0301\u0329" * 5000), Context(), 700, look)
    assert row.height == build_row(PLAIN, Context(), 700, look).height
    assert row.spills
    assert not build_row(PLAIN, Context(), 700, look).spills

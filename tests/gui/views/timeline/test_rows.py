"""One laid out row: everything lies inside its bubble, the time never over the text, positions count right."""

from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFontMetricsF

from qtchat.client.state import Delivery, Entry
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.grouping import Context
from qtchat.gui.views.timeline.hit import hit
from qtchat.gui.views.timeline.look import INDENT, SIDE, Look, bubble_limit
from qtchat.gui.views.timeline.message import build_row
from qtchat.gui.views.timeline.rows import Row
from qtchat.gui.views.timeline.text import utf16_length, utf16_slice

TEXTS = [
    "hi",
    "",
    "\n\n",
    "word " * 60,
    "A" * 300,
    "привет **мир** " * 12,
    "שלום עולם, מה שלומך היום? " * 5,
    "مرحبا",
    "👩‍💻👍🏽🇫🇮",
    "🎉 https://example.org/a 🎉 https://example.org/b",
    "a\n```\ncode\n  more\n```\n> quote\nend `x`",
    "> only a quote",
    "```\nonly code that is quite long " + "x" * 100 + "\n```",
    "\x00\x07\ttab",
]


def entry(text: str, own: bool = False, delivery: Delivery = Delivery.SENT, nick: str = "Anna") -> Entry:
    return Entry(bytes(16), 1, 1_700_000_000_000, 2, nick, "post", text, own, delivery)


def text_rects(row: Row) -> list[QRectF]:
    return [
        block.layout.lineAt(number).naturalTextRect().translated(block.origin)
        for block in row.blocks
        for number in range(block.layout.lineCount())
    ]


@pytest.mark.parametrize("scale", [0.8, 1.0, 1.5])
@pytest.mark.parametrize("width", [240, 420, 700, 1920])
@pytest.mark.parametrize("delivery", list(Delivery))
@pytest.mark.parametrize("own", [False, True])
def test_nothing_sticks_out_or_overlaps(theme: Theme, own: bool, delivery: Delivery, width: int, scale: float) -> None:
    theme.set_text_scale(scale)
    look = Look(theme)
    theme.set_text_scale(1.0)
    for text in TEXTS:
        row = build_row(entry(text, own, delivery, nick="Wolfeschlegelstein" * 3), Context(head=True), width, look)
        bubble = row.bubble
        assert bubble is not None
        assert bubble.width() <= max(bubble_limit(width), look.meta_width("Not sent. Retry 00:00") + 60)
        assert bubble.right() == width - SIDE if own else bubble.left() == INDENT
        assert bubble.bottom() <= row.height
        inside = bubble.adjusted(-0.5, -0.5, 0.5, 0.5)
        for rect in (*text_rects(row), *(block.frame for block in row.blocks), row.meta):
            assert rect.isEmpty() or inside.contains(rect), (text, rect, bubble)
        assert not any(rect.intersects(row.meta) for rect in text_rects(row) if rect.width() > 1), text
        if row.retry is not None:
            assert inside.contains(row.retry)
            assert not row.retry.intersects(row.meta)
            assert not any(rect.intersects(row.retry) for rect in text_rects(row) if rect.width() > 1), text


def test_the_time_stands_beside_a_short_line_and_under_a_full_one(theme: Theme) -> None:
    look = Look(theme)
    short = build_row(entry("hi", own=True), Context(head=False), 700, look)
    assert text_rects(short)[0].bottom() > short.meta.top()
    room = bubble_limit(700) - 24
    full = "x" * int(room / QFontMetricsF(look.body).horizontalAdvance("x"))
    long = build_row(entry(full, own=True), Context(head=False), 700, look)
    assert len(text_rects(long)) == 1
    assert text_rects(long)[0].bottom() <= long.meta.top() + 1


def test_name_and_avatar_only_for_the_first_row_of_others(theme: Theme) -> None:
    look = Look(theme)
    first = build_row(entry("a", nick="a\nb"), Context(head=True), 700, look)
    assert first.name == "a b"
    assert first.avatar is not None
    for row in (
        build_row(entry("a"), Context(head=False), 700, look),
        build_row(entry("a", own=True), Context(head=True), 700, look),
    ):
        assert row.name == ""
        assert row.avatar is None


def test_a_hidden_row_has_no_height(theme: Theme) -> None:
    assert build_row(entry("a"), Context(hidden=True), 700, Look(theme)).height == 0


def test_separators_add_to_the_height(theme: Theme) -> None:
    look = Look(theme)
    plain = build_row(entry("a"), Context(), 700, look)
    for context in (Context(day=True), Context(unread=True), Context(gap=True)):
        row = build_row(entry("a"), context, 700, look)
        assert row.height - row.top == plain.height - plain.top
        assert row.top > plain.top


def test_links_are_found_by_position_behind_wide_characters(theme: Theme) -> None:
    text = "🎉 https://example.org/a 🎉 https://example.org/b"
    row = build_row(entry(text), Context(), 700, Look(theme))
    assert [row.link_at(at) for at in (0, 2)] == ["", ""]
    assert row.link_at(3) == "https://example.org/a"
    assert row.link_at(utf16_length(text) - 1) == "https://example.org/b"
    assert row.link_at(row.end) == ""


def test_positions_run_over_blocks(theme: Theme) -> None:
    row = build_row(entry("ab\n> cd\nef"), Context(), 700, Look(theme))
    assert [(block.start, block.length) for block in row.blocks] == [(0, 2), (3, 2), (6, 2)]
    assert row.end == 8


def test_every_character_is_hit_where_it_is_drawn(theme: Theme) -> None:
    row = build_row(entry("one **two** https://example.org three\n> four"), Context(), 700, Look(theme))
    for block in row.blocks:
        line = block.layout.lineAt(0)
        for at in range(block.length):
            left: Any = line.cursorToX(at)
            right: Any = line.cursorToX(at + 1)
            point = block.origin + QPointF(left[0] * 0.7 + right[0] * 0.3, line.height() / 2)
            found = hit([Placed(5, 40, row)], point + QPointF(0, 40))
            assert found is not None
            assert found.position == (5, block.start + at)
            assert found.on_text
            assert found.on_bubble
            assert bool(found.link) == bool(row.link_at(block.start + at))


def test_utf16() -> None:
    text = "a🎉б👩‍💻"
    assert utf16_length(text) == 9
    assert utf16_slice(text, 1, 3) == "🎉"
    assert utf16_slice(text, 0, utf16_length(text)) == text


def test_the_largest_message_is_laid_out(theme: Theme) -> None:
    row = build_row(entry("\n" * 16_000), Context(), 420, Look(theme))
    assert row.height > 16_000 * 10

"""Text as it is laid out: directions cannot be turned, and we are found where we are called."""

import pytest
from PySide6.QtCore import Qt

from qtchat.gui.models.markup import parse
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.text import TextBlock, drawn_text, lay_out_block, utf16_length


def laid_out(theme: Theme, text: str, nick: str = "Me") -> TextBlock:
    look = Look(theme, nick=nick)
    return lay_out_block(parse(text)[0], 400, 0, look, own=False, font=look.body)


@pytest.mark.parametrize("control", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_direction_controls_are_not_drawn_but_keep_their_place(control: str) -> None:
    text = f"a{control}https://example.org🎉"
    assert control not in drawn_text(text)
    assert utf16_length(drawn_text(text)) == utf16_length(text)


def test_an_override_does_not_turn_an_address(theme: Theme) -> None:
    block = laid_out(theme, "\u202ehttps://example.org/gro")
    line = block.layout.lineAt(0)
    places = [line.cursorToX(at) for at in range(1, block.length)]
    assert places == sorted(places, key=lambda place: place[0])  # type: ignore[index]


def called(block: TextBlock) -> list[tuple[int, int]]:
    grounds = (part for part in block.layout.formats() if part.format.background().style() != Qt.BrushStyle.NoBrush)
    return [(part.start, part.length) for part in grounds]


def test_we_are_found_where_we_are_called(theme: Theme) -> None:
    assert called(laid_out(theme, "🎉 hi @me, and **@Me**")) == [(6, 3), (15, 3)]
    assert called(laid_out(theme, "@mel @ me x@me")) == []
    assert called(laid_out(theme, "@me", nick="")) == []
    assert called(laid_out(theme, "@Анна!", nick="анна")) == [(0, 5)]


def test_an_address_and_code_call_nobody(theme: Theme) -> None:
    block = laid_out(theme, "https://example.org/@me `@me`")
    assert [length for _, length in called(block)] == [3]  # the ground of the code
    assert called(laid_out(theme, "```\n@me\n```")) == []


def test_many_calls_are_found_in_time(theme: Theme) -> None:
    assert len(called(laid_out(theme, "@me `a` 🎉 " * 1400))) == 2800

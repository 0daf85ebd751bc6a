"""A nick that a server proposes."""

import pytest
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.nick_suggestion import NickSuggestion

ROOM = 300


@pytest.fixture
def suggestion(qtbot: QtBot, theme: Theme) -> NickSuggestion:
    suggestion = NickSuggestion()
    qtbot.addWidget(suggestion)
    return suggestion


def test_it_is_shown_literally(suggestion: NickSuggestion) -> None:
    suggestion.offer("<b>Anna</b> & 2", ROOM)
    assert suggestion.isVisible()
    assert suggestion.text() == "Use “<b>Anna</b> && 2”"
    assert suggestion.accessibleName() == "Use “<b>Anna</b> & 2”"
    assert suggestion.toolTip() == ""


def test_what_has_no_room_is_in_the_tool_tip(suggestion: NickSuggestion) -> None:
    suggestion.offer("W" * 4000, ROOM)
    assert suggestion.nick == "W" * 32
    assert suggestion.text().endswith("W…”")
    assert suggestion.sizeHint().width() <= ROOM
    assert suggestion.toolTip() == f"<qt>{'W' * 32}</qt>"


def test_it_is_one_line_in_one_direction(suggestion: NickSuggestion) -> None:
    suggestion.offer("A\u202enna\nB", ROOM)
    assert suggestion.nick == "Anna B"
    assert suggestion.text() == "Use “Anna B”"


def test_without_anything_to_be_seen_there_is_none(suggestion: NickSuggestion) -> None:
    suggestion.offer("\u202e \n", ROOM)
    assert suggestion.isHidden()

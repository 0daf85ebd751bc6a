"""Selections over many rows: they move along with rows, and copy what was seen."""

import pytest

from qtchat.client.state import Entry
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline.arrangement import Arrangement
from qtchat.gui.views.timeline.look import Look
from qtchat.gui.views.timeline.selection import END, Position, Selection, copied_text
from qtchat.gui.views.timeline.words import stamp_text

TS = 1_700_000_000_000


def arranged(theme: Theme, *rows: tuple[str, str, str]) -> Arrangement:
    entries = [
        Entry(bytes(16), seq, TS, seq, nick, kind, text, own=False)
        for seq, (nick, kind, text) in enumerate(rows, start=1)
    ]
    arrangement = Arrangement(Look(theme))
    arrangement.width = 600
    arrangement.reset(entries)
    return arrangement


def selected(first: tuple[int, int], last: tuple[int, int]) -> Selection:
    selection = Selection()
    selection.select(Position(*first), Position(*last))
    return selection


def test_one_message_is_copied_bare(theme: Theme) -> None:
    arrangement = arranged(theme, ("Anna", "post", "one **two** three"))
    assert copied_text(arrangement, selected((0, 4), (0, 7))) == "two"
    assert copied_text(arrangement, selected((0, 7), (0, 4))) == "two"
    assert copied_text(arrangement, selected((0, 0), (0, END))) == "one two three"
    assert copied_text(arrangement, selected((0, 3), (0, 3))) == ""
    assert copied_text(arrangement, Selection()) == ""


def test_several_are_copied_with_times_and_names(theme: Theme) -> None:
    arrangement = arranged(
        theme,
        ("Anna", "post", "🎉 first"),
        ("Ben", "joined", ""),
        ("x", "unheard-of", "?"),
        ("Carl", "post", "last one"),
    )
    stamp = stamp_text(TS)
    assert copied_text(arrangement, selected((0, 3), (3, 4))).split("\n") == [
        f"[{stamp}] Anna: first",
        f"[{stamp}] Ben joined",
        f"[{stamp}] Carl: last",
    ]


def test_a_second_row_that_is_only_touched_does_not_count(theme: Theme) -> None:
    arrangement = arranged(theme, ("Anna", "post", "first"), ("Ben", "post", "second"))
    assert copied_text(arrangement, selected((0, 0), (1, 0))) == "first"


def test_folded_lines_are_copied_once(theme: Theme) -> None:
    arrangement = arranged(theme, *((f"N{number}", "joined", "") for number in range(4)), ("Anna", "post", "hello"))
    lines = copied_text(arrangement, selected((0, 0), (4, END))).split("\n")
    assert [line.split("] ")[1] for line in lines] == ["N0, N1 and 2 others joined", "Anna: hello"]


def test_ranges_in_rows() -> None:
    selection = selected((4, 2), (2, 7))
    assert [selection.range_in(row) for row in range(1, 6)] == [None, (7, END), (0, END), (0, 2), None]


def test_it_moves_along() -> None:
    selection = selected((2, 1), (4, 3))
    selection.inserted(3, 10)
    assert selection.ends == ((2, 1), (14, 3))
    selection.inserted(0, 1)
    assert selection.ends == ((3, 1), (15, 3))
    selection.removed(0, 2)
    assert selection.ends == ((1, 1), (13, 3))


@pytest.mark.parametrize(
    ("first", "count", "ends"),
    [
        (0, 1, ((1, 1), (3, 3))),
        (2, 1, ((2, 0), (3, 3))),
        (2, 3, None),
        (4, 5, ((2, 1), (4, 0))),
        (9, 1, ((2, 1), (4, 3))),
    ],
)
def test_removed_rows(first: int, count: int, ends: object) -> None:
    selection = selected((2, 1), (4, 3))
    selection.removed(first, count)
    assert selection.ends == ends

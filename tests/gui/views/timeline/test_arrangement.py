"""The anchor: what is under the eye does not move, whatever comes and goes around it."""

import random
from itertools import pairwise

import pytest
from msgspec.structs import replace

from qtchat.client.state import Entry, Reaction
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline.arrangement import BOTTOM_MARGIN, MAX_LAID_OUT, TOP_MARGIN, Arrangement
from qtchat.gui.views.timeline.look import Look

HEIGHT = 400
KINDS = ["post"] * 6 + ["joined", "joined", "left", "unheard-of"]


def entry(seq: int, text: str = "hello", kind: str = "post", author: int = 2) -> Entry:
    return Entry(
        seq.to_bytes(16, "big"), seq, 1_700_000_000_000 + seq * 9000, author, f"N{author}", kind, text, own=False
    )


class Rows:
    """A list of entries and its arrangement, changed together."""

    def __init__(self, theme: Theme, entries: list[Entry], width: int = 600) -> None:
        self.entries = entries
        self.arrangement = Arrangement(Look(theme))
        self.arrangement.width = width
        self.arrangement.reset(self.entries)
        self.arrangement.place(HEIGHT)

    def insert(self, first: int, entries: list[Entry]) -> None:
        self.entries[first:first] = entries
        self.arrangement.inserted(first, len(entries))

    def remove(self, first: int, count: int) -> None:
        del self.entries[first : first + count]
        self.arrangement.removed(first, count)

    def bubbles(self) -> dict[int | None, float]:
        """Where the bubble or line of each row in sight begins, by seq."""
        return {placed.row.entry.seq: placed.y + placed.row.top for placed in self.arrangement.place(HEIGHT)}

    def check(self) -> None:
        """The rows in sight stand without gap or overlap, and cover the view as far as there are rows."""
        placed = self.arrangement.place(HEIGHT)
        shown = [row for row in range(len(self.entries)) if not self.arrangement.context(row).hidden]
        indexes = [item.index for item in placed]
        assert indexes == [row for row in shown if indexes and indexes[0] <= row <= indexes[-1]]
        for above, below in pairwise(placed):
            assert above.y + above.row.height == below.y
        if not shown:
            assert not placed
            return
        bottom = placed[-1].y + placed[-1].row.height
        if self.arrangement.stick:
            assert bottom == HEIGHT - BOTTOM_MARGIN
            assert indexes[-1] == shown[-1]
        else:
            assert bottom >= HEIGHT or indexes[-1] == shown[-1]
            assert placed[0].y <= 0 or (indexes[0] == shown[0] and placed[0].y <= TOP_MARGIN)


def messages(count: int, first: int = 1000) -> list[Entry]:
    return [entry(seq, "words " * (seq * 7 % 50)) for seq in range(first, first + count)]


def test_it_opens_at_the_bottom_and_stays_there(theme: Theme) -> None:
    rows = Rows(theme, messages(100))
    rows.check()
    assert rows.arrangement.stick
    rows.insert(100, messages(5, 1100))
    rows.check()
    assert rows.arrangement.place(HEIGHT)[-1].index == 104


def test_nothing_is_laid_out_before_there_is_a_width(theme: Theme) -> None:
    rows = Rows(theme, messages(10), width=0)
    assert rows.arrangement.place(HEIGHT) == []
    rows.insert(10, messages(1, 1010))
    rows.remove(0, 1)
    assert rows.arrangement.place(HEIGHT) == []
    rows.arrangement.width = 500
    rows.check()
    assert rows.arrangement.place(HEIGHT)[-1].index == 9


@pytest.mark.parametrize("up", [0, 1, 37, 500, 3000, 100_000])
def test_older_rows_do_not_move_what_is_seen(theme: Theme, up: int) -> None:
    rows = Rows(theme, messages(100))
    rows.arrangement.scroll_by(-up)
    before = rows.bubbles()
    rows.insert(0, messages(50, 900))
    after = rows.bubbles()
    assert {seq: after.get(seq) for seq in before} == before
    rows.check()


def test_newer_rows_do_not_move_what_is_seen(theme: Theme) -> None:
    rows = Rows(theme, messages(100))
    rows.arrangement.scroll_by(-700)
    before = rows.bubbles()
    rows.insert(100, messages(30, 1100))
    assert rows.bubbles() == before


def test_rows_trimmed_far_above_do_not_move_what_is_seen(theme: Theme) -> None:
    rows = Rows(theme, messages(300))
    rows.arrangement.scroll_by(-500)
    before = rows.bubbles()
    rows.remove(0, 100)
    assert rows.bubbles() == before


@pytest.mark.parametrize("grows", [True, False])
def test_a_row_that_changes_under_the_upper_edge_moves_nothing_below_it(theme: Theme, grows: bool) -> None:
    rows = Rows(theme, [entry(seq, "words " * (60 if seq % 2 else 20)) for seq in range(1000, 1100)])
    rows.arrangement.scroll_by(-700)
    while not rows.arrangement.anchor_offset:
        rows.arrangement.scroll_by(-3)
        rows.arrangement.place(HEIGHT)
    rows.bubbles()
    row = rows.arrangement.anchor_row
    before = {seq: top for seq, top in rows.bubbles().items() if seq != 1000 + row}
    rows.entries[row] = entry(1000 + row, "words " * (140 if grows else 2))
    rows.arrangement.replaced(row, 1)
    after = rows.bubbles()
    assert {seq: after.get(seq) for seq in before} == before
    rows.check()


def test_what_comes_above_the_first_row_moves_nothing(theme: Theme) -> None:
    rows = Rows(theme, messages(60))
    rows.arrangement.scroll_by(-(10**6))
    rows.arrangement.place(HEIGHT)
    rows.arrangement.scroll_by(5)
    before = rows.bubbles()
    rows.arrangement.set_ends(gap=False, start=True)
    assert rows.bubbles() == before
    rows.arrangement.set_ends(gap=True, start=False)
    assert rows.bubbles() == before


def test_unfolding_at_the_bottom_stays_there(theme: Theme) -> None:
    rows = Rows(theme, [*messages(30), *(entry(1030 + n, kind="joined", author=n) for n in range(5))])
    assert rows.arrangement.place(HEIGHT)[-1].index == 30
    rows.arrangement.unfold(30)
    rows.check()
    assert rows.arrangement.place(HEIGHT)[-1].index == 34
    assert [rows.arrangement.context(row).hidden for row in range(30, 35)] == [False] * 5
    rows.insert(35, [entry(1035 + n, kind="joined", author=n) for n in range(4)])
    assert [rows.arrangement.context(row).hidden for row in range(35, 39)] == [False, True, True, True]


@pytest.mark.parametrize("row", [0, 3, 50, 99])
def test_bringing_a_row_into_sight(theme: Theme, row: int) -> None:
    rows = Rows(theme, messages(100))
    rows.arrangement.scroll_to_row(40)
    rows.arrangement.place(HEIGHT)
    rows.arrangement.bring_into_sight(row)
    placed = next(item for item in rows.arrangement.place(HEIGHT) if item.index == row)
    assert 0 <= placed.y <= HEIGHT - placed.row.height
    rows.check()


def test_scrolling_up_pixel_by_pixel_goes_on_evenly(theme: Theme) -> None:
    rows = Rows(theme, messages(60))
    before = rows.bubbles()
    for _ in range(40):
        rows.arrangement.scroll_by(-31)
        now = rows.bubbles()
        shared = before.keys() & now.keys()
        assert shared
        assert all(now[seq] == before[seq] + 31 for seq in shared)
        before = now


def test_it_stops_at_both_ends_and_sticks_at_the_bottom(theme: Theme) -> None:
    rows = Rows(theme, messages(60))
    rows.arrangement.scroll_by(-(10**6))
    placed = rows.arrangement.place(HEIGHT)
    assert (placed[0].index, placed[0].y) == (0, TOP_MARGIN)
    assert not rows.arrangement.stick
    rows.arrangement.scroll_by(10**6)
    rows.check()
    assert rows.arrangement.stick


def test_few_rows_stand_at_the_bottom(theme: Theme) -> None:
    rows = Rows(theme, messages(2))
    rows.arrangement.scroll_by(-50)
    rows.check()
    assert rows.arrangement.stick


def test_scroll_to_finds_the_place_of_a_pixel(theme: Theme) -> None:
    rows = Rows(theme, messages(500))
    rows.arrangement.scroll_to(rows.arrangement.total // 2)
    rows.check()
    assert 200 < rows.arrangement.anchor_row < 300


def test_the_scroll_bar_is_derived(theme: Theme) -> None:
    rows = Rows(theme, messages(50))
    rows.arrangement.place(HEIGHT)
    assert rows.arrangement.offset == rows.arrangement.total - HEIGHT
    rows.arrangement.scroll_by(-(10**6))
    rows.arrangement.place(HEIGHT)
    assert rows.arrangement.offset == 0


def test_estimates_come_near(theme: Theme) -> None:
    rows = Rows(theme, messages(400))
    rows.arrangement.estimate()
    guessed = rows.arrangement.total
    for row in range(400):
        rows.arrangement.row(row)
    assert rows.arrangement.total == pytest.approx(guessed, rel=0.15)


def test_estimates_of_answers_and_reactions_come_near(theme: Theme) -> None:
    reactions = (Reaction("👍", (1, 2), own=False),)
    made = [replace(entry, reply_to=1000, reactions=reactions) for entry in messages(400)]
    for compact in (False, True):
        rows = Rows(theme, made)
        rows.arrangement.restyle(Look(theme, compact=compact))
        guessed = rows.arrangement.total
        for row in range(400):
            rows.arrangement.row(row)
        assert rows.arrangement.total == pytest.approx(guessed, rel=0.15)


def test_layouts_are_few_and_used_again(theme: Theme) -> None:
    rows = Rows(theme, messages(MAX_LAID_OUT * 2))
    first = rows.arrangement.row(0)
    assert rows.arrangement.row(0) is first
    for row in range(1, MAX_LAID_OUT + 1):
        rows.arrangement.row(row)
    assert rows.arrangement.row(0) is not first
    assert len(rows.arrangement._laid_out) == MAX_LAID_OUT


def test_another_width_lays_out_afresh(theme: Theme) -> None:
    rows = Rows(theme, messages(50))
    rows.arrangement.place(HEIGHT)
    rows.arrangement.width = 300
    assert not rows.arrangement.is_estimated
    rows.check()
    assert all(placed.row.width == 300 for placed in rows.arrangement.place(HEIGHT))
    rows.arrangement.estimate()
    rows.check()


@pytest.mark.parametrize("seed", range(15))
def test_random_changes(theme: Theme, seed: int) -> None:
    dice = random.Random(seed)
    made = iter(range(5000, 10**6))

    def some(count: int) -> list[Entry]:
        return [
            entry(next(made), "word " * dice.randint(0, 60), dice.choice(KINDS), dice.randint(1, 3))
            for _ in range(count)
        ]

    rows = Rows(theme, some(dice.choice([0, 1, 5, 80])))
    for _ in range(60):
        action = dice.randrange(6)
        size = len(rows.entries)
        if action == 0:
            rows.arrangement.scroll_by(dice.randint(-900, 900))
        elif action == 1 and size:
            first = dice.randrange(size)
            rows.remove(first, min(size - first, dice.choice([1, 3, 20])))
        elif action == 2 and size:
            first = dice.randrange(size)
            rows.entries[first : first + 1] = some(1)
            rows.arrangement.replaced(first, 1)
        elif action == 3:
            rows.arrangement.width = dice.choice([420, 600, 900])
        else:
            rows.insert(dice.choice([0, size, dice.randint(0, size)]), some(dice.choice([1, 2, 30])))
        rows.check()
        fresh = Arrangement(Look(theme))
        fresh.width = rows.arrangement.width
        fresh.reset(rows.entries)
        hidden = [row for row in range(len(rows.entries)) if rows.arrangement.is_hidden(row)]
        assert hidden == [row for row in range(len(rows.entries)) if fresh.is_hidden(row)]

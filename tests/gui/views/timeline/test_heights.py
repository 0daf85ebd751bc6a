"""Row heights with block sums, against a plain list."""

import random

import pytest

from qtchat.gui.views.timeline.heights import BLOCK, Heights


def check(heights: Heights, plain: list[int]) -> None:
    assert [heights[row] for row in range(len(heights))] == plain
    assert heights.total == sum(plain)
    for row in {0, len(plain) // 2, len(plain), min(BLOCK, len(plain)), max(0, len(plain) - 1)}:
        assert heights.offset(row) == sum(plain[:row])


@pytest.mark.parametrize("seed", range(8))
def test_it_answers_like_a_list(seed: int) -> None:
    dice = random.Random(seed)
    plain = [dice.choice([0, 20, 40, 400]) for _ in range(dice.choice([0, 10, BLOCK, 3 * BLOCK + 5]))]
    heights = Heights(plain)
    for _ in range(60):
        first = dice.randint(0, len(plain))
        count = dice.randint(0, min(BLOCK + 40, len(plain) - first))
        size = count if dice.random() < 0.3 else dice.randint(0, BLOCK + 40)
        fresh = [dice.choice([0, 20, 40]) for _ in range(size)]
        heights.replace(first, count, fresh)
        plain[first : first + count] = fresh
        if plain:
            row = dice.randrange(len(plain))
            heights[row] = plain[row] = dice.randint(0, 99)
        check(heights, plain)


def test_row_at_finds_the_row_that_covers_a_pixel() -> None:
    plain = [10, 0, 30] * BLOCK
    heights = Heights(plain)
    for row, height in enumerate(plain):
        top = heights.offset(row)
        if height:
            assert heights.row_at(top) == (row, 0)
            assert heights.row_at(top + height - 1) == (row, height - 1)


def test_row_at_beyond_the_ends() -> None:
    heights = Heights([10, 20])
    assert heights.row_at(-5) == (0, -5)
    assert heights.row_at(100) == (1, 90)

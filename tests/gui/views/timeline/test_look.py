"""What the timeline looks like: colours, sizes, and what floats above it."""

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Mode
from tests.gui.views.timeline.staging import Stage, colors


def test_the_compact_mode_is_live(stage: Stage) -> None:
    stage.say(1, 3)
    stage.compose(9001)
    stage.open()
    bubbles = {stage.theme.palette.out_bubble, stage.theme.palette.chat}
    assert bubbles <= colors(stage.picture())
    stage.view.set_compact(True)
    assert not bubbles & colors(stage.picture())
    stage.view.set_compact(False)
    assert bubbles <= colors(stage.picture())


def test_it_follows_the_theme(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 3)
    stage.compose(9001)
    stage.open()
    seen = {}
    for mode in (Mode.LIGHT, Mode.DARK):
        stage.theme.set_mode(mode)
        stage.shown()
        palette = stage.theme.palette
        seen[mode] = colors(stage.view.viewport().grab().toImage())
        assert {palette.chat, palette.in_bubble, palette.out_bubble} <= seen[mode]
    assert QColor(stage.theme.palette.text).name().upper() not in seen[Mode.LIGHT]
    stage.theme.set_mode(Mode.LIGHT)


@pytest.mark.parametrize("text", ["Z" + "\u0301\u0329\u0334" * 3300 + "!", "\u202e\u2067 turned"])
def test_no_message_disturbs_its_neighbours(stage: Stage, text: str) -> None:
    stage.say(1, text="above")
    stage.say(2, author=3, text="harmless")
    stage.say(3, author=4, text="below")
    stage.open()
    pictures: list[list[QImage]] = []
    for shown in ("harmless", text):
        stage.say(100 + len(pictures), author=3, kind="edited", text=shown, about=2)
        image = stage.picture()
        above, below = stage.placed(0), stage.placed(2)
        pictures.append([image.copy(0, placed.y, image.width(), placed.row.height - 1) for placed in (above, below)])
    assert pictures[0] == pictures[1]


def test_a_larger_text_makes_higher_rows(stage: Stage) -> None:
    stage.say(1, 3)
    stage.open()
    stage.shown()
    before = stage.view.rows_in_sight[0].row.height
    stage.theme.set_text_scale(1.5)
    stage.shown()
    after = stage.view.rows_in_sight[0].row.height
    stage.theme.set_text_scale(1.0)
    assert after > before


def test_the_floating_date_goes_by_itself(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    pill = QColor(stage.theme.palette.date_pill).name().upper()
    assert pill not in colors(stage.view.viewport().grab().toImage())
    stage.view.scroll_by(-600)
    assert pill in colors(stage.view.viewport().grab().toImage())
    qtbot.waitUntil(lambda: not stage.view._date.opacity)
    assert pill not in colors(stage.view.viewport().grab().toImage())


def test_no_date_floats_above_its_own_separator(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    stage.view.older_answered(at_start=True)  # the head of the room stands above the separator
    stage.shown()
    stage.view.scroll_by(-100_000)
    one_day = stage.view.viewport().grab().toImage()
    stage.view._date.hide()
    assert stage.view.viewport().grab().toImage() == one_day

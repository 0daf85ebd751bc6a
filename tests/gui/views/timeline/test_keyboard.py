"""The keys on messages: a ring goes from one to the next, and letters mean the one it is on."""

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.views.timeline.menu import MessageMenu
from tests.gui.views.timeline.staging import ME, Stage, colors

Key = Qt.Key


def press(stage: Stage, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(stage.view, key)


def ringed(stage: Stage) -> str:
    entry = stage.view._scene.ringed
    return entry.text if entry is not None else ""


def test_the_ring_goes_from_message_to_message_and_stays_in_sight(stage: Stage) -> None:
    stage.say(1, 60)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up)
    assert ringed(stage) == "message 60"
    press(stage, *[Key.Key_Up] * 30)
    assert ringed(stage) == "message 30"
    placed = stage.placed(29)
    assert 0 <= placed.y <= stage.view.viewport().height() - placed.row.height
    press(stage, *[Key.Key_Down] * 20)
    assert ringed(stage) == "message 50"
    placed = stage.placed(49)
    assert 0 <= placed.y <= stage.view.viewport().height() - placed.row.height
    press(stage, *[Key.Key_Down] * 12)
    assert ringed(stage) == "message 60"
    assert stage.view.at_bottom


def test_the_ring_is_seen(stage: Stage) -> None:
    stage.say(1, 60)
    stage.open()
    stage.view.setFocus(Qt.FocusReason.MouseFocusReason)
    accent = stage.theme.color("accent").name().upper()
    assert accent not in colors(stage.picture())
    press(stage, Key.Key_Up)
    assert accent in colors(stage.picture())
    stage.view.clearFocus()
    assert accent not in colors(stage.picture())


def test_the_ring_moves_along_with_its_message(stage: Stage) -> None:
    stage.say(101, 3)
    stage.open(at_start=False)
    stage.shown()
    press(stage, Key.Key_Up, Key.Key_Up)
    stage.older(91, 10)
    assert ringed(stage) == "message 102"


def test_a_ring_out_of_sight_begins_again_in_sight(stage: Stage) -> None:
    stage.say(1, 200)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up)
    stage.view.scroll_by(-2000)
    press(stage, Key.Key_Up)
    assert stage.view._scene.placed_row(stage.view._scene.ring.row) is not None
    assert ringed(stage) != "message 200"


@pytest.mark.parametrize(
    ("key", "signal"),
    [
        (Key.Key_R, "reply_wanted"),
        (Key.Key_E, "edit_wanted"),
        (Key.Key_Delete, "delete_wanted"),
    ],
)
def test_letters_mean_the_ringed_message(stage: Stage, qtbot: QtBot, key: Qt.Key, signal: str) -> None:
    stage.say(1, author=ME)
    stage.open()
    stage.shown()
    with qtbot.assertNotEmitted(getattr(stage.view, signal)):
        press(stage, key)
    press(stage, Key.Key_Up)
    with qtbot.waitSignal(getattr(stage.view, signal)) as wanted:
        press(stage, key)
    assert wanted.args == [1]


def test_the_same_keys_where_one_types_russian(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up)
    with qtbot.waitSignal(stage.view.reply_wanted):
        event = QKeyEvent(QEvent.Type.KeyPress, ord("К"), Qt.KeyboardModifier.NoModifier, "к")
        QGuiApplication.sendEvent(stage.view, event)


def test_nobody_edits_what_others_wrote(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up)
    with qtbot.assertNotEmitted(stage.view.edit_wanted), qtbot.assertNotEmitted(stage.view.delete_wanted):
        press(stage, Key.Key_E, Key.Key_Delete)


@pytest.mark.parametrize(
    ("key", "modifier"),
    [(Key.Key_Return, Qt.KeyboardModifier.NoModifier), (Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)],
)
def test_the_menu_of_the_ringed_message(stage: Stage, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    stage.say(1, 3)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up, Key.Key_Up)
    QTest.keyClick(stage.view, key, modifier)
    (menu,) = stage.view.findChildren(MessageMenu)
    qtbot.waitUntil(menu.isVisible)
    with qtbot.waitSignal(stage.view.reply_wanted) as wanted:
        menu.actions()[0].trigger()
    assert wanted.args == [2]
    menu.close()


def test_enter_unfolds_a_folded_line(stage: Stage) -> None:
    for seq in range(1, 7):
        stage.say(seq, author=seq + 1, kind="joined")
    stage.say(7)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up, Key.Key_Up)
    assert stage.view._scene.ring.row == 0
    press(stage, Key.Key_Return)
    stage.shown()
    assert len(stage.view.rows_in_sight) == 7


def test_escape_lets_go_of_one_thing_at_a_time(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    stage.view.scroll_by(-900)
    press(stage, Key.Key_Up)
    QTest.keySequence(stage.view, "Ctrl+A")
    press(stage, Key.Key_Escape)
    assert stage.view._scene.selection.ends is None
    assert ringed(stage)
    press(stage, Key.Key_Escape)
    assert not ringed(stage)
    assert not stage.view.at_bottom
    press(stage, Key.Key_Escape)
    assert stage.view.at_bottom


def test_copying_without_a_selection_copies_the_ringed_message(stage: Stage) -> None:
    stage.say(1, 3)
    stage.open()
    stage.shown()
    press(stage, Key.Key_Up, Key.Key_Up)
    QTest.keySequence(stage.view, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "message 2"

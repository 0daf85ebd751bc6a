"""The widget as somebody reads in it: it opens, scrolls, follows, and tells."""

import gc
import weakref
from functools import partial

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline import TimelineView
from qtchat.gui.views.timeline.selection import row_text
from qtchat.protocol.messages import DIRECT
from tests.gui.views.timeline.staging import ME, ROOM, Stage, colors


def bar_value(stage: Stage) -> int:
    return stage.view.verticalScrollBar().value()


# -- opening and scrolling -----------------------------------------------------------------------------


def test_a_keyboard_that_is_led_to_it_is_seen(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 3)
    stage.open()
    stage.view.clearFocus()
    for reason, color in ((Qt.FocusReason.MouseFocusReason, "chat"), (Qt.FocusReason.TabFocusReason, "accent")):
        stage.view.setFocus(reason)
        image = stage.view.viewport().grab().toImage()
        assert image.pixelColor(1, 200) == stage.theme.color(color)
        stage.view.clearFocus()
    assert stage.view.viewport().grab().toImage().pixelColor(1, 200) == stage.theme.color("chat")


def test_an_empty_room_says_so(stage: Stage) -> None:
    stage.open()
    assert stage.shown() == []
    image = stage.view.grab().toImage()
    assert len({image.pixelColor(300, y).name() for y in range(150, 260)}) > 1


def test_a_room_whose_rows_are_not_there_yet_shows_where_they_will_be(stage: Stage, qtbot: QtBot) -> None:
    stage.open(at_start=False)
    ground = {stage.theme.color("chat").name().upper()}
    assert colors(stage.picture()) == ground  # rows that come at once follow an empty ground
    qtbot.waitUntil(lambda: colors(stage.picture()) > ground)
    stage.say(51, 3)
    assert stage.shown() == ["message 51", "message 52", "message 53"]


def test_the_head_of_the_room_stands_above_its_first_row_only(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    QTest.keyClick(stage.view, Qt.Key.Key_Home)
    assert stage.placed(0).row.context.start
    assert not stage.placed(1).row.context.start
    stage.view.older_answered(at_start=False)
    stage.shown()
    assert not stage.placed(0).row.context.start


def test_a_chat_of_two_begins_with_whom_it_is(stage: Stage) -> None:
    room = stage.state.rooms[ROOM]
    room.kind, room.name = DIRECT, "Anna"
    stage.view.set_own_nick("me")
    stage.say(1, kind="created", author=ME, text="")
    stage.open()
    stage.shown()
    assert row_text(stage.view._arrangement, 0) == "Your chat with Anna began"


def test_a_message_that_names_us_is_marked(stage: Stage) -> None:
    stage.say(1, text="hi @me")
    stage.open()
    stage.shown()
    assert not stage.placed(0).row.called
    stage.view.set_own_nick("me")
    stage.shown()
    assert stage.placed(0).row.called


def test_what_is_changed_later_is_shown(stage: Stage) -> None:
    stage.say(1, 2)
    stage.open()
    stage.say(3, kind="edited", text="better", about=1)
    stage.say(4, author=3, kind="reacted", text="👍", about=1)
    stage.say(5, kind="deleted", text="", about=2)
    stage.shown()
    changed, deleted = stage.placed(0).row, stage.placed(1).row
    assert changed.blocks[0].layout.text() == "better"
    assert changed.time.startswith("(edited)")
    assert changed.pills[0].label == "1"
    assert deleted.blocks[0].layout.text() == "Message deleted"


def test_it_opens_at_the_newest_row(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    assert stage.shown()[-1] == "message 100"
    assert stage.view.at_bottom
    assert bar_value(stage) == stage.view.verticalScrollBar().maximum()


def test_it_stays_at_the_bottom_when_messages_come(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    stage.say(101, 5)
    qtbot.waitUntil(lambda: stage.view.rows_in_sight[-1].row.entry.text == "message 105")


def test_reading_above_is_not_disturbed_by_new_messages(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    stage.view.scroll_by(-900)
    before = stage.shown()
    stage.say(101, 20)
    assert stage.shown() == before
    assert stage.view.new_count == 20
    stage.view.to_bottom()
    assert stage.view.new_count == 0


def test_writing_goes_to_the_bottom(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    stage.view.scroll_by(-900)
    stage.compose(9001, "my words")
    assert stage.shown()[-1] == "my words"


def test_keys(stage: Stage) -> None:
    stage.say(1, 200)
    stage.open()
    newest = stage.shown()
    keys = Qt.Key
    QTest.keyClick(stage.view, keys.Key_Home)
    assert stage.shown()[0] == "message 1"
    QTest.keyClick(stage.view, keys.Key_PageDown)
    assert stage.shown()[0] != "message 1"
    QTest.keyClick(stage.view, keys.Key_PageUp)
    assert stage.shown()[0] == "message 1"
    QTest.keyClick(stage.view, keys.Key_End)
    assert stage.shown() == newest
    QTest.keyClick(stage.view, keys.Key_PageUp)
    assert not stage.view.at_bottom
    QTest.keyClick(stage.view, keys.Key_Escape)
    assert stage.shown() == newest
    cyrillic = QKeyEvent(QEvent.Type.KeyPress, 0x424, Qt.KeyboardModifier.NoModifier, "Ф")
    assert not QGuiApplication.sendEvent(stage.view, cyrillic) or not cyrillic.isAccepted()


def test_the_scroll_bar_leads_and_follows(stage: Stage) -> None:
    stage.say(1, 300)
    stage.open()
    stage.shown()
    bar = stage.view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert 100 < stage.view.rows_in_sight[0].index < 200
    bar.setValue(0)
    assert stage.view.rows_in_sight[0].index == 0
    bar.setValue(bar.maximum())
    assert stage.view.at_bottom


def test_the_button_appears_far_from_the_bottom_and_leads_there(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    button = stage.view.bottom_button
    stage.view.scroll_by(-470)
    assert not button.isVisible()
    stage.view.scroll_by(-20)
    assert button.isVisible()
    stage.say(101, 3)
    stage.shown()
    assert button.count == 3
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert stage.view.at_bottom
    assert not button.isVisible()


def test_a_narrower_view_keeps_the_newest_row(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 60, text="many words " * 30)
    stage.open()
    stage.shown()
    stage.view.resize(420, 400)
    qtbot.waitUntil(lambda: stage.view.rows_in_sight[-1].row.width == stage.view.viewport().width() < 430)
    assert stage.view.rows_in_sight[-1].index == 59
    estimated = stage.view._arrangement
    qtbot.waitUntil(lambda: estimated.is_estimated)


def test_nothing_breaks_before_it_is_shown(qtbot: QtBot, theme: Theme) -> None:
    model = TimelineModel()
    view = TimelineView(model, theme, Icons(theme))
    qtbot.addWidget(view)
    model.show(None)
    view.set_unread_from(3)
    view.to_bottom()
    view.older_answered(at_start=False)
    assert view.rows_in_sight == []


def test_the_view_is_freed(qtbot: QtBot, theme: Theme) -> None:
    view = TimelineView(TimelineModel(), theme, Icons(theme))
    gone = weakref.ref(view)
    destroyed: list[bool] = []
    view.destroyed.connect(partial(destroyed.append, True))
    view.deleteLater()
    del view
    qtbot.waitUntil(lambda: bool(destroyed))
    gc.collect()
    assert gone() is None


# -- unread, older rows, the end -----------------------------------------------------------------------


def test_opening_lands_on_the_unread_bar(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    stage.view.set_unread_from(41)
    assert stage.shown()[0] == "message 41"
    first = stage.view.rows_in_sight[0]
    assert first.row.context.unread
    assert first.y >= 0
    last = stage.view.rows_in_sight[-1].index
    assert stage.view.new_count == 100 - (last + 1)


def test_few_unread_rows_stay_at_the_bottom(stage: Stage) -> None:
    stage.say(1, 100)
    stage.open()
    stage.view.set_unread_from(99)
    assert stage.shown()[-1] == "message 100"
    assert stage.view.at_bottom
    stage.view.set_unread_from(None)
    stage.shown()
    assert not any(placed.row.context.unread for placed in stage.view.rows_in_sight)


def test_older_rows_are_wanted_once_before_the_top(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1001, 200)
    with qtbot.assertNotEmitted(stage.view.older_wanted):
        stage.open(at_start=False)
        stage.shown()
    with qtbot.waitSignal(stage.view.older_wanted):
        stage.view.verticalScrollBar().setValue(600)
    with qtbot.assertNotEmitted(stage.view.older_wanted):
        stage.view.scroll_by(-10)
    before = {placed.row.entry.text: placed.y + placed.row.top for placed in stage.view.rows_in_sight}
    stage.older(901, 100)
    stage.shown()
    after = {placed.row.entry.text: placed.y + placed.row.top for placed in stage.view.rows_in_sight}
    assert after == before
    with qtbot.waitSignal(stage.view.older_wanted):
        stage.view.verticalScrollBar().setValue(0)
    stage.view.older_answered(at_start=True)
    with qtbot.assertNotEmitted(stage.view.older_wanted):
        stage.view.scroll_by(-10)


@pytest.mark.parametrize(("oldest", "wanted"), [(1, False), (2, True)])
def test_the_first_rows_of_an_empty_room_tell_whether_there_are_older(
    stage: Stage, qtbot: QtBot, oldest: int, wanted: bool
) -> None:
    stage.open(at_start=True)
    stage.view.refresh()
    asked: list[bool] = []
    stage.view.older_wanted.connect(partial(asked.append, True))
    stage.say(oldest, 3)
    stage.view.refresh()
    assert bool(asked) == wanted


def test_the_loading_bar_shows_while_older_rows_are_awaited(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1001, 3)
    with qtbot.waitSignal(stage.view.older_wanted):
        stage.open(at_start=False)
    qtbot.waitUntil(stage.view._loading.isVisible)
    stage.view.older_answered(at_start=False)
    assert not stage.view._loading.isVisible()


def test_the_gap_is_told(stage: Stage) -> None:
    stage.say(50, 3)
    stage.open(at_start=False)
    stage.view.older_answered(at_start=True, gap=True)
    stage.shown()
    assert stage.view.rows_in_sight[0].row.context.gap


def test_the_end_is_reached_once_for_each_newest_row(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 100)
    with qtbot.waitSignal(stage.view.reached_end):
        stage.open()
    with qtbot.assertNotEmitted(stage.view.reached_end):
        stage.view.refresh()
    with qtbot.waitSignal(stage.view.reached_end):
        stage.say(101)
    stage.view.scroll_by(-500)
    with qtbot.assertNotEmitted(stage.view.reached_end):
        stage.say(102)
        stage.view.refresh()
    with qtbot.waitSignal(stage.view.reached_end):
        stage.view.to_bottom()


def test_an_inactive_window_reaches_no_end(stage: Stage, qtbot: QtBot, theme: Theme) -> None:
    other = TimelineView(TimelineModel(), theme, Icons(theme))
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    qtbot.waitUntil(other.isActiveWindow)
    with qtbot.assertNotEmitted(stage.view.reached_end):
        stage.say(1, 5)
        stage.open()
        stage.view.refresh()
    with qtbot.waitSignal(stage.view.reached_end):
        stage.view.activateWindow()

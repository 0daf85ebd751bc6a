"""The mouse on the timeline: links, tool tips, what failed, selecting, and the menu."""

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip
from pytestqt.qtbot import QtBot

from qtchat.client.updates import FailedUpdate, Problem
from qtchat.gui.views.timeline.menu import MessageMenu
from tests.gui.views.timeline.staging import ROOM, Stage, action


def test_a_link_is_told_and_never_opened(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, text="see https://example.org/a.")
    stage.open()
    stage.shown()
    viewport = stage.view.viewport()
    QTest.mouseMove(viewport, stage.text_point(0, 8))
    qtbot.waitUntil(lambda: viewport.cursor().shape() == Qt.CursorShape.PointingHandCursor)
    with qtbot.waitSignal(stage.view.link_activated) as clicked:
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=stage.text_point(0, 8))
    assert clicked.args == ["https://example.org/a"]
    with qtbot.assertNotEmitted(stage.view.link_activated):
        QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=stage.text_point(0, 1))


def test_a_failed_message_is_retried_by_a_click(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 3)
    stage.open()
    message_id = stage.compose(9001)
    stage.fail(message_id)
    stage.shown()
    placed = stage.view.rows_in_sight[-1]
    assert placed.row.retry is not None
    spot = placed.row.retry.translated(0, placed.y).center().toPoint()
    with qtbot.waitSignal(stage.view.retry_wanted) as wanted:
        QTest.mouseClick(stage.view.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert wanted.args == [message_id]


def test_the_tool_tip_of_a_failed_message_says_why_in_words(stage: Stage, qtbot: QtBot) -> None:
    stage.open()
    stage.apply(FailedUpdate(stage.compose(9001), ROOM, Problem("storage", "ENOSPC")))
    stage.shown()
    placed, viewport = stage.view.rows_in_sight[-1], stage.view.viewport()
    assert placed.row.retry is not None
    spot = placed.row.retry.translated(0, placed.y).center().toPoint()
    QCoreApplication.sendEvent(viewport, QHelpEvent(QEvent.Type.ToolTip, spot, viewport.mapToGlobal(spot)))
    assert "The server cannot store anything now" in QToolTip.text()


def drag(stage: Stage, start: QPoint, end: QPoint) -> None:
    viewport = stage.view.viewport()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(viewport, (start + end) / 2)
    QTest.mouseMove(viewport, end)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)


def test_selecting_with_the_mouse_and_copying(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 4)
    stage.open()
    stage.shown()
    drag(stage, stage.text_point(1, 0) - QPoint(2, 0), stage.text_point(1, 7) - QPoint(2, 0))
    QTest.keySequence(stage.view, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "message"
    drag(stage, stage.text_point(1, 8) - QPoint(2, 0), stage.text_point(2, 7) - QPoint(2, 0))
    QTest.keySequence(stage.view, "Ctrl+C")
    lines = QGuiApplication.clipboard().text().split("\n")
    assert [line.split("] ")[1] for line in lines] == ["N2: 2", "N2: message"]


def test_a_selection_moves_along_with_its_rows(stage: Stage) -> None:
    stage.say(101, 3)
    stage.open(at_start=False)
    stage.shown()
    drag(stage, stage.text_point(0, 0) - QPoint(2, 0), stage.text_point(0, 7) - QPoint(2, 0))
    stage.older(91, 10)
    stage.shown()
    QTest.keySequence(stage.view, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "message"
    assert stage.view._scene.selection.range_in(10) == (0, 7)


def test_select_all_and_escape(stage: Stage) -> None:
    stage.say(1, 300)
    stage.open()
    stage.shown()
    QTest.keySequence(stage.view, "Ctrl+A")
    QTest.keySequence(stage.view, "Ctrl+C")
    lines = QGuiApplication.clipboard().text().split("\n")
    assert len(lines) == 300
    assert lines[0].endswith("N2: message 1")
    QTest.keyClick(stage.view, Qt.Key.Key_Escape)
    assert stage.view._scene.selection.ends is None


def test_a_double_click_selects_a_word(stage: Stage) -> None:
    stage.say(1, text="🎉 двойной click")
    stage.open()
    stage.shown()
    QTest.mouseDClick(stage.view.viewport(), Qt.MouseButton.LeftButton, pos=stage.text_point(0, 5))
    QTest.keySequence(stage.view, "Ctrl+C")
    assert QGuiApplication.clipboard().text() == "двойной"


def test_selecting_beyond_the_edge_scrolls(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 100)
    stage.open()
    stage.shown()
    viewport, top = stage.view.viewport(), stage.view.rows_in_sight[0].index
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
    QTest.mouseMove(viewport, QPoint(100, -30))
    qtbot.waitUntil(lambda: stage.view.rows_in_sight[0].index < top - 2)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(100, -30))
    ends = stage.view._scene.selection.ends
    assert ends is not None
    assert ends[0].row < top


# The offscreen platform says so at each popup.
without_a_window_system = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)


def open_menu(stage: Stage, qtbot: QtBot, reason: QContextMenuEvent.Reason, spot: QPoint) -> MessageMenu:
    viewport = stage.view.viewport()
    target = stage.view if reason is QContextMenuEvent.Reason.Keyboard else viewport
    QGuiApplication.sendEvent(target, QContextMenuEvent(reason, spot, viewport.mapToGlobal(spot)))
    menus = stage.view.findChildren(MessageMenu)
    assert len(menus) == 1
    qtbot.waitUntil(menus[0].isVisible)
    return menus[0]


@without_a_window_system
def test_the_menu_copies_the_message_as_it_was_written(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, text="**bold** text")
    stage.open()
    stage.shown()
    menu = open_menu(stage, qtbot, QContextMenuEvent.Reason.Mouse, stage.bubble_center(0))
    action(menu, "Copy text").trigger()
    assert QGuiApplication.clipboard().text() == "**bold** text"
    menu.close()
    qtbot.waitUntil(lambda: not stage.view.findChildren(MessageMenu))


@without_a_window_system
def test_the_menu_key_means_the_failed_message(stage: Stage, qtbot: QtBot) -> None:
    stage.open()
    message_id = stage.compose(9001)
    stage.compose(9002)
    stage.fail(message_id)
    stage.shown()
    menu = open_menu(stage, qtbot, QContextMenuEvent.Reason.Keyboard, QPoint(1, 1))
    retry, discard = action(menu, "Send again"), action(menu, "Discard")
    with qtbot.waitSignal(stage.view.retry_wanted) as wanted:
        retry.trigger()
    assert wanted.args == [message_id]
    with qtbot.waitSignal(stage.view.discard_wanted) as unwanted:
        discard.trigger()
    assert unwanted.args == [message_id]
    menu.close()

"""What clicks and menus on a message ask for."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QToolButton
from pytestqt.qtbot import QtBot

from qtchat.gui.views.timeline.hover import HoverBar
from qtchat.gui.views.timeline.menu import MessageMenu, ReactionMenu
from tests.gui.views.timeline.staging import ME, Stage, action


def opened(stage: Stage, qtbot: QtBot, kind: type[QMenu]) -> QMenu:
    """The menu of this kind that is open."""
    menus = stage.view.findChildren(kind)
    assert len(menus) == 1
    qtbot.waitUntil(menus[0].isVisible)
    return menus[0]


def menu_of(stage: Stage, qtbot: QtBot, row: int) -> MessageMenu:
    spot, viewport = stage.bubble_center(row), stage.view.viewport()
    reason = QContextMenuEvent.Reason.Mouse
    QGuiApplication.sendEvent(viewport, QContextMenuEvent(reason, spot, viewport.mapToGlobal(spot)))
    menu = opened(stage, qtbot, MessageMenu)
    assert isinstance(menu, MessageMenu)
    return menu


def words(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


@pytest.fixture
def reacted(stage: Stage) -> Stage:
    """A message of somebody under which we and others have put something."""
    stage.say(1, text="hello")
    stage.say(2, author=3, kind="reacted", text="👍", about=1)
    stage.say(3, author=ME, kind="reacted", text="🎉", about=1)
    stage.open()
    stage.shown()
    return stage


def test_a_click_on_a_reaction_joins_it_or_takes_ours_back(reacted: Stage, qtbot: QtBot) -> None:
    for pill, emoji, add in zip(reacted.placed(0).row.pills[:2], ("👍", "🎉"), (True, False), strict=True):
        with qtbot.waitSignal(reacted.view.react_wanted) as wanted:
            reacted.click(reacted.spot(0, pill.rect))
        assert wanted.args == [1, emoji, add]


def test_the_place_behind_the_reactions_offers_others(reacted: Stage, qtbot: QtBot) -> None:
    reacted.click(reacted.spot(0, reacted.placed(0).row.pills[2].rect))
    menu = opened(reacted, qtbot, ReactionMenu)
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["🎉"]
    with qtbot.waitSignal(reacted.view.react_wanted) as wanted:
        action(menu, "😮").trigger()
    assert wanted.args == [1, "😮", True]
    with qtbot.waitSignal(reacted.view.emoji_wanted) as more:
        action(menu, "More…").trigger()
    assert more.args is not None
    assert more.args[0] == 1
    menu.close()


def test_a_press_that_is_let_go_elsewhere_is_no_click(reacted: Stage, qtbot: QtBot) -> None:
    first, second = (reacted.spot(0, pill.rect) for pill in reacted.placed(0).row.pills[:2])
    with qtbot.assertNotEmitted(reacted.view.react_wanted):
        QTest.mousePress(reacted.view.viewport(), Qt.MouseButton.LeftButton, pos=first)
        QTest.mouseRelease(reacted.view.viewport(), Qt.MouseButton.LeftButton, pos=second)


def test_a_click_unfolds_what_was_folded(stage: Stage) -> None:
    stage.say(1)
    for seq in range(2, 8):
        stage.say(seq, author=seq, kind="joined")
    stage.say(8)
    stage.open()
    stage.shown()
    assert len(stage.view.rows_in_sight) == 3
    stage.click(stage.text_point(1, 2))
    stage.shown()
    assert len(stage.view.rows_in_sight) == 8
    assert stage.view.at_bottom
    assert stage.placed(1).row.blocks[0].layout.text() == "N2 joined"


def test_a_click_on_the_sender_asks_who_that_is(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, author=2**62, text="hello")
    stage.say(2, author=2**62, text="a second one has no name and no picture of its own")
    stage.open()
    stage.shown()
    row, viewport = stage.placed(0).row, stage.view.viewport()
    for part in (row.avatar, row.name_rect):
        QTest.mouseMove(viewport, stage.spot(0, part))
        assert viewport.cursor().shape() is Qt.CursorShape.PointingHandCursor
        with qtbot.waitSignal(stage.view.person_wanted) as wanted:
            stage.click(stage.spot(0, part))
        user, nick, place = wanted.args or []
        assert (user, nick) == (2**62, row.entry.nick)
        below = viewport.mapFromGlobal(place) - QPoint(0, stage.placed(0).y)
        assert row.name_rect.bottom() <= below.y() <= row.name_rect.bottom() + 8
    with qtbot.assertNotEmitted(stage.view.person_wanted):
        assert row.avatar is not None
        stage.click(stage.spot(1, row.avatar.translated(0, stage.placed(1).row.top - row.avatar.top())))


def test_the_menu_tells_who_has_written_even_what_was_taken_back(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1)
    stage.say(2, author=2, kind="deleted", text="", about=1)
    stage.open()
    stage.shown()
    menu = menu_of(stage, qtbot, 0)
    assert words(menu) == ["About the sender"]
    with qtbot.waitSignal(stage.view.person_wanted) as wanted:
        action(menu, "About the sender").trigger()
    assert wanted.args is not None
    assert wanted.args[:2] == [2, "N2"]
    menu.close()


def test_a_double_click_beside_the_text_answers(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, text="hello")
    stage.open()
    stage.shown()
    bubble = stage.placed(0).row.bubble
    assert bubble is not None
    beside = stage.bubble_center(0) + QPoint(round(bubble.width()), 0)
    with qtbot.waitSignal(stage.view.reply_wanted) as wanted:
        QTest.mouseDClick(stage.view.viewport(), Qt.MouseButton.LeftButton, pos=beside)
    assert wanted.args == [1]
    with qtbot.assertNotEmitted(stage.view.reply_wanted):
        QTest.mouseDClick(stage.view.viewport(), Qt.MouseButton.LeftButton, pos=stage.text_point(0, 1))


def test_the_bar_beside_the_message_under_the_mouse(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 3)
    stage.say(4, kind="deleted", text="", about=3)
    stage.open()
    stage.shown()
    bar = stage.view.findChild(HoverBar)
    assert isinstance(bar, HoverBar)
    assert not bar.isVisible()
    QTest.mouseMove(stage.view.viewport(), stage.bubble_center(1))
    qtbot.waitUntil(bar.isVisible)
    react, reply = bar.findChildren(QToolButton)
    with qtbot.waitSignal(stage.view.reply_wanted) as wanted:
        reply.click()
    assert wanted.args == [2]
    react.click()
    opened(stage, qtbot, ReactionMenu).close()
    QTest.mouseMove(stage.view.viewport(), stage.bubble_center(2))
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_the_menu_of_somebody_elses_message(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, text="**bold**")
    stage.open()
    stage.shown()
    menu = menu_of(stage, qtbot, 0)
    assert words(menu) == ["Reply", "React", "About the sender", "Copy text", "Copy with name and time"]
    with qtbot.waitSignal(stage.view.reply_wanted) as wanted:
        action(menu, "Reply").trigger()
    assert wanted.args == [1]
    action(menu, "Copy with name and time").trigger()
    copied = QGuiApplication.clipboard().text()
    assert copied.startswith("[")
    assert copied.endswith("] N2: bold")
    menu.close()


@pytest.mark.parametrize(
    ("entry", "signal"),
    [("Edit", "edit_wanted"), ("Delete…", "delete_wanted"), ("Who has read it", "who_read_wanted")],
)
def test_the_menu_of_our_own_message(stage: Stage, qtbot: QtBot, entry: str, signal: str) -> None:
    stage.say(1, author=ME)
    stage.open()
    stage.shown()
    menu = menu_of(stage, qtbot, 0)
    with qtbot.waitSignal(getattr(stage.view, signal)) as wanted:
        action(menu, entry).trigger()
    assert wanted.args == [1]
    menu.close()


def test_a_message_without_a_number_can_only_be_copied(stage: Stage, qtbot: QtBot) -> None:
    stage.open()
    stage.compose(9001)
    stage.shown()
    menu = menu_of(stage, qtbot, 0)
    assert words(menu) == ["Copy text", "Copy with name and time"]
    menu.close()


def test_a_deleted_message_has_no_menu(stage: Stage) -> None:
    stage.say(1, author=ME)
    stage.say(2, author=ME, kind="deleted", text="", about=1)
    stage.open()
    stage.shown()
    spot, viewport = stage.bubble_center(0), stage.view.viewport()
    reason = QContextMenuEvent.Reason.Mouse
    QGuiApplication.sendEvent(viewport, QContextMenuEvent(reason, spot, viewport.mapToGlobal(spot)))
    assert not any(menu.isVisible() for menu in stage.view.findChildren(MessageMenu))

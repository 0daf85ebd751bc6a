"""Choosing an emoji."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.models.emoji import EmojiGroup, emoji_catalogue
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.emoji import EmojiPicker
from qtchat.gui.views.emoji.picker import HEIGHT, WIDTH, place_popup


@pytest.fixture
def anchor(qtbot: QtBot) -> QWidget:
    anchor = QWidget()
    qtbot.addWidget(anchor)
    anchor.setGeometry(500, 500, 36, 36)
    anchor.show()
    return anchor


@pytest.fixture
def picker(qtbot: QtBot, anchor: QWidget, theme: Theme, icons: Icons) -> EmojiPicker:
    picker = EmojiPicker(theme, icons, anchor)
    picker.open_at(anchor)
    qtbot.waitExposed(picker)
    return picker


def taken(picker: EmojiPicker) -> list[str]:
    chosen: list[str] = []
    picker.chosen.connect(chosen.append)
    return chosen


def told(picker: EmojiPicker) -> str:
    return picker._name.whole()


def test_it_opens_with_all_categories_and_nothing_chosen(picker: EmojiPicker) -> None:
    chosen = taken(picker)
    assert picker.search_field.hasFocus()
    assert picker.grid.model().rowCount() > 100
    QTest.keyClick(picker.search_field, Qt.Key.Key_Return)
    assert chosen == []
    assert picker.isVisible()


def test_typing_searches_and_enter_takes_the_best(qtbot: QtBot, picker: EmojiPicker) -> None:
    chosen = taken(picker)
    QTest.keyClicks(picker.search_field, "tada")
    assert told(picker) == "party popper :tada:"
    recent: list[list[str]] = []
    picker.recent_changed.connect(recent.append)
    with qtbot.waitSignal(picker.closed):
        QTest.keyClick(picker.search_field, Qt.Key.Key_Return)
    assert chosen == ["🎉"]
    assert recent == [["🎉"]]
    assert picker.isHidden()


def test_with_shift_it_stays_open(picker: EmojiPicker) -> None:
    chosen = taken(picker)
    QTest.keyClicks(picker.search_field, "heart")
    for _ in range(2):
        QTest.keyClick(picker.search_field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert chosen == ["❤️", "❤️"]
    assert picker.isVisible()


def test_arrows_walk_over_headings_and_short_rows(picker: EmojiPicker, anchor: QWidget) -> None:
    picker.hide()
    picker.set_recent(["👍", "no emoji", "❤️"])
    picker.open_at(anchor)
    grid = picker.grid
    QTest.keyClick(picker.search_field, Qt.Key.Key_Down)
    assert grid.hasFocus()
    assert told(picker).startswith("thumbs up")
    smileys = emoji_catalogue().group(EmojiGroup.SMILEYS)
    for key, name in (
        (Qt.Key.Key_Right, "red heart"),
        (Qt.Key.Key_Right, smileys[0].name),
        (Qt.Key.Key_Left, "red heart"),
        (Qt.Key.Key_Down, smileys[1].name),
        (Qt.Key.Key_Right, smileys[2].name),
        (Qt.Key.Key_Up, "red heart"),  # there are only two above
        (Qt.Key.Key_PageDown, None),
        (Qt.Key.Key_End, None),
        (Qt.Key.Key_Home, None),
    ):
        QTest.keyClick(grid, key)
        assert told(picker) != "Type to search"
        if name is not None:
            assert told(picker).startswith(name)


def test_up_from_the_first_row_and_typing_go_back_to_the_search(picker: EmojiPicker) -> None:
    grid, search = picker.grid, picker.search_field
    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Up)
    assert search.hasFocus()
    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClicks(grid, "c")
    QTest.keyClicks(search, "at")
    assert search.text() == "cat"
    QTest.keyClick(search, Qt.Key.Key_Down)
    QTest.keyClick(grid, Qt.Key.Key_Backspace)
    assert search.text() == "ca"


def test_escape_closes_from_anywhere(picker: EmojiPicker, anchor: QWidget) -> None:
    QTest.keyClick(picker.search_field, Qt.Key.Key_Escape)
    assert picker.isHidden()
    picker.open_at(anchor)
    QTest.keyClick(picker.search_field, Qt.Key.Key_Down)
    QTest.keyClick(picker.grid, Qt.Key.Key_Escape)
    assert picker.isHidden()


def test_a_click_takes_what_is_under_the_mouse(picker: EmojiPicker) -> None:
    chosen = taken(picker)
    grid = picker.grid
    place = grid.visualRect(grid.first()).center()
    QTest.mouseMove(grid.viewport(), place)
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == [emoji_catalogue().group(EmojiGroup.SMILEYS)[0].text]
    assert picker.isHidden()


def test_a_click_on_a_heading_takes_nothing(picker: EmojiPicker) -> None:
    chosen = taken(picker)
    picker.grid.setFocus()
    picker.grid.setCurrentIndex(picker.grid.first())
    QTest.mouseClick(picker.grid.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(20, 5))
    assert chosen == []
    assert picker.isVisible()


def test_tabs_lead_to_categories_and_follow_the_scrolling(picker: EmojiPicker) -> None:
    flags = picker._tabs.button(9)
    flags.click()
    assert told(picker).startswith(emoji_catalogue().group(EmojiGroup.FLAGS)[0].name)
    assert picker._tabs.checkedButton() is flags
    picker.grid.scrollToTop()
    assert picker._tabs.checkedButton() is picker._tabs.button(1)
    assert picker._tabs.button(0).isHidden()  # nothing was used yet
    QTest.keyClicks(picker.search_field, "zzz")
    assert picker._tabs.checkedButton() is None
    picker._tabs.button(4).click()
    assert picker.search_field.text() == ""
    assert picker._tabs.checkedButton() is picker._tabs.button(4)


def test_nothing_found_is_said_plainly(picker: EmojiPicker) -> None:
    picker.search_field.setText("<b>qqq</b>")
    assert picker._none.isVisible()
    assert picker._none.text() == "No emoji is called “<b>qqq</b>”."
    QTest.keyClick(picker.search_field, Qt.Key.Key_Down)
    QTest.keyClick(picker.search_field, Qt.Key.Key_Return)
    assert picker.isVisible()


def test_it_starts_anew_each_time(picker: EmojiPicker, anchor: QWidget) -> None:
    picker.search_field.setText("cat")
    picker.hide()
    picker.open_at(anchor)
    assert picker.search_field.text() == ""
    assert picker.grid.model().rowCount() > 100


def test_every_control_has_a_name_that_can_be_spoken(picker: EmojiPicker) -> None:
    controls = [picker, picker.search_field, picker.grid, *picker._tabs.buttons()]
    assert all(control.accessibleName() for control in controls)


def test_a_press_outside_does_not_reach_the_button_that_opened_it(picker: EmojiPicker) -> None:
    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not picker.testAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)
    QTest.mousePress(picker, Qt.MouseButton.LeftButton, pos=QPoint(-5, -5))
    assert picker.testAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)


@pytest.mark.parametrize(
    ("anchor", "left", "top"),
    [
        (QRect(700, 600, 36, 36), 735 - WIDTH, 596 - HEIGHT),
        (QRect(10, 600, 36, 36), 0, 596 - HEIGHT),
        (QRect(1260, 600, 36, 36), 1280 - WIDTH, 596 - HEIGHT),
        (QRect(700, 100, 36, 36), 735 - WIDTH, 139),
    ],
)
def test_it_stays_on_the_screen(anchor: QRect, left: int, top: int) -> None:
    screen = QRect(0, 0, 1280, 720)
    place = place_popup(anchor, screen)
    assert (place.left(), place.top()) == (left, top)
    assert screen.contains(place)


def test_a_small_screen_gets_all_of_it(qtbot: QtBot) -> None:
    screen = QRect(100, 50, 320, 380)
    assert place_popup(QRect(200, 300, 36, 36), screen) == screen

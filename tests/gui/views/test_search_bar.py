"""Searching what was said."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.search_bar import MOST_ROWS, Older, SearchBar
from qtchat.protocol.messages import KIND_POST, Event
from tests.helpers.fake_account import MIDDAY


def found(*rooms: int) -> list[Event]:
    return [
        Event(room, seq, b"x" * 16, MIDDAY, 2, "Anna", KIND_POST, "The <b>printer</b> is back")
        for seq, room in enumerate(rooms, 1)
    ]


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme, icons: Icons) -> Iterator[SearchBar]:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 600)
    bar = SearchBar(theme, icons, window)
    layout = QVBoxLayout(window)
    layout.addWidget(bar)
    layout.addStretch()
    window.show()
    bar.open_for("lobby")
    yield bar
    window.close()


def ask(qtbot: QtBot, bar: SearchBar, text: str) -> None:
    """Type, and wait until it is asked for."""
    with qtbot.waitSignal(bar.search_wanted) as asked:
        bar.field.setText(text)
    assert asked.args == [text, bar.everywhere.isChecked()]


def test_it_is_hidden_until_it_is_opened(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    bar = SearchBar(theme, icons)
    qtbot.addWidget(bar)
    assert not bar.is_open
    with qtbot.assertNotEmitted(bar.closed):
        bar.close_bar()


def test_it_takes_the_keyboard_and_says_where_it_searches(bar: SearchBar) -> None:
    assert bar.is_open
    assert bar.field.hasFocus()
    assert bar.field.placeholderText() == "Search in lobby"


def test_typing_asks_once_and_says_that_it_is_searching(qtbot: QtBot, bar: SearchBar) -> None:
    asked: list[str] = []
    bar.search_wanted.connect(lambda text, _everywhere: asked.append(text))
    with qtbot.waitSignal(bar.search_wanted):
        QTest.keyClicks(bar.field, "printer")
    assert asked == ["printer"]
    assert bar.count_label.text() == "Searching…"
    bar.show_results("printer", found(1, 1), {}, Older.NONE)
    assert bar.count_label.text() == "1 of 2"
    assert bar.view.isVisible()


def test_one_letter_is_not_searched(qtbot: QtBot, bar: SearchBar) -> None:
    with qtbot.assertNotEmitted(bar.search_wanted):
        bar.field.setText("p")
        QTest.keyClick(bar.field, Qt.Key.Key_Return)


def test_enter_searches_at_once_then_goes_to_the_message(qtbot: QtBot, bar: SearchBar) -> None:
    bar.field.setText("printer")
    with qtbot.waitSignal(bar.search_wanted, timeout=50):
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
    bar.show_results("printer", found(1, 1, 1), {}, Older.NONE)
    QTest.keyClick(bar.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(bar.result_chosen) as chosen:
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
    assert chosen.args == [1, 2]
    assert bar.is_open
    with qtbot.waitSignal(bar.result_chosen) as chosen:
        bar.next_button.click()
    assert chosen.args == [1, 3]
    assert bar.count_label.text() == "3 of 3"
    with qtbot.waitSignal(bar.result_chosen) as chosen:
        bar.previous_button.click()
    assert chosen.args == [1, 2]


def test_a_click_goes_to_the_message(qtbot: QtBot, bar: SearchBar) -> None:
    ask(qtbot, bar, "printer")
    bar.show_results("printer", found(1, 1), {}, Older.NONE)
    place = bar.view.visualRect(bar.view.model().index(1, 0)).center()
    with qtbot.waitSignal(bar.result_chosen) as chosen:
        QTest.mouseClick(bar.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [1, 2]


def test_an_answer_that_nobody_waits_for_is_dropped(qtbot: QtBot, bar: SearchBar) -> None:
    ask(qtbot, bar, "printer")
    ask(qtbot, bar, "printers")
    bar.show_results("printer", found(1), {}, Older.NONE)
    assert bar.view.isHidden()
    bar.show_results("printers", found(1), {}, Older.NONE)
    bar.show_results("printers", [], {}, Older.NONE)
    assert bar.view.isVisible()


def test_nothing_found_is_said(qtbot: QtBot, bar: SearchBar) -> None:
    ask(qtbot, bar, "printer")
    bar.show_results("printer", [], {}, Older.NONE)
    assert bar.remark.isVisible()
    assert bar.remark.text() == "Nothing found in lobby."
    assert bar.deeper_button.isHidden()
    bar.field.clear()
    assert bar.remark.isHidden()


def test_what_is_on_the_server_alone_is_searched_next(qtbot: QtBot, bar: SearchBar) -> None:
    ask(qtbot, bar, "printer")
    with qtbot.waitSignal(bar.deeper_wanted) as deeper:
        bar.show_results("printer", found(1, 1), {}, Older.ON_SERVER)
    assert deeper.args == ["printer", False]
    assert bar.remark.text() == "Looking through older messages…"
    assert bar.count_label.text() == "1 of 2"
    bar.next_button.click()
    with qtbot.assertNotEmitted(bar.deeper_wanted):
        bar.show_results("printer", found(1, 1, 1), {}, Older.ON_SERVER)
    assert bar.count_label.text() == "2 of 3", "who has gone further stays there"
    assert bar.remark.text() == "Older messages were not searched yet."
    with qtbot.waitSignal(bar.deeper_wanted):
        bar.deeper_button.click()
    bar.show_results("printer", found(1, 1, 1), {}, Older.NONE)
    assert bar.remark.isHidden()
    assert bar.deeper_button.isHidden()


def test_a_remark_that_wraps_covers_no_result(qtbot: QtBot, bar: SearchBar, theme: Theme) -> None:
    theme.set_text_scale(1.5)
    bar.window().resize(420, 480)
    ask(qtbot, bar, "printer")
    for _ in range(2):
        bar.show_results("printer", found(1, 1), {}, Older.ON_SERVER)
    qtbot.waitUntil(lambda: bar.height() >= bar.heightForWidth(bar.width()))
    assert bar.remark.height() > 2 * bar.remark.fontMetrics().height()
    assert bar.remark.geometry().top() > bar.view.geometry().bottom()
    theme.set_text_scale(1.0)


def test_what_is_out_of_reach_is_said(qtbot: QtBot, bar: SearchBar) -> None:
    ask(qtbot, bar, "printer")
    bar.show_results("printer", found(1), {}, Older.OUT_OF_REACH)
    assert "they can be searched with a connection" in bar.remark.text()
    assert bar.deeper_button.isHidden()


def test_all_rooms_are_searched_deeper_when_somebody_wants_it(qtbot: QtBot, bar: SearchBar) -> None:
    bar.everywhere.click()
    ask(qtbot, bar, "printer")
    with qtbot.assertNotEmitted(bar.deeper_wanted):
        bar.show_results("printer", [], {}, Older.ON_SERVER)
    assert bar.remark.text() == "Nothing found in any room. Older messages were not searched yet."
    with qtbot.waitSignal(bar.deeper_wanted) as deeper:
        bar.deeper_button.click()
    assert deeper.args == ["printer", True]
    assert bar.count_label.text() == "Searching…"


def test_everywhere_asks_again_and_tells_the_room(qtbot: QtBot, bar: SearchBar) -> None:
    ask(qtbot, bar, "printer")
    with qtbot.waitSignal(bar.search_wanted) as asked:
        bar.everywhere.click()
    assert asked.args == ["printer", True]
    bar.show_results("printer", found(1, 2), {1: "lobby", 2: "news"}, Older.NONE)
    spoken = bar.view.model().index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert str(spoken).startswith("news, ")
    bar.open_for("news")
    assert not bar.everywhere.isChecked()
    assert bar.field.text() == ""


def test_escape_closes_it_and_it_keeps_the_words(qtbot: QtBot, bar: SearchBar) -> None:
    bar.field.setText("printer")
    with qtbot.waitSignal(bar.closed):
        QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.is_open
    bar.open_for("lobby")
    assert bar.field.selectedText() == "printer"


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_many_results_leave_room_for_the_conversation(qtbot: QtBot, bar: SearchBar, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    ask(qtbot, bar, "printer")
    bar.show_results("printer", found(*[1] * 50), {}, Older.NONE)
    qtbot.waitUntil(lambda: bar.view.height() == MOST_ROWS * 52)
    bar.window().resize(420, 480)
    qtbot.waitUntil(lambda: bar.view.height() <= 480 * 0.45)
    assert not bar.grab().isNull()
    theme.set_mode(Mode.LIGHT)


def test_every_control_has_a_name_that_can_be_spoken(bar: SearchBar) -> None:
    controls = (bar.field, bar.view, bar.previous_button, bar.next_button, bar.close_button)
    assert all(control.accessibleName() for control in controls)

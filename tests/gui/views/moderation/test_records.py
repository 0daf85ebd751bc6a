"""The lists of what a server keeps: rows that say everything, buttons for the one that is chosen."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from qtchat.client.updates import Problem
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.moderation.records import Record, RecordsDialog
from qtchat.protocol.messages import FIRST_PLAIN_USER

CARL = Record(5, "Carl", 5, "Carl", "by Boss, 14:05 · spam", "for good")
EVE = Record(FIRST_PLAIN_USER + 1, "Eve", 6, "Eve", "by Boss, 14:06")
LONG = Record(7, "Long", 7, "Maximilian-Konstantin " * 6, "again and again " * 12, "until 21.11.26 14:05")


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, icons: Icons) -> RecordsDialog:
    acts = (("refuse", "Turn away", "danger"), ("lift", "Lift the ban", "primary"))
    dialog = RecordsDialog("Bans", "They are not let in.", acts, theme, icons)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def enabled(dialog: RecordsDialog) -> list[bool]:
    return [button.isEnabled() for button in dialog.act_buttons.values()]


def test_it_says_that_the_server_is_asked_and_that_there_is_nothing(dialog: RecordsDialog) -> None:
    assert dialog.list.empty.sentence.text() == "Asking the server…"
    dialog.show_records([], "Nobody is banned.")
    assert dialog.list.empty.sentence.text() == "Nobody is banned."
    assert enabled(dialog) == [False, False]


def test_the_button_asks_for_the_row_that_is_chosen_once(qtbot: QtBot, dialog: RecordsDialog) -> None:
    dialog.show_records([CARL, EVE], "")
    assert enabled(dialog) == [True, True]
    QTest.keyClick(dialog.list.field, Qt.Key.Key_Down)
    with qtbot.waitSignal(dialog.act_wanted) as asked:
        dialog.act_buttons["lift"].click()
    assert asked.args == [EVE.key, "lift"], "the number of somebody plain is more than an int of Qt holds"
    assert enabled(dialog) == [False, False], "until it is answered"
    dialog.show_problem(Problem("forbidden", "No."))
    assert dialog.told.text().endswith("No.")
    assert enabled(dialog) == [True, True]
    QTest.keyClick(dialog.list.field, Qt.Key.Key_Up)
    assert dialog.told.isHidden(), "that was about another row"


def test_enter_takes_the_row_that_was_searched(qtbot: QtBot, dialog: RecordsDialog) -> None:
    dialog.show_records([CARL, EVE], "")
    QTest.keyClicks(dialog.list.field, "eve")
    assert dialog.list.proxy.rowCount() == 1
    with qtbot.waitSignal(dialog.act_wanted) as asked:
        dialog.act_buttons["lift"].click()
    assert asked.args == [EVE.key, "lift"]


def test_older_ones_are_asked_for_once(qtbot: QtBot, dialog: RecordsDialog) -> None:
    dialog.show_records([CARL], "")
    assert dialog.more_button.isHidden()
    dialog.show_records([CARL], "", more=True)
    with qtbot.waitSignal(dialog.more_wanted):
        dialog.more_button.click()
    assert not dialog.more_button.isEnabled()
    dialog.show_records([CARL, EVE], "")
    assert dialog.more_button.isHidden()


def test_what_a_row_says_to_ears_and_to_the_filter(dialog: RecordsDialog) -> None:
    dialog.show_records([CARL], "")
    index = dialog.model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Carl\nby Boss, 14:05 · spam, for good"
    assert index.data() == "Carl by Boss, 14:05 · spam"
    assert dialog.model.records == (CARL,)
    assert dialog.model.index(1).data() is None


@pytest.mark.parametrize("scale", [1.0, 1.5])
def test_a_row_is_as_tall_as_its_words(dialog: RecordsDialog, theme: Theme, scale: float) -> None:
    theme.set_text_scale(scale)
    dialog.show_records([CARL, LONG], "")
    option = QStyleOptionViewItem()
    option.widget = dialog.view
    delegate = dialog.view.itemDelegate()
    short, tall = (delegate.sizeHint(option, dialog.list.proxy.index(row, 0)).height() for row in range(2))
    assert short == theme.room_for_text(52)
    assert tall > 2 * short
    assert not dialog.view.uniformItemSizes()
    dialog.view.grab()

"""Choosing somebody."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.client.updates import Problem
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.people_dialog import PersonDialog, add_people_dialog, new_message_dialog
from qtchat.protocol.messages import Person

PEOPLE = (Person(2, "Anna", True), Person(3, "Борис", False), Person(4, "<b>x</b>", True))


@pytest.fixture
def dialog(qtbot: QtBot, theme: Theme, icons: Icons) -> PersonDialog:
    dialog = new_message_dialog(theme, icons)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_until_the_server_has_told_it_waits(dialog: PersonDialog) -> None:
    assert dialog.list.empty.isVisible()
    assert "Asking the server" in dialog.list.empty.sentence.text()
    assert not dialog.choose_button.isEnabled()
    dialog.show_people([])
    assert dialog.list.empty.sentence.text() == "Nobody else was here yet."
    dialog.show_people([], nobody="Everybody is in.")
    assert dialog.list.empty.sentence.text() == "Everybody is in."


def test_typing_finds_and_enter_chooses_once(qtbot: QtBot, dialog: PersonDialog) -> None:
    dialog.show_people(PEOPLE)
    assert dialog.list.view.isVisible()
    chosen: list[int] = []
    dialog.person_chosen.connect(chosen.append)
    dialog.list.field.setText("бор")
    for _ in range(2):
        QTest.keyClick(dialog.list.field, Qt.Key.Key_Return)
    assert chosen == [3]
    assert dialog.isVisible()
    dialog.show_problem(Problem("forbidden", ""))
    assert dialog.told.isVisible()
    assert dialog.told.property("tone") == "danger"
    dialog.choose_button.click()
    assert chosen == [3, 3]


def test_rows_are_stepped_through_while_typing(dialog: PersonDialog) -> None:
    dialog.show_people(PEOPLE)
    QTest.keyClick(dialog.list.field, Qt.Key.Key_Down)
    assert dialog.list.current().row() == 1
    QTest.keyClick(dialog.list.field, Qt.Key.Key_PageDown)
    assert dialog.list.current().row() == 2
    QTest.keyClick(dialog.list.field, Qt.Key.Key_Up)
    assert dialog.list.current().row() == 1
    assert dialog.list.field.hasFocus()


def test_nothing_found_is_said(dialog: PersonDialog) -> None:
    dialog.show_people(PEOPLE)
    dialog.list.field.setText("zzz")
    assert dialog.list.empty.isVisible()
    assert dialog.list.empty.sentence.text() == "Nothing is called that."
    assert not dialog.choose_button.isEnabled()
    QTest.keyClick(dialog.list.field, Qt.Key.Key_Escape)
    assert dialog.list.view.isVisible()
    QTest.keyClick(dialog.list.field, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_several_can_be_added_one_after_the_other(qtbot: QtBot, theme: Theme, icons: Icons) -> None:
    dialog = add_people_dialog("# plans", theme, icons)
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.windowTitle() == "Add people to # plans"
    dialog.show_people(PEOPLE)
    dialog.list.field.setText("anna")
    with qtbot.waitSignal(dialog.person_chosen) as chosen:
        dialog.choose_button.click()
    assert chosen.args == [2]
    dialog.say_done("Anna is in.")
    dialog.show_people(PEOPLE[1:])
    assert dialog.told.text() == "Anna is in."
    assert dialog.told.property("tone") == "ok"
    assert dialog.list.field.text() == ""
    with qtbot.assertNotEmitted(dialog.person_chosen):
        QTest.keyClick(dialog.list.field, Qt.Key.Key_Return)
    assert not dialog.choose_button.isEnabled()
    QTest.keyClicks(dialog.list.field, "x")
    with qtbot.waitSignal(dialog.person_chosen) as chosen:
        QTest.keyClick(dialog.list.field, Qt.Key.Key_Return)
    assert chosen.args == [4]

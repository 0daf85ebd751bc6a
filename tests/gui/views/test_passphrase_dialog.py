"""Asking for a passphrase: one that is known, or a new one twice."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from qtchat.client.keyfile import MIN_PASSPHRASE
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.passphrase_dialog import PassphraseDialog

GOOD = "correct horse"
Make = Callable[[bool], PassphraseDialog]


@pytest.fixture
def make(qtbot: QtBot, theme: Theme) -> Make:
    def make(chosen_now: bool) -> PassphraseDialog:
        dialog = PassphraseDialog("Export your key", "Keep it.", "Export", theme, chosen_now=chosen_now)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def type_into(field: QLineEdit, text: str) -> None:
    field.clear()
    QTest.keyClicks(field, text)


def test_nothing_is_readable_on_the_screen(make: Make) -> None:
    dialog = make(True)
    for field in (dialog.field, dialog.again):
        assert field.echoMode() is QLineEdit.EchoMode.Password
        assert field.accessibleName()
    assert dialog.focusWidget() is dialog.field


def test_a_known_one_is_asked_for_once(qtbot: QtBot, make: Make) -> None:
    dialog = make(False)
    assert dialog.again.isHidden()
    assert not dialog.do_button.isEnabled()
    type_into(dialog.field, "x")
    assert dialog.told.isHidden(), "it may be as short as it is"
    with qtbot.waitSignal(dialog.given) as given:
        QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert given.args == ["x"]


def test_a_new_one_is_long_enough_and_typed_twice(qtbot: QtBot, make: Make) -> None:
    dialog = make(True)
    type_into(dialog.field, GOOD[: MIN_PASSPHRASE - 1])
    assert str(MIN_PASSPHRASE) in dialog.told.text()
    type_into(dialog.field, GOOD)
    assert dialog.told.isHidden()
    type_into(dialog.again, GOOD[:4])
    assert dialog.told.isHidden(), "it may still become the same"
    assert not dialog.do_button.isEnabled()
    type_into(dialog.again, "correct house")
    assert dialog.told.text() == "The two are not the same."
    type_into(dialog.again, GOOD)
    assert dialog.told.isHidden()
    with qtbot.waitSignal(dialog.given) as given:
        dialog.do_button.click()
    assert given.args == [GOOD]


def test_while_it_works_nothing_can_be_changed_or_closed(make: Make) -> None:
    dialog = make(False)
    type_into(dialog.field, GOOD)
    dialog.do_button.click()
    assert dialog.progress.isVisible()
    assert [dialog.field.isEnabled(), dialog.do_button.isEnabled()] == [False, False]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.isVisible()


def test_a_failure_is_told_and_the_text_is_there_to_be_mended(make: Make) -> None:
    dialog = make(False)
    type_into(dialog.field, GOOD)
    dialog.do_button.click()
    dialog.show_failure("The passphrase is wrong.")
    assert dialog.told.text() == "The passphrase is wrong."
    assert dialog.progress.isHidden()
    assert dialog.field.selectedText()
    assert dialog.do_button.isEnabled()
    QTest.keyClicks(dialog.field, "another")
    assert dialog.told.isHidden()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()

"""Giving a chat another name."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views import rename_dialog
from qtchat.gui.views.rename_dialog import RenameDialog
from qtchat.server.naming import MAX_NAME


def test_a_new_name_is_asked_for_and_an_old_or_empty_one_is_not(qtbot: QtBot, theme: Theme) -> None:
    dialog = RenameDialog("Kitchen", theme)
    qtbot.addWidget(dialog)
    dialog.show()
    assert not dialog.rename_button.isEnabled()
    for text in ("  ", " Kitchen "):
        dialog.name_field.setText(text)
        assert not dialog.rename_button.isEnabled()
    dialog.name_field.setText(" Attic ")
    with qtbot.waitSignal(dialog.rename_wanted) as asked:
        QTest.keyClick(dialog.name_field, Qt.Key.Key_Return)
    assert asked.args == ["Attic"]
    assert dialog.isHidden()


def test_a_long_name_shows_its_beginning(qtbot: QtBot, theme: Theme) -> None:
    dialog = RenameDialog("K" * MAX_NAME, theme)
    qtbot.addWidget(dialog)
    assert dialog.name_field.selectedText() == "K" * MAX_NAME
    assert dialog.name_field.cursorPosition() == 0


def test_it_takes_what_a_server_takes() -> None:
    assert rename_dialog.MAX_NAME == MAX_NAME

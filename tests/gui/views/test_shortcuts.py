"""The table of keys, and the list of them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.shortcuts import KEYS, Command, shortcut_groups
from qtchat.gui.views.shortcuts_dialog import ShortcutsDialog


def test_every_command_has_keys_of_its_own() -> None:
    assert set(KEYS) == set(Command)
    keys = [QKeySequence(key) for keys in KEYS.values() for key in keys]
    assert not any(key.isEmpty() for key in keys)
    assert len({key.toString() for key in keys}) == len(keys)


def test_every_command_stands_in_the_list() -> None:
    shown = {key for lines in shortcut_groups().values() for line in lines for key in line.keys}
    assert all(keys[0] in shown for keys in KEYS.values())


def test_the_list_shows_all_of_it_and_closes(qtbot: QtBot, theme: Theme) -> None:
    dialog = ShortcutsDialog(theme)
    qtbot.addWidget(dialog)
    dialog.show()
    texts = [label.text() for label in dialog.findChildren(QLabel)]
    for group, lines in shortcut_groups().items():
        assert group in texts
        assert {line.says for line in lines} <= set(texts)
    QTest.keyClick(dialog.area, Qt.Key.Key_PageDown)
    assert dialog.area.verticalScrollBar().value() > 0
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()

"""The settings dialog, without a program around it."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from qtchat.gui.settings import RecentServer, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.settings import Facts, SettingsDialog

LONG = "Очень длинное имя сервера <b>нашей</b> лаборатории на третьем этаже 🎉"


@pytest.fixture
def settings() -> Settings:
    recent = [
        RecentServer("aa", "Home", "qtchat://127.0.0.1/", "ABCD-EFGH-JKLM-NPQR-STUV-W", "Anna"),
        RecentServer("bb", LONG, "qtchat://127.0.0.2/", "ZZZZ-EFGH-JKLM-NPQR-STUV-W", "Anna"),
    ]
    return Settings(nick="Anna", recent=recent)


@pytest.fixture
def dialog(settings: Settings, theme: Theme, icons: Icons, qtbot: QtBot, tmp_path: Path) -> SettingsDialog:
    dialog = SettingsDialog(settings, Facts(tmp_path, has_tray=True), theme, icons)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    return dialog

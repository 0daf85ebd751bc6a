"""The settings dialog in the program: what is chosen is written and in force at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.errors import ProfileError
from qtchat.gui import preferences as preferences_module
from qtchat.gui.bridge import Background
from qtchat.gui.preferences import Preferences
from qtchat.gui.settings import OpenServer, Quiet, RecentServer, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.settings import Page, SettingsDialog


class Stage:
    """Preferences above a window, and whether what was chosen was asked to be saved."""

    def __init__(self, qtbot: QtBot, theme: Theme, icons: Icons, profile: Path) -> None:
        self.qtbot, self.theme = qtbot, theme
        self.window = QWidget()
        self.background = Background(self.window)
        recent = [RecentServer("aa", "Home", "qtchat://127.0.0.1/", "CODE", "Anna")]
        self.settings = Settings(nick="Anna", recent=recent, open_servers=[OpenServer(recent[0].link, "Anna")])
        self.preferences = Preferences(self.settings, theme, icons, self.window, self.background, profile, self.window)
        self.saves: list[None] = []
        self.preferences.save_wanted.connect(lambda: self.saves.append(None))

    @property
    def dialog(self) -> SettingsDialog:
        assert self.preferences.dialog is not None
        return self.preferences.dialog

    def open(self, page: Page = Page.PROFILE) -> SettingsDialog:
        self.preferences.open(page)
        self.settle()
        return self.dialog

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.background.busy)

    def emits(self, asks: Any, *chosen: Any, tells: Any) -> None:
        """Choosing this is told with the same value, and asked to be saved."""
        with self.qtbot.waitSignal(self.preferences.save_wanted), self.qtbot.waitSignal(tells) as told:
            asks.emit(*chosen)
        assert told.args == list(chosen)


@pytest.fixture
def stage(qtbot: QtBot, theme: Theme, icons: Icons, tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(qtbot, theme, icons, tmp_path)
    yield stage
    stage.settle()
    stage.window.deleteLater()
    theme.set_text_scale(1.0)


def test_one_dialog_at_a_time(stage: Stage) -> None:
    first, pages = stage.open(Page.NETWORK), list[Page]()
    pages.append(first.page)
    assert stage.open(Page.ABOUT) is first
    pages.append(first.page)
    assert pages == [Page.NETWORK, Page.ABOUT]
    first.reject()
    assert stage.preferences.dialog is None
    assert stage.open().page is Page.PROFILE


def test_key_and_history_are_looked_up_without_waiting(stage: Stage) -> None:
    stage.preferences.open()
    assert stage.dialog.profile.key_label.text() == "Reading…"
    stage.settle()
    assert len(stage.dialog.profile.key_label.text()) == 39
    assert stage.dialog.files.size_label.text() == "There is none."


def test_a_key_that_cannot_be_read_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(_profile: Path) -> str:
        raise ProfileError("The key is damaged.")

    monkeypatch.setattr(preferences_module, "key_fingerprint", damaged)
    assert stage.open().profile.key_label.text() == "The key is damaged."


def test_what_comes_after_it_was_closed_goes_nowhere(stage: Stage) -> None:
    stage.preferences.open()
    stage.dialog.reject()
    stage.settle()
    stage.preferences.refresh()


def test_choices_that_others_follow(stage: Stage) -> None:
    dialog, tells = stage.open(), stage.preferences
    stage.emits(dialog.profile.nick_chosen, "Boris", tells=tells.nick_wanted)
    stage.emits(dialog.profile.status_chosen, "here", tells=tells.status_changed)
    stage.emits(dialog.profile.away_chosen, 5, tells=tells.away_minutes_changed)
    stage.emits(dialog.appearance.compact_chosen, True, tells=tells.compact_changed)
    stage.emits(dialog.appearance.unread_first_chosen, True, tells=tells.unread_first_changed)
    stage.emits(dialog.appearance.enter_sends_chosen, False, tells=tells.enter_sends_changed)
    settings = stage.settings
    assert (settings.nick, settings.status, settings.away_minutes) == ("Boris", "here", 5)
    assert (settings.compact, settings.unread_first, settings.enter_sends) == (True, True, False)


def test_the_look_is_in_force_at_once(stage: Stage) -> None:
    dialog = stage.open(Page.APPEARANCE)
    dialog.appearance.mode_chosen.emit(Mode.DARK)
    dialog.appearance.scale_chosen.emit(1.25)
    assert (stage.theme.mode, stage.theme.text_scale) == (Mode.DARK, 1.25)
    assert (stage.settings.theme, stage.settings.text_scale) == (Mode.DARK, 1.25)
    assert len(stage.saves) == 2


def test_notifications(stage: Stage) -> None:
    page = stage.open(Page.NOTIFICATIONS).notifications
    with stage.qtbot.waitSignals([stage.preferences.notifications_changed] * 3):
        for signal in (page.hide_text_chosen, page.sound_chosen):
            signal.emit(True)
        page.notify_chosen.emit(False)
    settings = stage.settings
    assert (settings.notify, settings.notify_hide_text, settings.notify_sound) == (False, True, True)
    with stage.qtbot.waitSignal(stage.preferences.quiet_wanted) as wanted:
        page.quiet_chosen.emit(Quiet.HOUR)
    assert wanted.args == [Quiet.HOUR]
    settings.notify = True
    stage.preferences.refresh()
    assert page.notify.isChecked()


def test_servers(stage: Stage) -> None:
    page = stage.open(Page.NETWORK).network
    page.start_hosting_chosen.emit(False)
    page.tray_chosen.emit(False)
    page.elsewhere_chosen.emit("lab\n10.2.0.5")
    assert stage.settings.elsewhere == "lab\n10.2.0.5"
    assert (stage.settings.start_hosting, stage.settings.close_to_tray) == (False, False)
    stage.emits(page.forget_wanted, "aa", tells=stage.preferences.server_forgotten)
    assert (stage.settings.recent, stage.settings.open_servers) == ([], [])
    assert page._rows == {}
    with stage.qtbot.waitSignal(stage.preferences.join_wanted) as wanted:
        page.join_wanted.emit("qtchat://127.0.0.1/")
    assert wanted.args == ["qtchat://127.0.0.1/"]
    assert stage.preferences.dialog is None


def test_the_folder_is_shown(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", shown.append)
    stage.open().profile.folder_wanted.emit()
    assert shown == [QUrl.fromLocalFile(str(tmp_path))]


def test_the_history_is_cleared_when_the_accounts_have_stopped(stage: Stage, tmp_path: Path) -> None:
    page = stage.open(Page.FILES).files
    with stage.qtbot.waitSignal(stage.preferences.clear_history_wanted):
        page.clear_wanted.emit()
    assert page.size_label.text() == "Clearing…"
    done: list[bool] = []
    stage.preferences.clear_history(lambda: done.append(True))
    assert done == []
    stage.qtbot.waitUntil(lambda: page.size_label.text() == "There is none.")
    assert done == [True]


def test_a_history_that_cannot_be_cleared_is_said(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_profile: Path) -> None:
        raise ProfileError("The disk reports an error.")

    monkeypatch.setattr(preferences_module, "clear_history", failing)
    done: list[bool] = []
    with stage.qtbot.waitSignal(stage.preferences.problem) as problem:
        stage.preferences.clear_history(lambda: done.append(True))
    assert problem.args == ["The disk reports an error."]
    assert done == [True]  # the accounts go on


def test_a_refused_name_is_said_where_somebody_looks(stage: Stage) -> None:
    dialog = stage.open()
    stage.preferences.show_nick_problem("Taken.")
    assert dialog.profile.error_label.text() == "Taken."
    dialog.reject()
    with stage.qtbot.waitSignal(stage.preferences.problem) as problem:
        stage.preferences.show_nick_problem("Taken.")
    assert problem.args == ["Taken."]

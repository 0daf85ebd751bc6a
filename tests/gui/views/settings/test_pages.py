"""What each page asks for."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from qtchat import __version__
from qtchat.gui.settings import FOREVER, Quiet, Settings
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.controls import Paragraph
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.gui.views.settings import Facts, Page, SettingsDialog
from qtchat.gui.views.settings.about import AboutPage
from qtchat.gui.views.settings.appearance import AppearancePage
from qtchat.gui.views.settings.notifications import NotificationsPage
from qtchat.gui.views.settings.profile import ProfilePage
from qtchat.gui.views.shortcuts import shortcut_groups
from tests.gui.views.settings.conftest import LONG

NOW = 1_000.0


def answer(page: object, qtbot: QtBot, *, yes: bool) -> str:
    """Answer the question that a page has asked; returns the question."""
    (dialog,) = page.findChildren(ConfirmDialog)  # type: ignore[attr-defined]
    title = str(dialog.windowTitle())
    with qtbot.waitSignal(dialog.finished):
        (dialog.do_button if yes else dialog.keep_button).click()
    qtbot.waitUntil(lambda: not page.findChildren(ConfirmDialog))  # type: ignore[attr-defined]
    return title


# -- profile -------------------------------------------------------------------------------------------


@pytest.fixture
def profile(dialog: SettingsDialog) -> ProfilePage:
    return dialog.profile


def test_a_name_is_taken_when_it_is_finished(profile: ProfilePage, qtbot: QtBot) -> None:
    profile.nick_field.selectAll()
    with qtbot.assertNotEmitted(profile.nick_chosen):
        qtbot.keyClicks(profile.nick_field, "Boris ")
    with qtbot.waitSignal(profile.nick_chosen) as chosen:
        qtbot.keyClick(profile.nick_field, Qt.Key.Key_Return)
    assert chosen.args == ["Boris"]
    with qtbot.assertNotEmitted(profile.nick_chosen):
        profile.nick_field.editingFinished.emit()


@pytest.mark.parametrize("name", ["", "a:b", "#x"])
def test_a_name_that_cannot_be_is_said_at_once(profile: ProfilePage, qtbot: QtBot, name: str) -> None:
    profile.nick_field.setText("x")
    profile.nick_field.selectAll()
    qtbot.keyClick(profile.nick_field, Qt.Key.Key_Backspace)
    qtbot.keyClicks(profile.nick_field, name)
    assert profile.error_label.isVisible()
    with qtbot.assertNotEmitted(profile.nick_chosen):
        qtbot.keyClick(profile.nick_field, Qt.Key.Key_Return)
    qtbot.keyClick(profile.nick_field, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(profile.nick_field, "fine")
    assert not profile.error_label.isVisible()


def test_what_a_server_says_of_the_name(profile: ProfilePage) -> None:
    profile.show_nick_problem("Somebody else has this name.")
    assert profile.error_label.isVisible()
    profile.show_nick("Anna2")
    assert profile.nick_field.text() == "Anna2"
    assert not profile.error_label.isVisible()


def test_the_status_is_one_clean_line(profile: ProfilePage, qtbot: QtBot) -> None:
    profile.status_field.setText("  in the\u202e library ")
    with qtbot.waitSignal(profile.status_chosen) as chosen:
        profile.status_field.editingFinished.emit()
    assert chosen.args == ["in the library"]
    with qtbot.assertNotEmitted(profile.status_chosen):
        profile.status_field.editingFinished.emit()


def test_after_how_long_we_are_away(profile: ProfilePage, qtbot: QtBot) -> None:
    box = profile.away_box
    assert box.currentText() == "After 10 minutes"
    assert box.itemText(box.count() - 1) == "Never"
    with qtbot.waitSignal(profile.away_chosen) as chosen:
        box.activated.emit(box.findData(0))
    assert chosen.args == [0]


def test_an_unusual_time_is_offered_too(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    page = ProfilePage(Settings(away_minutes=7), Path("/x"), theme, icons)
    qtbot.addWidget(page)
    assert page.away_box.currentData() == 7


def test_the_fingerprint_can_be_copied(profile: ProfilePage, qtbot: QtBot) -> None:
    assert not profile.copy_button.isEnabled()
    profile.show_fingerprint("8f3a 22b1")
    profile.copy_button.click()
    assert QGuiApplication.clipboard().text() == "8f3a 22b1"
    profile.show_fingerprint("", "The key is damaged.")
    assert profile.key_label.text() == "The key is damaged."
    assert not profile.copy_button.isEnabled()
    with qtbot.waitSignal(profile.folder_wanted):
        profile.folder_button.click()


# -- appearance ----------------------------------------------------------------------------------------


@pytest.fixture
def appearance(dialog: SettingsDialog) -> AppearancePage:
    dialog.show_page(Page.APPEARANCE)
    return dialog.appearance


def test_the_theme_is_chosen(appearance: AppearancePage, qtbot: QtBot) -> None:
    assert appearance.mode_choices[Mode.SYSTEM].isChecked()
    with qtbot.waitSignal(appearance.mode_chosen) as chosen:
        appearance.mode_choices[Mode.DARK].click()
    assert chosen.args == [Mode.DARK]
    appearance.mode_choices[Mode.DARK].setFocus()
    with qtbot.waitSignal(appearance.mode_chosen) as chosen:
        qtbot.keyClick(appearance.mode_choices[Mode.DARK], Qt.Key.Key_Up)
    assert chosen.args == [Mode.LIGHT]


def test_the_text_size_is_previewed_and_then_taken(appearance: AppearancePage, qtbot: QtBot) -> None:
    slider, small = appearance.slider, appearance.preview.sizeHint().height()
    assert (slider.minimum() * 5, slider.value() * 5, slider.maximum() * 5) == (80, 100, 150)
    with qtbot.assertNotEmitted(appearance.scale_chosen):
        slider.setSliderDown(True)
        slider.setSliderPosition(30)
        assert appearance.preview.sizeHint().height() > small
        assert appearance.percent.text() == "150 %"
    with qtbot.waitSignal(appearance.scale_chosen) as chosen:
        slider.setSliderDown(False)
    assert chosen.args == [1.5]
    with qtbot.waitSignal(appearance.scale_chosen) as chosen:
        qtbot.keyClick(slider, Qt.Key.Key_Left)
        qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert chosen.args == [1.4]


def test_the_form_of_messages_is_previewed(appearance: AppearancePage, qtbot: QtBot) -> None:
    bubbles = appearance.preview.grab().toImage()
    with qtbot.waitSignal(appearance.compact_chosen) as chosen:
        appearance.compact.click()
    assert chosen.args == [True]
    assert appearance.preview.grab().toImage() != bubbles
    with qtbot.waitSignal(appearance.compact_chosen) as chosen:
        appearance.bubbles.click()
    assert chosen.args == [False]
    assert appearance.mode_choices[Mode.SYSTEM].isChecked()  # the choices of one group do not touch another's


def test_the_other_choices_of_appearance(appearance: AppearancePage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(appearance.unread_first_chosen) as chosen:
        appearance.unread_first.click()
    assert chosen.args == [True]
    with qtbot.waitSignal(appearance.enter_sends_chosen) as chosen:
        appearance.enter_sends.click()
    assert chosen.args == [False]
    assert "Ctrl+Enter" in appearance._enter_note.text()


# -- notifications -------------------------------------------------------------------------------------


def test_what_is_told_is_chosen(dialog: SettingsDialog, settings: Settings, qtbot: QtBot) -> None:
    page = dialog.notifications
    for switch, signal, expected in (
        (page.show_text, page.hide_text_chosen, True),
        (page.sound, page.sound_chosen, True),
    ):
        with qtbot.waitSignal(signal) as chosen:
            switch.click()
        assert chosen.args == [expected]
    page.notify_chosen.connect(lambda on: setattr(settings, "notify", on))
    page.notify.click()
    assert not settings.notify
    assert not page.sound.isEnabled()


def test_do_not_disturb_is_chosen_and_shown(theme: Theme, icons: Icons, qtbot: QtBot) -> None:
    settings = Settings()
    page = NotificationsPage(settings, theme, icons, now=lambda: NOW)
    qtbot.addWidget(page)
    chosen: list[Quiet] = []

    def take(choice: Quiet) -> None:
        chosen.append(choice)
        settings.dnd_until = choice.until(NOW)

    page.quiet_chosen.connect(take)
    assert page.quiet_box.currentText() == "Off"
    page.quiet_box.activated.emit(1)
    assert page.quiet_box.currentText().startswith("Until ")
    assert page.quiet_box.currentText() != "Until I turn it off"
    page.quiet_box.activated.emit(0)  # what is in force already
    assert settings.dnd_until == Quiet.HOUR.until(NOW)
    page.quiet_box.activated.emit(page.quiet_box.count() - 1)
    assert page.quiet_box.currentText() == "Until I turn it off"
    page.quiet_box.activated.emit(0)
    assert page.quiet_box.currentText() == "Off"
    assert chosen == [Quiet.HOUR, Quiet.FOREVER, Quiet.OFF]
    settings.dnd_until = FOREVER
    page.refresh()
    assert page.quiet_box.currentText() == "Until I turn it off"


# -- network -------------------------------------------------------------------------------------------


def test_a_known_server_is_joined_or_forgotten(dialog: SettingsDialog, settings: Settings, qtbot: QtBot) -> None:
    dialog.show_page(Page.NETWORK)
    page = dialog.network
    join = page.findChildren(QPushButton, "join_server_button")
    forget = page.findChildren(QToolButton, "forget_server_button")
    assert [button.accessibleName() for button in forget] == ["Forget Home", f"Forget {LONG}"]
    with qtbot.waitSignal(page.join_wanted) as wanted:
        join[1].click()
    assert wanted.args == ["qtchat://127.0.0.2/"]
    with qtbot.assertNotEmitted(page.forget_wanted):
        forget[0].click()
        assert answer(page, qtbot, yes=False) == "Forget “Home”?"
    with qtbot.waitSignal(page.forget_wanted) as wanted:
        forget[0].click()
        answer(page, qtbot, yes=True)
    assert wanted.args == ["aa"]
    page.show_servers([])
    assert page._nothing.isVisible()


def test_how_the_program_starts_and_stays(dialog: SettingsDialog, qtbot: QtBot) -> None:
    page = dialog.network
    with qtbot.waitSignal(page.start_hosting_chosen) as chosen:
        page.start_hosting.click()
    assert chosen.args == [False]
    with qtbot.waitSignal(page.tray_chosen) as chosen:
        page.tray.click()
    assert chosen.args == [False]


def test_without_a_tray_it_cannot_stay(
    settings: Settings, theme: Theme, icons: Icons, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = SettingsDialog(settings, Facts(tmp_path, has_tray=False), theme, icons)
    qtbot.addWidget(dialog)
    assert not dialog.network.tray.isEnabled()
    assert not dialog.network.tray.isChecked()


# -- files, shortcuts, about ---------------------------------------------------------------------------


def test_the_history_is_cleared_only_after_a_question(dialog: SettingsDialog, qtbot: QtBot) -> None:
    page = dialog.files
    page.show_size(5_000_000)
    assert page.size_label.text() == "5.0 MB"
    with qtbot.assertNotEmitted(page.clear_wanted):
        page.clear_button.click()
        answer(page, qtbot, yes=False)
    with qtbot.waitSignal(page.clear_wanted):
        page.clear_button.click()
        answer(page, qtbot, yes=True)
    page.show_clearing()
    assert not page.clear_button.isEnabled()
    page.show_size(0)
    assert not page.clear_button.isEnabled()
    assert page.size_label.text() == "There is none."


def test_every_shortcut_is_listed(dialog: SettingsDialog) -> None:
    words = {label.text() for label in dialog.shortcuts.findChildren(Paragraph)}
    for group, lines in shortcut_groups().items():
        assert {group, *(line.says for line in lines)} <= words


def test_a_bug_report_holds_no_secrets(dialog: SettingsDialog, qtbot: QtBot, tmp_path: Path) -> None:
    page: AboutPage = dialog.about
    page.copy_button.click()
    assert page.copy_button.text() == "Copied"
    text = QGuiApplication.clipboard().text()
    assert f"qtchat {__version__}" in text
    assert "PySide6" in text
    for secret in ("Anna", str(tmp_path), "127.0.0.1", Path.home().name + "/"):
        assert secret not in text
    page._restore.timeout.emit()
    assert page.copy_button.text() == "Copy"

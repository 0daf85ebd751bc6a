"""Closing, quitting, saving."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from qtchat.gui.app import quits_in_order
from qtchat.gui.session import STOP_SECONDS
from qtchat.gui.settings import SettingsFile
from qtchat.gui.views.room_dialogs import ConfirmDialog
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER

PATIENCE = 10.0


def test_settings_that_cannot_be_saved_are_said(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_content: bytes) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(stand.desktop.file, "write", full)
        stand.online()
        stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    assert "No space left on device" in stand.desktop.window.notice.label.text()


def test_whoever_stays_has_a_window_to_go_on_with(stand: Stand) -> None:
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    dialog.cancel_button.click()
    dialog.reject()
    question = stand.desktop.window.findChild(ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    assert not dialog.isVisible()
    question.keep_button.click()
    assert dialog.isVisible()
    assert stand.server.running


def test_quitting_while_hosting_is_confirmed(stand: Stand) -> None:
    stand.desktop.start()
    stand.desktop.joining.dialog.nick_field.setText("Anna")
    stand.desktop.joining.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    stand.account.go_online()
    stand.settle()
    stand.desktop.window.close()
    dialog = stand.desktop.window.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    assert stand.server.running
    with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
        dialog.do_button.click()
    assert not stand.server.running


def test_closing_the_window_stops_the_account_before_it_is_finished(stand: Stand) -> None:
    account = stand.online()
    with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
        stand.desktop.window.close()
    assert not account.running
    assert not stand.desktop.window.isVisible()
    account.hear(1, "too late")


def test_settings_that_cannot_be_saved_at_the_end_are_one_line_in_the_log(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def read_only(_content: bytes) -> None:
        raise PermissionError("Read-only file system")

    stand.online()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    monkeypatch.setattr(stand.desktop.file, "write", read_only)
    stand.quit()
    told = [record for record in caplog.records if "Read-only file system" in record.getMessage()]
    assert [record.exc_info for record in told] == [None]


def test_with_a_tray_closing_hides_the_window_and_goes_on(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    account = stand.online()
    monkeypatch.setattr(type(stand.desktop.integration.tray), "keeps_running", property(lambda _: True))
    with stand.qtbot.waitSignal(stand.desktop.leaving.hidden):
        stand.desktop.window.close()
    assert not stand.desktop.window.isVisible()
    assert account.running
    stand.desktop.integration.tray.open_wanted.emit()
    assert stand.desktop.window.isVisible()
    stand.desktop.window.hide()
    with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
        stand.desktop.integration.tray.quit_wanted.emit()
    assert not account.running


def test_closing_into_the_tray_keeps_what_is_written(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(stand.desktop.integration.tray), "keeps_running", property(lambda _: True))
    stand.online()
    stand.desktop.window.composer.field.setPlainText("half a thought")
    stand.desktop.window.set_details_shown(True)
    stand.desktop.window.close()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    kept = SettingsFile(stand.profile).settings
    assert kept.drafts == {SERVER.server_id.hex(): {1: "half a thought"}}
    assert kept.details_shown


def test_all_accounts_have_one_deadline(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = stand.online(), stand.join_other()
    given: list[float] = []
    for account in (first, second):
        monkeypatch.setattr(account, "stop", given.append)
    stand.quit()
    assert len(given) == 2
    assert all(STOP_SECONDS - 1 < timeout <= STOP_SECONDS for timeout in given)


def test_the_system_asks_it_to_quit_and_it_asks_back_while_it_hosts(stand: Stand) -> None:
    stand.desktop.start()
    stand.desktop.joining.dialog.nick_field.setText("Anna")
    stand.desktop.joining.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    stand.account.go_online()
    stand.settle()
    with quits_in_order(stand.application, stand.desktop.leaving):
        QApplication.sendEvent(stand.application, QEvent(QEvent.Type.Quit))
        question = stand.desktop.window.findChild(ConfirmDialog)
        assert isinstance(question, ConfirmDialog)
        assert stand.desktop.window.isVisible()
        with stand.qtbot.waitSignal(stand.desktop.leaving.finished):
            question.do_button.click()
    assert not stand.server.running
    assert not stand.account.running

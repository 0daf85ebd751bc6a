"""The chat that is hosted here, from its host's side."""

import json
import logging
from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from qtchat.gui.hosting import Newcomers
from qtchat.gui.settings import SettingsFile
from qtchat.gui.views.host_panel import HostPanel
from qtchat.gui.views.host_password_dialog import HostPasswordDialog
from qtchat.gui.views.rename_dialog import RenameDialog
from qtchat.gui.views.room_dialogs import ConfirmDialog
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import FakeStatus

PATIENCE = 10.0


def hosting(stand: Stand) -> HostPanel:
    """A chat is hosted and joined, and its panel is open."""
    stand.desktop.file.settings.nick, stand.desktop.file.settings.hosting = "Anna", True
    stand.desktop.start()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    stand.account.go_online()
    stand.settle()
    stand.desktop.controller.make_menu().hosting_wanted.emit()
    panel = stand.desktop.host.panel
    assert isinstance(panel, HostPanel)
    stand.qtbot.waitUntil(lambda: panel.online.number.text() == "3")
    return panel


def test_without_a_hosted_chat_there_is_no_panel(stand: Stand) -> None:
    stand.online()
    stand.desktop.host.open()
    assert stand.desktop.host.panel is None
    menu = stand.desktop.controller.make_menu()
    assert "Hosting…" not in [action.text() for action in menu.actions()]
    menu.close()


def test_the_panel_shows_how_the_chat_stands(stand: Stand) -> None:
    panel = hosting(stand)
    assert panel.about.whole() == "“Kitchen” is open on this computer."
    assert (panel.known.number.text(), panel.disk.number.text()) == ("12", "3.4 MB")
    assert panel.again_box.isChecked()
    stand.desktop.host.open()
    assert stand.desktop.host.panel is panel
    panel.reject()
    assert stand.desktop.host.panel is None


def test_a_busy_server_is_asked_again(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = hosting(stand)
    asked: list[bool] = []

    def busy() -> FakeStatus:
        asked.append(True)
        if len(asked) == 1:
            raise TimeoutError
        return FakeStatus(disk=0)

    monkeypatch.setattr(stand.server, "status", busy)
    stand.desktop.host._timer.setInterval(0)
    stand.qtbot.waitUntil(lambda: panel.disk.number.text() == "0 bytes")


def test_the_tray_says_that_a_chat_is_hosted_and_opens_the_panel(stand: Stand) -> None:
    panel = hosting(stand)
    panel.reject()
    tray = stand.desktop.integration.tray
    (entry,) = [action for action in tray._menu.actions() if "Kitchen" in action.text()]
    entry.trigger()
    assert stand.desktop.host.panel is not None


def test_it_is_renamed_by_a_restart(stand: Stand) -> None:
    panel = hosting(stand)
    panel.rename_button.click()
    dialog = panel.findChild(RenameDialog)
    assert isinstance(dialog, RenameDialog)
    dialog.name_field.setText("Attic")
    dialog.rename_button.click()
    stand.qtbot.waitUntil(lambda: panel.about.whole() == "“Attic” is open on this computer.")
    assert panel.rename_button.isEnabled()
    assert stand.server.threads == ["qtchat-host-start", "qtchat-host-restart", "qtchat-host-restart"]


def test_a_name_that_cannot_be_kept_is_told_of_and_nothing_is_restarted(stand: Stand) -> None:
    panel = hosting(stand)
    stand.server.trouble = "no space left"
    stand.desktop.host._rename("Attic")
    stand.qtbot.waitUntil(lambda: "no space left" in stand.desktop.window.notice.label.text())
    assert panel.rename_button.isEnabled()
    assert stand.server.running


def test_inviting_from_the_panel(stand: Stand) -> None:
    hosting(stand).invite_button.click()
    assert stand.desktop.host.panel is None
    assert stand.desktop.servers.invitation is not None


def test_what_is_hosted_at_the_start_is_the_chat_of_before(stand: Stand) -> None:
    stand.desktop.file.settings.hosting = True
    stand.desktop.start(nick="Me")
    stand.qtbot.waitUntil(lambda: stand.server.running)
    assert stand.server.again


def test_whether_it_is_hosted_again_is_remembered(stand: Stand) -> None:
    hosting(stand).again_box.click()
    stand.quit()
    assert not SettingsFile(stand.profile).settings.start_hosting


def test_doors_are_opened_by_a_restart_in_order(stand: Stand) -> None:
    panel = hosting(stand)
    assert panel.restart_button.isHidden()
    panel.door_boxes["nick-ru:12347"].setChecked(True)
    assert not panel.restart_button.isHidden()
    panel.restart_button.click()
    assert not panel.stop_button.isEnabled()
    stand.qtbot.waitUntil(panel.stop_button.isEnabled)
    assert stand.server.classic == ("nick-ru:12347",)
    assert stand.server.threads == ["qtchat-host-start", "qtchat-host-restart", "qtchat-host-restart"]
    assert stand.server.running
    assert panel.restart_button.isHidden()
    assert len(stand.accounts) == 1
    stand.quit()
    assert SettingsFile(stand.profile).settings.host_doors == ["nick-ru:12347"]


def test_doors_that_stay_shut_are_told_of(stand: Stand) -> None:
    panel = hosting(stand)
    stand.server.closed_doors = "port 12347 is in use"
    panel.door_boxes["nick-ru:12347"].setChecked(True)
    panel.restart_button.click()
    stand.qtbot.waitUntil(panel.stop_button.isEnabled)
    assert panel.door_trouble.text() == "port 12347 is in use"
    assert not panel.door_boxes["nick-ru:12347"].isChecked()


def test_a_restart_that_fails_says_so(stand: Stand) -> None:
    panel = hosting(stand)
    stand.server.trouble = "the disk is gone."
    panel.door_boxes["lines:47301"].setChecked(True)
    panel.restart_button.click()
    stand.qtbot.waitUntil(stand.desktop.joining.dialog.isVisible)
    assert "The disk is gone." in stand.desktop.joining.dialog.error_label.text()
    assert stand.desktop.host.panel is None


def test_newcomers_wait_or_only_read_from_the_restart_on(stand: Stand) -> None:
    panel = hosting(stand)
    newcomers = panel.newcomers
    newcomers.more_button.click()
    newcomers.wait_box.click()
    newcomers.read_box.click()
    assert stand.server.newcomers == Newcomers()  # nothing happens by a tick alone
    newcomers.restart_button.click()
    assert not newcomers.wait_box.isEnabled()
    stand.qtbot.waitUntil(newcomers.wait_box.isEnabled)
    assert stand.server.newcomers == Newcomers(wait=True, only_read=True)
    assert stand.server.threads == ["qtchat-host-start", "qtchat-host-restart", "qtchat-host-restart"]
    assert newcomers.restart_button.isHidden()
    assert len(stand.accounts) == 1
    stand.quit()
    settings = SettingsFile(stand.profile).settings
    assert (settings.host_newcomers_wait, settings.host_newcomers_only_read) == (True, True)


def test_what_newcomers_meet_is_the_same_at_the_next_start(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    settings = {"nick": "Anna", "hosting": True, "host_newcomers_wait": True}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    stand = Stand(qtbot, qapp, tmp_path)
    stand.desktop.start()
    qtbot.waitUntil(lambda: stand.server.running)
    assert stand.server.newcomers == Newcomers(wait=True)
    stand.quit()
    stand.close()


def set_password(panel: HostPanel, password: str) -> None:
    panel.newcomers.more_button.click()
    panel.newcomers.password_button.click()
    dialog = panel.findChild(HostPasswordDialog)
    assert isinstance(dialog, HostPasswordDialog)
    dialog.field.setText(password)
    dialog.set_button.click()


def until_restarted(stand: Stand, panel: HostPanel, times: int) -> None:
    """Wait until the server was stopped and started so often, and the panel knows."""
    stand.qtbot.waitUntil(lambda: stand.server.threads.count("qtchat-host-restart") == 2 * times)
    stand.qtbot.waitUntil(panel.stop_button.isEnabled)


def test_a_password_is_set_changed_and_removed(stand: Stand) -> None:
    panel = hosting(stand)
    label = panel.newcomers.password_label
    assert label.text() == "They need no password."
    restarts = 0
    for restarts, password in enumerate(("sesame", "swordfish"), 1):
        set_password(panel, password)
        until_restarted(stand, panel, restarts)
        assert (label.text(), stand.server.password) == ("They need a password.", password)
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for answer in ("keep_button", "do_button"):
        panel.newcomers.no_password_button.click()
        question = panel.findChild(ConfirmDialog)
        assert isinstance(question, ConfirmDialog)
        getattr(question, answer).click()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    until_restarted(stand, panel, restarts + 1)
    assert (label.text(), stand.server.password) == ("They need no password.", "")


def test_a_password_is_in_no_file_of_the_settings(stand: Stand, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    panel = hosting(stand)
    set_password(panel, "swordfish")
    stand.qtbot.waitUntil(lambda: stand.server.has_password)
    stand.quit()
    assert "swordfish" not in caplog.text
    assert not [path for path in stand.profile.rglob("*") if path.is_file() and b"swordfish" in path.read_bytes()]


def test_a_password_that_cannot_be_kept_is_told_of_and_nothing_is_restarted(stand: Stand) -> None:
    panel = hosting(stand)
    stand.server.trouble = "no space left"
    set_password(panel, "sesame")
    stand.qtbot.waitUntil(lambda: "no space left" in stand.desktop.window.notice.label.text())
    assert panel.newcomers.password_button.isEnabled()
    assert stand.server.running


def test_what_was_ticked_before_a_restart_is_ticked_after_it(stand: Stand) -> None:
    panel = hosting(stand)
    panel.newcomers.wait_box.setChecked(True)
    panel.door_boxes["lines:47301"].setChecked(True)
    set_password(panel, "sesame")
    stand.qtbot.waitUntil(lambda: panel.newcomers.password_label.text() == "They need a password.")
    assert panel.newcomers.wait_box.isChecked()
    assert panel.door_boxes["lines:47301"].isChecked()
    assert not panel.restart_button.isHidden()
    assert not panel.newcomers.restart_button.isHidden()
    assert (stand.server.newcomers, stand.server.classic) == (Newcomers(), ())


def test_doors_that_stay_shut_for_a_password_are_told_of(stand: Stand) -> None:
    panel = hosting(stand)
    panel.door_boxes["lines:47301"].setChecked(True)
    panel.restart_button.click()
    stand.qtbot.waitUntil(panel.stop_button.isEnabled)
    assert panel.newcomers.doors_note.isHidden()
    set_password(panel, "sesame")
    stand.qtbot.waitUntil(lambda: not panel.newcomers.doors_note.isHidden())
    assert panel.door_trouble.text().startswith("These doors stay shut for now")
    assert panel.door_boxes["lines:47301"].isChecked()  # so it opens again without the password


def test_unknown_doors_in_the_settings_are_left_out(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    settings = {"nick": "Anna", "hosting": True, "host_doors": ["lines:47301", "sesame:1"]}
    (tmp_path / "settings.json").write_text(json.dumps(settings))
    stand = Stand(qtbot, qapp, tmp_path)
    stand.desktop.start()
    qtbot.waitUntil(lambda: stand.server.running)
    assert stand.server.classic == ("lines:47301",)
    stand.quit()
    stand.close()


def test_a_copy_goes_where_it_is_wanted(stand: Stand, tmp_path: Path) -> None:
    panel = hosting(stand)
    assert panel.backup_label.text() == "None yet."
    panel.backup_button.click()
    dialog = panel.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(tmp_path))
    assert panel.backup_label.text() == "Copying…"
    dialog.reject()
    stand.qtbot.waitUntil(panel.backup_button.isEnabled)
    assert stand.server.backups == [tmp_path]
    assert str(tmp_path / "qtchat-backup") in panel.backup_label.text()
    panel.show_status(FakeStatus(last_backup=1_763_740_000_000))
    assert "qtchat-backup" in panel.backup_label.text()


def test_a_copy_that_fails_says_why(stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel, gate = hosting(stand), Event()

    def full(_into: Path) -> Path:
        assert gate.wait(PATIENCE)
        raise OSError("no space left")

    monkeypatch.setattr(stand.server, "back_up", full)
    stand.desktop.host._back_up(str(tmp_path))
    gate.set()
    stand.qtbot.waitUntil(lambda: panel.backup_label.text() == "no space left")
    gate.clear()
    stand.desktop.host._back_up(str(tmp_path))
    panel.reject()
    gate.set()
    stand.qtbot.waitUntil(lambda: stand.desktop.window.notice.label.text() == "no space left")


def test_hosting_is_stopped_after_a_question(stand: Stand) -> None:
    panel = hosting(stand)
    panel.stop_button.click()
    question = panel.findChild(ConfirmDialog)
    assert isinstance(question, ConfirmDialog)
    question.do_button.click()
    stand.qtbot.waitUntil(stand.desktop.joining.dialog.isVisible)
    assert not stand.server.running
    assert stand.server.threads == ["qtchat-host-start", "qtchat-host-stop"]
    assert stand.desktop.sessions.all == []
    assert not stand.desktop.file.settings.hosting


def test_the_invitation_warns_of_the_firewall(stand: Stand) -> None:
    stand.server.warning = "ufw does not let the chat in.\nTo let the chat in:\nsudo ufw allow 47300/tcp"
    hosting(stand).invite_button.click()
    invitation = stand.desktop.servers.invitation
    assert invitation is not None
    stand.qtbot.waitUntil(invitation.firewall_label.isVisible)
    assert invitation.firewall_copy.text_to_copy == "sudo ufw allow 47300/tcp"

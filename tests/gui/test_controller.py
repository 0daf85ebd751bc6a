"""Who we are, which server, hosting, the connection's state, quitting."""

from pathlib import Path
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from qtchat.client.updates import ConnectionUpdate, HeldUpdate, Phase, Problem, StorageUpdate
from qtchat.gui.app import build
from qtchat.gui.controller import user_name
from qtchat.gui.settings import RecentServer, SettingsFile
from qtchat.gui.theme.theme import Mode
from qtchat.gui.views.room_dialogs import ConfirmDialog
from qtchat.protocol.messages import MAX_NICK
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, FakeAccount, FakeServer

PATIENCE = 10.0
RECENT = RecentServer(SERVER.server_id.hex(), "Kitchen", "qtchat://127.0.0.1:47300/#K", SERVER.code, "Me")


def refuse(stand: Stand, code: str, suggestion: str = "") -> None:
    stand.account.tell(ConnectionUpdate(Phase.REFUSED, Problem(code, "", suggestion)))
    stand.settle()


def wait_for(gate: Event) -> bool:
    """In the place of something that takes its time: until `gate` opens."""
    return gate.wait(PATIENCE)


def join(stand: Stand, address: str = "office", nick: str = "Anna", *, wait: bool = True) -> None:
    dialog = stand.desktop.controller.dialog
    dialog.nick_field.setText(nick)
    dialog.address_field.setText(address)
    with stand.qtbot.waitSignal(dialog.join_wanted):
        dialog.join_button.click()
    if wait:
        stand.qtbot.waitUntil(lambda: bool(stand.accounts) and stand.account.running)


# -- the first start ---------------------------------------------------------------------------------


def test_the_first_start_asks_for_name_and_place(stand: Stand) -> None:
    stand.desktop.controller.start()
    dialog = stand.desktop.controller.dialog
    assert dialog.isVisible()
    assert not stand.desktop.window.isVisible()
    assert dialog.nick_field.text() == user_name()
    assert stand.accounts == []


def test_the_dialog_closes_when_the_chat_is_joined(stand: Stand) -> None:
    stand.desktop.controller.start()
    dialog = stand.desktop.controller.dialog
    join(stand)
    assert (stand.account.link, stand.account.nick) == ("office", "Anna")
    assert dialog.isVisible()
    assert dialog.busy
    stand.account.go_online()
    stand.settle()
    assert not dialog.isVisible()
    assert stand.desktop.window.isVisible()


@pytest.mark.parametrize("code", ["unreachable", "connection_refused", "name_unknown", "not_qtchat"])
def test_an_address_that_fails_leaves_the_dialog_open_and_nothing_running(stand: Stand, code: str) -> None:
    stand.desktop.controller.start()
    join(stand)
    account = stand.account
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem(code, ""), 1.0))
    dialog = stand.desktop.controller.dialog
    stand.qtbot.waitUntil(lambda: not dialog.address_error.isHidden())
    assert dialog.isVisible()
    assert not dialog.busy
    stand.qtbot.waitUntil(lambda: not account.running)
    join(stand, "office2")
    assert stand.account is not account
    assert stand.account.link == "office2"


@pytest.mark.parametrize("code", ["server_changed", "wrong_code", "bad_link", "version", "profile", "lost"])
def test_a_hard_stop_leaves_the_dialog_open(stand: Stand, code: str) -> None:
    stand.desktop.controller.start()
    join(stand)
    refuse(stand, code)
    dialog = stand.desktop.controller.dialog
    assert dialog.isVisible()
    assert not dialog.address_error.isHidden()


def test_a_taken_nick_is_tried_again_on_the_same_account(stand: Stand) -> None:
    stand.desktop.controller.start()
    join(stand)
    refuse(stand, "nick_taken", "Anna2")
    dialog = stand.desktop.controller.dialog
    assert dialog.isVisible()
    dialog.suggestion_button.click()
    assert stand.account.called("join_as") == [("Anna2",)]
    assert len(stand.accounts) == 1
    assert dialog.busy
    stand.account.go_online()
    stand.settle()
    assert not dialog.isVisible()


def test_a_compared_code_is_accepted_on_the_same_account(stand: Stand) -> None:
    stand.desktop.controller.start()
    join(stand)
    refuse(stand, "unverified", "ABCD-EFGH")
    dialog = stand.desktop.controller.dialog
    assert dialog.code_label.text() == "ABCD-EFGH"
    dialog.accept_button.click()
    assert stand.account.called("accept_server") == [()]
    assert dialog.busy


def test_an_attempt_can_be_given_up(stand: Stand) -> None:
    stand.desktop.controller.start()
    join(stand)
    account = stand.account
    dialog = stand.desktop.controller.dialog
    dialog.cancel_button.click()
    assert not dialog.busy
    stand.qtbot.waitUntil(lambda: not account.running)
    assert stand.desktop.controller.session is None


def test_leaving_the_first_dialog_leaves_the_program(stand: Stand) -> None:
    stand.desktop.controller.start()
    with stand.qtbot.waitSignal(stand.desktop.controller.finished):
        stand.desktop.controller.dialog.reject()


# -- later starts ------------------------------------------------------------------------------------


def test_a_later_start_goes_where_the_last_one_was(stand: Stand) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.recent = "Anna", [RECENT]
    stand.desktop.controller.start()
    assert (stand.account.link, stand.account.nick) == (RECENT.link, "Anna")
    assert stand.desktop.window.isVisible()
    assert not stand.desktop.controller.dialog.isVisible()


def test_the_command_line_wins(stand: Stand) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.recent, settings.hosting = "Anna", [RECENT], True
    stand.desktop.controller.start("qtchat://elsewhere/", "Ben")
    assert (stand.account.link, stand.account.nick) == ("qtchat://elsewhere/", "Ben")
    assert not stand.server.running


def test_a_joined_server_is_remembered(stand: Stand) -> None:
    stand.online()
    stand.quit()
    again = SettingsFile(stand.profile).settings
    assert again.nick == SERVER.nick
    assert again.recent[0].name == "Kitchen"
    assert again.recent[0].link == "qtchat://127.0.0.1:47300/#ABCD"


def test_a_server_joined_by_address_is_remembered_with_its_code(stand: Stand) -> None:
    stand.desktop.controller.start("127.0.0.1", "Me")
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.file.settings.recent[0].link == f"qtchat://127.0.0.1:47300/#{SERVER.code}"


def test_damaged_settings_are_said(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    stand = Stand(qtbot, qapp, tmp_path)
    stand.desktop.controller.start("x", "Me")
    assert "settings.damaged-1.json" in stand.desktop.window.notice.label.text()
    stand.quit()
    stand.close()


def test_damaged_settings_are_said_in_the_first_dialog_too(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("{")
    stand = Stand(qtbot, qapp, tmp_path)
    stand.desktop.controller.start()
    assert "settings.damaged-1.json" in stand.desktop.controller.dialog.notice.text()
    assert stand.desktop.controller.dialog.notice.isVisible()
    stand.quit()
    stand.close()


# -- the connection ----------------------------------------------------------------------------------


def test_the_banner_tells_of_a_lost_connection_and_tries_now(stand: Stand) -> None:
    account, banner = stand.online(), stand.desktop.window.banner
    assert banner.isHidden()
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    assert banner.isVisible()
    assert banner.label.whole().startswith("Reconnecting in 5 s")
    assert stand.desktop.window.composer.isEnabled()
    banner.try_button.click()
    assert account.called("connect_now") == [()]
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert banner.isHidden()
    assert not stand.desktop.controller.dialog.isVisible()


def test_a_server_that_changed_while_running_is_a_hard_stop(stand: Stand) -> None:
    stand.online()
    refuse(stand, "server_changed")
    assert stand.desktop.window.banner.label.whole().startswith("Stop:")
    assert stand.desktop.controller.dialog.isVisible()
    assert stand.desktop.controller.dialog.error_label.text().startswith("Stop:")


def test_a_disk_that_takes_nothing_is_said(stand: Stand) -> None:
    account = stand.online()
    account.tell(StorageUpdate(Problem("profile", "The disk is full.")))
    stand.settle()
    assert "The disk is full." in stand.desktop.window.notice.label.text()


def test_what_the_account_tells_of_its_files_is_told_as_it_is(stand: Stand) -> None:
    account = stand.online()
    account.tell(StorageUpdate(Problem("profile", "The local history was damaged. It was put aside as /x/y.")))
    stand.settle()
    assert stand.desktop.window.notice.label.text() == "The local history was damaged. It was put aside as /x/y."


def test_a_server_that_can_store_nothing_is_said_until_it_can(stand: Stand) -> None:
    account, banner = stand.online(), stand.desktop.window.banner
    account.tell(HeldUpdate(Problem("storage", "full")))
    stand.settle()
    assert banner.isVisible()
    assert "cannot store" in banner.label.whole()
    account.tell(HeldUpdate(None))
    stand.settle()
    assert banner.isHidden()


def test_another_server_takes_the_place_of_the_first(stand: Stand) -> None:
    first = stand.online()
    stand.desktop.controller.choose()
    assert stand.desktop.controller.dialog.isVisible()
    join(stand, "elsewhere")
    stand.qtbot.waitUntil(lambda: len(stand.accounts) == 2)
    assert not first.running
    first.hear(1, "from the old server")
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.window.timeline.model.entries == []


def test_a_lost_connection_does_not_disturb_who_is_choosing_another_server(stand: Stand) -> None:
    account = stand.online()
    stand.desktop.controller.choose()
    account.tell(ConnectionUpdate(Phase.OFFLINE, Problem("unreachable", ""), 5.0))
    stand.settle()
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert stand.desktop.controller.dialog.isVisible()
    assert account.running


def test_no_account_begins_before_the_last_one_has_ended(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    first, gate = stand.online(), Event()
    monkeypatch.setattr(first, "stop", lambda: wait_for(gate))
    join(stand, "elsewhere", wait=False)
    dialog = stand.desktop.controller.dialog
    dialog.cancel_button.click()
    assert not dialog.busy
    join(stand, "third", wait=False)
    assert stand.accounts == [first]
    gate.set()
    stand.qtbot.waitUntil(lambda: len(stand.accounts) == 2)
    assert stand.account.link == "third"


def test_what_was_given_up_before_it_began_never_begins(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    first, gate = stand.online(), Event()
    monkeypatch.setattr(first, "stop", lambda: wait_for(gate))
    join(stand, "elsewhere", wait=False)
    stand.desktop.controller.dialog.cancel_button.click()
    gate.set()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    assert stand.accounts == [first]
    assert stand.desktop.controller.session is None


def test_settings_that_cannot_be_saved_are_said(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_content: bytes) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(stand.desktop.file, "write", full)
        stand.online()
        stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    assert "No space left on device" in stand.desktop.window.notice.label.text()


# -- hosting -----------------------------------------------------------------------------------------


def test_a_chat_is_started_here_and_joined(stand: Stand) -> None:
    stand.desktop.controller.start()
    controller = stand.desktop.controller
    controller.dialog.nick_field.setText("Anna")
    controller.dialog.host_button.click()
    assert controller.dialog.busy
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.threads == ["qtchat-host-start"]
    assert stand.account.link == FakeServer.link
    stand.account.go_online()
    stand.settle()
    assert controller.invitation is not None
    assert controller.invitation.link_field.text() == FakeServer.link
    width = controller.invitation.copy_button.width()
    controller.invitation.copy_button.click()
    assert controller.invitation.copy_button.text() == "Copied"
    assert controller.invitation.copy_button.width() == width >= controller.invitation.copy_button.sizeHint().width()
    assert QApplication.clipboard().text() == FakeServer.link
    stand.quit()
    assert not stand.server.running
    assert stand.server.threads[1] not in ("MainThread", "qtchat-host-start")
    assert SettingsFile(stand.profile).settings.hosting


def test_a_chat_that_was_hosted_is_hosted_again(stand: Stand) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.hosting = "Anna", True
    stand.desktop.controller.start()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.running
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.controller.invitation is None


def test_a_chat_that_cannot_be_started_says_why(stand: Stand) -> None:
    stand.server.trouble = "port 47300 is in use."
    stand.desktop.controller.start()
    dialog = stand.desktop.controller.dialog
    dialog.nick_field.setText("Anna")
    dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: not dialog.busy)
    assert "Port 47300 is in use." in dialog.error_label.text()
    assert stand.accounts == []


def test_starting_a_chat_here_can_be_given_up(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    start, gate = stand.server.start, Event()
    monkeypatch.setattr(stand.server, "start", lambda: (wait_for(gate), start()))
    stand.desktop.controller.start()
    dialog = stand.desktop.controller.dialog
    dialog.host_button.click()
    dialog.cancel_button.click()
    assert not dialog.busy
    gate.set()
    stand.qtbot.waitUntil(lambda: not stand.desktop.background.busy)
    assert stand.server.threads == ["qtchat-host-start", "qtchat-host-stop"]
    assert not stand.server.running
    assert stand.accounts == []
    assert not stand.desktop.file.settings.hosting


def test_a_chat_given_up_and_wanted_again_is_started(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, gate = stand.server.stop, Event()
    monkeypatch.setattr(stand.server, "stop", lambda: (wait_for(gate), stop()))
    stand.desktop.controller.start()
    dialog = stand.desktop.controller.dialog
    dialog.host_button.click()
    dialog.cancel_button.click()
    dialog.host_button.click()
    gate.set()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.running


@pytest.mark.parametrize("phase", [Phase.OFFLINE, Phase.REFUSED, Phase.ONLINE])
def test_a_chat_that_is_being_started_waits_for_no_other_server(
    stand: Stand, monkeypatch: pytest.MonkeyPatch, phase: Phase
) -> None:
    account, gate = stand.online(), Event()
    start = stand.server.start
    monkeypatch.setattr(stand.server, "start", lambda: (wait_for(gate), start()))
    dialog = stand.desktop.controller.dialog
    stand.desktop.controller.choose()
    dialog.host_button.click()
    account.tell(ConnectionUpdate(phase, None if phase is Phase.ONLINE else Problem("unreachable", "")))
    stand.settle()
    assert dialog.isVisible()
    assert dialog.busy
    assert dialog.address_error.isHidden()
    assert account.running
    gate.set()
    stand.qtbot.waitUntil(lambda: len(stand.accounts) == 2)
    assert stand.account.link == FakeServer.link


def test_whoever_stays_has_a_window_to_go_on_with(stand: Stand) -> None:
    stand.desktop.controller.start()
    dialog = stand.desktop.controller.dialog
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


def test_an_invitation_goes_with_its_server(stand: Stand) -> None:
    stand.desktop.controller.start()
    stand.desktop.controller.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.controller.invitation is not None
    stand.desktop.controller.begin("elsewhere", "Anna")
    assert stand.desktop.controller.invitation is None


def test_quitting_while_hosting_is_confirmed(stand: Stand) -> None:
    stand.desktop.controller.start()
    stand.desktop.controller.dialog.nick_field.setText("Anna")
    stand.desktop.controller.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    stand.account.go_online()
    stand.settle()
    stand.desktop.window.close()
    dialog = stand.desktop.window.findChild(ConfirmDialog)
    assert isinstance(dialog, ConfirmDialog)
    assert stand.server.running
    with stand.qtbot.waitSignal(stand.desktop.controller.finished):
        dialog.do_button.click()
    assert not stand.server.running


# -- the menu, and leaving ---------------------------------------------------------------------------


def test_the_menu_switches_theme_and_size(stand: Stand) -> None:
    stand.online()
    actions = {action.text(): action for action in _all_actions(stand)}
    actions["Dark"].trigger()
    actions["150 %"].trigger()
    assert stand.desktop.theme.dark
    assert stand.desktop.theme.text_scale == 1.5
    stand.quit()
    again = SettingsFile(stand.profile).settings
    assert (again.theme, again.text_scale) == (Mode.DARK, 1.5)
    stand.desktop.theme.set_mode(Mode.LIGHT)
    stand.desktop.theme.set_text_scale(1.0)


def _all_actions(stand: Stand) -> list[QAction]:
    menu = stand.desktop.controller.make_menu()
    found = list(menu.actions())
    for action in menu.actions():
        sub = action.menu()
        if isinstance(sub, QMenu):
            found += sub.actions()
    return found


def test_closing_the_window_stops_the_account_before_it_is_finished(stand: Stand) -> None:
    account = stand.online()
    with stand.qtbot.waitSignal(stand.desktop.controller.finished):
        stand.desktop.window.close()
    assert not account.running
    assert not stand.desktop.window.isVisible()
    account.hear(1, "too late")


@pytest.mark.parametrize("where", ["window", "dialog"])
def test_ctrl_q_quits(stand: Stand, where: str) -> None:
    controller = stand.desktop.controller
    if where == "window":
        stand.online()
    else:
        controller.start()
    place = stand.desktop.window if where == "window" else controller.dialog
    stand.qtbot.waitUntil(place.isActiveWindow)
    with stand.qtbot.waitSignal(controller.finished):
        QTest.keyClick(place, Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier)


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


def test_place_and_size_are_remembered(stand: Stand, qtbot: QtBot, qapp: QApplication) -> None:
    stand.online()
    stand.desktop.window.resize(720, 600)
    stand.desktop.window.set_details_shown(True)
    stand.quit()
    settings = SettingsFile(stand.profile).settings
    assert settings.geometry
    assert settings.details_shown
    again = build(qapp, stand.profile, make_account=FakeAccount, make_server=FakeServer)
    again.controller.start()
    assert (again.window.width(), again.window.height()) == (720, 600)
    assert again.window.details_shown
    with qtbot.waitSignal(again.controller.finished):
        again.controller.quit_now()
    again.close()
    again.window.deleteLater()


def test_the_proposed_name_may_be_used() -> None:
    assert len(user_name()) <= MAX_NICK
    assert user_name().isprintable()

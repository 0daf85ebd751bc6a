"""What is remembered of servers, and inviting to them."""

import pytest
from PySide6.QtWidgets import QApplication

from qtchat.gui.settings import OpenServer, SettingsFile
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import SERVER, FakeServer

PATIENCE = 10.0


def test_a_joined_server_is_remembered(stand: Stand) -> None:
    stand.online()
    stand.quit()
    again = SettingsFile(stand.profile).settings
    assert again.nick == SERVER.nick
    assert again.recent[0].name == "Kitchen"
    assert again.recent[0].link == "qtchat://127.0.0.1:47300/#ABCD"


def test_a_server_joined_by_address_is_remembered_with_its_code(stand: Stand) -> None:
    stand.desktop.start("127.0.0.1", "Me")
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.file.settings.recent[0].link == f"qtchat://127.0.0.1:47300/#{SERVER.code}"


def test_a_chat_is_started_here_and_joined(stand: Stand) -> None:
    stand.desktop.start()
    stand.desktop.joining.dialog.nick_field.setText("Anna")
    stand.desktop.joining.dialog.host_button.click()
    assert stand.desktop.joining.dialog.busy
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.threads == ["qtchat-host-start"]
    assert stand.account.link == FakeServer.link
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.servers.invitation is not None
    assert stand.desktop.servers.invitation.link_field.text() == FakeServer.link
    width = stand.desktop.servers.invitation.copy_button.width()
    stand.desktop.servers.invitation.copy_button.click()
    assert stand.desktop.servers.invitation.copy_button.text() == "Copied"
    assert (
        stand.desktop.servers.invitation.copy_button.width()
        == width
        >= stand.desktop.servers.invitation.copy_button.sizeHint().width()
    )
    assert QApplication.clipboard().text() == FakeServer.link
    stand.quit()
    assert not stand.server.running
    assert stand.server.threads[1] not in ("MainThread", "qtchat-host-start")
    assert SettingsFile(stand.profile).settings.hosting


def test_a_chat_that_was_hosted_is_hosted_again(stand: Stand) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.hosting = "Anna", True
    stand.desktop.start()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    assert stand.server.running
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.servers.invitation is None


def test_an_invitation_goes_with_its_server(stand: Stand) -> None:
    stand.desktop.start()
    stand.desktop.joining.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts))
    stand.account.go_online()
    stand.settle()
    assert stand.desktop.servers.invitation is not None
    stand.desktop.controller.begin("elsewhere", "Anna")
    assert stand.desktop.servers.invitation is None


@pytest.mark.parametrize("shown", ["elsewhere", FakeServer.link])
def test_a_chat_hosted_again_stands_behind_the_server_that_was_shown(stand: Stand, shown: str) -> None:
    settings = stand.desktop.file.settings
    settings.nick, settings.hosting, settings.shown_server = "Anna", True, shown
    settings.open_servers = [OpenServer("elsewhere", "Anna")]
    stand.desktop.start()
    stand.qtbot.waitUntil(lambda: len(stand.accounts) == 2)
    assert [account.link for account in stand.accounts] == ["elsewhere", FakeServer.link]
    current = stand.desktop.sessions.current
    assert current is not None
    assert current.link == shown
    stand.quit()
    assert SettingsFile(stand.profile).settings.hosting

"""The key goes into a file, and from there into another profile."""

from pathlib import Path

import pytest

from qtchat.client import keyfile
from qtchat.client.trust import KEY_FILE, load_or_create_key
from qtchat.gui.settings import SettingsFile
from tests.helpers.desktop import Stand

PASSPHRASE = "correct horse"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes it slow on purpose is no matter of these tests."""
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 8 * 1024)
    monkeypatch.setattr(keyfile, "ITERATIONS", 1)


def test_the_key_is_exported(stand: Stand, tmp_path: Path) -> None:
    load_or_create_key(stand.profile)
    transfer, path = stand.desktop.key_transfer, tmp_path / "mine.qtchat-key"
    transfer.export()
    assert transfer.files is not None
    transfer.files.fileSelected.emit(str(path))
    transfer.files.reject()
    dialog = transfer.dialog
    assert dialog is not None
    for text, enabled in (("short", False), (PASSPHRASE, True)):
        dialog.field.setText(text)
        dialog.again.setText(text)
        dialog.field.textEdited.emit(text)
        assert dialog.do_button.isEnabled() is enabled
    with stand.qtbot.waitSignal(transfer.said):
        dialog.do_button.click()
    assert path.exists()
    assert transfer.dialog is None


def test_the_two_must_be_the_same(stand: Stand, tmp_path: Path) -> None:
    transfer = stand.desktop.key_transfer
    transfer._export_to(tmp_path / "x")
    dialog = transfer.dialog
    assert dialog is not None
    dialog.field.setText(PASSPHRASE)
    dialog.again.setText("something else")
    dialog.again.textEdited.emit("something else")
    assert "not the same" in dialog.told.text()
    assert not dialog.do_button.isEnabled()
    dialog.reject()


def test_an_import_disconnects_and_comes_back(stand: Stand, tmp_path: Path) -> None:
    other, path = tmp_path / "other", tmp_path / "mine.qtchat-key"
    load_or_create_key(other)
    keyfile.export_key(other, path, PASSPHRASE)
    load_or_create_key(stand.profile)
    first = stand.online()
    transfer = stand.desktop.key_transfer
    transfer._import_from(path)
    dialog = transfer.dialog
    assert dialog is not None
    dialog.field.setText("wrong horse")
    dialog.field.textEdited.emit("wrong horse")
    dialog.do_button.click()
    stand.qtbot.waitUntil(lambda: "wrong" in dialog.told.text())
    assert not first.running
    stand.qtbot.waitUntil(lambda: stand.account is not first and stand.account.running)
    dialog.field.setText(PASSPHRASE)
    dialog.field.textEdited.emit(PASSPHRASE)
    with stand.qtbot.waitSignal(transfer.replaced):
        dialog.do_button.click()
    assert (stand.profile / KEY_FILE).read_bytes() == (other / KEY_FILE).read_bytes()
    assert "replaced-1" in stand.desktop.window.notice.label.text()
    stand.qtbot.waitUntil(lambda: stand.account.running)


def import_key(stand: Stand, tmp_path: Path) -> None:
    """Another key, as the dialog does it; it is under way when this returns."""
    other, path = tmp_path / "other", tmp_path / "mine.qtchat-key"
    load_or_create_key(other)
    keyfile.export_key(other, path, PASSPHRASE)
    stand.desktop.key_transfer._import(path, PASSPHRASE)


def test_whoever_hosts_still_does_and_is_the_owner_by_the_new_key(stand: Stand, tmp_path: Path) -> None:
    load_or_create_key(stand.profile)
    stand.desktop.start()
    stand.desktop.joining.dialog.nick_field.setText("Me")
    stand.desktop.joining.dialog.host_button.click()
    stand.qtbot.waitUntil(lambda: bool(stand.accounts) and stand.account.running)
    stand.account.go_online()
    stand.settle()
    servers, first = stand.desktop.servers, stand.account
    with stand.qtbot.waitSignals([stand.desktop.key_transfer.replaced, stand.desktop.hosting.started]):
        import_key(stand, tmp_path)
    stand.qtbot.waitUntil(lambda: stand.account is not first and stand.account.running)
    assert stand.server.threads.count("qtchat-host-restart") == 2  # stopped and started
    assert servers.hosted is stand.desktop.sessions.all[0]
    stand.account.go_online()
    stand.settle()
    servers.keep()
    assert stand.desktop.file.settings.open_servers == []  # hosting opens it


def test_who_quits_meanwhile_finds_the_servers_again(stand: Stand, tmp_path: Path) -> None:
    load_or_create_key(stand.profile)
    stand.online()
    import_key(stand, tmp_path)
    assert stand.desktop.pause.active
    stand.quit()
    assert [account.running for account in stand.accounts] == [False]
    kept = SettingsFile(stand.profile).settings.open_servers
    assert [server.nick for server in kept] == ["Me"]

"""The key goes into a file, and from there into another profile."""

from pathlib import Path

import pytest

from qtchat.client import keyfile
from qtchat.client.trust import KEY_FILE, load_or_create_key
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

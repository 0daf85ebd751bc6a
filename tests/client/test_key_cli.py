"""`qtchat-cli export-key` and `import-key`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.client import cli, key_cli, keyfile
from qtchat.client.profile_lock import profile_lock
from qtchat.client.trust import load_or_create_key

PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 8 * 1024)
    monkeypatch.setattr(keyfile, "ITERATIONS", 1)


def types(monkeypatch: pytest.MonkeyPatch, *answers: str) -> None:
    left: Iterator[str] = iter(answers)
    monkeypatch.setattr(key_cli, "getpass", lambda _: next(left))


def test_a_key_moves_to_another_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    mine, other, sealed = (str(tmp_path / name) for name in ("mine", "other", "sealed"))
    key = load_or_create_key(tmp_path / "mine")
    load_or_create_key(tmp_path / "other")
    types(monkeypatch, PASSPHRASE, PASSPHRASE, PASSPHRASE)
    assert cli.main(["export-key", sealed, "--profile", mine]) == 0
    exported = capsys.readouterr().out
    assert cli.main(["import-key", sealed, "--profile", other]) == 0
    imported = capsys.readouterr().out
    assert load_or_create_key(tmp_path / "other").public_key == key.public_key
    assert "replaced-1" in imported
    assert exported.splitlines()[-1] == imported.splitlines()[-1]  # the fingerprint


def test_the_passphrase_may_stand_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_or_create_key(tmp_path)
    (tmp_path / "secret").write_text(PASSPHRASE + "\n", encoding="utf-8")
    options = [str(tmp_path / "sealed"), "--profile", str(tmp_path), "--passphrase-file"]
    assert cli.main(["export-key", *options, str(tmp_path / "secret")]) == 0
    assert keyfile.import_key(tmp_path / "other", tmp_path / "sealed", PASSPHRASE) is None
    capsys.readouterr()
    assert cli.main(["import-key", *options, str(tmp_path / "nowhere")]) == 1
    assert "nowhere" in capsys.readouterr().err


def test_what_goes_wrong_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load_or_create_key(tmp_path)
    options = [str(tmp_path / "sealed"), "--profile", str(tmp_path)]
    types(monkeypatch, PASSPHRASE, "something else", "short", "short")
    for words in ("two different", "at least 8"):
        assert cli.main(["export-key", *options]) == 1
        assert words in capsys.readouterr().err

    def interrupted(_prompt: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(key_cli, "getpass", interrupted)
    assert cli.main(["export-key", *options]) == 1
    assert "Interrupted" in capsys.readouterr().err


def test_no_key_is_imported_under_a_running_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load_or_create_key(tmp_path / "mine")
    keyfile.export_key(tmp_path / "mine", tmp_path / "sealed", PASSPHRASE)
    types(monkeypatch, PASSPHRASE)
    with profile_lock(tmp_path / "other"):
        assert cli.main(["import-key", str(tmp_path / "sealed"), "--profile", str(tmp_path / "other")]) == 1
    assert "another qtchat" in capsys.readouterr().err

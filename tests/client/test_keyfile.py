"""A key goes into a sealed file and comes out as the same key, or not at all."""

import json
import stat
import sys
from pathlib import Path

import pytest

from qtchat.client import keyfile
from qtchat.client.keyfile import KeyFileError, KeyFileProblem, export_key, import_key
from qtchat.client.trust import KEY_FILE, load_or_create_key

PASSPHRASE = "correct horse battery"


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyfile, "MEMORY_KIB", 8 * 1024)
    monkeypatch.setattr(keyfile, "ITERATIONS", 1)


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    profile = tmp_path / "mine"
    load_or_create_key(profile)
    return profile


@pytest.fixture
def sealed(mine: Path, tmp_path: Path) -> Path:
    path = tmp_path / "key.qtchat"
    export_key(mine, path, PASSPHRASE)
    return path


def refusal(profile: Path, path: Path, passphrase: str = PASSPHRASE) -> KeyFileProblem:
    with pytest.raises(KeyFileError) as caught:
        import_key(profile, path, passphrase)
    return caught.value.reason


def test_a_key_comes_to_another_profile(mine: Path, sealed: Path, tmp_path: Path) -> None:
    assert import_key(tmp_path / "other", sealed, PASSPHRASE) is None
    assert load_or_create_key(tmp_path / "other").public_key == load_or_create_key(mine).public_key
    assert import_key(tmp_path / "other", sealed, PASSPHRASE) is None  # it has it already
    assert [path.name for path in (tmp_path / "other").iterdir()] == [KEY_FILE]


def test_the_key_that_was_there_is_kept_aside(sealed: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    for number in (1, 2):
        (other / KEY_FILE).unlink(missing_ok=True)
        load_or_create_key(other)
        old = (other / KEY_FILE).read_bytes()
        aside = import_key(other, sealed, PASSPHRASE)
        assert aside == other / f"{KEY_FILE}.replaced-{number}"
        assert aside.read_bytes() == old


def test_a_damaged_key_can_be_replaced(mine: Path, sealed: Path) -> None:
    (mine / KEY_FILE).write_bytes(b"rubbish")
    aside = import_key(mine, sealed, PASSPHRASE)
    assert aside is not None
    assert aside.read_bytes() == b"rubbish"
    load_or_create_key(mine)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
def test_only_the_owner_may_read_what_was_written(mine: Path, sealed: Path) -> None:
    import_key(mine, sealed, PASSPHRASE)
    for path in (sealed, mine / KEY_FILE):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_neither_key_nor_passphrase_stands_in_the_file(mine: Path, sealed: Path) -> None:
    content = sealed.read_bytes()
    assert (mine / KEY_FILE).read_bytes().strip()[:40] not in content
    assert PASSPHRASE.encode() not in content
    assert load_or_create_key(mine).to_bytes()[:32] not in content


def test_two_exports_have_nothing_in_common(mine: Path, sealed: Path, tmp_path: Path) -> None:
    export_key(mine, tmp_path / "again", PASSPHRASE)
    first, second = (json.loads(path.read_bytes()) for path in (sealed, tmp_path / "again"))
    assert first["sealed"] != second["sealed"]
    assert first["header"]["salt"] != second["header"]["salt"]


def test_a_wrong_passphrase_changes_nothing(mine: Path, sealed: Path, tmp_path: Path) -> None:
    before = (mine / KEY_FILE).read_bytes()
    assert refusal(mine, sealed, PASSPHRASE.upper()) is KeyFileProblem.WRONG
    assert refusal(mine, sealed, "") is KeyFileProblem.WRONG
    assert (mine / KEY_FILE).read_bytes() == before
    assert refusal(tmp_path / "other", sealed, "x") is KeyFileProblem.WRONG
    assert not (tmp_path / "other").exists()


def test_a_passphrase_is_the_same_however_it_was_composed(mine: Path, tmp_path: Path) -> None:
    export_key(mine, tmp_path / "key", "caf\u00e9 au lait \ud83d")
    assert import_key(tmp_path / "other", tmp_path / "key", "cafe\u0301 au lait \ud83d") is None


def test_every_change_of_the_file_is_noticed(mine: Path, sealed: Path) -> None:
    content = json.loads(sealed.read_bytes())
    for field, value in (("iterations", 2), ("lanes", 2), ("memory_kib", 9 * 1024), ("salt", "A" * 22 + "==")):
        sealed.write_text(json.dumps({**content, "header": {**content["header"], field: value}}))
        assert refusal(mine, sealed) is KeyFileProblem.WRONG
    sealed.write_text(json.dumps({**content, "sealed": "A" * 107 + "="}))
    assert refusal(mine, sealed) is KeyFileProblem.WRONG


@pytest.mark.parametrize(
    "change",
    [
        {"memory_kib": 2**30},
        {"iterations": 10**6},
        {"iterations": 0},
        {"lanes": 10**6},
        {"salt": ""},
        {"nonce": "AAAA"},
        {"kdf": "md5"},
        {"cipher": "none"},
        {"format": "something else"},
        {"version": "1"},
    ],
)
def test_what_is_no_such_file_is_refused_before_any_work(mine: Path, sealed: Path, change: dict[str, object]) -> None:
    content = json.loads(sealed.read_bytes())
    sealed.write_text(json.dumps({**content, "header": {**content["header"], **change}}))
    assert refusal(mine, sealed) is KeyFileProblem.DAMAGED


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"header": 1}', b" " * 100_000])
def test_anything_else_is_refused_in_words(mine: Path, sealed: Path, content: bytes) -> None:
    sealed.write_bytes(content)
    assert refusal(mine, sealed) is KeyFileProblem.DAMAGED


def test_a_file_of_a_newer_version_is_said(mine: Path, sealed: Path) -> None:
    sealed.write_text('{"header": {"format": "qtchat key", "version": 2, "kdf": "better"}, "more": []}')
    assert refusal(mine, sealed) is KeyFileProblem.NEWER


def test_an_export_overwrites_nothing_unless_asked(mine: Path, sealed: Path) -> None:
    before = sealed.read_bytes()
    with pytest.raises(KeyFileError) as caught:
        export_key(mine, sealed, PASSPHRASE)
    assert (caught.value.reason, sealed.read_bytes()) == (KeyFileProblem.EXISTS, before)
    export_key(mine, sealed, "another passphrase", replace=True)
    assert import_key(mine, sealed, "another passphrase") is None


def test_what_cannot_be_exported(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / KEY_FILE).write_bytes(b"rubbish")
    for profile, path, passphrase, reason in (
        (mine, tmp_path / "key", "short", KeyFileProblem.WEAK),
        (mine, tmp_path / "no" / "folder" / "key", PASSPHRASE, KeyFileProblem.FILE),
        (tmp_path / "empty", tmp_path / "key", PASSPHRASE, KeyFileProblem.NO_KEY),
        (tmp_path / "damaged", tmp_path / "key", PASSPHRASE, KeyFileProblem.DAMAGED),
    ):
        with pytest.raises(KeyFileError) as caught:
            export_key(profile, path, passphrase)
        assert caught.value.reason is reason
    assert not (tmp_path / "key").exists()
    assert not (tmp_path / "empty").exists()


def test_files_that_cannot_be_used_are_named(mine: Path, sealed: Path, tmp_path: Path) -> None:
    assert refusal(mine, tmp_path / "nothing") is KeyFileProblem.FILE
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    assert refusal(blocked, sealed) is KeyFileProblem.FILE

"""What a profile holds."""

import sqlite3
from pathlib import Path

import pytest

from qtchat.client.cache import Cache
from qtchat.client.database import open_database
from qtchat.client.errors import ProfileError
from qtchat.client.housekeeping import DATABASE, clear_history, history_folder, history_size, key_fingerprint
from qtchat.client.outbox import Outbox
from qtchat.client.trust import KEY_FILE, load_or_create_key
from qtchat.protocol.messages import KIND_POST, Event, Room

WORDS = "never to be read again"


def written(profile: Path, server: str) -> Path:
    """The database of a server with one message received and one that waits to be sent."""
    path = history_folder(profile) / server / DATABASE
    database, _moved = open_database(path)
    cache, outbox = Cache(database), Outbox(database)
    cache.set_identity(bytes(16), 1)
    cache.put_room(Room(1, "lobby", "", 1, 1))
    cache.append(1, [Event(1, 1, bytes(16), 0, 2, "Anna", KIND_POST, WORDS * 100)])
    outbox.add(b"x" * 16, 1, "waits", 0)
    database.close()
    return path


def test_the_fingerprint_tells_keys_apart(tmp_path: Path) -> None:
    first, second = (key_fingerprint(tmp_path / name) for name in "ab")
    assert first != second
    assert first == key_fingerprint(tmp_path / "a")
    assert [len(group) for group in first.split()] == [4] * 8
    assert load_or_create_key(tmp_path / "a").to_bytes()[:32].hex()[:4] not in first.split()[0]


def test_a_damaged_key_has_none(tmp_path: Path) -> None:
    (tmp_path / KEY_FILE).write_bytes(b"x")
    with pytest.raises(ProfileError):
        key_fingerprint(tmp_path)


def test_how_much_there_is(tmp_path: Path) -> None:
    assert history_size(tmp_path) == 0
    sizes = [written(tmp_path, name).stat().st_size for name in ("AAAA", "BBBB")]
    assert history_size(tmp_path) >= sum(sizes) > 0


def test_clearing_removes_what_was_received_and_nothing_else(tmp_path: Path) -> None:
    paths = [written(tmp_path, name) for name in ("AAAA", "BBBB")]
    clear_history(tmp_path)
    for path in paths:
        database, moved = open_database(path)
        assert moved is None
        assert Cache(database).rooms() == []
        assert Cache(database).identity() == (bytes(16), 1)
        assert [message.text for message in Outbox(database).items()] == ["waits"]
        database.close()
        left = b"".join(file.read_bytes() for file in path.parent.iterdir())
        assert WORDS.encode() not in left
    clear_history(tmp_path / "nothing there")


def test_a_database_that_cannot_be_cleared_is_said_in_words(tmp_path: Path) -> None:
    path = written(tmp_path, "AAAA")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("PRAGMA user_version = 1000")
    other.close()
    with pytest.raises(ProfileError, match="newer version"):
        clear_history(tmp_path)

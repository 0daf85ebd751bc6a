"""Finding messages in the local history, with SQLite's full-text index and without."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from qtchat.client import search
from qtchat.client.cache import Cache
from qtchat.client.database import open_database, transaction
from qtchat.client.errors import ProfileError
from qtchat.client.search import is_indexed
from qtchat.protocol.messages import KIND_DELETED, KIND_EDITED, KIND_JOINED, KIND_POST, Event, Room


def event(seq: int, text: str, room: int = 1, kind: str = KIND_POST, about: int = 0) -> Event:
    return Event(room, seq, seq.to_bytes(16, "big"), 1000 * room + seq, 2, "Bob", kind, text, about)


@pytest.fixture(params=[True, False], ids=["index", "scan"])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[sqlite3.Connection]:
    if not request.param:
        monkeypatch.setattr(search, "_has_fts5", lambda _: False)
    with closing(open_database(tmp_path / "server.db")[0]) as database:
        assert is_indexed(database) == request.param
        yield database


@pytest.fixture
def cache(database: sqlite3.Connection) -> Cache:
    return Cache(database)


def found(cache: Cache, text: str, room: int | None = None, limit: int = 200) -> list[str]:
    return [event.text for event in cache.find(room, text, limit)]


def test_all_words_must_be_there_in_any_order_and_case(cache: Cache) -> None:
    cache.append(
        1, [event(1, "Tea at SIX"), event(2, "tea, at last"), event(3, "Six o'clock"), event(4, "six", kind="x")]
    )
    assert found(cache, "tea") == ["tea, at last", "Tea at SIX"]
    assert found(cache, "six TEA") == ["Tea at SIX"]
    assert found(cache, "o'clock") == ["Six o'clock"]
    assert found(cache, "coffee") == found(cache, "") == found(cache, "  ") == []


def test_a_word_may_be_only_begun(cache: Cache) -> None:
    cache.append(1, [event(1, "tomorrow"), event(2, "today")])
    assert found(cache, "tom") == ["tomorrow"]
    assert found(cache, "to") == ["today", "tomorrow"]


def test_cyrillic_is_found_in_whatever_case(cache: Cache) -> None:
    cache.append(1, [event(1, "ЗАВТРА в Шесть"), event(2, "завтрак")])
    assert found(cache, "завтра шесть") == ["ЗАВТРА в Шесть"]
    assert found(cache, "Завтра") == ["завтрак", "ЗАВТРА в Шесть"]


@pytest.mark.parametrize(
    "text", ['"', "'", "*", "a*", '"a"', "NEAR(a b)", "a OR b", "-a", "text:a", "(", "\0", "a\0b", "^a"]
)
def test_whatever_is_typed_is_only_words(cache: Cache, text: str) -> None:
    cache.append(1, [event(1, "nothing of it")])
    assert found(cache, text) == []


def test_signs_and_emoji_are_found_too(cache: Cache) -> None:
    cache.append(1, [event(1, "well 👍 done"), event(2, "well ++")])
    assert found(cache, "👍") == ["well 👍 done"]
    assert found(cache, "++") == ["well ++"]


def test_one_room_or_all_and_the_newest_first(cache: Cache) -> None:
    for room in (1, 2, 3):
        cache.append(room, [event(seq, f"apple {room}.{seq}", room) for seq in range(1, 6)])
    assert found(cache, "apple", 2) == [f"apple 2.{seq}" for seq in (5, 4, 3, 2, 1)]
    assert found(cache, "apple", 2, limit=2) == ["apple 2.5", "apple 2.4"]
    assert found(cache, "apple", limit=7) == [*(f"apple 3.{seq}" for seq in (5, 4, 3, 2, 1)), "apple 2.5", "apple 2.4"]
    assert found(cache, "apple", 9) == []


def test_what_was_edited_or_deleted_is_found_by_what_it_says_now(cache: Cache) -> None:
    cache.append(1, [event(1, "pear one"), event(2, "pear two"), event(3, "pear three")])
    cache.append(1, [event(4, "apple one", kind=KIND_EDITED, about=1), event(5, "", kind=KIND_DELETED, about=2)])
    assert found(cache, "pear") == ["pear three"]
    assert found(cache, "apple") == ["apple one"]
    cache.append(1, [event(6, "plum one", kind=KIND_EDITED, about=1), event(7, "joined", kind=KIND_JOINED)])
    assert found(cache, "apple") == found(cache, "joined") == []
    assert [one.seq for one in cache.find(None, "plum", 9)] == [1]


def test_older_history_comes_in_as_it_is_now(cache: Cache) -> None:
    cache.append(1, [event(4, "apple", kind=KIND_EDITED, about=1), event(5, "", kind=KIND_DELETED, about=2)])
    cache.prepend(1, [event(1, "pear one"), event(2, "pear two"), event(3, "pear three")])
    assert (found(cache, "pear"), found(cache, "apple")) == (["pear three"], ["apple"])


def test_what_is_forgotten_is_not_found(cache: Cache) -> None:
    for room in (1, 2):
        cache.put_room(Room(room, str(room), "", 1, 1))
        cache.append(room, [event(1, f"apple {room}", room)])
    cache.forget_room(1)
    assert found(cache, "apple") == ["apple 2"]
    cache.append(1, [event(1, "pear", 1)])
    assert (found(cache, "apple"), found(cache, "pear")) == (["apple 2"], ["pear"])
    cache.clear_events(1)
    assert found(cache, "pear") == []
    cache.reset()
    assert found(cache, "apple") == []
    cache.append(2, [event(1, "apple again", 2)])
    assert found(cache, "apple") == ["apple again"]


def test_a_program_without_the_index_leaves_none_behind_and_the_next_makes_it_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened() -> tuple[sqlite3.Connection, Cache]:
        database = open_database(tmp_path / "server.db")[0]
        return database, Cache(database)

    database, cache = opened()
    with closing(database):
        cache.append(1, [event(1, "apple one")])
    with monkeypatch.context() as patch:
        patch.setattr(search, "_has_fts5", lambda _: False)
        database, cache = opened()
        with closing(database):
            cache.append(1, [event(2, "apple two"), event(3, "pear", kind=KIND_EDITED, about=1)])
            assert found(cache, "apple") == ["apple two"]
    database, cache = opened()
    with closing(database):
        assert is_indexed(database)
        assert (found(cache, "apple"), found(cache, "pear")) == (["apple two"], ["pear"])


def test_a_write_that_fails_leaves_the_index_as_it_was(database: sqlite3.Connection, cache: Cache) -> None:
    cache.append(1, [event(1, "apple")])

    def interrupted() -> None:
        with transaction(database, durable=False):
            cache.append(1, [event(2, "pear")])
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        interrupted()
    cache.append(1, [event(2, "plum")])
    assert (found(cache, "pear"), found(cache, "plum")) == ([], ["plum"])


def test_an_index_of_a_newer_sqlite_is_made_anew(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "server.db")[0]) as database:
        Cache(database).append(1, [event(1, "apple one")])
        database.execute("UPDATE found_config SET v = 99 WHERE k = 'version'")
    with closing(open_database(tmp_path / "server.db")[0]) as database:
        cache = Cache(database)
        assert is_indexed(database)
        assert found(cache, "apple") == ["apple one"]
        cache.append(1, [event(2, "apple two")])
        assert found(cache, "two") == ["apple two"]


def test_what_else_is_wrong_with_the_index_is_not_hidden(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "server.db")[0]) as database:
        database.execute("DROP TABLE found_config")
    with pytest.raises((ProfileError, sqlite3.OperationalError)):
        open_database(tmp_path / "server.db")

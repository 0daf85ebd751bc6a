"""The settings file."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from qtchat.gui.settings import (
    FOREVER,
    MAX_RECENT,
    MAX_RECENT_EMOJI,
    Level,
    OpenServer,
    Quiet,
    RecentServer,
    RoomPrefs,
    Settings,
    SettingsFile,
)
from qtchat.gui.theme.theme import Mode

DAMAGED = (b"{", b"", b"[]", b'"x"', b"\xff\xfe", b'{"nick": "A"} {')
WRONG = {
    "nick": b"5",
    "geometry": b'"x"',
    "theme": b'"pink"',
    "text_scale": b"15.0",
    "away_minutes": b"-1",
    "dnd_until": b"1e300",
    "side_width": b"null",
    "status": b'"%s"' % (b"x" * 81),
    "recent": b'[{"server_id": "xyz", "name": "", "link": "", "code": "", "nick": ""}]',
    "rooms": b'{"aa": {"3": {"level": "loud"}}}',
    "drafts": b'{"aa": {"three": "x"}}',
}


def server(number: int, name: str = "x") -> RecentServer:
    return RecentServer(f"{number:032x}", name, f"qtchat://127.0.0.{number}/", "CODE", "Me")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "new")
    file.settings = Settings(
        nick="Анна",
        theme=Mode.DARK,
        text_scale=1.5,
        recent=[server(1)],
        last_room={"aa": 3},
        drafts={"aa": {3: "Привет 🎉"}},
        rooms={"aa": {3: RoomPrefs(muted=True, level=Level.MENTIONS)}},
        open_servers=[OpenServer("qtchat://127.0.0.1/", "Анна")],
        recent_emoji=["🎉"],
        dnd_until=FOREVER,
    )
    file.write(file.content())
    again = SettingsFile(tmp_path / "new")
    assert again.settings == file.settings
    assert (again.trouble, again.wrong, again.moved_to) == ("", (), None)


def test_no_file_means_defaults(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path)
    assert file.settings == Settings()
    assert file.trouble == ""
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_moved_aside_and_said_so(tmp_path: Path) -> None:
    for content in DAMAGED:
        (tmp_path / "settings.json").write_bytes(content)
        file = SettingsFile(tmp_path)
        assert file.settings == Settings()
        assert file.trouble
        assert file.moved_to is not None
        assert file.moved_to.read_bytes() == content
    assert len(list(tmp_path.glob("settings.damaged-*.json"))) == len(DAMAGED)


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="needs folders that this user may not write")
def test_a_damaged_file_that_cannot_be_moved_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b"{")
    tmp_path.chmod(0o500)
    try:
        file = SettingsFile(tmp_path)
    finally:
        tmp_path.chmod(0o700)
    assert file.moved_to is None
    assert "ermission" in file.trouble


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_a_default_and_nothing_else_is(tmp_path: Path, name: str) -> None:
    content = b'{"compact": true, "%s": %s}' % (name.encode(), WRONG[name])
    (tmp_path / "settings.json").write_bytes(content)
    file = SettingsFile(tmp_path)
    assert file.settings == Settings(compact=True)
    assert file.wrong == (name,)
    assert file.trouble == ""
    assert file.moved_to is not None
    assert file.moved_to.read_bytes() == content


def test_a_copy_that_cannot_be_kept_is_no_reason_to_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"nick": 5}')
    file = SettingsFile(tmp_path)
    monkeypatch.setattr(file, "_free_name", lambda: tmp_path / "no" / "such" / "folder")
    assert file._copy_aside(b"x") is None


def test_fields_of_another_version_are_skipped_or_get_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"nick": "Anna", "of_a_later_version": {"x": [1]}}')
    file = SettingsFile(tmp_path)
    assert file.settings == Settings(nick="Anna")
    assert file.wrong == ()


def test_each_default_keeps_its_own_bounds() -> None:
    content = msgspec.json.encode(Settings())
    assert msgspec.json.decode(content, type=Settings) == Settings()


def test_the_last_server_stands_first_and_once() -> None:
    settings = Settings()
    for number in range(MAX_RECENT + 2):
        settings.remember(server(number))
    settings.remember(server(3, "renamed"))
    assert settings.recent[0] == server(3, "renamed")
    assert len(settings.recent) == MAX_RECENT
    assert len({known.server_id for known in settings.recent}) == MAX_RECENT


def test_a_forgotten_server_leaves_nothing_behind() -> None:
    settings = Settings()
    for number in (1, 2):
        known = server(number)
        settings.remember(known)
        settings.open_servers.append(OpenServer(known.link, "Me"))
        settings.last_room[known.server_id] = 3
        settings.drafts[known.server_id] = {3: "x"}
        settings.set_room_prefs(known.server_id, 3, RoomPrefs(pinned=True))
    settings.forget_server(server(1).server_id)
    kept = server(2).server_id
    assert [known.server_id for known in settings.recent] == [kept]
    assert settings.open_servers == [OpenServer(server(2).link, "Me")]
    assert [list(of) for of in (settings.last_room, settings.drafts, settings.rooms)] == [[kept]] * 3
    settings.forget_server("unknown")


def test_emoji_stand_once_the_last_used_first() -> None:
    settings = Settings()
    for number in range(MAX_RECENT_EMOJI + 3):
        settings.remember_emoji(chr(0x1F600 + number))
    settings.remember_emoji("\U0001f605")
    assert settings.recent_emoji[0] == "\U0001f605"
    assert len(settings.recent_emoji) == len(set(settings.recent_emoji)) == MAX_RECENT_EMOJI


def test_preferences_of_a_room_are_kept_only_where_they_differ() -> None:
    settings = Settings()
    assert settings.room_prefs("aa", 3) == RoomPrefs()
    settings.set_room_prefs("aa", 3, RoomPrefs(muted=True))
    assert settings.room_prefs("aa", 3).muted
    settings.set_room_prefs("aa", 3, RoomPrefs())
    assert settings.rooms == {"aa": {}}


def test_drafts_of_rooms_that_are_gone_are_dropped() -> None:
    settings = Settings(drafts={"aa": {1: "x", 2: "y"}, "bb": {2: "z"}})
    settings.purge_drafts("aa", {1, 7})
    settings.purge_drafts("cc", ())
    assert settings.drafts == {"aa": {1: "x"}, "bb": {2: "z"}}


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    if not hasattr(time, "tzset"):
        pytest.skip("this system cannot change the time zone of a process")
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def moment(text: str) -> float:
    return time.mktime(time.strptime(text, "%Y-%m-%d %H:%M"))


@pytest.mark.parametrize(
    ("now", "morning"),
    [
        ("2026-03-10 23:59", "2026-03-11 08:00"),
        ("2026-03-11 00:01", "2026-03-12 08:00"),
        ("2026-03-28 12:00", "2026-03-29 08:00"),  # the clocks change that night
        ("2026-12-31 12:00", "2027-01-01 08:00"),
    ],
)
def test_until_tomorrow_means_the_next_morning(berlin: None, now: str, morning: str) -> None:
    assert Quiet.TOMORROW.until(moment(now)) == moment(morning)


def test_for_how_long_it_is_quiet() -> None:
    settings = Settings()
    assert not settings.quiet(1000.0)
    settings.dnd_until = Quiet.HOUR.until(1000.0)
    assert settings.quiet(1000.0 + 3599)
    assert not settings.quiet(1000.0 + 3600)
    settings.dnd_until = Quiet.FOREVER.until(1000.0)
    assert settings.quiet(1e11)
    settings.dnd_until = Quiet.OFF.until(1000.0)
    assert not settings.quiet(1000.0)


def test_what_is_older_never_takes_the_place_of_what_is_newer(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path)
    file.settings.nick = "Old"
    old = file.content()
    file.settings.nick = "New"
    new = file.content()
    file.write(new)
    file.write(old)  # its thread was late
    assert SettingsFile(tmp_path).settings.nick == "New"
    file.settings.nick = "Newest"
    file.write(file.content())
    assert SettingsFile(tmp_path).settings.nick == "Newest"


@pytest.mark.skipif(sys.platform == "win32", reason="has no such modes")
def test_nobody_else_may_read_it_in_whatever_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    file = SettingsFile(tmp_path)
    file.write(file.content())
    assert (tmp_path / "settings.json").stat().st_mode & 0o777 == 0o600

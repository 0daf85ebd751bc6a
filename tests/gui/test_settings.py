"""The settings file."""

from pathlib import Path

from qtchat.gui.settings import MAX_RECENT, RecentServer, Settings, SettingsFile
from qtchat.gui.theme.theme import Mode

DAMAGED = (
    b"{",
    b'{"nick": 5}',
    b'{"geometry": "x"}',
    b'{"recent": [{"server_id": "xyz", "name": "", "link": "", "code": "", "nick": ""}]}',
)


def server(number: int, name: str = "x") -> RecentServer:
    return RecentServer(f"{number:032x}", name, "qtchat://127.0.0.1/", "CODE", "Me")


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    file = SettingsFile(tmp_path / "new")
    file.settings = Settings(
        nick="Анна", theme=Mode.DARK, recent=[server(1)], last_room={"aa": 3}, drafts={"aa": {3: "Привет 🎉"}}
    )
    file.write(file.encoded())
    again = SettingsFile(tmp_path / "new")
    assert again.settings == file.settings
    assert again.trouble == ""


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


def test_fields_of_another_version_are_skipped_or_get_defaults(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_bytes(b'{"nick": "Anna", "of_a_later_version": 1}')
    assert SettingsFile(tmp_path).settings == Settings(nick="Anna")


def test_the_last_server_stands_first_and_once() -> None:
    settings = Settings()
    for number in range(MAX_RECENT + 2):
        settings.remember(server(number))
    settings.remember(server(3, "renamed"))
    assert settings.recent[0] == server(3, "renamed")
    assert len(settings.recent) == MAX_RECENT
    assert len({known.server_id for known in settings.recent}) == MAX_RECENT

"""Options: every wrong one is named in words, the sample is itself a configuration, flags beat the file."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from qtchat.protocol.messages import DEFAULT_PORT
from qtchat.server.config import TYPES, ConfigError, ServerSettings, make_settings, read_file, sample


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "server.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_nothing_needs_to_be_set() -> None:
    settings = make_settings(None, {})
    assert settings == ServerSettings()
    assert settings.port == DEFAULT_PORT
    assert settings.shown_name
    assert settings.folder.name == "qtchat-server"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("port", -1, "port: -1 is not between 0 and 65535"),
        ("port", 65_536, "port: 65536 is not between 0 and 65535"),
        ("port", "80", "port: '80' is not a whole number"),
        ("port", 80.0, "port: 80.0 is not a whole number"),
        ("port", True, "port: True is not a whole number"),
        ("host", 7, "host: 7 is not a text"),
        ("name", ["x"], "name: ['x'] is not a text"),
        ("name", "x" * 65, "name: at most 64 characters"),
        ("data", 1, "data: 1 is not a text"),
        ("data", "a\0b", "data: a folder's name cannot contain a zero byte"),
        ("data", "~nobody-of-that-name/x", "data: "),
        ("lobby", "", "lobby: A room name cannot be empty."),
        ("lobby", "x" * 65, "lobby: A room name can have at most 64 characters; this has 65."),
        ("lobby", "a\u200bb", "lobby: A room name cannot contain invisible or control characters."),
        ("interface", "eth0", "interface: eth0 is not an IP address"),
        ("discoverable", 1, "discoverable: 1 is not true or false"),
        ("io_loops", 0, "io_loops: 0 is not between 1 and 64"),
        ("readers", 65, "readers: 65 is not between 1 and 64"),
        ("max_connections", 0, "max_connections: 0 is not between 1 and 1000000"),
        ("max_connections_per_address", 0, "max_connections_per_address: 0 is not between 1 and 1000000"),
        ("soft_outbox", 1023, "soft_outbox: 1023 is not between 1024 and 67108864"),
        ("presence_interval_ms", 60_001, "presence_interval_ms: 60001 is not between 0 and 60000"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: Any, text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        ServerSettings(**{name: value})
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("name", [name for name, kind in TYPES.items() if kind is int])
def test_every_number_has_bounds(name: str) -> None:
    metadata = ServerSettings.__dataclass_fields__[name].metadata
    for value in (metadata["least"] - 1, metadata["most"] + 1):
        with pytest.raises(ConfigError, match=f"^{name}: {value} is not between "):
            ServerSettings(**{name: value})
    for value in (metadata["least"], metadata["most"]):
        assert getattr(ServerSettings(**{name: value}), name) == value


def test_the_file_beats_defaults_and_flags_beat_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, 'port = 5000\nname = "From the file"\n')
    settings = make_settings(file, {"port": 6000, "name": None, "host": None, "data": "/x"})
    assert (settings.port, settings.name, settings.host, settings.data) == (6000, "From the file", "", "/x")


def test_plain_text_doors_are_a_list(tmp_path: Path) -> None:
    assert ServerSettings().entrances == ()
    settings = make_settings(write(tmp_path, 'classic = ["nick-ru", "lines@[::1]:4000/retro"]'), {})
    assert settings.classic == ("nick-ru", "lines@[::1]:4000/retro")
    assert [(door.dialect.name, door.host, door.port, door.room) for door in settings.entrances] == [
        ("nick-ru", "127.0.0.1", 12347, ""),
        ("lines", "::1", 4000, "retro"),
    ]
    assert make_settings(write(tmp_path, sample(settings)), {}) == settings
    assert make_settings(None, {"classic": ["anonymous:12413"]}).entrances[0].port == 12413


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("nick-ru", "classic: 'nick-ru' is not a list of texts"),
        ((1,), "classic: \\(1,\\) is not a list of texts"),
        (("irc",), "classic: there is no dialect 'irc'"),
    ],
)
def test_a_wrong_door_is_named(value: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        ServerSettings(classic=value)


def test_an_unknown_option_is_named_and_its_neighbour_suggested(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no option 'prot'; is 'port' meant\?$"):
        read_file(write(tmp_path, "prot = 5000"))
    with pytest.raises(ConfigError, match=r"there is no option 'zzzzzzzz'$"):
        read_file(write(tmp_path, "zzzzzzzz = 1"))


@pytest.mark.parametrize(("content", "text"), [("port 5000", "is not TOML: "), (b"name = '\xff'", "is not UTF-8 text")])
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, content: str | bytes, text: str) -> None:
    file = write(tmp_path, content)
    with pytest.raises(ConfigError) as caught:
        read_file(file)
    assert str(caught.value).startswith(f"{file} {text}")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.toml", tmp_path):
        with pytest.raises(ConfigError) as caught:
            read_file(path)
        assert str(caught.value).startswith(f"{path} cannot be read: ")


@pytest.mark.parametrize(
    "settings",
    [
        ServerSettings(),
        ServerSettings(name='The "Lab" \\ Ørsted', data=r"C:\Users\x", lobby="Всё", port=0),
        ServerSettings(name="two\nlines\tand \x07 a bell\x7f", data="a'b"),
    ],
)
def test_the_sample_is_a_configuration(tmp_path: Path, settings: ServerSettings) -> None:
    file = write(tmp_path, sample(settings))
    assert make_settings(file, {}) == settings
    assert set(tomllib.loads(sample(settings))) == set(TYPES)


def test_the_sample_explains_every_option() -> None:
    text = sample(ServerSettings())
    for item in ServerSettings.__dataclass_fields__.values():
        assert f"# {item.metadata['meaning']}\n" in text


def test_the_name_that_people_see() -> None:
    assert ServerSettings(name="  The Lab ").shown_name == "The Lab"
    assert 0 < len(ServerSettings(name="   ").shown_name) <= 64


def test_a_folder_of_the_user() -> None:
    assert ServerSettings(data="~/chat").folder == Path.home() / "chat"


def test_a_wrong_value_in_a_file_names_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'port = "abc"')
    with pytest.raises(ConfigError) as caught:
        make_settings(path, {"name": "x"})
    assert str(caught.value) == f"{path}: port: 'abc' is not a whole number"
    with pytest.raises(ConfigError, match=r"^port: 70000 is not between"):
        make_settings(write(tmp_path, "port = 1"), {"port": 70_000})

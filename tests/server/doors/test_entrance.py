"""Where a plain-text door stands, as it is written in the options."""

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.server.doors.entrance import Entrance, EntranceError, parse_entrance


@pytest.mark.parametrize(
    ("text", "host", "port", "room"),
    [
        ("nick-ru", "127.0.0.1", 12347, ""),
        ("nick-ru:1234", "127.0.0.1", 1234, ""),
        ("nick-ru:0/lobby", "127.0.0.1", 0, "lobby"),
        ("nick-ru/old  times", "127.0.0.1", 12347, "old times"),
        ("nick-ru/#retro", "127.0.0.1", 12347, "retro"),
        ("nick-ru@0.0.0.0:12347/lobby", "0.0.0.0", 12347, "lobby"),
        ("nick-ru@[::1]:80", "::1", 80, ""),
        (" nick-ru@box ", "box", 12347, ""),
    ],
)
def test_forms(text: str, host: str, port: int, room: str) -> None:
    entrance = parse_entrance(text)
    assert entrance == Entrance(DIALECTS["nick-ru"], host, port, room)
    assert parse_entrance(str(entrance)) == entrance


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("[::1]", True), ("localhost", True), ("0.0.0.0", False), ("192.0.2.7", False), ("a", False)],
)
def test_whether_only_this_computer_gets_there(host: str, local: bool) -> None:
    assert parse_entrance(f"nick-ru@{host}").local is local
    assert parse_entrance("nick-ru").local


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is not of the form"),
        ("irc", "there is no dialect 'irc'; there are nick-ru, nick-en, name-first, anonymous, lines"),
        ("lines:", "is not of the form"),
        ("lines:65536", "a port is a number from 0 to 65535"),
        ("lines:x", "is not of the form"),
        ("lines@", "is not of the form"),
        ("lines@::1:80", "is not of the form"),
        ("lines/a\u200bb", "invisible"),
        ("lines/" + "x" * 65, "at most 64 characters"),
    ],
)
def test_what_is_none_is_named(text: str, words: str) -> None:
    with pytest.raises(EntranceError, match=words):
        parse_entrance(text)

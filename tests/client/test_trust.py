"""The profile's key and the pinned servers."""

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qtchat.client.errors import ProfileError
from qtchat.client.trust import SERVERS_FILE, KnownServer, KnownServers, Verdict, load_or_create_key, pinned
from qtchat.net.signature import verify
from qtchat.net.tls import server_code

HERE, THERE = ("box.local", 47300), ("10.0.0.7", 47300)
KEY, OTHER = b"public key", b"other public key"


class Clock:
    """Counts up by one millisecond whenever it is read."""

    def __init__(self) -> None:
        self.now = 1000

    def __call__(self) -> int:
        self.now += 1
        return self.now


# -- the profile's key --------------------------------------------------------------------------------


def test_the_key_is_made_once_and_stays(tmp_path: Path) -> None:
    profile = tmp_path / "not" / "yet"
    key = load_or_create_key(profile)
    assert [path.name for path in profile.iterdir()] == ["identity.key"]
    again = load_or_create_key(profile)
    assert again.public_key == key.public_key
    assert verify(key.public_key, b"content", again.sign(b"content"))
    if os.name == "posix":
        assert stat.S_IMODE((profile / "identity.key").stat().st_mode) == 0o600


def test_windows_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(load_or_create_key, [tmp_path] * 8))
    assert len({key.public_key for key in keys}) == 1


@pytest.mark.parametrize("content", [b"", b"garbage", b"!" * 88, b"A" * 88, b"\xff\x00"])
def test_a_damaged_key_is_reported_and_never_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "identity.key").write_bytes(content)
    with pytest.raises(ProfileError, match=r"identity\.key.*damaged.*backup"):
        load_or_create_key(tmp_path)
    assert (tmp_path / "identity.key").read_bytes() == content


def test_any_changed_character_of_the_key_is_noticed(tmp_path: Path) -> None:
    load_or_create_key(tmp_path)
    path = tmp_path / "identity.key"
    content = path.read_bytes()
    # Then come the last character, whose lower bits say nothing, the padding and the line's end.
    for place in range(len(content) - 4):
        damaged = bytearray(content)
        damaged[place] = ord("A") if damaged[place] != ord("A") else ord("B")
        path.write_bytes(damaged)
        with pytest.raises(ProfileError):
            load_or_create_key(tmp_path)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ProfileError, match="file"):
        load_or_create_key(tmp_path / "file" / "profile")
    with pytest.raises(ProfileError, match="file"):
        KnownServers(tmp_path / "file" / "profile")
    (tmp_path / "identity.key").mkdir()
    with pytest.raises(ProfileError, match=r"identity\.key"):
        load_or_create_key(tmp_path)


# -- verdicts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pinned", "address", "code", "shown", "verdict"),
    [
        # nothing is pinned
        ({}, HERE, None, KEY, Verdict.NEW),
        ({}, HERE, KEY, KEY, Verdict.NEW),
        ({}, HERE, OTHER, KEY, Verdict.WRONG_CODE),
        # this address is pinned
        ({HERE: KEY}, HERE, None, KEY, Verdict.KNOWN),
        ({HERE: KEY}, HERE, KEY, KEY, Verdict.KNOWN),
        ({HERE: KEY}, HERE, OTHER, KEY, Verdict.WRONG_CODE),
        ({HERE: KEY}, HERE, None, OTHER, Verdict.CHANGED),
        ({HERE: KEY}, HERE, KEY, OTHER, Verdict.WRONG_CODE),
        ({HERE: KEY}, HERE, OTHER, OTHER, Verdict.NEW),
        # this server is pinned at another address
        ({HERE: KEY}, THERE, None, KEY, Verdict.KNOWN),
        ({HERE: KEY}, THERE, None, OTHER, Verdict.NEW),
        ({HERE: KEY, THERE: OTHER}, THERE, None, KEY, Verdict.CHANGED),
        # names have no case, and a port is part of an address
        ({HERE: KEY}, ("BOX.local", 47300), None, OTHER, Verdict.CHANGED),
        ({HERE: KEY}, ("box.local", 1), None, OTHER, Verdict.NEW),
    ],
)
def test_verdicts(
    tmp_path: Path,
    pinned: dict[tuple[str, int], bytes],
    address: tuple[str, int],
    code: bytes | None,
    shown: bytes,
    verdict: Verdict,
) -> None:
    servers = KnownServers(tmp_path)
    for place, key in pinned.items():
        servers.pin(place, key, "name")
    wanted = None if code is None else server_code(code)
    assert servers.check(address, wanted, shown) is verdict
    assert KnownServers(tmp_path).check(address, wanted, shown) is verdict


def test_pins_are_kept_listed_replaced_and_forgotten(tmp_path: Path) -> None:
    servers = KnownServers(tmp_path, Clock())
    servers.pin(HERE, KEY, "Küche")
    servers.pin(THERE, OTHER, "Büro")
    servers = KnownServers(tmp_path, Clock())
    assert servers.damaged is None
    assert servers.known() == [
        KnownServer(THERE, server_code(OTHER), "Büro", 1002),
        KnownServer(HERE, server_code(KEY), "Küche", 1001),
    ]
    servers.pin(HERE, OTHER, "Bad")
    servers.forget(THERE)
    servers.forget(("nobody", 1))
    assert KnownServers(tmp_path).known() == [KnownServer(HERE, server_code(OTHER), "Bad", 1001)]


# -- the file -----------------------------------------------------------------------------------------

GOOD = '{"version":1,"servers":[{"host":"a","port":1,"public_key":"AAAA","name":"","last_used":0}]}'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"\xff\xfe",
        b"null",
        b"[]",
        b'{"version":1}',
        GOOD[:-10].encode(),
        GOOD.replace("AAAA", "A").encode(),
        GOOD.replace("AAAA", "").encode(),
        GOOD.replace('"port":1', '"port":"x"').encode(),
        GOOD.replace('"port":1', '"port":70000').encode(),
    ],
)
def test_a_damaged_list_is_set_aside_and_no_hard_stop_vanishes(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "servers.json"
    path.write_bytes(content)
    servers = KnownServers(tmp_path)
    assert servers.damaged == tmp_path / "servers.json.damaged-1"
    assert servers.damaged.read_bytes() == content
    for _ in range(2):  # now, and after a restart
        assert servers.check(HERE, None, KEY) is Verdict.LOST
        assert servers.check(HERE, server_code(KEY), KEY) is Verdict.NEW
        assert servers.check(HERE, server_code(OTHER), KEY) is Verdict.WRONG_CODE
        servers = KnownServers(tmp_path)
        assert servers.damaged is None
    servers.pin(HERE, KEY, "name")
    servers = KnownServers(tmp_path)
    assert servers.check(HERE, None, KEY) is Verdict.KNOWN
    assert servers.check(HERE, None, OTHER) is Verdict.CHANGED
    assert servers.check(THERE, None, OTHER) is Verdict.LOST


def test_a_second_damaged_list_does_not_overwrite_the_first(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "servers.json").write_text(f"garbage {number}")
        KnownServers(tmp_path)
    assert (tmp_path / "servers.json.damaged-1").read_text() == "garbage 1"
    assert (tmp_path / "servers.json.damaged-2").read_text() == "garbage 2"


def test_fields_of_later_versions_are_ignored_but_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "servers.json"
    path.write_text(json.dumps({**json.loads(GOOD), "more": 1}))
    assert [server.address for server in KnownServers(tmp_path).known()] == [("a", 1)]
    newer = json.dumps({"version": 2, "servers": {}})
    path.write_text(newer)
    with pytest.raises(ProfileError, match="newer version"):
        KnownServers(tmp_path)
    assert path.read_text() == newer


def test_a_pin_that_cannot_be_written_is_reported_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers = KnownServers(tmp_path)
    servers.pin(HERE, KEY, "name")

    def fail(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(ProfileError, match=r"servers\.json.*No space left"):
            servers.pin(HERE, OTHER, "name")
    assert servers.check(HERE, None, KEY) is Verdict.KNOWN
    assert KnownServers(tmp_path).check(HERE, None, KEY) is Verdict.KNOWN


def test_two_windows_on_one_profile_keep_each_others_pins(tmp_path: Path) -> None:
    one, other = KnownServers(tmp_path), KnownServers(tmp_path)
    one.pin(("alpha", 1), b"key of alpha", "Alpha")
    other.pin(("beta", 2), b"key of beta", "Beta")
    one.pin(("gamma", 3), b"key of gamma", "Gamma")
    assert {server.name for server in KnownServers(tmp_path).known()} == {"Alpha", "Beta", "Gamma"}


# -- only reading -------------------------------------------------------------------------------------


def test_the_codes_of_pinned_servers_by_address(tmp_path: Path) -> None:
    assert pinned(tmp_path / "nothing") == {}
    servers = KnownServers(tmp_path)
    servers.pin(HERE, KEY, "Kitchen")
    servers.pin(THERE, OTHER, "Lab")
    assert pinned(tmp_path) == {HERE: server_code(KEY), THERE: server_code(OTHER)}


def test_a_damaged_list_is_left_to_those_who_can_tell_of_it(tmp_path: Path) -> None:
    (tmp_path / SERVERS_FILE).write_bytes(b"garbage")
    assert pinned(tmp_path) == {}
    assert [path.name for path in tmp_path.iterdir()] == [SERVERS_FILE]

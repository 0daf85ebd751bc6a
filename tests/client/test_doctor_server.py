"""What the doctor says of what speaks at an address."""

import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from qtchat.client import doctor_server
from qtchat.client.doctor_server import CLOCK, CODE, VERSION, check_server
from qtchat.client.trust import KnownServers
from qtchat.net.checks import peer
from qtchat.net.checks.findings import Finding, Outcome
from qtchat.net.checks.tools import NEVER
from qtchat.net.checks.way import attempts
from qtchat.net.invitation import parse_invitation
from qtchat.net.tls import parse_code
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import MAX_TIME, Error, Hello, Welcome
from qtchat.server.app import Server
from tests.helpers.fakes import Guest, fake_server
from tests.helpers.servers import running_server

LOOPBACK = "127.0.0.1"
OTHER_CODE = parse_code("Z6NDT-SHRWB-NGHSU-RP2IA-KML7Q")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_server, "GREETING", 0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "server") as server:
        yield server


def look(profile: Path, link: str) -> dict[str, Finding]:
    invitation = parse_invitation(link)
    with attempts(invitation.addresses, NEVER) as (made,):
        return {finding.step: finding for finding in check_server(made, invitation.code, profile, NEVER)}


def test_a_sound_one(tmp_path: Path, server: Server) -> None:
    found = look(tmp_path / "profile", server.link)
    assert {finding.outcome for finding in found.values()} == {Outcome.OK}
    assert found[CODE].told().sentence.endswith(f"the code is that of the invitation: {server.code}.")
    assert found[CLOCK].sentence == "The clocks of both computers agree."
    assert "Compare the code" in look(tmp_path, f"{LOOPBACK}:{server.port}")[CODE].sentence


def test_a_wrong_code_is_a_failure(tmp_path: Path, server: Server) -> None:
    found = look(tmp_path, f"{LOOPBACK}:{server.port}#{OTHER_CODE}")[CODE]
    assert found.outcome is Outcome.FAILED
    assert server.code in found.told().sentence
    assert OTHER_CODE in found.told().sentence


def test_a_known_key_and_a_changed_one(tmp_path: Path, server: Server) -> None:
    address = (LOOPBACK, server.port)
    known = KnownServers(tmp_path)
    known.pin(address, b"another key", "Kitchen")
    found = look(tmp_path, f"{LOOPBACK}:{server.port}")[CODE]
    assert found.outcome is Outcome.FAILED
    assert "had another one before" in found.sentence
    assert look(tmp_path, server.link)[CODE].outcome is Outcome.OK


def test_a_list_of_servers_that_cannot_be_read(tmp_path: Path, server: Server) -> None:
    (tmp_path / "servers.json").write_text('{"version": 99, "servers": []}')
    found = look(tmp_path, server.link)[CODE]
    assert found.outcome is Outcome.SKIPPED
    assert "newer version" in found.told().sentence


def test_a_list_of_servers_that_was_damaged(tmp_path: Path, server: Server) -> None:
    (tmp_path / "servers.json").write_text("no list")
    found = look(tmp_path, f"{LOOPBACK}:{server.port}")[CODE]
    assert found.outcome is Outcome.FAILED
    assert "was damaged" in found.sentence
    assert look(tmp_path, server.link)[CODE].outcome is Outcome.OK  # its code tells


@contextmanager
def speaking(*, first: bool, words: bytes) -> Iterator[int]:
    """Something without encryption that says this first, or as an answer; its port."""
    with socket.create_server((LOOPBACK, 0)) as listening:

        def speak() -> None:
            sock, _ = listening.accept()
            with sock, suppress(ConnectionResetError):
                if not first:
                    sock.recv(4096)
                sock.sendall(words)
                sock.recv(4096)  # to close before it has come would be a reset

        thread = threading.Thread(target=speak)
        thread.start()
        yield int(listening.getsockname()[1])
        thread.join()


def test_what_speaks_no_tls(tmp_path: Path) -> None:
    with speaking(first=False, words=b"What do you mean?\r\n") as port:
        found = look(tmp_path, f"{LOOPBACK}:{port}")
    assert set(found) == {CODE}
    assert "does not speak TLS 1.3" in found[CODE].told().sentence
    assert "_ssl.c" not in found[CODE].told().sentence
    assert f"classic://{LOOPBACK}:{port}" in found[CODE].told().fix


def test_a_plain_chat_that_speaks_first_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_server, "GREETING", 30.0)
    with speaking(first=True, words=b"NICK\r\nor name") as port:
        found = look(tmp_path, f"{LOOPBACK}:{port}")
    assert set(found) == {CODE}
    assert "(“NICK”)" in found[CODE].told().sentence
    assert f"classic://{LOOPBACK}:{port}" in found[CODE].told().fix


def test_what_says_nothing_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peer, "PATIENCE", 0.2)
    with socket.create_server((LOOPBACK, 0)) as listening:
        found = look(tmp_path, f"{LOOPBACK}:{listening.getsockname()[1]}")
    assert "says nothing" in found[CODE].sentence


@contextmanager
def answering(tmp_path: Path, answer: Welcome | Error | None) -> Iterator[str]:
    """A server that answers the hello with this; its address."""

    def serve(guest: Guest, _number: int) -> None:
        guest.expect(Hello)
        if answer is not None:
            guest.send(answer)

    with fake_server(tmp_path / "fake", serve) as link:
        yield link


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (Welcome(1, (), b"the id of this 1", 1, "fake", bytes(32)), b"the id of this 1"),
        (Error(b"", ErrorCode.VERSION, "this server speaks versions 7 to 9"), b""),
        (None, None),
    ],
)
def test_the_id_of_the_server_is_passed_on(
    tmp_path: Path, answer: Welcome | Error | None, wanted: bytes | None
) -> None:
    told: list[bytes | None] = []

    def listen(findings: Generator[Finding, None, bytes | None]) -> Iterator[Finding]:
        told.append((yield from findings))

    with answering(tmp_path, answer) as link, attempts(parse_invitation(link).addresses, NEVER) as (made,):
        assert list(listen(check_server(made, None, tmp_path, NEVER)))
    assert told == [wanted]


def test_versions_that_do_not_fit(tmp_path: Path) -> None:
    with answering(tmp_path, Error(b"", ErrorCode.VERSION, "this server speaks versions 7 to 9")) as link:
        found = look(tmp_path, link)[VERSION]
    assert found.outcome is Outcome.FAILED
    assert "7 to 9" in found.told().sentence
    assert found.fix == "Update the older of the two programs."


def test_a_server_that_has_too_much_to_do(tmp_path: Path) -> None:
    with answering(tmp_path, Error(b"", ErrorCode.BUSY, "too many connections")) as link:
        found = look(tmp_path, link)[VERSION]
    assert found.outcome is Outcome.FAILED
    assert "too many connections" in found.told().sentence


def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    with answering(tmp_path, None) as link:
        assert look(tmp_path, link)[VERSION].outcome is Outcome.FAILED


def test_a_server_that_does_not_tell_the_time(tmp_path: Path) -> None:
    with answering(tmp_path, Welcome(1, (), bytes(16), 1, "fake", bytes(32))) as link:
        assert look(tmp_path, link)[CLOCK].outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (1_600_000_000_000, "that of the server 2020-09-1"),  # the day depends on where this runs
        (MAX_TIME, "that of the server "),
    ],
)
def test_clocks_that_differ(tmp_path: Path, theirs: int, words: str) -> None:
    with answering(tmp_path, Welcome(1, (), bytes(16), 1, "fake", bytes(32), theirs)) as link:
        found = look(tmp_path, link)[CLOCK]
    assert found.outcome is Outcome.WARNING
    assert words in found.told().sentence
    assert f"clock says {time.strftime('%Y-')}" in found.told().sentence


def test_a_time_that_this_system_has_no_day_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time_ns", lambda: 10**24)
    with answering(tmp_path, Welcome(1, (), bytes(16), 1, "fake", bytes(32), MAX_TIME)) as link:
        assert f"clock says {10**18} ms" in look(tmp_path, link)[CLOCK].told().sentence

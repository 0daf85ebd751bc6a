"""The doctor of the client, on loopback: what it finds, and what it says to do."""

import json
import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from qtchat.client import cli, doctor, doctor_cli
from qtchat.client.doctor import Doctor
from qtchat.client.findings import Finding, Outcome, report_text
from qtchat.client.trust import KnownServers
from qtchat.net.announcement import Announcement
from qtchat.net.checks import here
from qtchat.net.checks.hearing import Heard
from qtchat.net.checks.peer import Way
from qtchat.net.invitation import parse_invitation
from qtchat.net.tls import parse_code
from qtchat.protocol.errors import ErrorCode
from qtchat.protocol.messages import Error, Hello, Welcome
from qtchat.server.app import Server
from tests.helpers.fakes import Guest, fake_server
from tests.helpers.servers import running_server

LOOPBACK = "127.0.0.1"
OTHER_CODE = parse_code("Z6NDT-SHRWB-NGHSU-RP2IA-KML7Q")


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LISTEN", 0.05)
    monkeypatch.setattr(doctor, "ASK", 0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "server") as server:
        yield server


def examine(profile: Path, link: str = "") -> dict[str, Finding]:
    return {finding.step: finding for finding in Doctor(profile, link, LOOPBACK).examine()}


def free_port() -> int:
    with socket.create_server((LOOPBACK, 0)) as listening:
        return int(listening.getsockname()[1])


# -- without an address ------------------------------------------------------------------------------------------


def test_an_empty_network_says_what_to_do_next(tmp_path: Path) -> None:
    found = examine(tmp_path)
    assert found["Networks of this computer"].outcome is Outcome.OK
    assert (found[doctor.BROADCAST].sentence, found[doctor.MDNS].sentence) == ("None.", "None.")
    assert "Ask the host for the invitation" in found[doctor.LIST].fix


def test_whoever_is_heard_is_looked_at(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    kitchen = Announcement(bytes(16), "Kitchen", "ABCDE", 0, "1", server.port)
    heard = Heard({(LOOPBACK, server.port): kitchen})
    monkeypatch.setattr(doctor, "ask_broadcast", lambda *_: heard)
    monkeypatch.setattr(doctor, "ask_mdns", lambda *_: heard)
    found = examine(tmp_path)
    assert found[doctor.MDNS].sentence == f"Kitchen at {LOOPBACK} port {server.port}."
    assert found[doctor.LIST].sentence == "It is heard by broadcast and by mDNS."
    assert found[doctor.CODE].sentence.endswith(f"{server.code}.")


def test_a_way_that_does_not_work_here_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ask_mdns", lambda *_: Heard(problem="no multicast"))
    assert examine(tmp_path)[doctor.MDNS].sentence == "This way does not work here: no multicast."


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    findings = Doctor(tmp_path, "", LOOPBACK, stop).examine()
    next(findings)
    stop.set()
    assert list(findings) == []


# -- the way to an address ----------------------------------------------------------------------------------------


def test_a_sound_server(tmp_path: Path, server: Server) -> None:
    found = examine(tmp_path / "profile", server.link)
    assert found[doctor.PORT].outcome is Outcome.OK
    assert found[doctor.CODE].sentence == f"TLS 1.3, and the code is that of the invitation: {server.code}."
    assert found[doctor.VERSION].outcome is Outcome.OK
    assert found[doctor.CLOCK].sentence == "The clocks of both computers agree."
    assert not (tmp_path / "profile").exists()


def test_what_is_no_address(tmp_path: Path) -> None:
    (found,) = examine(tmp_path, "https://example.org").values()
    assert (found.step, found.outcome) == (doctor.ADDRESS, Outcome.FAILED)


@pytest.mark.parametrize(("name", "words"), [("nobody.local", "Avahi"), ("nobody.invalid", "spelling")])
def test_a_name_that_nobody_has(tmp_path: Path, name: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "find", lambda *_: [])
    found = examine(tmp_path, name)[doctor.NAME]
    assert found.outcome is Outcome.FAILED
    assert words in found.fix


def test_a_name_is_told_with_its_number(tmp_path: Path, server: Server) -> None:
    link = f"localhost:{server.port}"
    assert LOOPBACK in examine(tmp_path, link)[doctor.NAME].sentence


def test_a_port_where_nothing_listens(tmp_path: Path) -> None:
    found = examine(tmp_path, f"{LOOPBACK}:{free_port()}")[doctor.PORT]
    assert found.outcome is Outcome.FAILED
    assert "nothing listens" in found.sentence


@pytest.mark.parametrize(
    ("awake", "router", "router_answers", "near", "words"),
    [
        (True, "192.0.2.1", True, True, "keeps out what is sent to port"),
        (False, "192.0.2.1", True, True, "keeps its computers apart"),
        (False, "192.0.2.1", False, True, "does not answer either"),
        (False, "", False, True, "no router"),
        (False, "192.0.2.1", True, False, "another network"),
    ],
)
def test_a_silent_computer(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    awake: bool,
    router: str,
    router_answers: bool,
    near: bool,
    words: str,
) -> None:
    monkeypatch.setattr(doctor, "reach", lambda *_: (Way.SILENT, None))
    monkeypatch.setattr(doctor, "answers", lambda *_: router_answers)
    monkeypatch.setattr(here, "is_awake", lambda _: awake)
    monkeypatch.setattr(here, "is_near", lambda *_: near)
    monkeypatch.setattr(here, "gateway", lambda: router)
    found = examine(tmp_path, "127.9.9.9")
    assert found[doctor.PORT].outcome is Outcome.FAILED
    assert words in found[doctor.ISOLATION].sentence


def test_no_way_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "reach", lambda *_: (Way.NO_ROUTE, None))
    assert "knows no way" in examine(tmp_path, "127.9.9.9")[doctor.PORT].sentence


def test_the_vpn_that_leads_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "reach", lambda *_: (Way.SILENT, None))
    monkeypatch.setattr(here, "adapter_of", lambda _: "tun0")
    monkeypatch.setattr(here, "is_awake", lambda _: True)
    assert "127.9.9.9 goes through the VPN (tun0)" in examine(tmp_path, "127.9.9.9")["VPN"].sentence


# -- the lists -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("broadcast", "mdns", "alone", "outcome", "words"),
    [
        (True, False, True, Outcome.WARNING, "Multicast (mDNS) is blocked"),
        (False, True, True, Outcome.WARNING, "Broadcasts are blocked"),
        (False, True, False, Outcome.WARNING, "It answers no broadcast"),
        (False, False, True, Outcome.FAILED, "Both ways are blocked"),
        (False, False, False, Outcome.FAILED, "does not announce itself"),
    ],
)
def test_which_way_is_blocked(
    tmp_path: Path,
    server: Server,
    monkeypatch: pytest.MonkeyPatch,
    broadcast: bool,
    mdns: bool,
    alone: bool,
    outcome: Outcome,
    words: str,
) -> None:
    servers = {(LOOPBACK, server.port): Announcement(bytes(16), "Kitchen", "ABCDE", 0, "1", server.port)}
    for name, there in (("ask_broadcast", broadcast), ("ask_mdns", mdns), ("ask_one", alone)):
        heard = Heard(servers if there else {})
        monkeypatch.setattr(doctor, name, lambda *_, heard=heard: heard)
    found = examine(tmp_path, server.link)
    assert found[doctor.LIST].outcome is outcome
    assert words in found[doctor.LIST].sentence
    assert found[doctor.QUESTION].outcome is (Outcome.OK if alone else Outcome.WARNING)
    if outcome is Outcome.FAILED:
        assert f"Type its address, {LOOPBACK}" in found[doctor.LIST].fix


def test_beyond_this_network_nothing_appears_by_itself(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(here, "is_near", lambda *_: False)
    assert "beyond this network" in examine(tmp_path, server.link)[doctor.LIST].sentence


# -- the server ----------------------------------------------------------------------------------------------------


def test_a_wrong_code_is_a_failure(tmp_path: Path, server: Server) -> None:
    found = examine(tmp_path, f"{LOOPBACK}:{server.port}#{OTHER_CODE}")[doctor.CODE]
    assert found.outcome is Outcome.FAILED
    assert server.code in found.sentence
    assert OTHER_CODE in found.sentence


def test_a_known_key_and_a_changed_one(tmp_path: Path, server: Server) -> None:
    address = parse_invitation(server.link).addresses[0]
    known = KnownServers(tmp_path)
    known.pin(address, b"another key", "Kitchen")
    assert "had another one before" in examine(tmp_path, f"{LOOPBACK}:{server.port}")[doctor.CODE].sentence
    assert examine(tmp_path, server.link)[doctor.CODE].outcome is Outcome.OK


def test_a_list_of_servers_that_cannot_be_read(tmp_path: Path, server: Server) -> None:
    (tmp_path / "servers.json").write_text('{"version": 99, "servers": []}')
    found = examine(tmp_path, server.link)[doctor.CODE]
    assert found.outcome is Outcome.SKIPPED
    assert "newer version" in found.sentence


def test_what_speaks_no_tls(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as listening:

        def greet() -> None:
            sock, _ = listening.accept()
            with sock:
                sock.sendall(b"NICK\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        found = examine(tmp_path, f"{LOOPBACK}:{listening.getsockname()[1]}")[doctor.CODE]
        thread.join()
    assert "does not speak TLS 1.3" in found.sentence


@contextmanager
def answering(tmp_path: Path, answer: Welcome | Error | None) -> Iterator[str]:
    """A server that answers the hello with this; its address."""

    def serve(guest: Guest, _number: int) -> None:
        guest.expect(Hello)
        if answer is not None:
            guest.send(answer)

    with fake_server(tmp_path / "fake", serve) as link:
        yield link


def test_versions_that_do_not_fit(tmp_path: Path) -> None:
    with answering(tmp_path, Error(b"", ErrorCode.VERSION, "this server speaks versions 7 to 9")) as link:
        found = examine(tmp_path, link)[doctor.VERSION]
    assert found.outcome is Outcome.FAILED
    assert "7 to 9" in found.sentence
    assert found.fix == "Update the older of the two programs."


def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    with answering(tmp_path, None) as link:
        assert examine(tmp_path, link)[doctor.VERSION].outcome is Outcome.FAILED


def test_a_server_that_does_not_tell_the_time(tmp_path: Path) -> None:
    with answering(tmp_path, Welcome(1, (), bytes(16), 1, "fake", bytes(32))) as link:
        assert examine(tmp_path, link)[doctor.CLOCK].outcome is Outcome.SKIPPED


@pytest.mark.parametrize(
    ("skew", "words"),
    [(200_000, "3 minutes behind"), (-90_000_000, "25 hours ahead of"), (10**12, "11574 days behind")],
)
def test_clocks_that_differ(tmp_path: Path, skew: int, words: str) -> None:
    theirs = int(time.time() * 1000) + skew
    with answering(tmp_path, Welcome(1, (), bytes(16), 1, "fake", bytes(32), theirs)) as link:
        found = examine(tmp_path, link)[doctor.CLOCK]
    assert found.outcome is Outcome.WARNING
    assert words in found.sentence


# -- how it is told ------------------------------------------------------------------------------------------------


def test_the_report_names_system_and_findings() -> None:
    assert "[warning] Clock: Late." in report_text([Finding("Clock", Outcome.WARNING, "Late.")])


def test_the_command_line(tmp_path: Path, server: Server, capsys: pytest.CaptureFixture[str]) -> None:
    options = ("doctor", "--profile", str(tmp_path), "--interface", LOOPBACK)
    assert cli.main([*options]) == 0
    assert "[  ok   ] Networks of this computer: 127.0.0.1" in capsys.readouterr().out
    assert cli.main([*options, "--json", f"{LOOPBACK}:{free_port()}"]) == 1
    findings = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"step", "outcome", "sentence", "fix"} == set(findings[0])
    assert findings[-1]["outcome"] == "failed"


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: queue.SimpleQueue[Finding] = queue.SimpleQueue()
    seen.put(Finding("Servers", Outcome.OK, "Kitchen\x1b[2J"))
    monkeypatch.setattr(Doctor, "examine", lambda _self: iter([seen.get()]))
    assert doctor_cli.main(["--interface", LOOPBACK]) == 0
    assert "\x1b" not in capsys.readouterr().out

"""The doctor of the client, on loopback: what it looks at, in which order, and when it ends."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from qtchat.client import doctor, doctor_lists, doctor_plain, doctor_server
from qtchat.client.doctor import Doctor
from qtchat.client.findings import Finding, Outcome, report_text
from qtchat.net.announcement import Announcement
from qtchat.net.checks import here, peer, way
from qtchat.net.checks.hearing import Heard
from qtchat.server.app import Server
from tests.helpers.plain import PlainServer
from tests.helpers.servers import no_thread_left, running_server

LOOPBACK = "127.0.0.1"
LONG = 60.0
"""Seconds that nobody waits."""


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "LISTEN", 0.05)
    monkeypatch.setattr(doctor_lists, "ASK", 0.05)
    monkeypatch.setattr(doctor_plain, "BEGIN", 0.05)


@pytest.fixture
def nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other servers there are on this computer."""
    for name in ("ask_broadcast", "ask_mdns"):
        monkeypatch.setattr(doctor, name, lambda *_: Heard(sent=True))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path / "server") as server:
        yield server


def examine(profile: Path, link: str = "", interface: str = LOOPBACK) -> dict[str, Finding]:
    return {finding.step: finding for finding in Doctor(profile, link, interface).examine()}


def kitchen(port: int, number: int = 0) -> Announcement:
    return Announcement(number.to_bytes(16), "Kitchen", "ABCDE", 0, "1", port)


# -- without an address ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nobody_else")
def test_an_empty_network_says_what_to_do_next(tmp_path: Path) -> None:
    found = examine(tmp_path)
    assert found[here.NETWORKS].outcome is Outcome.OK
    assert found[doctor.BROADCAST].sentence == found[doctor.MDNS].sentence == "Nobody was found this way."
    assert "Ask the host for the invitation" in found[doctor_lists.LIST].fix


def test_whoever_is_heard_is_looked_at(tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard({(LOOPBACK, server.port): kitchen(server.port)})
    monkeypatch.setattr(doctor, "ask_broadcast", lambda *_: heard)
    monkeypatch.setattr(doctor, "ask_mdns", lambda *_: heard)
    found = examine(tmp_path)
    assert found[doctor.MDNS].told().sentence == f"Found: Kitchen ({LOOPBACK}:{server.port})."
    assert "by broadcast and by mDNS" in found[doctor_lists.LIST].sentence
    assert found[doctor_server.CODE].told().sentence.endswith(f"{server.code}.")


def test_a_server_with_several_addresses_is_one(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = Heard({(host, server.port): kitchen(server.port) for host in ("127.0.0.2", LOOPBACK, "nobody.invalid")})
    monkeypatch.setattr(doctor, "ask_broadcast", lambda *_: heard)
    monkeypatch.setattr(doctor, "ask_mdns", lambda *_: heard)
    findings = list(Doctor(tmp_path, "", LOOPBACK).examine())
    assert [finding.step for finding in findings].count(doctor_server.CODE) == 1
    assert all(finding.outcome is Outcome.OK for finding in findings)


def test_of_many_servers_some_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard({("nobody.invalid", port): kitchen(port, port) for port in range(1, 10)})
    monkeypatch.setattr(doctor, "ask_broadcast", lambda *_: heard)
    monkeypatch.setattr(doctor, "ask_mdns", lambda *_: Heard())
    findings = list(Doctor(tmp_path, "", LOOPBACK).examine())
    assert "(nobody.invalid:5), and 4 more." in "".join(map(str, findings))
    assert [finding.step for finding in findings].count(way.NAME) == doctor.MAX_SHOWN


@pytest.mark.usefixtures("nobody_else")
def test_when_it_takes_too_long_the_rest_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ENOUGH", -1.0)
    monkeypatch.setattr(
        doctor, "ask_broadcast", lambda *_: Heard({(LOOPBACK, port): kitchen(port, port) for port in (1, 2)})
    )
    found = examine(tmp_path)[way.PORT]
    assert found.outcome is Outcome.SKIPPED
    assert found.told().sentence.endswith("too long: 2.")


def test_a_way_that_does_not_work_here_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "ask_mdns", lambda *_: Heard(problem="no multicast"))
    found = examine(tmp_path)[doctor.MDNS]
    assert found.told().sentence == "Nothing can be sent this way (no multicast)."
    assert found.fix


@pytest.mark.usefixtures("nobody_else")
def test_a_system_that_does_not_let_it_speak_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(here, "check_permission", lambda refused: asked.append(refused))
    for sent in (True, False):
        monkeypatch.setattr(doctor, "ask_broadcast", lambda *_, sent=sent: Heard(sent=sent, refused=True))
        examine(tmp_path)
    assert asked == [False, True]  # one network of several may be without any way


@pytest.mark.parametrize("interface", ["::1", "192.0.2.77"])
def test_a_wrong_interface_is_a_failure_and_nothing_is_sent(tmp_path: Path, interface: str) -> None:
    found = examine(tmp_path, "", interface)
    assert found[here.NETWORKS].outcome is Outcome.FAILED
    assert doctor.BROADCAST not in found


# -- with one ------------------------------------------------------------------------------------------------------


def test_a_sound_server(tmp_path: Path, server: Server) -> None:
    found = examine(tmp_path / "profile", server.link)
    for step in (way.PORT, doctor_server.CODE, doctor_server.VERSION, doctor_server.CLOCK):
        assert found[step].outcome is Outcome.OK
    assert not (tmp_path / "profile").exists()


def test_a_name_is_told_with_its_number(tmp_path: Path, server: Server) -> None:
    assert LOOPBACK in examine(tmp_path, f"localhost:{server.port}")[way.NAME].told().sentence


@pytest.mark.usefixtures("nobody_else")
def test_a_port_where_nothing_listens(tmp_path: Path, shut_port: int) -> None:
    found = examine(tmp_path, f"{LOOPBACK}:{shut_port}")
    assert found[way.PORT].outcome is Outcome.FAILED
    assert doctor_server.CODE not in found
    assert doctor_lists.LIST not in found  # the address is what was asked for


@pytest.mark.parametrize(
    "nonsense",
    [
        "https://example.org",
        "%%%",
        "kitchen:0",
        "kitchen:99999",
        "[::1",
        "300.1.1.1",
        "qtchat://",
        "classic://kitchen",
        "classic://kitchen:0",
        "classic://kitchen:1?dialect=klingon",
    ],
)
def test_what_is_no_address(tmp_path: Path, nonsense: str) -> None:
    (found,) = examine(tmp_path, nonsense).values()
    assert (found.step, found.outcome) == (doctor.ADDRESS, Outcome.FAILED)
    assert "192.168.1.20" in found.fix


@pytest.mark.usefixtures("nobody_else")
def test_a_plain_chat(tmp_path: Path) -> None:
    with PlainServer("nick-en") as plain:
        found = examine(tmp_path, f"classic://{LOOPBACK}:{plain.port}?dialect=nick-en")
        assert found[way.PORT].outcome is Outcome.OK
        assert found[doctor_plain.CHAT].outcome is Outcome.OK
        assert doctor_server.CODE not in found
        assert plain.heard == []
    found = examine(tmp_path, f"classic://{LOOPBACK}:{plain.port}")
    assert found[way.PORT].outcome is Outcome.FAILED
    assert doctor_plain.CHAT not in found


# -- when it ends --------------------------------------------------------------------------------------------------


def test_it_ends_when_it_is_told_to(tmp_path: Path) -> None:
    stop = threading.Event()
    findings = Doctor(tmp_path, "", LOOPBACK, stop).examine()
    next(findings)
    stop.set()
    assert list(findings) == []


@pytest.mark.usefixtures("nobody_else")
@pytest.mark.parametrize("scheme", ["", "classic://"])
def test_it_ends_at_once_while_it_waits_for_somebody(
    tmp_path: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peer, "PATIENCE", LONG)
    monkeypatch.setattr(doctor_server, "PATIENCE", LONG)
    monkeypatch.setattr(doctor_plain, "BEGIN", LONG)
    stop, accepted = threading.Event(), threading.Event()
    with socket.create_server((LOOPBACK, 0)) as listening, no_thread_left():
        link = f"{scheme}{LOOPBACK}:{listening.getsockname()[1]}"
        findings: list[Finding] = []
        thread = threading.Thread(target=lambda: findings.extend(Doctor(tmp_path, link, LOOPBACK, stop).examine()))
        thread.start()
        sock, _ = listening.accept()  # and say nothing
        with sock:
            accepted.set()
            began = time.monotonic()
            stop.set()
            thread.join()
        assert time.monotonic() - began < LONG / 2
    assert way.PORT not in {finding.step for finding in findings[-1:] if finding.outcome is Outcome.FAILED}


# -- how it is told ------------------------------------------------------------------------------------------------


def test_the_report_names_system_and_findings() -> None:
    assert "[warning] Clock: Late." in report_text([Finding("Clock", Outcome.WARNING, "Late.")])

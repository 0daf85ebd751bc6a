"""From an address to a connection, and what is said where there is none."""

import socket
import threading
from collections.abc import Iterator, Sequence

import pytest

from qtchat.net.announcement import Network
from qtchat.net.checks import here, neighbours, way
from qtchat.net.checks.findings import Finding, Outcome, warning
from qtchat.net.checks.peer import Way
from qtchat.net.checks.tools import NEVER
from qtchat.net.checks.way import Attempt, attempts, check_way, place
from qtchat.net.dial import Target

LOOPBACK = "127.0.0.1"
HOME = [Network("192.168.1.5", 24, "192.168.1.255", "wlan0")]


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server((LOOPBACK, 0)) as sock:
        yield int(sock.getsockname()[1])


def look(made: Sequence[Attempt]) -> list[Finding]:
    return list(check_way(made, HOME, NEVER))


def say(made: Sequence[Attempt]) -> dict[str, str]:
    return {finding.step: finding.told().sentence for finding in look(made)}


def one(host: str, *ways: tuple[str, Way], port: int = 47300) -> list[Attempt]:
    return [Attempt(host, port, ways)]


def test_a_place_is_written_as_people_do() -> None:
    assert place(("kitchen", 47300)) == "kitchen:47300"
    assert place(("fe80::1%eth0", 80)) == "[fe80::1%eth0]:80"
    assert place(("xn--j1agri5c.local", 80)) == "кухня.local:80"
    assert place(("xn--\u2603", 80)) == "xn--\u2603:80"  # as nobody can type it


def test_all_addresses_are_tried_and_one_is_enough(listening: int, shut_port: int) -> None:
    with attempts([(LOOPBACK, shut_port), (LOOPBACK, listening), ("nobody.invalid", 80)], NEVER) as made:
        assert [attempt.ways for attempt in made] == [
            ((LOOPBACK, Way.REFUSED),),
            ((LOOPBACK, Way.OPEN),),
            (),
        ]
        found = look(made)
        sock = made[1].sock
        assert sock is not None
        assert sock.fileno() >= 0
    assert sock.fileno() < 0  # nothing is left open
    assert {finding.outcome for finding in found} == {Outcome.OK}
    assert found[0].told().sentence == f"{LOOPBACK} takes connections at port {listening}."
    assert f"{LOOPBACK}:{shut_port}, nobody.invalid:80" in found[1].told().sentence


def test_numbers_of_a_name_are_tried_one_after_the_other(
    monkeypatch: pytest.MonkeyPatch, listening: int, shut_port: int
) -> None:
    targets: list[Target] = [(socket.AF_INET, (LOOPBACK, port)) for port in (shut_port, listening, 1)]
    monkeypatch.setattr(way, "find", lambda *_: targets)
    with attempts([("kitchen", listening)], NEVER) as (made,):
        assert made.ways == ((LOOPBACK, Way.REFUSED), (LOOPBACK, Way.OPEN))
        assert made.number == LOOPBACK
        assert say([made])[way.NAME] == f"kitchen is {LOOPBACK}."


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("nobody.local", "Avahi"),
        ("кухня", "spelling"),
        ("nobody.invalid", "spelling"),
        ("fe80::1%nosuch", "Behind the %"),
    ],
)
def test_a_name_that_nobody_has(host: str, words: str) -> None:
    (found,) = look(one(host))
    assert (found.step, found.outcome) == (way.NAME, Outcome.FAILED)
    assert host in found.told().sentence
    assert words in found.told().fix


@pytest.mark.parametrize(
    ("number", "became", "words"),
    [
        ("192.168.1.9", Way.REFUSED, "nothing listens at port 47300"),
        ("172.16.0.9", Way.NO_ROUTE, "knows no way to 172.16.0.9"),
        ("fe80::9", Way.NO_ROUTE, "knows no way to fe80::9"),
    ],
)
def test_an_answer_that_is_no_connection(number: str, became: Way, words: str) -> None:
    (found,) = look(one(number, (number, became)))
    assert (found.step, found.outcome) == (way.PORT, Outcome.FAILED)
    assert words in found.told().sentence
    assert ("%eth0" in found.fix) is (number == "fe80::9")


@pytest.mark.parametrize(
    ("awake", "router", "router_answers", "router_awake", "words"),
    [
        (True, "192.168.1.1", True, True, "keeps out what is sent to port 47300"),
        (False, "192.168.1.1", True, False, "keeps its computers apart"),
        (None, "192.168.1.1", True, False, "its firewall keeps everybody out, or the network keeps"),
        (False, "192.168.1.1", False, True, "keeps its computers apart"),
        (False, "192.168.1.1", False, None, "keeps its computers apart"),
        (False, "192.168.1.1", False, False, "The router 192.168.1.1 does not answer either."),
        (False, "", False, False, "no router to compare 192.168.1.9 with"),
        (False, "192.168.1.9", True, True, "no router to compare 192.168.1.9 with"),
    ],
)
def test_a_neighbour_that_is_silent(
    monkeypatch: pytest.MonkeyPatch,
    awake: bool | None,
    router: str,
    router_answers: bool,
    router_awake: bool | None,
    words: str,
) -> None:
    known = {"192.168.1.9": awake, "192.168.1.1": router_awake}
    monkeypatch.setattr(here, "vpn_to", lambda _: None)
    monkeypatch.setattr(way, "answers", lambda *_: router_answers)
    monkeypatch.setattr(neighbours, "is_awake", lambda address, *_, **__: known[address])
    monkeypatch.setattr(neighbours, "gateway", lambda **_: router)
    said = say(one("192.168.1.9", ("192.168.1.9", Way.SILENT)))
    assert said[way.PORT] == "No answer from 192.168.1.9:47300."
    assert words in said[way.ISOLATION]


def test_one_that_is_silent_elsewhere() -> None:
    assert "in another network" in say(one("10.9.9.9", ("10.9.9.9", Way.SILENT)))[way.ISOLATION]


def test_the_vpn_that_leads_there_is_reason_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "vpn_to", lambda target: warning(here.VPN, "{target} is far.", target=target))
    said = say(one("192.168.1.9", ("192.168.1.9", Way.SILENT)))
    assert said[here.VPN] == "192.168.1.9 is far."
    assert way.ISOLATION not in said


def test_of_several_that_are_silent_the_nearest_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(here, "vpn_to", lambda _: None)
    monkeypatch.setattr(neighbours, "is_awake", lambda *_, **__: True)
    made = [
        *one("10.9.9.9", ("10.9.9.9", Way.SILENT)),
        *one("kitchen", ("192.168.1.9", Way.SILENT), ("192.168.1.8", Way.REFUSED), port=80),
    ]
    found = look(made)
    assert [finding.step for finding in found] == [way.NAME, way.PORT, way.PORT, way.ISOLATION]
    assert found[2].told().sentence == "No answer from 10.9.9.9:47300, 192.168.1.9:80."
    assert "192.168.1.9 is switched on" in found[-1].told().sentence
    assert "port 80" in found[-1].told().sentence


def test_whoever_wants_to_stop_waits_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    free, stop = threading.Event(), threading.Event()
    stop.set()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: free.wait() and [])
    with attempts([("kitchen", 80), ("office", 80)], stop) as made:
        assert [attempt.ways for attempt in made] == [(), ()]
    free.set()

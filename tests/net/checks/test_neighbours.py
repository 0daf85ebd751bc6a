"""The tables of each system that are read for who is there."""

import itertools
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from qtchat.net.checks.neighbours import gateway, is_awake

NOW = 0.0
"""Seconds of patience."""


def say(*answers: str | None) -> Callable[[Sequence[str]], str | None]:
    """A tool that says one after the other, and the last one for ever."""
    told = itertools.chain(answers, itertools.repeat(answers[-1]))
    return lambda _: next(told)


def test_the_router_of_each_system(tmp_path: Path) -> None:
    table = tmp_path / "route"
    head = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\n"
    table.write_text(head + "eth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\neth0\t00000000\t0101A8C0\t0003\t0\n")
    assert gateway(platform="linux", table=table) == "192.168.1.1"
    table.write_text(head)
    assert gateway(platform="linux", table=table) == ""
    assert gateway(platform="linux", table=tmp_path / "none") == ""
    said = "   route to: default\n    gateway: 192.168.1.1\n  interface: en0\n"
    assert gateway(platform="darwin", run=lambda _: said) == "192.168.1.1"
    said = "Netzwerkziel    Netzwerkmaske\n          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.5     25\n"
    assert gateway(platform="win32", run=lambda _: said) == "192.168.1.1"
    assert gateway(platform="win32", run=lambda _: None) == ""


def linux(state: str, confirmed: int = 0) -> str:
    hardware = "lladdr aa:bb:cc:dd:ee:ff  " if state not in ("FAILED", "INCOMPLETE") else ""
    return f"192.168.1.9 dev wlan0 {hardware}ref 1 used 4/{confirmed}/0probes 1 {state} \n"


@pytest.mark.parametrize(
    ("known", "awake"),
    [
        (linux("REACHABLE"), True),
        (linux("REACHABLE", 30), None),  # that was so half a minute ago
        (linux("PERMANENT", 900), True),
        (linux("FAILED"), False),
        ("", False),
        (None, None),  # no such tool
        (linux("DELAY"), None),
    ],
)
def test_linux_tells_what_it_knows_of_a_neighbour(known: str | None, awake: bool | None) -> None:
    assert is_awake("192.168.1.9", threading.Event(), platform="linux", run=say(known), patience=NOW) is awake


@pytest.mark.parametrize(("last", "awake"), [("REACHABLE", True), ("FAILED", False)])
def test_linux_is_waited_for_while_it_is_in_doubt(last: str, awake: bool) -> None:
    states = (linux("STALE", 99), linux("DELAY", 99), linux("PROBE", 99), linux(last))
    assert is_awake("192.168.1.9", threading.Event(), platform="linux", run=say(*states)) is awake


def test_whoever_wants_to_stop_does_not_wait() -> None:
    stop = threading.Event()
    stop.set()
    assert is_awake("192.168.1.9", stop, platform="linux", run=say(linux("PROBE"))) is None


WINDOWS = """
Schnittstelle: 192.168.1.5 --- 0xb
  Internetadresse       Physische Adresse     Typ
  192.168.1.9           AA-bb-cc-dd-ee-ff     dynamisch
"""


@pytest.mark.parametrize(
    ("platform", "table", "awake"),
    [
        ("win32", WINDOWS, True),
        ("win32", WINDOWS.replace("192.168.1.9 ", "192.168.1.97"), False),
        ("win32", None, False),
        ("darwin", "? (192.168.1.9) at a:bb:c:dd:ee:ff on en0 ifscope [ethernet]\n", True),
        ("darwin", "? (192.168.1.9) at (incomplete) on en0 ifscope [ethernet]\n", False),
        ("darwin", None, False),
    ],
)
def test_other_systems_show_a_table(platform: str, table: str | None, awake: bool) -> None:
    assert is_awake("192.168.1.9", threading.Event(), platform=platform, run=say(table)) is awake


def test_other_systems_show_no_table_of_ipv6() -> None:
    assert is_awake("fe80::1", threading.Event(), platform="darwin", run=say("")) is None

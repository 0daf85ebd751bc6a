"""Whether a server appears in the list by itself, and what is blocked where it does not."""

from collections.abc import Iterable

import pytest

from qtchat.client import doctor_lists
from qtchat.client.doctor_lists import LIST, QUESTION, check_lists
from qtchat.net.announcement import Announcement, Network
from qtchat.net.checks.findings import Finding, Outcome
from qtchat.net.checks.hearing import Heard
from qtchat.net.checks.peer import Way
from qtchat.net.checks.tools import NEVER
from qtchat.net.checks.way import Attempt
from qtchat.net.dial import Address

NUMBER = "192.168.1.9"
HOME = [Network("192.168.1.5", 24, "192.168.1.255", "wlan0")]
KITCHEN = Announcement(bytes(16), "Kitchen", "ABCDE", 0, "1", 47300)


def heard(*addresses: Address) -> Heard:
    return Heard(dict.fromkeys(addresses, KITCHEN))


def look(
    broadcast: Iterable[Address] = (),
    mdns: Iterable[Address] = (),
    number: str = NUMBER,
    server_id: bytes = KITCHEN.server_id,
) -> dict[str, Finding]:
    reached = Attempt("kitchen", 47300, ((number, Way.OPEN),))
    findings = check_lists(reached, server_id, heard(*broadcast), heard(*mdns), HOME, NEVER)
    return {finding.step: finding for finding in findings}


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
    monkeypatch: pytest.MonkeyPatch, broadcast: bool, mdns: bool, alone: bool, outcome: Outcome, words: str
) -> None:
    place = [(NUMBER, 47300)]
    monkeypatch.setattr(doctor_lists, "ask_one", lambda *_: heard(*place if alone else ()))
    found = look(place if broadcast else (), place if mdns else ())
    assert found[LIST].outcome is outcome
    assert words in found[LIST].told().sentence
    assert found[LIST].fix
    assert found[QUESTION].outcome is (Outcome.OK if alone else Outcome.WARNING)
    if outcome is Outcome.FAILED:
        assert "Type its address, kitchen:47300" in found[LIST].told().fix


@pytest.mark.parametrize(
    ("address", "server_id"),
    [
        ((NUMBER, 47300), b""),  # it did not tell its id
        (("fe80::9%eth0", 47300), bytes(16)),  # by another of its addresses
        ((NUMBER, 47300), b"another server!!"),
    ],
)
def test_it_is_known_by_its_address_or_its_id(address: Address, server_id: bytes) -> None:
    found = look([address], [address], server_id=server_id)
    assert found[LIST].outcome is Outcome.OK


def test_it_is_not_taken_for_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_lists, "ask_one", lambda *_: Heard())
    found = look([(NUMBER, 47301)], [(NUMBER, 47301)], server_id=b"another server!!")
    assert found[LIST].outcome is Outcome.FAILED


@pytest.mark.parametrize("number", ["10.9.9.9", "2001:db8::9"])
def test_beyond_this_network_nothing_appears_by_itself(number: str) -> None:
    found = look(number=number)
    assert (found[LIST].outcome, set(found)) == (Outcome.WARNING, {LIST})
    assert "Type its address, kitchen:47300" in found[LIST].told().fix
    assert look([(NUMBER, 47300)], number=number) == {}  # there it is, all the same

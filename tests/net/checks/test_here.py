"""What is said of this computer's networks, and the tables of the system that are read for it."""

from pathlib import Path

import pytest

from qtchat.net.announcement import Network, networks
from qtchat.net.checks.findings import Outcome
from qtchat.net.checks.here import (
    adapter_of,
    check_networks,
    check_permission,
    check_vpn,
    is_near,
    is_tunnel,
    source_address,
    vpn_to,
)

HOME = Network("192.168.1.5", 24, "192.168.1.255", "wlan0")


def test_networks_are_named() -> None:
    found = check_networks([HOME], "")
    assert (found.outcome, found.told().sentence) == (Outcome.OK, "Connected, as 192.168.1.5 (wlan0).")


def test_no_network_and_a_wrong_address_are_failures() -> None:
    assert check_networks(networks("127.0.0.1"), "").outcome is Outcome.FAILED
    assert "is no address" in check_networks([], "10.9.9.9").sentence
    assert "searched for by IPv4" in check_networks([], "::1").sentence
    assert check_networks(networks("127.0.0.1"), "127.0.0.1").outcome is Outcome.OK


def test_an_address_that_the_computer_made_up_is_a_warning() -> None:
    assert check_networks([Network("169.254.7.7", 16, "169.254.255.255", "eth0")], "").outcome is Outcome.WARNING


@pytest.mark.parametrize("name", ["tun0", "wg0", "utun4", "ppp0", "tailscale0", "TAP-Windows Adapter V9", "My VPN"])
def test_a_vpn_is_known_by_the_name_of_its_adapter(name: str) -> None:
    found = check_vpn(name)
    assert found.outcome is Outcome.WARNING
    assert name in found.told().sentence


@pytest.mark.parametrize(("kind", "tunnel"), [("65534", True), ("512", True), ("1", False)])
def test_linux_tells_a_tunnel_of_any_name(tmp_path: Path, kind: str, tunnel: bool) -> None:
    (tmp_path / "office").mkdir()
    (tmp_path / "office" / "type").write_text(f"{kind}\n")
    assert is_tunnel("office", tmp_path) is tunnel
    assert not is_tunnel("nothing\0there", tmp_path)


def test_a_vpn_on_the_way_to_somebody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qtchat.net.checks.here.adapter_of", lambda _: "wg0")
    found = vpn_to("127.0.0.1")
    assert found is not None
    assert "sent to 127.0.0.1 goes through a VPN (wg0)" in found.told().sentence
    monkeypatch.setattr("qtchat.net.checks.here.adapter_of", lambda _: "lo")
    assert vpn_to("127.0.0.1") is None


@pytest.mark.parametrize("name", ["eth0", "wlp3s0", "en0", "Ethernet", ""])
def test_other_adapters_are_none(name: str) -> None:
    assert check_vpn(name).outcome is Outcome.OK


def test_macos_may_refuse() -> None:
    assert check_permission(refused=True, platform="linux") is None
    refused, unknown = (check_permission(refused=it, platform="darwin") for it in (True, False))
    assert refused is not None
    assert refused.outcome is Outcome.FAILED
    assert unknown is not None
    assert unknown.outcome is Outcome.SKIPPED


def test_the_way_to_this_computer_is_its_own_adapter() -> None:
    assert source_address("127.0.0.1") == "127.0.0.1"
    assert adapter_of("127.0.0.1")
    assert adapter_of("192.0.2.77") == ""
    assert source_address("no address") == ""


def test_what_lies_in_our_network() -> None:
    assert is_near("192.168.1.77", [HOME])
    assert is_near("127.0.0.1", [HOME])
    assert is_near("fe80::1", [HOME])
    assert not is_near("192.168.2.77", [HOME])
    assert not is_near("2001:db8::1", [HOME])
    assert not is_near("kitchen", [HOME])

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
    gateway,
    is_awake,
    is_near,
    source_address,
)

HOME = Network("192.168.1.5", 24, "192.168.1.255", "wlan0")


def test_networks_are_named() -> None:
    found = check_networks([HOME], "")
    assert (found.outcome, found.sentence) == (Outcome.OK, "192.168.1.5 (wlan0)")


def test_no_network_and_a_wrong_address_are_failures() -> None:
    assert check_networks(networks("127.0.0.1"), "").outcome is Outcome.FAILED
    assert "is no address" in check_networks([], "10.9.9.9").sentence
    assert check_networks(networks("127.0.0.1"), "127.0.0.1").outcome is Outcome.OK


def test_an_address_that_the_computer_made_up_is_a_warning() -> None:
    assert check_networks([Network("169.254.7.7", 16, "169.254.255.255", "eth0")], "").outcome is Outcome.WARNING


@pytest.mark.parametrize("name", ["tun0", "wg0", "utun4", "ppp0", "tailscale0", "TAP-Windows Adapter V9", "My VPN"])
def test_a_vpn_is_known_by_the_name_of_its_adapter(name: str) -> None:
    assert check_vpn(name).outcome is Outcome.WARNING
    assert "sent to 10.0.0.1" in check_vpn(name, "10.0.0.1").sentence


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


def test_who_has_told_a_hardware_address(tmp_path: Path) -> None:
    table = tmp_path / "arp"
    table.write_text(
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "192.168.1.1      0x1         0x2         aa:bb:cc:dd:ee:ff     *        wlan0\n"
        "192.168.1.9      0x1         0x0         00:00:00:00:00:00     *        wlan0\n"
    )
    assert is_awake("192.168.1.1", table)
    assert is_awake("192.168.1.9", table) is False
    assert is_awake("192.168.1.7", table) is False
    assert is_awake("192.168.1.7", tmp_path / "none") is None

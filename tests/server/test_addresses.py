"""Which addresses an invitation names."""

import socket

import pytest

from qtchat.server.addresses import network_of, reachable_addresses


@pytest.mark.parametrize("host", ["192.0.2.9", "chat.example", "::1", "127.0.0.1"])
def test_one_address_is_named_as_it_is(host: str) -> None:
    assert reachable_addresses(host) == [host]


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::"])
def test_everywhere_is_no_address_that_others_could_use(host: str) -> None:
    found = reachable_addresses(host)
    assert found
    assert not {"", "0.0.0.0", "::"} & set(found)
    assert len(found) == len(set(found))
    if host:
        assert all((":" in address) == (host == "::") for address in found)


@pytest.mark.parametrize(("host", "own"), [("", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_without_a_network_there_is_this_computer(monkeypatch: pytest.MonkeyPatch, host: str, own: str) -> None:
    def no_network(*_: object, **__: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    assert reachable_addresses(host) == [own]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", ""),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_the_network_of_an_address(address: str, network: str) -> None:
    assert network_of(address) == network

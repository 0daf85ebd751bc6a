"""Addresses in other networks, as people write them."""

import argparse

import pytest

from qtchat.client.elsewhere import MAX_ELSEWHERE, BadLine, address_option, address_text, parse_lines
from qtchat.protocol.messages import DEFAULT_PORT


def test_one_address_a_line() -> None:
    written = parse_lines(
        "lab-server\n10.2.0.5:4000\n\n# the second floor\n [fd00::5]:4000 \nfd00::6\nKitchen.local\nlab-server"
    )
    assert written.addresses == (
        ("lab-server", DEFAULT_PORT),
        ("10.2.0.5", 4000),
        ("fd00::5", 4000),
        ("fd00::6", DEFAULT_PORT),
        ("kitchen.local", DEFAULT_PORT),
    )
    assert written.bad == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("10.2.0.500", "IPv4"),
        ("lab server", "not the name or address"),
        ("lab:0", "port"),
        ("https://lab", "https"),
        ("lab, attic", "One address a line"),
        ("qtchat://lab/#ABCD", "server code"),
    ],
)
def test_a_bad_line_is_told_with_the_reason_and_the_others_hold(line: str, reason: str) -> None:
    written = parse_lines(f"lab\n{line}\nattic")
    assert [host for host, _port in written.addresses] == ["lab", "attic"]
    (bad,) = written.bad
    assert (bad.number, bad.text) == (2, line)
    assert reason in bad.reason


def test_there_is_an_end_to_them() -> None:
    written = parse_lines("\n".join(f"host-{number}" for number in range(MAX_ELSEWHERE + 1)) + "\nhost-0")
    assert len(written.addresses) == MAX_ELSEWHERE
    assert [(bad.number, bad.text) for bad in written.bad] == [(MAX_ELSEWHERE + 1, f"host-{MAX_ELSEWHERE}")]
    assert isinstance(written.bad[0], BadLine)


@pytest.mark.parametrize("text", ["lab", "10.2.0.5:4000", "fd00::5", "[fd00::5]:4000"])
def test_an_address_is_written_as_it_was_read(text: str) -> None:
    ((address,), ()) = parse_lines(text).addresses, parse_lines(text).bad
    assert address_text(address) == text


def test_an_option_of_a_command_line() -> None:
    assert address_option(" lab:4000 ") == ("lab", 4000)
    with pytest.raises(argparse.ArgumentTypeError, match="port"):
        address_option("lab:x")

"""Invitation links, and addresses as people type them."""

import ipaddress
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.net.invitation import Invitation, InvitationError, parse_invitation
from qtchat.net.tls import server_code
from qtchat.protocol.messages import DEFAULT_PORT

CODE = server_code(b"some key")


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("localhost", [("localhost", DEFAULT_PORT)]),
        ("  Box.Local. \n", [("box.local", DEFAULT_PORT)]),
        ("box:5000", [("box", 5000)]),
        ("192.168.0.7:05000", [("192.168.0.7", 5000)]),
        ("192.168.0.7/", [("192.168.0.7", DEFAULT_PORT)]),
        ("[::1]:5000", [("::1", 5000)]),
        ("[::1]", [("::1", DEFAULT_PORT)]),
        ("2001:DB8:0::1", [("2001:db8::1", DEFAULT_PORT)]),
        ("[fe80::1%eth0]:5000", [("fe80::1%eth0", 5000)]),
        ("qtchat://[fe80::1%25eth0]/", [("fe80::1%eth0", DEFAULT_PORT)]),
        ("my_box", [("my_box", DEFAULT_PORT)]),
        ("Bücher.example", [("xn--bcher-kva.example", DEFAULT_PORT)]),
        ("qtchat://box", [("box", DEFAULT_PORT)]),
        ("QTCHAT://box:1/", [("box", 1)]),
        ("qtchat://a:1,[::2]:2, c", [("a", 1), ("::2", 2), ("c", DEFAULT_PORT)]),
        ("a,A,a:1", [("a", DEFAULT_PORT), ("a", 1)]),
    ],
)
def test_addresses(text: str, addresses: list[tuple[str, int]]) -> None:
    assert parse_invitation(text) == Invitation(tuple(addresses))


@pytest.mark.parametrize(
    "text",
    [
        f"qtchat://box:5000/#{CODE}",
        f"qtchat://box:5000#{CODE.lower()}",
        f"box:5000/#{CODE.replace('-', '')}",
        f"box:5000 # {CODE.replace('-', ' ')}",
    ],
)
def test_codes(text: str) -> None:
    invitation = parse_invitation(text)
    assert invitation == Invitation((("box", 5000),), CODE)
    assert str(invitation) == f"qtchat://box:5000/#{CODE}"


def test_the_link_of_several_addresses() -> None:
    invitation = Invitation((("fe80::1%eth0", 1), ("10.0.0.1", 2), ("box", 3)), CODE)
    assert str(invitation) == f"qtchat://[fe80::1%25eth0]:1,10.0.0.1:2,box:3/#{CODE}"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "enter an address"),
        (" \n", "enter an address"),
        ("a" * 5000, "too long"),
        ("https://example.org/#x", "https link"),
        ("qtchat://", "no address"),
        (f"qtchat:///#{CODE}", "no address"),
        (f"#{CODE}", "no address"),
        ("box:", "port must be"),
        ("box:0", "port must be"),
        ("box:65536", "port must be"),
        ("box:-1", "port must be"),
        ("box:+1", "port must be"),
        ("box:1_0", "port must be"),
        ("box:٣", "port must be"),
        ("box:" + "1" * 4000, "port must be"),
        ("box:5000/room", "port must be"),
        (":5000", "missing"),
        ("a,,b", "missing"),
        ("a b", "not the name"),
        ("user@box", "not the name"),
        ("box/room", "not the name"),
        ("<b>box</b>", "not the name"),
        ("a..b", "not the name"),
        (".", "not the name"),
        ("-box", "not the name"),
        ("box-", "not the name"),
        ("a" * 64, "not the name"),
        ("a." * 130, "too long"),
        ("a\u202eb", "not the name"),
        ("\u2100", "not the name"),
        ("256.1.1.1", "not an IPv4"),
        ("1.2.3", "not an IPv4"),
        ("12", "not an IPv4"),
        ("[::1", "closing ]"),
        ("[::1]5000", "After ]"),
        ("[::1]:x", "port must be"),
        ("[box]", "not an IPv6"),
        ("1:2:3", "not an IPv6"),
        ("[fe80::1%]", "network interface"),
        ("[fe80::1%a b]", "network interface"),
        ("box#", "cut off"),
        ("box/# ", "cut off"),
        ("box/#ABC", "has 3"),
        (f"box/#{CODE[:-1]}", "Group 5"),
        (",".join(f"h{number}" for number in range(17)), "at most 16"),
    ],
)
def test_bad_input_is_explained(text: str, sentence: str) -> None:
    with pytest.raises(InvitationError, match=sentence):
        parse_invitation(text)


def test_what_is_quoted_is_short_and_printable() -> None:
    with pytest.raises(InvitationError) as caught:
        parse_invitation("\x07" + "x" * 200)
    assert "\x07" not in str(caught.value)
    assert len(str(caught.value)) < 150


labels = st.from_regex(r"[a-z]([a-z0-9_-]{0,20}[a-z0-9])?", fullmatch=True).filter(lambda label: label[2:4] != "--")
hosts = (
    st.lists(labels, min_size=1, max_size=4).map(".".join)
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(str)
    | st.builds(
        lambda address, zone: f"{address}%{zone}", st.ip_addresses(v=6), st.text(string.ascii_letters, min_size=1)
    )
)
invitations = st.builds(
    Invitation,
    st.lists(st.tuples(hosts, st.integers(1, 65535)), min_size=1, max_size=4, unique=True).map(tuple),
    st.none() | st.binary(max_size=20).map(server_code),
)


@given(invitations)
def test_every_link_reads_back(invitation: Invitation) -> None:
    assert parse_invitation(str(invitation)) == invitation


@given(st.text() | st.text("qtchat:/#[],.%0aä1 -"))
def test_any_text_gives_an_invitation_or_an_invitation_error(text: str) -> None:
    try:
        invitation = parse_invitation(text)
    except InvitationError:
        return
    assert parse_invitation(str(invitation)) == invitation
    for host, port in invitation.addresses:
        assert host.isascii()
        assert 1 <= port <= 65535
        if ":" in host:
            ipaddress.IPv6Address(host)

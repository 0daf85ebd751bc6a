"""Links to plain chats."""

import pytest

from qtchat.client.classic_link import ClassicLink, is_classic, parse_classic_link, same_place
from qtchat.net.invitation import InvitationError
from qtchat.protocol.dialects import DIALECTS


@pytest.mark.parametrize(
    ("text", "host", "port", "dialect"),
    [
        ("classic://192.0.2.1:12347?dialect=nick-ru", "192.0.2.1", 12347, "nick-ru"),
        ("classic://192.0.2.1:99", "192.0.2.1", 99, None),
        ("classic://box/?dialect=nick-en", "box", 55555, "nick-en"),
        ("CLASSIC://Box:1/", "box", 1, None),
        ("classic://[::1]:4040?dialect=anonymous", "::1", 4040, "anonymous"),
        (" classic://[::1]?dialect=lines ", "::1", 47301, "lines"),
    ],
)
def test_links(text: str, host: str, port: int, dialect: str | None) -> None:
    link = parse_classic_link(text)
    assert link == ClassicLink(host, port, DIALECTS[dialect] if dialect else None)
    assert parse_classic_link(str(link)) == link
    assert is_classic(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("classic://", "address"),
        ("classic://box", "needs a port, or a dialect"),
        ("classic://box:1?dialect=irc", "no dialect of that name"),
        ("classic://box:99999", "port"),
        ("classic://a:1,b:2", "one address"),
        ("classic://box:1#code", "looks like"),
    ],
)
def test_what_is_no_link_is_told_in_words(text: str, words: str) -> None:
    with pytest.raises(InvitationError, match=words):
        parse_classic_link(text)


def test_other_links_are_not_meant() -> None:
    assert not is_classic("qtchat://192.0.2.1:47300/")
    assert not is_classic("192.0.2.1")


def test_two_links_to_one_place() -> None:
    assert same_place("classic://box:55555", "classic://box?dialect=nick-en")
    assert not same_place("classic://box:55555", "classic://box:4040")
    assert not same_place("classic://box:55555", "box:55555")  # a qtchat server

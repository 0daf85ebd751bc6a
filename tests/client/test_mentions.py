"""Whether a message names somebody."""

import pytest

from qtchat.client.mentions import mentions


@pytest.mark.parametrize(
    ("text", "nick"),
    [
        ("@Ada", "Ada"),
        ("hi @ada!", "Ada"),
        ("(@ADA)", "ada"),
        ("@Женя, привет", "женя"),
        ("@ЖЕНЯ", "Женя"),
        ("@Anna Maria?", "Anna Maria"),
        ("@straße", "STRASSE"),
        ("@\uff21da", "Ada"),
        ("@a.b", "a.b"),
        ("@Ada's", "Ada"),
    ],
)
def test_a_nick_behind_the_sign_is_named(text: str, nick: str) -> None:
    assert mentions(text, nick)


@pytest.mark.parametrize(
    ("text", "nick"),
    [("Ada", "Ada"), ("@Adam", "Ada"), ("mail@ada.org", "Ada"), ("@axb", "a.b"), ("@", ""), ("@Женька", "Женя")],
)
def test_other_words_name_nobody(text: str, nick: str) -> None:
    assert not mentions(text, nick)

"""Which names look alike."""

import pytest

from qtchat.server.looks import looks_of


def alike(one: str, other: str) -> bool:
    return bool(looks_of(one) & looks_of(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "Anna"),
        ("Anna", "anna"),
        ("Anna", "\u0410nna"),  # Cyrillic A
        ("anna", "\u0430nn\u0430"),
        ("ANNA", "\u0410nna"),
        ("Ill", "lll"),
        ("ROB", "R0B"),
        ("paypal", "p\u0430ypal"),
        ("Barney", "Bamey"),
        ("Zoë", "Zoe\u0308"),
        ("\u0391lexis", "Alexis"),  # Greek A
        ("user 1", "user l"),
        ("a\u2010b", "a-b"),
    ],
)
def test_names_that_look_alike(one: str, other: str) -> None:
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("Anna", "Hanna"), ("Ada", "Ade"), ("Вика", "Ника"), ("Zoe", "Zoé"), ("李", "季"), ("8", "B")]
)
def test_names_that_do_not(one: str, other: str) -> None:
    assert not alike(one, other)

"""Which names look alike; the rule itself: tests/server/test_looks.py."""

import pytest

from qtchat.client.looks import looks_of
from qtchat.server import looks


@pytest.mark.parametrize("name", ["Kitchen", "KITCHEN", "Kit\u0441hen", "lll", "Ill", "Zoë"])
def test_it_is_the_rule_of_the_server(name: str) -> None:
    assert looks_of(name) == looks.looks_of(name)


def test_letters_of_another_script_and_capitals_look_alike() -> None:
    assert looks_of("Kitchen") & looks_of("K\u0456tchen")
    assert looks_of("Kitchen") & looks_of("KITCHEN")
    assert not looks_of("Kitchen") & looks_of("Kitten")

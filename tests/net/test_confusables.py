"""What is taken for what. Which names look alike by that: tests/server/test_looks.py."""

from pathlib import Path

import pytest

from qtchat.net import confusables
from qtchat.net.confusables import skeleton


def test_letters_of_other_scripts_are_taken_for_those_they_look_like() -> None:
    assert skeleton("Te\u0430m") == skeleton("Team")  # a Cyrillic a
    assert skeleton("Team") != skeleton("Teams")


def test_composed_and_decomposed_letters_are_one() -> None:
    assert skeleton("Zo\u00eb") == skeleton("Zoe\u0308")


def test_an_installation_without_the_data_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(confusables, "_PACKAGE", tmp_path / "qtchat")
    with pytest.raises(FileNotFoundError, match="resources/unicode is missing"):
        confusables._confusables.__wrapped__()

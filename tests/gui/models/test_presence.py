"""Who is here, in words."""

import time

import pytest

from qtchat.gui.models.presence import Presence, is_plain, presence_of, presence_words, typing_words
from qtchat.protocol.messages import FIRST_PLAIN_USER, Person


@pytest.mark.parametrize(
    ("person", "presence", "words"),
    [
        (Person(1, "Anna", True), Presence.ONLINE, "online"),
        (Person(1, "Anna", True, away=True), Presence.AWAY, "away"),
        (Person(1, "Anna", False, away=True), Presence.OFFLINE, "offline"),
        (None, Presence.OFFLINE, "offline"),
    ],
)
def test_presence_has_a_word(person: Person | None, presence: Presence, words: str) -> None:
    assert presence_of(person) is presence
    assert presence_words(person) == words


def test_who_is_gone_was_last_seen_some_time() -> None:
    person = Person(1, "Anna", False, seen=int(time.time() * 1000))
    assert presence_words(person).startswith("last seen at ")


@pytest.mark.parametrize(
    ("nicks", "words"),
    [
        ([], ""),
        (["Anna"], "Anna is typing…"),
        (["Anna", "{first}"], "Anna and {first} are typing…"),
        (["Anna", "Ben", "Carla"], "3 people are typing…"),
        (["\u202eAnna"], "Anna is typing…"),
    ],
)
def test_typing_is_one_sentence(nicks: list[str], words: str) -> None:
    assert typing_words(nicks) == words


def test_plain_users_are_told_by_their_number() -> None:
    assert is_plain(FIRST_PLAIN_USER)
    assert not is_plain(7)

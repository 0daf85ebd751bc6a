"""What is proposed for the word before the cursor."""

import pytest

from qtchat.gui.views.composer import completion
from qtchat.gui.views.composer.completion import MAX_SUGGESTIONS, Completion, complete
from qtchat.protocol.messages import Person

PEOPLE = [
    Person(2, "Anna Smith", online=True),
    Person(3, "Борис", online=False),
    Person(4, "Ben", online=True, away=True),
    Person(5, "Joanna", online=False),
]


def people() -> list[Person]:
    return PEOPLE


def proposed(line: str, *, first_line: bool = True) -> Completion | None:
    return complete(line, first_line=first_line, people=people)


def titles(line: str) -> list[str]:
    found = proposed(line)
    return [suggestion.title for suggestion in found.suggestions] if found else []


@pytest.mark.parametrize(
    ("line", "nicks"),
    [
        ("@", ["Anna Smith", "Борис", "Ben", "Joanna"]),
        ("hi @an", ["Anna Smith"]),
        ("hi (@БОР", ["Борис"]),
        ("@smi", ["Anna Smith"]),
        ("@Anna S", ["Anna Smith"]),
        ("@Ben hello", []),
        ("mail me@an", []),
        ("@zoe", []),
        ("@@", []),
    ],
)
def test_people(line: str, nicks: list[str]) -> None:
    assert titles(line) == nicks


def test_what_is_said_of_people_is_made_for_those_alone_that_are_proposed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Person] = []

    def words(person: Person) -> str:
        asked.append(person)
        return "online"

    monkeypatch.setattr(completion, "presence_words", words)
    crowd = [Person(user, f"Somebody {user}", online=True) for user in range(500)]
    assert complete("hello", first_line=True, people=pytest.fail) is None  # nobody asks who is there
    found = complete("@some", first_line=True, people=lambda: crowd)
    assert found is not None
    assert asked == crowd[:MAX_SUGGESTIONS]


def test_a_nick_replaces_what_was_typed_of_it() -> None:
    found = proposed("🎉 hi @Anna S")
    assert found is not None
    assert found.length == len("@Anna S")
    assert found.suggestions[0].text == "@Anna Smith "
    assert found.suggestions[0].subtitle == "online"


@pytest.mark.parametrize("line", [":he", "love :Hea", "(:heart"])
def test_emoji_from_two_letters_on(line: str) -> None:
    found = proposed(line)
    assert found is not None
    assert any(suggestion.text == "❤️ " for suggestion in found.suggestions)
    assert len(found.suggestions) <= MAX_SUGGESTIONS


@pytest.mark.parametrize("line", [":", ":D", ":h", "at 10:30", "https://he", "C:he", "::he", ":zzzzzz", ": he"])
def test_what_only_looks_like_emoji_is_left_alone(line: str) -> None:
    assert proposed(line) is None


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/", "/me /nick /topic /join /msg /away /delete /quit /help /claim"),
        ("/M", "/me /msg"),
        ("/me ", ""),
        ("//", ""),
        ("/1", ""),
    ],
)
def test_commands(line: str, wanted: str) -> None:
    assert [title.split()[0] for title in titles(line)] == wanted.split()


def test_commands_stand_at_the_start_only() -> None:
    assert proposed("/", first_line=False) is None
    assert proposed("a /") is None
    assert complete("/", first_line=True, people=people, commands=False) is None


def test_a_command_with_arguments_leaves_room_for_them() -> None:
    found = proposed("/to")
    assert found is not None
    assert found.suggestions[0].text == "/topic "
    assert found.suggestions[0].title == "/topic text"
    found = proposed("/q")
    assert found is not None
    assert found.suggestions[0].text == "/quit"


def test_people_are_proposed_behind_a_command() -> None:
    assert titles("/msg @be") == ["Ben"]

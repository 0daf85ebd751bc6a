import pytest
from hypothesis import given
from hypothesis import strategies as st

from qtchat.protocol.messages import MAX_NICK, MAX_ROOM_NAME, MAX_STATUS, MAX_TOPIC
from qtchat.protocol.names import (
    COUNTED_NICKS,
    NameProblemError,
    clean_nick,
    clean_room_name,
    clean_status,
    clean_topic,
    fold,
    free_nick,
    is_emoji,
)


@pytest.mark.parametrize(
    ("text", "nick"),
    [
        ("anna", "anna"),
        ("  Anna \t Maria\n", "Anna Maria"),
        ("\ufb01n", "fin"),  # the ligature
        ("e\u0301a", "\u00e9a"),  # composed
        ("\uff21nna", "Anna"),  # full width
        ("Вика", "Вика"),
        ("😀", "😀"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("a\u0323\u0324\u0330\u0331", "\u1ea1\u0324\u0330\u0331"),
        ("\u0928\u093f\u0930\u094d\u092e\u0932\u093e", "\u0928\u093f\u0930\u094d\u092e\u0932\u093e"),
        ("x" * MAX_NICK, "x" * MAX_NICK),
    ],
)
def test_clean_nick(text: str, nick: str) -> None:
    assert clean_nick(text) == nick


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        (" \t\n\u3000", "empty"),
        ("x" * (MAX_NICK + 1), "long"),
        ("\ufdfa" * 2, "long"),  # one character that NFKC makes 18
        ("an\u202ena", "invisible"),  # right-to-left override
        ("an\u200bna", "invisible"),  # zero width space
        ("an\u200dna", "invisible"),
        ("an\x07na", "invisible"),
        ("an\ue000na", "invisible"),  # private use
        ("an\ud800na", "invisible"),  # half a surrogate pair
        ("an\u0378na", "invisible"),  # unassigned
        ("an\u3164na", "invisible"),  # Hangul filler
        ("\u2800", "invisible"),  # the blank braille pattern
        ("an\ufe0fna", "invisible"),  # a variation selector behind a letter
        ("z" + "\u0324\u0324\u0325\u0330\u0331", "marks"),
        ("a" + "\u0336" * 20, "marks"),
        ("...", "bare"),
        ("\u0301", "bare"),
        ("#anna", "first"),
        ("\uff03anna", "first"),  # full width #
        ("@anna", "first"),
        ("/anna", "first"),
        ("an:na", "colon"),
        (" You ", "oneself"),
        ("ВЫ", "oneself"),
    ],
)
def test_a_nick_that_is_not_allowed(text: str, reason: str) -> None:
    with pytest.raises(NameProblemError) as problem:
        clean_nick(text)
    assert problem.value.reason == reason
    assert str(problem.value).startswith("A name ")
    assert str(problem.value).endswith(".")


@pytest.mark.parametrize(
    ("text", "name"),
    [("general", "general"), (" # general", "general"), ("##x", "x"), ("\uff03x", "x"), ("a#b", "a#b"), ("a:b", "a:b")],
)
def test_clean_room_name(text: str, name: str) -> None:
    assert clean_room_name(text) == name


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "empty"), ("#", "empty"), ("x" * (MAX_ROOM_NAME + 1), "long"), ("a\u2028b", None), ("a\u2066b", "invisible")],
)
def test_a_room_name_that_is_not_allowed(text: str, reason: str | None) -> None:
    if reason is None:  # a line separator is a space like others
        assert clean_room_name(text) == "a b"
        return
    with pytest.raises(NameProblemError) as problem:
        clean_room_name(text)
    assert problem.value.reason == reason
    assert "room name" in str(problem.value)


@given(st.text(max_size=80))
def test_what_was_cleaned_is_clean(text: str) -> None:
    for clean, longest in ((clean_nick, MAX_NICK), (clean_room_name, MAX_ROOM_NAME)):
        try:
            name = clean(text)
        except NameProblemError:
            continue
        assert clean(name) == name
        assert 1 <= len(name) <= longest


@given(st.text(max_size=400))
def test_a_topic_never_fails_and_is_one_short_line(text: str) -> None:
    topic = clean_topic(text)
    assert len(topic) <= MAX_TOPIC
    assert not set(topic) & set("\n\r\t\u200b\u202e\u2028")


def test_a_topic_is_cut_and_cleared_of_what_cannot_be_seen() -> None:
    assert clean_topic(" lunch\n at\u202e noon ") == "lunch at noon"
    assert clean_topic("x" * 300) == "x" * MAX_TOPIC
    assert clean_topic("lu" + "\u0336" * 10_000 + "nch") == "lu" + "\u0336" * 4 + "nch"


@pytest.mark.parametrize(
    ("one", "other"), [("Anna", "aNNA"), ("STRASSE", "straße"), ("\uff21nna", "anna"), ("É", "e\u0301")]
)
def test_names_that_count_as_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_names_that_differ() -> None:
    assert len({fold(name) for name in ("anna", "anne", "anna 2", "ánna")}) == 4


def test_the_suggested_nick_is_free_allowed_and_short_enough() -> None:
    assert free_nick("Anna", {"Anna"}.__contains__) == "Anna 2"
    assert free_nick("Anna", {"Anna", "Anna 2", "Anna 3"}.__contains__) == "Anna 4"
    long = "x" * MAX_NICK
    taken = {long}
    for _ in range(12):
        nick = free_nick(long, taken.__contains__)
        assert clean_nick(nick) == nick
        assert nick not in taken
        taken.add(nick)


def test_a_crowd_under_one_name_costs_little() -> None:
    asked: list[str] = []

    def taken(nick: str) -> bool:
        asked.append(nick)
        return int(nick.removeprefix("Anna ")) < 50_000

    assert clean_nick(free_nick("Anna", taken)) == asked[-1]
    assert len(asked) < 2 * COUNTED_NICKS
    assert asked[:2] == ["Anna 2", "Anna 3"]


def test_a_status_is_one_visible_line_that_fits() -> None:
    assert clean_status(" at\n\nlunch\u202e ") == "at lunch"
    assert clean_status("") == ""
    assert clean_status("x" * 200) == "x" * MAX_STATUS
    assert clean_status("👩\u200d💻 at work ❤\ufe0f\u200d🔥") == "👩\u200d💻 at work ❤\ufe0f\u200d🔥", (
        "these are one emoji each"
    )
    assert clean_status("a\u200db\u200d👍 👍\u200d \u200d") == "ab👍 👍"


@pytest.mark.parametrize(
    "emoji",
    [
        "👍",
        "👍🏽",
        "❤️",
        "☺",
        "🇩🇪",
        "1️⃣",
        "#️⃣",
        "👩🏽‍❤️‍💋‍👨🏿",
        "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
        "↔️",
        "\U0001faef",  # newer than many a Python
    ],
)
def test_emoji(emoji: str) -> None:
    assert is_emoji(emoji)


@pytest.mark.parametrize(
    "text", ["", " ", "a", "lol", "1", "+", "#", "👍 ", "👍a", "\u200d", "👍\u202e", "Ж", "\n", "!"]
)
def test_what_is_no_emoji(text: str) -> None:
    assert not is_emoji(text)

"""Somebody's words in one line, and times as people say them."""

from datetime import date, datetime

import pytest

from qtchat.gui.models.words import day_and_time, fill, local_time, one_line, people_count, room_title, short_time
from qtchat.protocol.messages import DIRECT, PRIVATE, PUBLIC

TODAY = date(2025, 11, 20)


def ms(when: datetime) -> int:
    return int(when.timestamp() * 1000)


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (datetime(2025, 11, 20, 9, 5), "09:05"),  # noqa: DTZ001  # local time is meant
        (datetime(2025, 11, 16, 9, 5), "Sun"),  # noqa: DTZ001
        (datetime(2025, 11, 21, 0, 1), "00:01"),  # noqa: DTZ001  # a server's clock may be ahead
    ],
)
def test_times_are_as_short_as_is_clear(when: datetime, expected: str) -> None:
    assert short_time(ms(when), TODAY) == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (datetime(2025, 11, 20, 9, 5), "at 09:05"),  # noqa: DTZ001
        (datetime(2025, 11, 19, 14, 5), "yesterday at 14:05"),  # noqa: DTZ001
        (datetime(2025, 11, 16, 9, 5), "Sunday at 09:05"),  # noqa: DTZ001
    ],
)
def test_times_are_said_as_people_say_them(when: datetime, expected: str) -> None:
    assert day_and_time(ms(when), TODAY) == expected


def test_what_is_long_ago_has_a_date_and_no_time() -> None:
    said = day_and_time(ms(datetime(2025, 3, 4, 9, 5)), TODAY)  # noqa: DTZ001
    assert said.startswith("on ")
    assert "2025" in said
    assert "09:05" not in said


def test_a_long_message_is_cut_before_it_is_laid_out() -> None:
    assert len(one_line("x" * 16_000)) == 200
    assert one_line(" a\n\tb ") == "a b"


def test_nothing_turns_the_line_around() -> None:
    assert one_line("\u202eabc\u2066d\u200f") == "abcd"
    assert one_line("שלום") == "שלום"


def test_a_tower_of_accents_is_cut_and_a_language_keeps_its_own() -> None:
    tower = "Z" + "\u0301\u0489" * 5_000
    assert one_line(tower) == "Z" + "\u0301\u0489" * 2
    for word in ("e\u0323\u0302", "ที่นี่", "é", "क्षि", "👩‍💻"):
        assert one_line(word) == word


def test_one_person_is_not_people() -> None:
    assert people_count(1) == "1 person"
    assert people_count(5) == "5 people"


@pytest.mark.parametrize(
    ("kind", "expected"), [(PUBLIC, "# books to read"), (PRIVATE, "books to read"), (DIRECT, "books to read")]
)
def test_only_a_public_room_has_a_number_sign(kind: str, expected: str) -> None:
    assert room_title("books\nto read", kind) == expected


def test_a_time_that_no_calendar_has_is_the_last_one_that_all_have() -> None:
    assert local_time(2**53).year in (2999, 3000)
    assert short_time(2**53, date(2026, 11, 21))
    assert day_and_time(2**53, date(2026, 11, 21))


def test_a_name_with_braces_stays_a_name() -> None:
    assert fill("{nick} in {room}", nick="{room}", room="# x") == "{room} in # x"
    assert fill("{nick}: {what}", nick="Anna") == "Anna: {what}"

"""Times as people type them."""

import pytest

from qtchat.gui.durations import leading_duration


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("10m", (600, "")),
        ("10min spam", (600, "spam")),
        ("10 Minutes too  loud", (600, "too  loud")),
        ("1 h", (3_600, "")),
        ("2 hours", (7_200, "")),
        ("1h30m spam", (5_400, "spam")),
        ("1h 30 min", (5_400, "")),
        ("2d", (172_800, "")),
        ("1 week 2 spams", (604_800, "2 spams")),
        ("spam 10m", (0, "spam 10m")),
        ("", (0, "")),
        ("60", None),
        ("10 times", None),
        ("10mm", None),
        ("10m2", None),
        ("0m", None),
        ("3 months", None),
        ("99999999d", None),
        ("¹m", (0, "¹m")),
    ],
)
def test_a_time_in_front(text: str, told: tuple[int, str] | None) -> None:
    assert leading_duration(text) == told

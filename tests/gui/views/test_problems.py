"""Every problem has its sentence."""

import pytest

from qtchat.client.updates import Problem, ProblemCode
from qtchat.gui.views.problems import DETAILED, KNOWN_CODES, NICK_CODES, problem_sentence
from qtchat.protocol.errors import ErrorCode


@pytest.mark.parametrize("code", [*ErrorCode, *ProblemCode])
def test_every_code_is_told_in_words(code: str) -> None:
    assert code in KNOWN_CODES
    sentence = problem_sentence(Problem(code, ""))
    assert sentence.endswith(".")
    assert "_" not in sentence
    assert sentence[0].isupper()


def test_detail_follows_where_it_tells_more() -> None:
    assert problem_sentence(Problem("profile", "/x/key cannot be read.")).endswith("/x/key cannot be read.")
    assert "detail" not in problem_sentence(Problem("unreachable", "detail"))


def test_a_code_of_a_later_version_is_told_by_its_text() -> None:
    assert "too purple" in problem_sentence(Problem("too_purple", "too purple"))


def test_the_groups_hold_known_codes_only() -> None:
    assert KNOWN_CODES >= (NICK_CODES | DETAILED)

"""Every problem has its sentence."""

from datetime import UTC, datetime

import pytest

from qtchat.client.updates import Problem, ProblemCode
from qtchat.gui.views.problems import DETAILED, KNOWN_CODES, NICK_CODES, problem_sentence
from qtchat.net.invitation import InvitationError, parse_invitation
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


def test_a_detail_tells_times_by_our_clock_and_stays_on_one_line() -> None:
    ban = Problem("banned", "You were banned by \u202eBoss\nuntil 2034-06-01 12:00 UTC: 9999-99-99 99:99 UTC")
    when = datetime(2034, 6, 1, 12, tzinfo=UTC).astimezone()
    told = problem_sentence(ban)
    assert told.startswith("You cannot come in here now. You were banned by Boss until ")
    assert told.endswith(f"{when:%H:%M}: 9999-99-99 99:99 UTC")
    assert "2034-06-01 12:00 UTC" not in told


def test_a_mistyped_server_code_is_told_without_doubts_about_the_address() -> None:
    told = "Group 1 of the server code is mistyped. Please compare it again."
    assert problem_sentence(Problem("bad_link", told)) == told
    assert problem_sentence(Problem("bad_link", "The invitation contains no address.")).startswith("This is no address")


def test_every_sentence_about_a_code_is_known_as_one() -> None:
    for code in ("", "0000-1111", "A", "LTJFJ-F6YM7-5CJS6-INX2Q-7DGNA", "LTJFJ-F6YM7-5CJS6-INX2Q-7DG"):
        with pytest.raises(InvitationError) as error:
            parse_invitation(f"10.0.0.1#{code}")
        assert problem_sentence(Problem("bad_link", str(error.value))) == str(error.value)


def test_a_code_of_a_later_version_is_told_by_its_text() -> None:
    assert "too purple" in problem_sentence(Problem("too_purple", "too purple"))


def test_the_groups_hold_known_codes_only() -> None:
    assert KNOWN_CODES >= (NICK_CODES | DETAILED)

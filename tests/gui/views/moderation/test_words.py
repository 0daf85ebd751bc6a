"""The words of moderation."""

import time

import pytest

from qtchat.client.state import Silence
from qtchat.gui.views.moderation.words import (
    DAY,
    HOUR,
    audit_detail,
    audit_sentence,
    duration_words,
    moment,
    role_about,
    role_in,
    sanction_sentence,
    setting_sentence,
    silence_sentence,
    slow_sentence,
    slow_words,
)
from qtchat.protocol.messages import ADMIN, MODERATOR, AuditEntry, Person, Sanction


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "Until it is lifted"),
        (1, "1 second"),
        (60, "1 minute"),
        (300, "5 minutes"),
        (HOUR, "1 hour"),
        (8 * HOUR, "8 hours"),
        (DAY, "1 day"),
        (7 * DAY, "7 days"),
    ],
)
def test_durations(seconds: int, words: str) -> None:
    assert duration_words(seconds) == words


def test_no_slow_mode() -> None:
    assert slow_words(0) == "Off"


@pytest.mark.parametrize(
    ("told", "room", "says"),
    [
        (Sanction("kick", 4, "Boss", "spam"), "# news", "You were removed from # news by Boss: spam"),
        (Sanction("kick", 0, "Boss", ""), "", "You were disconnected by Boss."),
        (Sanction("ban", 0, "Boss", "spam"), "", "You were banned by Boss: spam"),
        (Sanction("unmute", 4, "Boss", ""), "# news", "You were unmuted in # news by Boss."),
        (Sanction("set_role", 0, "Boss", "", 0, "admin"), "", "You were made admin of this server by Boss."),
        (Sanction("delete", 4, "Boss", "", 0, "7"), "# news", "A message of yours in # news was deleted by Boss."),
        (Sanction("release_nick", 0, "Boss", ""), "", "Your name was released for others by Boss."),
        (
            Sanction("release_nick", 0, "Boss", "", 0, "Ann 2"),
            "",
            "Your name was released for others by Boss. You are called Ann 2 now.",
        ),
        (Sanction("revoke_key", 0, "Boss", ""), "", "Your key was revoked on this server by Boss."),
        (Sanction("later", 0, "Boss", ""), "", "This concerns you: later by Boss."),
    ],
)
def test_what_was_done_to_us(told: Sanction, room: str, says: str) -> None:
    assert sanction_sentence(told, room) == says


def test_every_silence_has_its_reason() -> None:
    said = {silence_sentence(why, 0, None) for why in Silence}
    assert len(said) == len(Silence)
    assert "You are muted." in said
    until = int(time.time() * 1000) + 60_000
    assert " until " in silence_sentence(Silence.MUTED, until, None)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name weather", "Anna renamed the room: weather"),
        ("name 0", "Anna renamed the room: 0"),
        ("private 1", "Anna made the room private"),
        ("frozen 0", "Anna unfroze the room"),
        ("slow_ms 10000", "Anna turned on slow mode: one message in 10 seconds"),
        ("slow_ms 0", "Anna turned slow mode off"),
        ("slow_ms x", "Anna turned on slow mode: one message in x"),
        ("role moderator Ben Hur", "Anna made Ben Hur moderator of this room"),
        ("role member Ben", "Anna made Ben a member like all others"),
        ("role moderator", "Anna made somebody moderator of this room"),
        ("color green", "Anna changed the room: green"),
        ("", "Anna changed the room: "),
    ],
)
def test_what_became_of_a_room(text: str, says: str) -> None:
    assert setting_sentence("Anna", text) == says


def test_entries_of_the_audit_log() -> None:
    entry = AuditEntry(1, 0, "Boss", "mute", 4, 2, "Anna", "spam", 0)
    assert audit_sentence(entry, "# news") == "Boss muted Anna in # news"
    assert audit_detail(entry) == "spam"
    later = AuditEntry(1, 0, "Boss", "paint", 0, 2, "Anna", "blue", 0)
    assert (audit_sentence(later, ""), audit_detail(later)) == ("Boss: paint Anna", "blue")


@pytest.mark.parametrize(
    ("act", "room", "detail", "says"),
    [
        ("set_role", "", "admin", "Boss gave Anna the role of admin"),
        ("set_role", "# news", "moderator", "Boss gave Anna the role of moderator in # news"),
        ("set_room", "# news", "name weather", "Boss renamed the room: weather · # news"),
        ("approve", "", "let in", "Boss let Anna in"),
        ("approve", "", "turned away", "Boss turned away Anna"),
        ("release_nick", "", "Anna 2", "Boss released the name that Anna 2 had"),
        ("delete", "# news", "17", "Boss deleted a message of Anna in # news"),
        ("claim", "", "owner", "Boss became the owner of this server"),
    ],
)
def test_an_entry_tells_what_was_set(act: str, room: str, detail: str, says: str) -> None:
    entry = AuditEntry(1, 0, "Boss", act, 0, 2, "Anna", detail, 0)
    assert audit_sentence(entry, room) == says
    assert audit_detail(entry) == ""


def test_what_somebody_is() -> None:
    assert role_in(Person(2, "Anna", online=True, role=ADMIN), None) == "Admin of this server"
    assert role_in(Person(2, "Anna", online=True), None) == ""


@pytest.mark.parametrize("value", ["", "soon", "-5", "²", "٣", "35184372088832", "9" * 5_000, "1_000", "0x10"])
def test_a_pause_that_is_no_number_is_shown_as_it_stands(value: str) -> None:
    says = setting_sentence("Boss", f"slow_ms {value}")
    assert says.startswith("Boss turned on slow mode: one message in ")
    assert len(says) < 300


@pytest.mark.parametrize("ms", [1, 2**31 - 1])
def test_any_pause_of_the_protocol_has_words(ms: int) -> None:
    assert setting_sentence("Boss", f"slow_ms {min(ms, 999_999_999)}")
    assert slow_sentence(ms // 1000, ms // 1000)
    assert slow_words(ms // 1000)


def test_a_moment_that_no_calendar_has_is_told_all_the_same() -> None:
    assert "99" in moment(2**53)


def test_a_moderator_is_not_promised_the_rooms_of_others() -> None:
    assert "every room" not in role_about(MODERATOR, server=True)

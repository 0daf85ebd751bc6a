"""What the timeline says in words."""

import pytest
from PySide6.QtCore import QDate, QDateTime, QTime

from qtchat.client.state import Delivery, Entry, Quote, Reaction
from qtchat.gui.views.timeline.words import intro_of, spoken_text, system_text, without_isolates
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, PRIVATE, PUBLIC

NOON = QDateTime(QDate(2024, 5, 17), QTime(12, 0)).toMSecsSinceEpoch()


def line(kind: str, author: int = 1, text: str = "", about: int = 0, nick: str = "") -> Entry:
    return Entry(bytes(16), 1, NOON, author, nick or f"N{author}", kind, text, own=author == 9, about=about)


def test_added_lines() -> None:
    assert system_text([line("added", 1, "Ben", 5)]) == "N1 added Ben"
    assert system_text([line("added", 9, "Ben", 5), line("added", 9, "Carl", 6)]) == "You added Ben and Carl"
    assert system_text([line("added", 1, "Ben", 5), line("added", 2, "Carl", 6)]) == "Ben and Carl were added"


def test_a_room_is_created_but_a_chat_of_two_begins() -> None:
    assert system_text([line("created", 1, "plans")]) == "N1 created the room"
    assert system_text([line("created", 9)], "Anna {who}") == "Your chat with Anna {who} began"
    assert system_text([line("created", 9)]) == "This chat began"


def test_topic_lines() -> None:
    assert system_text([line("topic", 1, "Coffee")]) == "N1 set the topic: Coffee"
    assert system_text([line("topic", 1)]) == "N1 took the topic away"
    assert system_text([line("topic", 1, "Coffee"), line("topic", 2, "Tea")]) == "N2 set the topic: Tea"
    assert system_text([line("topic", 1, "{who} %n <b>")]) == "N1 set the topic: {who} %n <b>"


def test_a_name_from_right_to_left_stands_alone() -> None:
    said = system_text([line("joined", nick="שלום")])
    assert said == "\u2068שלום\u2069 joined"
    assert without_isolates(said) == "שלום joined"


def test_a_message_is_said_with_all_that_is_in_it() -> None:
    said = Entry(
        bytes(16),
        9,
        NOON,
        9,
        "Anna",
        "post",
        "**hi**",
        own=True,
        delivery=Delivery.READ,
        reply_to=4,
        quote=Quote(4, "Ben", "*why*"),
        edited=True,
        reactions=(Reaction("👍", (1, 2), own=False),),
    )
    assert spoken_text(said) == "Anna, 12:00, in reply to Ben: why, hi, edited, 👍 2, read by all"


def test_a_deleted_message_is_said_as_such() -> None:
    said = Entry(bytes(16), 9, NOON, FIRST_PLAIN_USER, "Anna", "post", "", own=False, deleted=True, edited=True)
    assert spoken_text(said) == "Anna, plain text, 12:00, Message deleted"


@pytest.mark.parametrize(
    ("kind", "icon", "word"),
    [(PUBLIC, "hash", "Everybody"), (PRIVATE, "lock", "members"), (DIRECT, "user", "two of you")],
)
def test_the_head_of_a_room_says_who_can_read_it(kind: str, icon: str, word: str) -> None:
    intro = intro_of(kind, "lobby", "me")
    assert (intro.icon, intro.title) == (icon, "lobby")
    assert word in intro.sentence


def test_the_head_of_a_plain_chat_promises_nothing() -> None:
    sentence = intro_of(PUBLIC, "127.0.0.1:12345", "me", plain=True).sentence
    assert "Anybody on the network" in sentence
    assert "server" not in sentence


def test_the_room_for_notes() -> None:
    assert intro_of(DIRECT, "me", "me").title == "Saved messages"

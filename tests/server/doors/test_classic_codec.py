"""Events in the words of each dialect."""

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import FIRST_PLAIN_USER, Ack, Event
from qtchat.server.doors.classic_codec import QUOTED, REMEMBERED, ClassicCodec, Piece, Speaker, pieces
from tests.helpers.hubs import decode_all

ROOM = 3


def event(kind: str, text: str = "", *, nick: str = "Аня", seq: int = 1, about: int = 0, author: int = 7) -> Event:
    return Event(ROOM, seq, bytes(16), 0, author, nick, kind, text, about)


@pytest.mark.parametrize(
    ("dialect", "kind", "text", "said"),
    [
        ("nick-ru", "post", "привет 😀", "Аня: привет 😀"),
        ("nick-ru", "joined", "", "Аня присоединился к чату!"),
        ("nick-ru", "left", "", "Аня покинул чат!"),
        ("nick-ru", "added", "Боб", "Боб присоединился к чату!"),
        ("nick-ru", "edited", "пока", "* Аня исправляет: пока"),
        ("nick-ru", "deleted", "", "* Аня удаляет сообщение"),
        ("nick-ru", "reacted", "👍", "* Аня 👍"),
        ("nick-ru", "unreacted", "👍", "* Аня убирает 👍"),
        ("nick-ru", "topic", "о погоде", "* Аня меняет тему: о погоде"),
        ("nick-ru", "created", "room", ""),
        ("nick-ru", "something new", "", ""),
        ("nick-en", "post", "hi", "Аня: hi"),
        ("nick-en", "joined", "", "Аня joined the chat!"),
        ("nick-en", "left", "", "Аня left the chat!"),
        ("nick-en", "topic", "weather", "* Аня changed the topic: weather"),
        ("name-first", "post", "hi", "Аня: hi"),
        ("name-first", "joined", "", ""),
        ("name-first", "left", "", ""),
        ("name-first", "edited", "ho", "* Аня edited: ho"),
        ("anonymous", "post", "hi", "Аня: hi"),
        ("anonymous", "joined", "", ""),
        ("lines", "post", "hi", "Аня: hi"),
        ("lines", "joined", "", "* Аня joined"),
        ("lines", "left", "", "* Аня left"),
    ],
)
def test_what_is_said(dialect: str, kind: str, text: str, said: str) -> None:
    assert Speaker(DIALECTS[dialect]).say(event(kind, text)) == said


def test_those_without_a_name_hear_each_other_without_one() -> None:
    said = event("post", "hi", nick="guest-1", author=FIRST_PLAIN_USER)
    assert Speaker(DIALECTS["anonymous"]).say(said) == "hi"
    assert Speaker(DIALECTS["nick-en"]).say(said) == "guest-1: hi"


def test_a_reaction_says_what_it_is_about() -> None:
    speaker = Speaker(DIALECTS["lines"])
    speaker.say(event("post", "one\ntwo", seq=4))
    assert speaker.say(event("reacted", "👍", about=4)) == "* Аня 👍 → one two"
    speaker.say(event("post", "x" * 500, seq=5))
    assert speaker.say(event("unreacted", "👍", about=5)) == f"* Аня takes 👍 back → {'x' * QUOTED}…"


@pytest.mark.parametrize("kind", ["edited", "deleted"])
def test_nobody_is_reminded_of_what_was_taken_back(kind: str) -> None:
    speaker = Speaker(DIALECTS["lines"])
    speaker.say(event("post", "secret", seq=4))
    assert "secret" not in speaker.say(event(kind, about=4))
    assert speaker.say(event("reacted", "👍", about=4)) == "* Аня 👍"


def test_what_is_remembered_is_bounded() -> None:
    speaker = Speaker(DIALECTS["lines"])
    for seq in range(1, REMEMBERED + 2):
        speaker.say(event("post", f"text {seq}", seq=seq))
    assert speaker.say(event("reacted", "👍", about=1)) == "* Аня 👍"
    assert speaker.say(event("reacted", "👍", about=2)) == "* Аня 👍 → text 2"


def test_braces_in_the_words_of_others_are_only_braces() -> None:
    speaker = Speaker(DIALECTS["lines"])
    assert speaker.say(event("topic", "{nick} {0}", nick="{text}")) == "* {text} changed the topic: {nick} {0}"


def test_pieces_come_back_as_they_were() -> None:
    codec = ClassicCodec(DIALECTS["nick-ru"])
    data = codec.encode_events([event("post", "раз"), event("created", seq=2), event("left", seq=3, author=2**40)])
    assert list(pieces(data)) == [
        Piece(ROOM, 1, 7, True, "Аня: раз".encode()),
        Piece(ROOM, 3, 2**40, False, "Аня покинул чат!".encode()),
    ]
    assert list(pieces(b"")) == []


def test_answers_to_one_peer_are_native_frames() -> None:
    ack = Ack(bytes(16), 1, 2, 3)
    assert decode_all(ClassicCodec(DIALECTS["lines"]).encode([ack])) == [ack]

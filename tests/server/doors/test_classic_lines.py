"""Commands of people with `nc`, and how answers look there."""

import re

import pytest

from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import Event, GetHistory, History, ListPeople, People, Person
from qtchat.server.doors.classic_lines import HELP, MAX_HISTORY, SHORT_HISTORY, new_id, obey, past, who
from qtchat.server.handlers.plain import PlainLogin


def test_requests() -> None:
    people = obey("/who", 3, "lobby")
    assert isinstance(people, ListPeople)
    assert people.room == 3
    login = obey("/nick  Anna B ", 3, "lobby")
    assert isinstance(login, PlainLogin)
    assert (login.nick, login.room) == ("Anna B", "lobby")


@pytest.mark.parametrize(
    ("line", "limit"),
    [
        ("/history", SHORT_HISTORY),
        ("/history 3", 3),
        ("/history 0", 1),
        ("/history 99999", MAX_HISTORY),
        ("/history 9999999999999999999999", SHORT_HISTORY),
        ("/history ten", SHORT_HISTORY),
        ("/history ٣", SHORT_HISTORY),
    ],
)
def test_how_much_history(line: str, limit: int) -> None:
    request = obey(line, 3, "lobby")
    assert isinstance(request, GetHistory)
    assert (request.room, request.limit) == (3, limit)


def test_what_is_answered_at_once() -> None:
    assert obey("/help", 3, "lobby") == HELP
    assert obey("/nick ", 3, "lobby") == ("* Which name? Write /nick NAME.",)
    assert obey("/" + "x" * 500, 3, "lobby") == (f"* There is no command /{'x' * 31}. /help tells what there is.",)
    assert obey("/quit", 3, "lobby") is None


def test_the_past() -> None:
    def event(seq: int, kind: str, text: str = "") -> Event:
        return Event(3, seq, bytes(16), 0, 7, "Ada", kind, text)

    page = History(
        bytes(16), 3, (event(1, "joined"), event(2, "post", "hi"), event(3, "post"), event(4, "created")), False, 4
    )
    lines = past(page, DIALECTS["lines"], only_messages=False)
    assert [re.sub(r"\A\[\d\d:\d\d\] ", "", line) for line in lines] == ["* Ada joined", "Ada: hi"]
    assert [line[8:] for line in past(page, DIALECTS["lines"], only_messages=True)] == ["Ada: hi"]


def test_the_past_shows_posts_as_they_read_now() -> None:
    def event(seq: int, kind: str, text: str = "", about: int = 0) -> Event:
        return Event(3, seq, bytes(16), 0, 7, "Ada", kind, text, about)

    events = (
        event(5, "edited", "of one before the page", 1),
        event(6, "post", "helo"),
        event(7, "post"),
        event(8, "edited", "hullo", 6),
        event(9, "edited", "", 7),
        event(10, "deleted", "", 7),
        event(11, "edited", "hello", 6),
        event(12, "reacted", "👍", 6),
    )
    page = History(bytes(16), 3, events, False, 12)
    dialect = DIALECTS["lines"]
    assert [line[8:] for line in past(page, dialect, only_messages=True)] == ["Ada: hello"]
    assert [line[8:] for line in past(page, dialect, only_messages=False)] == [
        dialect.words.edited.format(nick="Ada", text="of one before the page", quote=""),
        "Ada: hello",
        dialect.words.deleted.format(nick="Ada", quote=""),
        dialect.words.reacted.format(nick="Ada", text="👍", quote=" → hello"),
    ]


def test_who_is_here() -> None:
    people = (Person(1, "Ada", online=True), Person(2, "Bob", online=False), Person(3, "Cy", online=True))
    assert who(People(bytes(16), 3, people, more=False)) == "* Here: Ada, Cy"
    assert who(People(bytes(16), 3, people[:1], more=True)) == "* Here: Ada and others"


def test_ids_are_new() -> None:
    assert len({new_id() for _ in range(100)}) == 100
    assert {len(new_id())} == {16}

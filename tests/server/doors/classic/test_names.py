"""The classic door: what people without a key are called, and in which room they are."""

from pathlib import Path

import pytest

from qtchat.net.signature import SigningKey
from qtchat.protocol.dialects import DIALECTS
from qtchat.protocol.messages import (
    FIRST_PLAIN_USER,
    ListPeople,
    ListRooms,
    People,
    Rooms,
)
from qtchat.server.app import Server
from tests.helpers.logs import LogWatch
from tests.helpers.plain import PlainClient
from tests.helpers.plain_doors import LOBBY, NAMED, Enter, came, left, say
from tests.helpers.servers import running_server
from tests.helpers.wire import Connect, WireClient, new_id

# -- names -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dialect", NAMED)
def test_a_name_that_belongs_to_a_key_gets_a_mark(dialect: str, enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    false = enter(dialect, "ada")
    false.wait_line(DIALECTS[dialect].words.renamed.format(nick="ada~"))
    false.write("it is me")
    event = ada.events(1)[0]
    assert (event.nick, event.text) == ("ada~", "it is me")


def test_two_of_one_name_are_told_apart_and_a_name_is_taken_up_again(enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    first, second = enter("name-first", "Bob"), enter("nick-en", "Bob")
    second.wait_line("* Here you are called Bob~.")
    authors = [event.author for event in came(ada, 2)]
    assert authors == [FIRST_PLAIN_USER, FIRST_PLAIN_USER + 1]
    first.close()
    assert left(ada).author == FIRST_PLAIN_USER
    enter("nick-ru", "Bob")
    assert came(ada)[0].author == FIRST_PLAIN_USER


def test_a_key_may_take_a_plain_name_at_any_time(enter: Enter, connect: Connect, server: Server) -> None:
    plain = enter("nick-en", "Bob")
    bob = connect("Bob")
    plain.write("hello")
    event = bob.events(1)[0]
    assert (event.nick, event.author >= FIRST_PLAIN_USER) == ("Bob", True)
    plain.close()
    again = enter("nick-en", "Bob")
    again.wait_line("* Here you are called Bob~.")
    assert server.entrances


@pytest.mark.parametrize(
    ("name", "nick"),
    [
        ("  Bob ", "Bob"),
        ("B:o:b", "B o b"),
        ("#bob", "bob"),
        ("x" * 60, "x" * 32),
        ("B\u202eob\x00", "Bob"),
        ("guest-7", "guest-7~"),
        (":", "guest-1"),
    ],
)
def test_what_is_no_proper_nick_becomes_one(name: str, nick: str, enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    client = enter("nick-en", name)
    assert came(ada)[0].nick == nick
    client.write("hello")
    assert ada.events(1)[0].text == "hello"  # without the prefix, which has the name as it was typed


def test_guests_are_numbered_and_numbers_used_again(enter: Enter, connect: Connect) -> None:
    ada = connect("Ada")
    first, _second = enter("anonymous"), enter("anonymous")
    assert [event.nick for event in came(ada, 2)] == ["guest-1", "guest-2"]
    first.close()
    left(ada)
    enter("anonymous")
    assert came(ada)[0].nick == "guest-1"


def test_people_without_a_key_are_listed_only_while_they_are_here(enter: Enter, connect: Connect) -> None:
    ada, bob = connect("Ada"), enter("nick-ru", "Bob")
    people = ada.ask(ListPeople(new_id(), LOBBY), People).people
    assert [(person.nick, person.online) for person in people] == [("Ada", True), ("Bob", True)]
    bob.close()
    left(ada)
    assert [person.nick for person in ada.ask(ListPeople(new_id(), LOBBY), People).people] == ["Ada"]


def test_after_a_restart_nobody_without_a_key_is_left_over(tmp_path: Path, log: LogWatch) -> None:
    key = SigningKey.generate()
    for _ in range(2):
        with running_server(tmp_path, classic=("anonymous:0",)) as server:
            with WireClient(server.port, key) as ada:
                ada.login("Ada")
                assert len(ada.ask(ListPeople(new_id(), LOBBY), People).people) == 1
            log.forget()
            client = PlainClient("anonymous", server.entrances[0].port)
            client.start()
            log.wait_for("guest-1 came in")
            assert server.stop()
            client.close()


# -- rooms -----------------------------------------------------------------------------------------------


def test_a_door_leads_into_one_room_which_is_made_if_need_be(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, classic=("name-first:0/old times", "name-first:0")) as server,
        WireClient(server.port) as ada,
    ):
        ada.login("Ada")
        old, lobby = server.entrances
        with PlainClient("name-first", lobby.port, "Bob") as bob:
            came(ada)
            with PlainClient("name-first", old.port, "Eve") as eve:
                while len(rooms := ada.ask(ListRooms(new_id()), Rooms).rooms) < 2:
                    pass
                assert [room.name for room in rooms] == ["lobby", "old times"]
                eve.write("anybody?")
                say(ada, "hello")
                bob.wait_line("Ada: hello")
            assert bob.reads == ["Ada: hello"]
            assert eve.reads == []


def test_the_door_is_off_unless_asked_for_and_says_that_it_is_open(tmp_path: Path, log: LogWatch) -> None:
    with running_server(tmp_path) as server:
        assert server.entrances == []
    log.forget()
    with running_server(tmp_path, classic=("nick-ru:0",)) as server:
        port = server.entrances[0].port
        log.wait_for(f"the door nick-ru:{port} is not encrypted")

"""The tick of a message says that all have read it, soon after its room is opened and whatever happened before."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qtchat.client.state import Delivery
from tests.end_to_end.conftest import Window
from tests.end_to_end.programs import KillableServer
from tests.helpers.accounts import LOBBY, User

OpenWindow = Callable[[str], Window]


@pytest.fixture
def boris(server: KillableServer, tmp_path: Path) -> Iterator[User]:
    with User(tmp_path / "boris", server.link, "Борис") as boris:
        yield boris.online()


def ticks(window: Window) -> list[Delivery]:
    """How far our messages in the open room have come, from top to bottom."""
    return [entry.delivery for entry in window.desktop.window.timeline.model.entries if entry.own and entry.text]


def private_room(boris: User, name: str) -> int:
    """A room of Boris with Anna in it."""
    boris.account.load_people(LOBBY)
    boris.wait(lambda: any(person.nick == "Anna" for person in boris.state.people.values()))
    anna = next(person.user for person in boris.state.people.values() if person.nick == "Anna")
    boris.account.create_room(name, private=True)
    room = boris.wait_room(name)
    boris.account.add_member(room.number, anna)
    return room.number


def go_to(window: Window, room: int) -> None:
    chat = window.desktop.chat
    chat.open_when_there(room)
    window.until(lambda: chat.room is not None and chat.room.number == room)


def test_a_message_is_ticked_while_the_room_is_open_and_when_it_is_opened_again(
    server: KillableServer, open_window: OpenWindow, boris: User
) -> None:
    anna = open_window("anna")
    anna.join(server.link, "Anna")
    tea = private_room(boris, "tea")
    go_to(anna, tea)
    anna.say("first")
    boris.wait_texts(["first"], tea)
    boris.account.mark_read(tea, boris.state.rooms[tea].newest)
    anna.until(lambda: ticks(anna) == [Delivery.READ])

    anna.say("second")
    boris.wait_texts(["first", "second"], tea)
    anna.until(lambda: ticks(anna) == [Delivery.READ, Delivery.SENT])
    go_to(anna, LOBBY)
    boris.account.mark_read(tea, boris.state.rooms[tea].newest)
    go_to(anna, tea)
    anna.until(lambda: ticks(anna) == [Delivery.READ, Delivery.READ])


@pytest.mark.parametrize("place", ["lobby", "tea"])
def test_what_was_read_while_the_program_was_closed_is_ticked(
    server: KillableServer, open_window: OpenWindow, boris: User, place: str
) -> None:
    anna = open_window("anna")
    anna.join(server.link, "Anna")
    room = LOBBY if place == "lobby" else private_room(boris, place)
    go_to(anna, room)
    for number in (1, 2):
        anna.say(f"message {number}")
    boris.wait_texts(["message 1", "message 2"], room)
    anna.until(lambda: ticks(anna) == [Delivery.SENT, Delivery.SENT])
    anna.quit()
    boris.account.mark_read(room, boris.state.rooms[room].newest)

    anna = open_window("anna")
    anna.desktop.start()
    anna.until(lambda: not anna.offline and ticks(anna) == [Delivery.READ, Delivery.READ])
    assert anna.desktop.chat.room is not None
    assert anna.desktop.chat.room.number == room

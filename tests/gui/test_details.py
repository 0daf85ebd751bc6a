"""What is told of the open room."""

import pytest

from qtchat.client.updates import ConnectionUpdate, Phase, Problem, RoomGoneUpdate, RoomUpdate
from qtchat.gui import details
from qtchat.protocol.messages import Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import OWN, members, room


def test_the_bar_and_the_pane_follow_the_room(stand: Stand) -> None:
    account = stand.online()
    bar = stand.desktop.window.top_bar
    account.tell(RoomUpdate(room(1, "lobby", "Lunch is at noon"), 0))
    stand.settle()
    assert "Lunch is at noon" in bar.about_label.whole()
    account.tell(RoomUpdate(room(2, "news", members=3), 0))
    stand.settle()
    stand.desktop.chat.open_room(2)
    assert bar.name_label.whole() == "# news"
    assert account.called("load_people")[-1] == (2,)


def test_the_people_are_asked_for_again_after_each_time_without_a_connection(stand: Stand) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    stand.desktop.chat.open_room(2)
    account.tell(ConnectionUpdate(Phase.OFFLINE, None, 1.0))
    account.tell(ConnectionUpdate(Phase.ONLINE))
    stand.settle()
    assert account.called("load_people").count((2,)) == 2


def test_a_room_that_is_opened_often_is_not_asked_for_its_people_each_time(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = stand.online()
    account.tell(RoomUpdate(room(2, "news"), 0), members(2, Person(OWN, "Me", True)))
    stand.settle()
    chat = stand.desktop.chat

    def reopen() -> int:
        chat.open_room(1)
        chat.open_room(2)
        return account.called("load_people").count((2,))

    assert (reopen(), reopen()) == (1, 1)
    account.tell(RoomGoneUpdate(2))
    account.tell(RoomUpdate(room(2, "news"), 0))
    stand.settle()
    again = reopen()
    assert again > 1
    account.tell(members(2, Person(OWN, "Me", True)))
    stand.settle()
    assert reopen() == again
    monkeypatch.setattr(details, "ASK_AGAIN", 0.0)
    assert reopen() == again + 1


def test_a_topic_is_asked_of_the_server_and_a_refusal_said_beside_it(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = stand.online()
    pane = stand.desktop.window.people_pane
    said: list[Problem] = []
    monkeypatch.setattr(pane, "show_topic_problem", said.append)
    pane.topic_wanted.emit("Lunch at one")
    assert account.called("set_topic") == [(1, "Lunch at one")]
    stand.answer(1, Problem("forbidden", ""))
    assert said == [Problem("forbidden", "")]
    pane.topic_wanted.emit("Lunch at two")
    stand.join_other()
    stand.answer(1, Problem("forbidden", ""), account)
    assert said == [Problem("forbidden", "")]  # it stands beside the topic of another room now
    assert "not allowed" in stand.desktop.window.notice.label.text()


def test_names_are_completed_and_told_to_the_timeline(stand: Stand) -> None:
    account = stand.online()
    account.tell(members(1, Person(OWN, "Me", True), Person(2, "Anna", True), Person(3, "Boris", False)))
    stand.settle()
    composer = stand.desktop.window.composer
    composer.field.setPlainText("/msg Boris hi")
    composer.field.send_wanted.emit()
    assert account.called("open_direct") == [(3,)]

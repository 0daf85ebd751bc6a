"""Where the quick switcher can go, and in which order."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from qtchat.client.state import ServerState
from qtchat.client.updates import EventsUpdate, MembersUpdate, RoomUpdate
from qtchat.gui.models.targets import (
    MOST_SHOWN,
    Target,
    TargetKind,
    TargetRole,
    TargetsModel,
    folded,
    ranked,
    score,
    targets_of,
)
from qtchat.gui.settings import RoomPrefs
from qtchat.protocol.messages import DIRECT, KIND_POST, Event, Person, Room
from tests.helpers.fake_account import MIDDAY, OWN, SERVER, room


def places(wanted: str, *names: str) -> list[str]:
    targets = [Target(TargetKind.ROOM, "s", number, name) for number, name in enumerate(names, 1)]
    return [target.name for target in ranked(wanted, targets)]


def test_the_nearest_name_comes_first() -> None:
    names = ("old news", "newsletter", "news", "snews", "n-e-w-s")
    assert places("news", *names) == ["news", "newsletter", "old news", "snews", "n-e-w-s"]


@pytest.mark.parametrize(
    ("wanted", "name"),
    [("#lob", "Lobby"), ("gomez", "Carla Gómez"), ("ОБЕД", "обед"), ("@an", "Anna"), ("rls", "release")],
)
def test_case_accents_and_marks_do_not_matter(wanted: str, name: str) -> None:
    assert places(wanted, name) == [name]


def test_what_lacks_a_letter_does_not_match() -> None:
    assert places("lobbz", "lobby") == []
    assert score(folded("lobby"), folded("LOBBY")) == 0


def state_with_rooms() -> ServerState:
    state = ServerState()
    state.apply(SERVER)
    for told in (room(1, "lobby"), room(2, "news"), Room(5, "Anna", "", 0, 2, True, DIRECT, 0, 2)):
        state.apply(RoomUpdate(told, 0))
    people = (Person(2, "Anna", True), Person(3, "Ben", False), Person(4, "Carla", True), Person(OWN, "Me", True))
    state.apply(MembersUpdate(1, people))
    return state


def test_with_nothing_typed_unread_comes_first_then_rooms_then_who_is_here() -> None:
    state = state_with_rooms()
    event = Event(2, 1, b"x" * 16, MIDDAY, 3, "Ben", KIND_POST, "Hello")
    state.apply(EventsUpdate(2, (event,), True))
    told = ranked("", targets_of(state, "s", "Kitchen"))
    assert [target.name for target in told] == ["news", "Anna", "lobby", "Carla", "Ben"]
    assert {target.where for target in told} == {"Kitchen"}
    assert [target.kind for target in told].count(TargetKind.PERSON) == 2  # Anna has a room, and we are not offered
    muted = ranked("", targets_of(state, "s", prefs={2: RoomPrefs(muted=True)}))
    assert muted[0].name == "news"  # still unread, but behind what calls
    assert muted[0].quiet


def test_rooms_can_be_left_out() -> None:
    assert "lobby" not in [target.name for target in targets_of(state_with_rooms(), "s", without={1})]


def test_the_model_shows_what_matches(qtbot: QtBot) -> None:
    model = TargetsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning, model)
    model.show(targets_of(state_with_rooms(), "s", "Kitchen"))
    assert model.rowCount() == 5
    model.narrow("ben")
    assert model.rowCount() == 1
    index = model.index(0)
    assert index.data(TargetRole.TARGET) == model.at(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Ben, Kitchen"
    model.show([Target(TargetKind.ROOM, "s", number, f"room {number}") for number in range(1_000)])
    assert model.rowCount() == MOST_SHOWN

"""The people of a room beneath one another: headings, places, keys, and what a screen reader is told."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.client.state import RoomState
from qtchat.gui.models.people import PeopleModel, Section
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.people_view import HEADING, PeopleView
from qtchat.protocol.messages import MODERATOR, Person

ROW = 52


@pytest.fixture
def room() -> RoomState:
    people = [Person(1, "Anna", False), Person(2, "Ben", True), Person(3, "Chen", True), Person(4, "Dora", False)]
    return RoomState(2, "news", members={each.user: each for each in people}, roles={1: MODERATOR})


@pytest.fixture
def model(qtbot: QtBot, room: RoomState) -> PeopleModel:
    model = PeopleModel()
    model.show(room)
    return model


@pytest.fixture
def view(qtbot: QtBot, model: PeopleModel, theme: Theme, icons: Icons) -> PeopleView:
    view = PeopleView(model, theme, icons)
    qtbot.addWidget(view)
    view.setFixedWidth(320)
    view.show()
    return view


def test_rows_and_headings_stand_beneath_one_another(view: PeopleView, model: PeopleModel, theme: Theme) -> None:
    tops = [view.visualRect(model.index(row)).top() for row in range(4)]
    assert tops == [HEADING, 2 * HEADING + ROW, 2 * HEADING + 2 * ROW, 3 * HEADING + 3 * ROW]
    assert view.height() == 3 * HEADING + 4 * ROW
    assert view.visualRect(model.index(9)) == QRect()
    theme.set_text_scale(1.5)
    assert view.visualRect(model.index(1)) == QRect(0, 2 * 48 + 78, view.viewport().width(), 78)
    assert view.height() == 3 * 48 + 4 * 78


def test_a_heading_is_nobody(view: PeopleView, model: PeopleModel) -> None:
    found = [view.indexAt(QPoint(20, y)).row() for y in range(0, view.height(), 4)]
    assert found[0] == -1
    assert view.indexAt(QPoint(20, HEADING + ROW + 5)).row() == -1
    for row in range(4):
        rect = view.visualRect(model.index(row))
        assert view.indexAt(rect.topLeft()).row() == view.indexAt(rect.bottomRight()).row() == row
    assert view.indexAt(QPoint(20, view.height() + 1)).row() == -1


def test_a_section_follows_its_people(view: PeopleView, model: PeopleModel, room: RoomState) -> None:
    assert [view.heading(place) for place in range(3)] == ["Admins and moderators · 1", "Online · 2", "Offline · 1"]
    room.members = {**room.members, 4: Person(4, "Dora", True)}
    model.refresh()
    assert [view.heading(place) for place in range(2)] == ["Admins and moderators · 1", "Online · 3"]
    assert view.height() == 2 * HEADING + 4 * ROW
    model.show(None)
    assert view.height() == 0
    assert not view.indexAt(QPoint(5, 5)).isValid()


def test_keys_go_from_person_to_person(view: PeopleView, model: PeopleModel) -> None:
    visited = []
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_End, Qt.Key.Key_Down, Qt.Key.Key_Home):
        QTest.keyClick(view, key)
        visited.append(view.currentIndex().row())
    assert visited == [1, 2, 1, 3, 3, 0]  # the first one is current when the list has the keys
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert view.currentIndex().row() == 3
    QTest.keyClick(view, Qt.Key.Key_PageUp)
    assert view.currentIndex().row() == 0
    model.show(None)
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert not view.currentIndex().isValid()


def test_a_letter_goes_to_a_person(view: PeopleView) -> None:
    QTest.keyClick(view, Qt.Key.Key_D)
    assert view.currentIndex().data() == "Dora"


def test_whoever_is_current_stays_so(view: PeopleView, model: PeopleModel, room: RoomState) -> None:
    view.setCurrentIndex(model.index(3))
    room.members = {**room.members, 4: Person(4, "Dora", True)}
    model.refresh()
    assert view.currentIndex().data() == "Dora"
    room.members = {1: room.members[1]}
    model.refresh()
    assert view.currentIndex().row() <= 0


def test_a_screen_reader_finds_the_people_and_where_they_are(view: PeopleView, model: PeopleModel) -> None:
    spoken = QAccessible.queryAccessibleInterface(view)
    assert spoken.role() is QAccessible.Role.List
    assert spoken.childCount() == 4
    names = [spoken.child(place).text(QAccessible.Text.Name) for place in range(4)]
    assert names == ["Anna, moderator, offline", "Ben, online", "Chen, online", "Dora, offline"]
    place = spoken.child(3).rect()
    assert place.topLeft() == view.viewport().mapToGlobal(view.visualRect(model.index(3)).topLeft())


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_headings_and_people_are_painted(view: PeopleView, model: PeopleModel, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    shot = view.grab().toImage()
    for row in range(4):
        assert _is_painted(shot, view.visualRect(model.index(row)))
    for _, first in model.sections:
        top = view.visualRect(model.index(first)).top()
        assert _is_painted(shot, QRect(0, top - HEADING, view.width(), HEADING))
    assert [section for section, _ in model.sections] == [Section.STAFF, Section.ONLINE, Section.OFFLINE]


def _is_painted(shot: QImage, place: QRect) -> bool:
    """Is there more than the ground?"""
    part = shot.copy(place)
    pixels = {part.pixel(x, y) for x in range(0, part.width(), 2) for y in range(0, part.height(), 2)}
    return len(pixels) > 1

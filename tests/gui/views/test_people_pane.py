"""The details of a room: what it is about, who reads it, who is in it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QSplitter, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.updates import Problem
from qtchat.gui.models.about import About
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.settings import Level, RoomPrefs
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.people_pane import PeoplePane
from qtchat.gui.views.readers import readers_words
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, LOBBY, PRIVATE, PUBLIC, Person

ANNA = Person(2, "Anna", True, status="In the <b>lab</b>")


@pytest.fixture
def people(qtbot: QtBot) -> PeopleModel:
    model = PeopleModel()
    model.show_people([Person(number, f"Person {number:03}", number % 2 == 0) for number in range(100)])
    return model


@pytest.fixture
def pane(qtbot: QtBot, people: PeopleModel, theme: Theme, icons: Icons) -> PeoplePane:
    pane = PeoplePane(people, theme, icons)
    qtbot.addWidget(pane)
    pane.resize(320, 600)
    pane.show_about(About(2, PUBLIC, "news", "Today", 100, 50, server="Kitchen"))
    pane.show()
    return pane


def test_the_lobby_and_a_direct_conversation_are_not_left(qtbot: QtBot, pane: PeoplePane) -> None:
    with qtbot.waitSignal(pane.leave_wanted):
        pane.leave_button.click()
    pane.show_about(About(LOBBY, PUBLIC, "lobby"))
    assert pane.leave_button.isHidden()
    pane.show_about(About(4, DIRECT, "Anna", other=ANNA))
    assert pane.leave_button.isHidden()


def test_without_a_button_the_foot_takes_no_room(qtbot: QtBot, pane: PeoplePane) -> None:
    def gap() -> int:
        """Pixels below what is scrolled."""
        return pane.height() - pane.area.geometry().bottom() - 1

    qtbot.waitUntil(lambda: gap() > pane.leave_button.height())
    pane.show_about(About(LOBBY, PUBLIC, "lobby"))
    qtbot.waitUntil(lambda: gap() == 0)
    pane.set_changeable(True)
    qtbot.waitUntil(lambda: gap() > pane.settings_button.height())
    pane.set_changeable(False)
    qtbot.waitUntil(lambda: gap() == 0)


def test_without_a_room_there_is_nothing_to_tell(pane: PeoplePane) -> None:
    pane.show_about(None)
    assert pane.area.isHidden()
    assert pane.leave_button.isHidden()


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (About(1, PUBLIC, "lobby", server="Kitchen"), "Everybody on this server, now and later"),
        (About(1, PRIVATE, "plans", server="Kitchen"), "Only the people listed here"),
        (About(1, DIRECT, "Anna", other=ANNA, server="Kitchen"), "You and Anna."),
        (About(1, DIRECT, "Me", own=True, server="Kitchen"), "Only you."),
    ],
)
def test_who_can_read_is_said_in_words(about: About, words: str) -> None:
    said = readers_words(about)
    assert said.startswith(words)
    assert "Whoever runs the server “Kitchen” can read what it stores." in said
    assert "plain text" not in said


def test_plain_text_is_no_secret() -> None:
    assert "can be read on the network" in readers_words(About(1, PUBLIC, "lobby", plain=True))


def test_the_topic_is_changed_in_its_place(qtbot: QtBot, pane: PeoplePane) -> None:
    topic = pane.topic
    assert topic.label.text() == "Today"
    topic.edit_button.click()
    assert topic.field.hasFocus()
    topic.field.setText(" Tomorrow ")
    pane.show_about(About(2, PUBLIC, "news", "Changed by somebody", 100, 50))  # the words go on being written
    assert topic.field.text() == " Tomorrow "
    with qtbot.waitSignal(pane.topic_wanted) as asked:
        QTest.keyClick(topic.field, Qt.Key.Key_Return)
    assert asked.args == ["Tomorrow"]
    assert topic.field.isHidden()
    pane.show_topic_problem(Problem("forbidden", ""))
    assert topic.problem_label.isVisible()
    assert topic.problem_label.text()


def test_escape_keeps_the_topic(qtbot: QtBot, pane: PeoplePane) -> None:
    pane.topic.edit_button.click()
    pane.topic.field.setText("Tomorrow")
    with qtbot.assertNotEmitted(pane.topic_wanted):
        QTest.keyClick(pane.topic.field, Qt.Key.Key_Escape)
        pane.topic.edit_button.click()
        assert pane.topic.field.text() == "Today"
        pane.topic.save_button.click()  # as it was


def test_another_room_closes_the_field(pane: PeoplePane) -> None:
    pane.topic.edit_button.click()
    pane.show_about(About(3, PUBLIC, "fun"))
    assert not pane.topic.editing
    assert pane.topic.label.text() == "No topic yet."


def test_a_direct_conversation_shows_the_other_one(pane: PeoplePane) -> None:
    pane.show_about(About(4, DIRECT, "Anna", other=ANNA))
    assert pane.presence_label.whole() == "online"
    assert pane.status_label.text() == "In the <b>lab</b>"
    for hidden in (pane.topic, pane.people_label, pane.add_button, pane.view, pane.plain_label):
        assert hidden.isHidden()
    assert pane.level_buttons[Level.MENTIONS].isHidden()
    pane.show_about(About(5, DIRECT, "old", other=Person(FIRST_PLAIN_USER, "old", True)))
    assert pane.plain_label.isVisible()


def test_what_is_told_of_the_room_is_chosen(qtbot: QtBot, pane: PeoplePane) -> None:
    assert pane.level_buttons[Level.ALL].isChecked()
    with qtbot.waitSignal(pane.level_chosen) as asked:
        pane.level_buttons[Level.NOTHING].click()
    assert asked.args == [Level.NOTHING]
    with qtbot.assertNotEmitted(pane.level_chosen):
        pane.show_about(About(2, PUBLIC, "news", prefs=RoomPrefs(level=Level.MENTIONS)))
    assert pane.level_buttons[Level.MENTIONS].isChecked()


def test_people_are_counted_and_can_be_added(qtbot: QtBot, pane: PeoplePane, people: PeopleModel) -> None:
    assert pane.people_label.text() == "100 people"
    people.show_people([])
    assert pane.people_label.text() == "People"
    with qtbot.waitSignal(pane.add_wanted):
        pane.add_button.click()


def test_the_column_scrolls_as_one(pane: PeoplePane, people: PeopleModel, theme: Theme) -> None:
    assert pane.view.height() == 100 * 52 + 2 * 32
    assert pane.area.verticalScrollBar().maximum() > 4_000
    theme.set_text_scale(1.5)
    assert pane.view.height() == 100 * 78 + 2 * 48
    assert pane._content.width() <= pane.area.viewport().width()
    theme.set_text_scale(1.0)
    people.show_people([ANNA])
    assert pane.view.height() == 52 + 32


def test_a_person_is_chosen_by_click_and_by_key(qtbot: QtBot, pane: PeoplePane) -> None:
    pane.view.setFocus()
    QTest.keyClick(pane.view, Qt.Key.Key_End)
    assert pane.area.verticalScrollBar().value() > 4_000
    with qtbot.waitSignal(pane.person_wanted) as asked:
        QTest.keyClick(pane.view, Qt.Key.Key_Return)
    assert asked.args[0] == 99
    assert isinstance(asked.args[1], QPoint)
    place = pane.view.visualRect(pane.view.model().index(1, 0)).center()
    with qtbot.waitSignal(pane.person_wanted) as asked:
        QTest.mouseClick(pane.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert asked.args[0] == 2


def test_the_details_are_reached_and_scrolled_by_key(pane: PeoplePane) -> None:
    pane.close_button.setFocus()
    QTest.keyClick(pane.close_button, Qt.Key.Key_Tab)
    assert pane.area.hasFocus()
    QTest.keyClick(pane.area, Qt.Key.Key_PageDown)
    assert pane.area.verticalScrollBar().value() > 0


def test_there_is_room_for_a_topic_in_one_word(qtbot: QtBot, pane: PeoplePane) -> None:
    pane.show_about(About(2, PUBLIC, "n" * 64, "T" * 250, 5, server="S" * 60))
    for label in (pane.topic.label, pane.readers_label):
        qtbot.waitUntil(lambda label=label: label.height() >= label.heightForWidth(label.width()))  # type: ignore[misc]
    assert pane.width() == 320
    assert pane.avatar.geometry().bottom() < pane.name_label.geometry().top()


def test_what_was_told_before_it_is_shown_has_its_room(
    qtbot: QtBot, people: PeopleModel, theme: Theme, icons: Icons
) -> None:
    people.show_people([ANNA] * 5)
    window = QSplitter()
    qtbot.addWidget(window)
    pane = PeoplePane(people, theme, icons)
    for widget in (QWidget(), pane):
        window.addWidget(widget)
    pane.hide()
    window.resize(900, 600)
    window.show()
    pane.show_about(About(2, PUBLIC, "news", "Today", 100, 50, server="Kitchen"))
    pane.setFixedWidth(320)
    pane.show()
    window.setSizes([580, 320])
    label = pane.readers_label
    qtbot.waitUntil(lambda: label.height() == label.heightForWidth(label.width()))


def test_every_control_has_a_name_that_can_be_spoken(pane: PeoplePane) -> None:
    controls = (pane.close_button, pane.add_button, pane.view, pane.area, pane.topic.edit_button, pane.topic.field)
    assert all(control.accessibleName() for control in controls)

"""The bar above a conversation."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.models.about import About
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.top_bar import TopBar
from qtchat.protocol.messages import DIRECT, FIRST_PLAIN_USER, PRIVATE, PUBLIC, Person

ANNA = Person(2, "Anna", True, away=True, status="Lunch")


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme, icons: Icons) -> TopBar:
    bar = TopBar(theme, icons)
    qtbot.addWidget(bar)
    bar.resize(600, 56)
    bar.show()
    return bar


def test_a_room_tells_people_and_topic(bar: TopBar) -> None:
    bar.show_about(About(1, PUBLIC, "lobby"))
    assert (bar.name_label.whole(), bar.about_label.whole()) == ("# lobby", "1 person")
    bar.show_about(About(1, PUBLIC, "lobby", "Lunch <b>now</b>", 5, 2))
    assert bar.about_label.whole() == "5 people, 2 online · Lunch <b>now</b>"
    assert bar.heading.accessibleName() == "# lobby, 5 people, 2 online · Lunch <b>now</b>"
    bar.show_about(None)
    for hidden in (bar.heading, bar.search_button, bar.details_button):
        assert hidden.isHidden()


def test_a_private_room_has_a_lock(bar: TopBar) -> None:
    bar.show_about(About(2, PRIVATE, "plans", members=2))
    assert bar.name_label.whole() == "plans"
    assert bar.heading.lock.isVisible()
    bar.show_about(About(1, PUBLIC, "lobby"))
    assert bar.heading.lock.isHidden()


@pytest.mark.parametrize(
    ("about", "words"),
    [
        (About(4, DIRECT, "Anna", other=ANNA), "away · Lunch"),
        (About(4, DIRECT, "Anna", other=Person(2, "Anna", False)), "offline"),
        (About(4, DIRECT, "Anna", other=Person(2, "Anna", True), connected=False), ""),
        (About(4, DIRECT, "Me", other=Person(7, "Me", True), own=True), "Notes to yourself"),
        (About(4, DIRECT, "old", other=Person(FIRST_PLAIN_USER, "old", True)), "online · plain text"),
    ],
)
def test_a_direct_conversation_tells_who_is_there(bar: TopBar, about: About, words: str) -> None:
    bar.show_about(about)
    assert bar.name_label.whole() == about.name
    assert bar.about_label.whole() == words


def test_who_is_typing_stands_in_for_the_rest(bar: TopBar) -> None:
    about = About(4, DIRECT, "Anna", other=ANNA)
    bar.show_about(about)
    bar.set_typing(["Anna"])
    assert bar.about_label.whole() == "typing…"
    assert bar.about_label.property("tone") == "accent"
    bar.show_about(about)
    assert bar.about_label.whole() == "typing…"
    bar.show_about(About(1, PUBLIC, "lobby", members=2))
    assert bar.about_label.whole() == "2 people"
    bar.set_typing(["Anna", "Ben", "Carla"])
    assert bar.about_label.whole() == "3 people are typing…"
    bar.set_typing([])
    assert bar.about_label.property("tone") == "sub"


def test_the_name_leads_to_the_details(qtbot: QtBot, bar: TopBar) -> None:
    bar.show_about(About(1, PUBLIC, "lobby"))
    with qtbot.waitSignal(bar.details_wanted):
        QTest.mouseClick(bar.heading, Qt.MouseButton.LeftButton)
    with qtbot.assertNotEmitted(bar.details_wanted):
        QTest.mouseClick(bar.heading, Qt.MouseButton.RightButton)
    with qtbot.waitSignal(bar.search_wanted):
        bar.search_button.click()


def test_the_details_button_asks_whoever_toggles_it(qtbot: QtBot, bar: TopBar) -> None:
    bar.show_about(About(1, PUBLIC, "lobby"))
    asked: list[bool] = []

    def open_or_close() -> None:
        asked.append(True)
        bar.set_details_shown(len(asked) % 2 == 1)

    bar.details_wanted.connect(open_or_close)
    spoken = QAccessible.queryAccessibleInterface(bar.details_button)
    spoken.actionInterface().doAction(QAccessibleActionInterface.toggleAction())
    assert (len(asked), bar.details_button.isChecked()) == (1, True)
    bar.details_button.click()
    assert (len(asked), bar.details_button.isChecked()) == (2, False)
    bar.set_details_shown(True)
    assert (len(asked), bar.details_button.isChecked()) == (2, True)


def test_a_long_topic_is_told_literally_in_the_tool_tip(bar: TopBar) -> None:
    bar.show_about(About(1, PUBLIC, "lobby", "<b>x</b> \u202e" + "t" * 200))
    assert "&lt;b&gt;" in bar.about_label.toolTip()
    assert "\u202e" not in bar.about_label.toolTip()

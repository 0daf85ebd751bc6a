"""The card of a person."""

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.person_card import PersonCard
from qtchat.protocol.messages import FIRST_PLAIN_USER, Person

ANNA = Person(2, "Anna", True, status="<b>x</b> " + "word " * 15)


@pytest.fixture
def card(qtbot: QtBot, theme: Theme, icons: Icons) -> PersonCard:
    card = PersonCard(theme, icons)
    qtbot.addWidget(card)
    return card


def test_it_says_who_somebody_is(card: PersonCard) -> None:
    card.show_person(ANNA, False, QPoint(10, 10))
    assert card.name_label.whole() == "Anna"
    assert card.presence_label.whole() == "online"
    assert card.status_label.text().startswith("<b>x</b>")
    assert card.status_label.height() >= card.status_label.heightForWidth(card.status_label.width())
    assert card.plain_label.isHidden()
    assert card.message_button.hasFocus()


def test_a_message_and_a_mention_are_asked_for(qtbot: QtBot, card: PersonCard) -> None:
    card.show_person(ANNA, False, QPoint(10, 10))
    with qtbot.waitSignal(card.message_wanted) as asked:
        card.message_button.click()
    assert asked.args == [2]
    assert card.isHidden()
    card.show_person(ANNA, False, QPoint(10, 10))
    with qtbot.waitSignal(card.mention_wanted) as asked:
        card.mention_button.click()
    assert asked.args == ["Anna"]


def test_the_name_is_copied(card: PersonCard) -> None:
    card.show_person(ANNA, False, QPoint(10, 10))
    card.copy_button.click()
    assert QGuiApplication.clipboard().text() == "Anna"
    assert card.isHidden()


def test_escape_closes_it(card: PersonCard) -> None:
    card.show_person(ANNA, False, QPoint(10, 10))
    QTest.keyClick(card, Qt.Key.Key_Escape)
    assert card.isHidden()


def test_nobody_mentions_himself(card: PersonCard) -> None:
    card.show_person(ANNA, True, QPoint(10, 10))
    assert card.presence_label.whole() == "This is you"
    assert card.mention_button.isHidden()
    card.show_person(ANNA, False, QPoint(10, 10), here=False)
    assert card.mention_button.isHidden()


def test_a_plain_name_is_marked(card: PersonCard) -> None:
    card.show_person(Person(FIRST_PLAIN_USER + 1, "old", False), False, QPoint(10, 10))
    assert card.plain_label.isVisible()
    assert card.status_label.isHidden()


def test_it_stays_on_the_screen(card: PersonCard) -> None:
    screen = QGuiApplication.primaryScreen().availableGeometry()
    card.show_person(ANNA, False, screen.bottomRight())
    assert screen.contains(QRect(card.pos(), card.size()))


def test_it_is_wider_where_large_text_needs_it(card: PersonCard, theme: Theme) -> None:
    card.show_person(ANNA, False, QPoint(10, 10))
    usual = card.width()
    theme.set_text_scale(1.5)
    card.show_person(ANNA, False, QPoint(10, 10))
    assert card.width() > usual
    for button in (card.message_button, card.mention_button):
        assert button.width() >= button.minimumSizeHint().width()
    theme.set_text_scale(1.0)
    card.show_person(ANNA, False, QPoint(10, 10))
    assert card.width() == usual

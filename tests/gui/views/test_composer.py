"""Where messages are written."""

import pytest
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.composer import Composer
from qtchat.protocol.messages import MAX_TEXT


@pytest.fixture
def composer(qtbot: QtBot, theme: Theme, icons: Icons) -> Composer:
    composer = Composer(theme, icons)
    qtbot.addWidget(composer)
    composer.resize(500, 60)
    composer.set_room("lobby")
    composer.show()
    return composer


def test_enter_sends_and_shift_enter_breaks_the_line(qtbot: QtBot, composer: Composer) -> None:
    sent: list[str] = []
    composer.submitted.connect(sent.append)
    QTest.keyClicks(composer.field, "one")
    QTest.keyClick(composer.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(composer.field, "two")
    assert sent == []
    QTest.keyClick(composer.field, Qt.Key.Key_Return)
    QTest.keyClick(composer.field, Qt.Key.Key_Enter)
    assert sent == ["one\ntwo", "one\ntwo"]


def test_nothing_is_not_sent(qtbot: QtBot, composer: Composer) -> None:
    composer.set_text("  \n ")
    with qtbot.assertNotEmitted(composer.submitted):
        QTest.keyClick(composer.field, Qt.Key.Key_Return)
    assert not composer.send_button.isEnabled()


def test_too_long_is_said_before_it_is_sent(qtbot: QtBot, composer: Composer) -> None:
    composer.set_text("ж" * (MAX_TEXT // 2))
    assert composer.hint.isHidden()
    assert composer.send_button.isEnabled()
    composer.set_text("ж" * (MAX_TEXT // 2) + "!")
    assert "1 byte" in composer.hint.text()
    assert not composer.hint.isHidden()
    with qtbot.assertNotEmitted(composer.submitted):
        QTest.keyClick(composer.field, Qt.Key.Key_Return)


def test_it_grows_to_eight_lines_and_no_more(qtbot: QtBot, composer: Composer) -> None:
    heights = []
    for lines in (1, 2, 8, 30):
        composer.set_text("\n".join("x" * lines))
        heights.append(composer.field.height())
    assert heights[0] < heights[1] < heights[2] == heights[3]


def test_only_plain_text_comes_in(composer: Composer) -> None:
    data = QMimeData()
    data.setHtml("<b>bold</b>")
    data.setText("bold")
    composer.field.insertFromMimeData(data)
    assert composer.text() == "bold"
    picture = QMimeData()
    picture.setHtml("<img src=x>")
    assert not composer.field.canInsertFromMimeData(picture) or picture.hasText()


def test_without_a_room_nothing_can_be_written(qtbot: QtBot, composer: Composer) -> None:
    composer.set_room(None)
    assert not composer.field.isEnabled()
    assert composer.field.placeholderText() == "Choose a conversation to write in"


def test_a_room_comes_with_its_draft(qtbot: QtBot, composer: Composer) -> None:
    composer.set_room("news", "half a thought")
    assert composer.text() == "half a thought"
    composer.set_room("lobby")
    assert composer.text() == ""

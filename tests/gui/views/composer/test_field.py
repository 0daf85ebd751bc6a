"""The field of the composer."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.composer.field import PREVIEW_LENGTH, PREVIEW_LINES, ComposerField

SHIFT, CONTROL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def field(qtbot: QtBot, theme: Theme) -> ComposerField:
    field = ComposerField(theme)
    qtbot.addWidget(field)
    field.resize(400, field.height())
    field.show()
    return field


def compose(field: ComposerField, preedit: str, commit: str = "") -> None:
    """What an input method sends."""
    event = QInputMethodEvent(preedit, [])
    event.setCommitString(commit)
    QApplication.sendEvent(field, event)


def mime(text: str = "", html: str = "", url: str = "", *, image: bool = False) -> QMimeData:
    data = QMimeData()
    if text:
        data.setText(text)
    if html:
        data.setHtml(html)
    if url:
        data.setUrls([QUrl(url)])
    if image:
        data.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    return data


@pytest.mark.parametrize("swapped", [False, True])
def test_enter_and_shift_enter(qtbot: QtBot, field: ComposerField, swapped: bool) -> None:
    field.set_enter_sends(not swapped)
    sending, breaking = (SHIFT, Qt.KeyboardModifier.NoModifier)[:: 1 if swapped else -1]
    field.setPlainText("one")
    field.moveCursor(field.textCursor().MoveOperation.End)
    for modifiers in (sending, CONTROL):
        with qtbot.waitSignal(field.send_wanted):
            QTest.keyClick(field, Qt.Key.Key_Return, modifiers)
    with qtbot.assertNotEmitted(field.send_wanted):
        QTest.keyClick(field, Qt.Key.Key_Enter, breaking)
    assert field.toPlainText() == "one\n"
    assert field.document().blockCount() == 2


def test_an_input_method_finishes_its_word_first(qtbot: QtBot, field: ComposerField) -> None:
    compose(field, "にほ")
    assert field.composing
    assert not field.blank
    with qtbot.assertNotEmitted(field.send_wanted), qtbot.assertNotEmitted(field.up_pressed):
        QTest.keyClick(field, Qt.Key.Key_Return)
        QTest.keyClick(field, Qt.Key.Key_Up)
    compose(field, "", "日本")
    assert field.toPlainText() == "日本"
    with qtbot.waitSignal(field.send_wanted):
        QTest.keyClick(field, Qt.Key.Key_Return)


def test_up_means_the_last_message_only_where_there_is_no_text(qtbot: QtBot, field: ComposerField) -> None:
    with qtbot.waitSignal(field.up_pressed):
        QTest.keyClick(field, Qt.Key.Key_Up)
    with qtbot.assertNotEmitted(field.up_pressed):
        QTest.keyClick(field, Qt.Key.Key_Up, SHIFT)
        field.setPlainText("x")
        QTest.keyClick(field, Qt.Key.Key_Up)


def test_it_grows_to_eight_lines_and_no_more(field: ComposerField) -> None:
    heights = []
    for lines in (1, 2, 8, 9, 30):
        field.setPlainText("\n".join("x" * lines))
        heights.append(field.height())
    assert heights[0] < heights[1] < heights[2] == heights[3] == heights[4]


@pytest.mark.parametrize("scale", [0.8, 0.9, 1.0, 1.1, 1.25, 1.5])
def test_no_line_is_scrolled_away_while_there_is_room(
    qtbot: QtBot, field: ComposerField, theme: Theme, scale: float
) -> None:
    theme.set_text_scale(scale)
    for text in ("one", "a\nb", "\n".join("abcdefgh"), "word " * 30, "ж" * 90, "🎉\nx\n🎉"):
        field.setPlainText(text)
        field.moveCursor(field.textCursor().MoveOperation.End)
        qtbot.waitUntil(lambda: field.verticalScrollBar().maximum() == 0)
    theme.set_text_scale(1.0)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (mime("bold", "<b>bold</b>"), "bold"),
        (mime("a\r\nb\rc\0"), "a\nb\nc"),
        (mime("https://example.org", url="https://example.org"), "https://example.org"),
        (mime("words of a table", image=True), "words of a table"),
    ],
)
def test_only_plain_text_comes_in(field: ComposerField, data: QMimeData, wanted: str) -> None:
    assert field.canInsertFromMimeData(data)
    field.insertFromMimeData(data)
    assert field.toPlainText() == wanted


@pytest.mark.parametrize("data", [mime(image=True), mime(url="file:///tmp/a.png")])
def test_pictures_and_files_are_refused_in_words(qtbot: QtBot, field: ComposerField, data: QMimeData) -> None:
    field.setPlainText("kept")
    assert field.canInsertFromMimeData(data)
    with qtbot.waitSignal(field.files_refused):
        field.insertFromMimeData(data)
    assert field.toPlainText() == "kept"


@pytest.mark.parametrize("text", ["x" * (PREVIEW_LENGTH + 1), "\n".join("x" * (PREVIEW_LINES + 1))])
def test_a_long_text_is_looked_at_first(qtbot: QtBot, field: ComposerField, text: str) -> None:
    with qtbot.waitSignal(field.large_paste) as asked:
        field.insertFromMimeData(mime(text))
    assert asked.args == [text]
    assert field.toPlainText() == ""
    with qtbot.assertNotEmitted(field.large_paste):
        field.insertFromMimeData(mime("\n".join("x" * PREVIEW_LINES) + "\n"))


def test_a_long_text_of_its_own_is_moved_without_a_question(qtbot: QtBot, field: ComposerField) -> None:
    text = "x" * (PREVIEW_LENGTH + 1)
    field._moving = True
    with qtbot.assertNotEmitted(field.large_paste):
        field.insertFromMimeData(mime(text))
    assert field.toPlainText() == text
    data = mime("dropped")
    actions = Qt.DropAction.CopyAction
    drop = QDropEvent(QPointF(5, 5), actions, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    field.dropEvent(drop)
    assert not field._moving


def test_what_stands_before_the_cursor_can_be_replaced(field: ComposerField) -> None:
    field.setPlainText("first\n🎉 hi @an, you")
    cursor = field.textCursor()
    cursor.setPosition(len("first\n") + 2 + len(" hi @an"))
    field.setTextCursor(cursor)
    assert field.before_cursor() == "🎉 hi @an"
    assert not field.first_line()
    field.replace_before_cursor(3, "@Anna ")
    assert field.toPlainText() == "first\n🎉 hi @Anna , you"
    field.undo()
    assert field.toPlainText() == "first\n🎉 hi @an, you"


def test_a_space_is_not_doubled(field: ComposerField) -> None:
    field.setPlainText("@an hello")
    cursor = field.textCursor()
    cursor.setPosition(3)
    field.setTextCursor(cursor)
    field.replace_before_cursor(3, "@Anna ")
    assert field.toPlainText() == "@Anna hello"
    assert field.textCursor().position() == len("@Anna ")

"""Completing words in the field."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.state import Power
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import FontRole, Theme
from qtchat.gui.views.composer.completer import Completer
from qtchat.gui.views.composer.field import ComposerField
from qtchat.gui.views.composer.popup import CompletionPopup
from qtchat.protocol.messages import Person

PEOPLE = [Person(1, "Anna Smith", True), Person(2, "Andrej", False), Person(3, "<b>Ben</b>", False)]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(500, 500)
    return window


@pytest.fixture
def field(window: QWidget, theme: Theme) -> ComposerField:
    field = ComposerField(theme, window)
    layout = QVBoxLayout(window)
    layout.addStretch()
    layout.addWidget(field)
    return field


@pytest.fixture
def completer(qtbot: QtBot, window: QWidget, field: ComposerField, theme: Theme, icons: Icons) -> Completer:
    completer = Completer(field, field, theme, icons)
    completer.people = lambda: PEOPLE
    field.textChanged.connect(completer.update)
    window.show()
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    return completer


def popup_of(completer: Completer) -> CompletionPopup:
    """The popup, which must be shown."""
    popup = completer.popup()
    assert popup is not None
    return popup


def shown(completer: Completer) -> list[str]:
    return [suggestion.title for suggestion in popup_of(completer).suggestions] if completer.popup() else []


def test_it_shows_while_it_fits_and_stands_above(completer: Completer, field: ComposerField, window: QWidget) -> None:
    QTest.keyClicks(field, "hi @an")
    assert shown(completer) == ["Anna Smith", "Andrej"]
    assert popup_of(completer).parentWidget() is window
    assert popup_of(completer).geometry().bottom() < field.mapTo(window, QPoint(0, 0)).y()
    QTest.keyClicks(field, "n")
    assert shown(completer) == ["Anna Smith"]
    QTest.keyClicks(field, "x")
    assert completer.popup() is None


def test_it_is_wider_for_large_text_where_there_is_room(
    completer: Completer, field: ComposerField, window: QWidget, theme: Theme
) -> None:
    window.resize(900, 500)
    QTest.keyClicks(field, "hi @an")
    usual = popup_of(completer).width()
    QTest.keyClicks(field, "x")
    theme.set_text_scale(1.5)
    QTest.keyClick(field, Qt.Key.Key_Backspace)
    assert usual < popup_of(completer).width() < field.width()
    theme.set_text_scale(1.0)


@pytest.mark.parametrize(("typed", "taken"), [("@an", "@Anna Smith "), ("ok :tada", "ok 🎉 "), ("/he", "/help")])
def test_enter_takes_what_is_current(
    qtbot: QtBot, completer: Completer, field: ComposerField, typed: str, taken: str
) -> None:
    QTest.keyClicks(field, typed)
    with qtbot.assertNotEmitted(field.send_wanted):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == taken
    assert completer.popup() is None
    with qtbot.waitSignal(field.send_wanted):
        QTest.keyClick(field, Qt.Key.Key_Return)


@pytest.mark.parametrize("typed", ["/away", "hello @Anna Smith", "hello @Andrej"])
def test_enter_sends_where_a_whole_word_stands(
    qtbot: QtBot, completer: Completer, field: ComposerField, typed: str
) -> None:
    QTest.keyClicks(field, typed)
    assert completer.popup() is not None
    with qtbot.waitSignal(field.send_wanted):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == typed


def test_enter_takes_what_somebody_moved_to(qtbot: QtBot, completer: Completer, field: ComposerField) -> None:
    completer.power = Power.ADMIN
    QTest.keyClicks(field, "/ban")
    QTest.keyClick(field, Qt.Key.Key_Down)
    with qtbot.assertNotEmitted(field.send_wanted):
        QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == "/banaddress "


def test_shift_enter_breaks_the_line(completer: Completer, field: ComposerField) -> None:
    QTest.keyClicks(field, "@an")
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert field.toPlainText() == "@an\n"
    assert completer.popup() is None


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [
        ([], "@Anna Smith "),
        ([Qt.Key.Key_Down], "@Andrej "),
        ([Qt.Key.Key_Down, Qt.Key.Key_Down], "@Anna Smith "),
        ([Qt.Key.Key_Up], "@Andrej "),
        ([Qt.Key.Key_Down, Qt.Key.Key_Up], "@Anna Smith "),
    ],
)
def test_tab_takes_the_first_or_the_one_moved_to(
    completer: Completer, field: ComposerField, keys: list[Qt.Key], wanted: str
) -> None:
    QTest.keyClicks(field, "@an")
    for key in keys:
        QTest.keyClick(field, key)
    QTest.keyClick(field, Qt.Key.Key_Tab)
    assert field.toPlainText() == wanted
    assert field.hasFocus()


def test_escape_declines_until_another_word(qtbot: QtBot, completer: Completer, field: ComposerField) -> None:
    QTest.keyClicks(field, "@a")
    with qtbot.assertNotEmitted(field.escape_pressed):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClicks(field, "n")
    assert completer.popup() is None
    with qtbot.waitSignal(field.escape_pressed):
        QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClicks(field, "x, @a")
    assert shown(completer) == ["Anna Smith", "Andrej"]


def test_a_click_takes(completer: Completer, field: ComposerField) -> None:
    QTest.keyClicks(field, "@an")
    view = popup_of(completer).view
    place = view.visualRect(view.model().index(1, 0)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert field.toPlainText() == "@Andrej "
    assert field.hasFocus()


def test_an_emoji_is_told_to_be_used(qtbot: QtBot, completer: Completer, field: ComposerField) -> None:
    QTest.keyClicks(field, "yes :tada")
    with qtbot.waitSignal(completer.emoji_used) as told:
        QTest.keyClick(field, Qt.Key.Key_Tab)
    assert told.args == ["🎉"]
    assert field.toPlainText() == "yes 🎉 "


def test_the_whole_name_of_an_emoji_becomes_it(qtbot: QtBot, completer: Completer, field: ComposerField) -> None:
    with qtbot.waitSignal(completer.emoji_used):
        QTest.keyClicks(field, "yes :tada:")
    assert field.toPlainText() == "yes 🎉"
    field.undo()
    assert field.toPlainText() == "yes :tada:", "who meant the name takes it back"
    QTest.keyClicks(field, " 10:30: :nosuchname:")
    assert field.toPlainText() == "yes :tada: 10:30: :nosuchname:"


@pytest.mark.parametrize("before", ["`", "say `", "```\nprint"])
def test_within_code_a_name_stays_a_name(completer: Completer, field: ComposerField, before: str) -> None:
    field.insertPlainText(before)
    QTest.keyClicks(field, " :tada:")
    assert field.toPlainText() == f"{before} :tada:"


def test_a_number_behind_a_colon_is_one(qtbot: QtBot, completer: Completer, field: ComposerField) -> None:
    QTest.keyClicks(field, "ratio :100")
    assert completer.popup() is None


def test_it_goes_with_the_focus_and_the_cursor(
    qtbot: QtBot, completer: Completer, field: ComposerField, window: QWidget
) -> None:
    QTest.keyClicks(field, "hi @an")
    QTest.keyClick(field, Qt.Key.Key_Home)
    assert completer.popup() is None
    QTest.keyClicks(field, "@")
    assert completer.popup() is not None
    field.clearFocus()
    assert completer.popup() is None


def test_it_follows_the_field(qtbot: QtBot, completer: Completer, field: ComposerField, window: QWidget) -> None:
    QTest.keyClicks(field, "@an")
    popup = completer.popup()
    assert popup is not None
    before = popup.geometry()
    window.resize(500, 400)
    qtbot.waitUntil(lambda: popup.geometry().bottom() == before.bottom() - 100)
    assert popup.width() <= field.width()


def test_where_there_is_little_room_it_scrolls(
    qtbot: QtBot, completer: Completer, field: ComposerField, window: QWidget
) -> None:
    window.resize(300, 120)
    qtbot.waitUntil(lambda: window.height() == 120)
    QTest.keyClicks(field, "/")
    assert popup_of(completer).geometry().top() >= 0
    for _ in range(8):
        QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == "/help"


def test_suggestions_can_be_read_aloud(completer: Completer, field: ComposerField) -> None:
    QTest.keyClicks(field, "@an")
    model, role = popup_of(completer).view.model(), Qt.ItemDataRole.AccessibleTextRole
    assert model.data(model.index(0, 0), role) == "Anna Smith, online"
    assert model.data(model.index(1, 0), role) == "Andrej, offline"
    assert model.data(model.index(-1, 0)) is None
    assert popup_of(completer).view.accessibleName()
    assert not popup_of(completer).grab().isNull()


def test_what_a_command_does_is_never_cut(
    qtbot: QtBot, completer: Completer, field: ComposerField, window: QWidget, theme: Theme
) -> None:
    """Where it does not fit beside the command, it stands below it, in as many lines as it needs."""
    completer.power = Power.OWNER
    window.resize(900, 640)
    qtbot.keyClicks(field, "/")
    popup = popup_of(completer)

    def heights() -> list[int]:
        return [popup.view.visualRect(popup.view.model().index(row, 0)).height() for row in range(3)]

    qtbot.waitUntil(lambda: heights() == [36] * 3)
    window.resize(420, 640)
    qtbot.waitUntil(lambda: min(heights()) > 36)
    theme.set_text_scale(1.5)
    qtbot.waitUntil(lambda: popup.width() <= field.width())
    qtbot.keyClicks(field, "banaddress")
    words = popup.suggestions[0].subtitle
    lines = QFontMetrics(theme.font(FontRole.NAME)).horizontalAdvance(words) // popup.width() + 1
    qtbot.waitUntil(lambda: heights()[0] > 54 + lines * 24)
    assert popup.geometry().top() >= 0
    assert not popup.grab().isNull()

"""Columns and pages, and the conversation list in them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.client.state import ServerState
from qtchat.client.updates import EventsUpdate, RoomUpdate
from qtchat.gui.models.about import About
from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Mode, Theme
from qtchat.gui.views.main_window import MainWindow, Page
from qtchat.gui.views.timeline import TimelineView
from qtchat.protocol.messages import KIND_POST, LOBBY, PUBLIC, Event
from tests.helpers.fake_account import MIDDAY, room


@pytest.fixture
def state() -> ServerState:
    state = ServerState()
    for number, name in ((1, "lobby"), (2, "news"), (3, "Обед")):
        state.apply(RoomUpdate(room(number, name)))
    return state


@pytest.fixture
def conversations(state: ServerState) -> ConversationsModel:
    model = ConversationsModel()
    model.show(state)
    return model


@pytest.fixture
def window(qtbot: QtBot, theme: Theme, icons: Icons, conversations: ConversationsModel) -> MainWindow:
    timeline = TimelineView(TimelineModel(), theme, icons)
    window = MainWindow(conversations, PeopleModel(), timeline, theme, icons)
    qtbot.addWidget(window)
    window.show()
    return window


def page(window: MainWindow) -> Page:
    return window.page


def widths(window: MainWindow) -> list[int]:
    """Of the visible columns."""
    columns = [window.splitter.widget(place) for place in range(3)]
    return [column.width() for column in columns if column is not None and column.isVisible()]


def test_three_columns_where_there_is_room(window: MainWindow) -> None:
    assert (window.width(), window.height()) == (1024, 720)
    assert widths(window)[0] == 300
    assert len(widths(window)) == 2
    window.set_details_shown(True)
    assert widths(window)[0] == 300
    assert widths(window)[2] == 320
    assert widths(window)[1] >= 380


def test_the_list_shrinks_to_avatars_before_the_timeline_gets_too_narrow(window: MainWindow) -> None:
    window.resize(900, 600)
    window.set_details_shown(True)
    assert widths(window)[0] == 72
    assert widths(window)[1] >= 380
    assert window.conversations.filter_field.isHidden()
    window.set_details_shown(False)
    assert widths(window)[0] == 300
    assert not window.conversations.filter_field.isHidden()


def test_a_narrow_window_shows_one_page_with_a_way_back(qtbot: QtBot, window: MainWindow) -> None:
    window.resize(420, 480)
    qtbot.waitUntil(lambda: widths(window) == [420])
    assert window.conversations.isVisible()
    window.show_chat()
    assert page(window) is Page.CHAT
    qtbot.waitUntil(lambda: widths(window) == [420])
    assert window.composer.isVisible()
    window.top_bar.details_button.click()
    assert page(window) is Page.DETAILS
    assert window.people_pane.isVisible()
    window.people_pane.close_button.click()
    assert page(window) is Page.CHAT
    window.top_bar.back_button.click()
    assert page(window) is Page.CONVERSATIONS
    window.resize(1024, 720)
    assert len(widths(window)) == 2
    assert window.top_bar.back_button.isHidden()


def test_it_is_never_smaller_than_a_page(window: MainWindow) -> None:
    window.resize(100, 100)
    assert (window.width(), window.height()) == (420, 480)


def test_closing_is_asked_for_before_it_happens(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.closing):
        window.close()
    assert window.isVisible()
    window.close_for_good()
    assert not window.isVisible()


def test_a_row_is_chosen_by_click_and_by_keys(qtbot: QtBot, window: MainWindow) -> None:
    chosen: list[int] = []
    side = window.conversations
    side.room_chosen.connect(chosen.append)
    place = side.view.visualRect(side.proxy.index(1, 0)).center()
    QTest.mouseClick(side.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    side.view.setFocus()
    QTest.keyClick(side.view, Qt.Key.Key_Down)
    side.step(-1)
    side.step(-5)
    assert chosen == [2, 3, 2, 1]


def test_rows_that_come_and_go_choose_nothing(
    qtbot: QtBot, window: MainWindow, conversations: ConversationsModel
) -> None:
    side = window.conversations
    side.set_current(2)
    with qtbot.assertNotEmitted(side.room_chosen):
        conversations.arrange([1, 3])
        conversations.arrange([3, 2, 1])
    assert side.view.currentIndex().data() == "news"
    with qtbot.assertNotEmitted(side.room_chosen):
        side.filter_field.setText("lob")
        side.filter_field.clear()
    assert side.view.currentIndex().data() == "news"


def test_the_filter_narrows_the_list_and_enter_takes_the_first(qtbot: QtBot, window: MainWindow) -> None:
    side = window.conversations
    side.filter_field.setText("# обе")
    assert side.proxy.rowCount() == 1
    with qtbot.waitSignal(side.room_chosen) as chosen:
        QTest.keyClick(side.filter_field, Qt.Key.Key_Return)
    assert chosen.args == [3]
    assert side.filter_field.text() == ""
    side.filter_field.setText("nothing like it")
    assert side.empty.isVisible()
    assert "No conversation" in side.empty.sentence.text()
    QTest.keyClick(side.filter_field, Qt.Key.Key_Escape)
    assert side.view.isVisible()


def test_an_empty_list_means_something_only_when_all_was_told(
    window: MainWindow, conversations: ConversationsModel
) -> None:
    side = window.conversations
    conversations.show(None)
    assert not side.empty.isVisible()
    side.set_ready(True)
    assert side.empty.isVisible()


@pytest.mark.parametrize("mode", [Mode.LIGHT, Mode.DARK])
def test_it_paints_in_both_themes(window: MainWindow, theme: Theme, mode: Mode) -> None:
    theme.set_mode(mode)
    window.conversations.set_current(1)
    image = window.grab().toImage()
    # The ground left of the first row, and that row's own.
    assert image.pixelColor(2, 400).name().upper() == theme.palette.side
    assert image.pixelColor(200, 62).name().upper() == theme.palette.active_row
    theme.set_mode(Mode.LIGHT)


def test_every_control_has_a_name_that_can_be_spoken(window: MainWindow) -> None:
    buttons = [window.top_bar.back_button, window.top_bar.details_button, window.composer.send_button]
    side = window.conversations
    controls = [*buttons, window.composer.field, side.filter_field, side.add_button, side.view, side.menu_button]
    assert all(control.accessibleName() for control in controls)


def test_an_open_room_stays_when_there_is_room_for_one_page_only(qtbot: QtBot, window: MainWindow) -> None:
    window.conversations.set_current(2)
    window.show_chat(open_page=False)
    window.resize(420, 480)
    qtbot.waitUntil(lambda: widths(window) == [420])
    assert page(window) is Page.CHAT
    window.top_bar.back_button.click()
    window.resize(440, 480)
    qtbot.waitUntil(lambda: widths(window) == [440])
    assert page(window) is Page.CONVERSATIONS


def test_escape_in_an_empty_composer_goes_to_the_newest(window: MainWindow) -> None:
    asked: list[bool] = []
    window.composer.end_wanted.connect(lambda: asked.append(True))
    window.composer.set_room("lobby")
    field = window.composer.field
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert len(asked) == 2
    field.setPlainText("half a thought")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    QTest.keyClick(field, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert len(asked) == 2


def test_the_lobby_cannot_be_left(window: MainWindow) -> None:
    button = window.people_pane.leave_button
    window.people_pane.show_about(About(2, PUBLIC, "news"))
    assert not button.isHidden()
    window.people_pane.show_about(About(LOBBY, PUBLIC, "lobby"))
    assert button.isHidden()


def test_the_details_have_room_for_a_topic_in_one_word(qtbot: QtBot, window: MainWindow) -> None:
    pane = window.people_pane
    window.set_details_shown(True)
    pane.show_about(About(2, PUBLIC, "n" * 64, "T" * 250, members=5, server="S" * 60))
    label = pane.readers_label
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    assert pane.width() == 320
    assert pane.avatar.geometry().bottom() < pane.name_label.geometry().top()


def test_tab_goes_as_the_eye_goes(window: MainWindow) -> None:
    window.composer.set_room("lobby", "a draft")
    window.top_bar.show_about(About(2, PUBLIC, "news"))
    window.show_chat()
    side, bar, composer = window.conversations, window.top_bar, window.composer
    order = [
        *(side.filter_field, side.view, side.add_button, side.menu_button),
        *(bar.search_button, bar.details_button, window.timeline),
        *(composer.field, composer.emoji_button, composer.send_button),
    ]
    order[0].setFocus()
    for control in order:
        assert window.focusWidget() is control
        QTest.keyClick(control, Qt.Key.Key_Tab)


def test_rows_grow_with_the_text(window: MainWindow, theme: Theme) -> None:
    view = window.conversations.view
    index = window.conversations.proxy.index(0, 0)
    low = view.visualRect(index).height()
    theme.set_text_scale(1.5)
    assert view.visualRect(index).height() == low * 3 // 2
    theme.set_text_scale(1.0)


def test_what_is_typed_over_the_messages_goes_to_the_composer(qtbot: QtBot, window: MainWindow) -> None:
    window.composer.set_room("lobby")
    window.show_chat()
    window.timeline.setFocus()
    for key in (Qt.Key.Key_F5, Qt.Key.Key_Down):
        QTest.keyClick(window.timeline, key)
    QTest.keyClick(window.timeline, Qt.Key.Key_X, Qt.KeyboardModifier.AltModifier)
    assert window.focusWidget() is window.timeline
    QTest.keyClicks(window.timeline, "h")
    assert window.focusWidget() is window.composer.field
    assert window.composer.text() == "h"
    window.composer.set_disabled_reason("You can only read here.")
    window.timeline.setFocus()
    QTest.keyClicks(window.timeline, "i")
    assert window.composer.text() == "h"


def test_the_way_back_tells_of_unread_messages_elsewhere(
    window: MainWindow, conversations: ConversationsModel, state: ServerState
) -> None:
    button = window.top_bar.back_button
    assert button.accessibleName() == "Back to conversations"
    event = Event(2, 1, bytes(16), MIDDAY, 2, "Anna", KIND_POST, "hi")
    state.apply(EventsUpdate(2, (event,), True))
    conversations.refresh({2})
    assert button.unread == 1
    assert button.accessibleName() == "Back to conversations, 1 unread"
    window.conversations.set_current(2)
    window.show_chat()
    assert button.unread == 0

"""Everything can be reached by Tab, and by Shift+Tab on the way back; and everything that can be reached has a name."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QRadioButton, QWidget
from pytestqt.qtbot import QtBot

from qtchat.client.updates import ConnectionUpdate, DirectoryUpdate, EventsUpdate, Phase, RoomUpdate
from qtchat.gui.settings import RecentServer
from qtchat.gui.views.main_window import Page
from qtchat.gui.views.settings import Page as Settings
from qtchat.gui.views.shortcuts import Command
from qtchat.protocol.messages import KIND_POST, Event, Person
from tests.helpers.desktop import Stand
from tests.helpers.fake_account import MIDDAY, OWN, members, room

KITCHEN = RecentServer("ab" * 16, "Kitchen", "qtchat://127.0.0.1/#K", "ABCD-EFGH", "Me")
MOST_STOPS = 100
"""A chain that is longer goes in no circle."""


def stops(window: QWidget) -> set[QWidget]:
    """What Tab must come to: all that is seen and can be used. Within a choice arrows may lead on instead."""
    return {
        widget
        for widget in window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.window() is window
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not (isinstance(widget, QRadioButton) and not widget.isChecked())
    }


def walk(window: QWidget, start: QWidget, backwards: bool = False) -> list[QWidget]:
    """Where Tab leads from `start` on, until it comes to something again."""
    modifier = Qt.KeyboardModifier.ShiftModifier if backwards else Qt.KeyboardModifier.NoModifier
    start.setFocus()
    visited: list[QWidget] = []
    while (here := window.focusWidget()) not in visited:
        assert len(visited) < MOST_STOPS
        visited.append(here)
        QTest.keyClick(here, Qt.Key.Key_Tab, modifier)
    return visited


def said(widget: QWidget) -> str:
    """What a screen reader calls it."""
    return QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name).strip()


def describe(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or said(widget)}"


def check(window: QWidget, start: QWidget) -> None:
    wanted = stops(window)
    there, back = walk(window, start), walk(window, start, backwards=True)
    assert [describe(widget) for widget in wanted.difference(there)] == []
    assert [describe(widget) for widget in wanted.difference(back)] == []
    assert set(there) == set(back)
    assert [describe(widget) for widget in wanted.union(there) if not said(widget)] == []


@pytest.fixture
def full(stand: Stand) -> Stand:
    """A program that shows all that it can show at once: servers, conversations, messages, a search, people."""
    account = stand.online()
    stand.join_other()
    stand.desktop.sessions.show(stand.desktop.sessions.all[0])
    account.tell(
        RoomUpdate(room(2, "news"), 0),
        members(1, Person(OWN, "Me", online=True), Person(2, "Анна", online=True)),
        EventsUpdate(
            1,
            tuple(Event(1, seq, bytes(15) + bytes([seq]), MIDDAY, 2, "Анна", KIND_POST, "hi") for seq in range(1, 90)),
            True,
        ),
    )
    stand.settle()
    window = stand.desktop.window
    window.resize(1600, 900)
    window.show()
    stand.qtbot.waitExposed(window)
    stand.desktop.chat.open_room(1)
    window.set_details_shown(True)
    window.composer.field.setPlainText("a draft")
    window.top_bar.search_button.click()
    window.timeline.scroll_by(-2000)
    stand.qtbot.waitUntil(window.timeline.bottom_button.isVisible)
    window.notice.say("Something happened.")
    return stand


def test_the_main_window(full: Stand) -> None:
    window = full.desktop.window
    found = {describe(stop) for stop in stops(window)}
    assert len(found) > 20
    check(window, window.composer.field)


def test_the_main_window_without_a_connection(full: Stand) -> None:
    full.accounts[0].tell(ConnectionUpdate(Phase.OFFLINE, None, 30.0))
    full.settle()
    window = full.desktop.window
    assert window.banner.isVisible()
    check(window, window.composer.field)


@pytest.mark.parametrize("page", list(Page))
def test_each_page_of_a_narrow_window(full: Stand, page: Page) -> None:
    window = full.desktop.window
    window.set_details_shown(False)
    window.resize(420, 600)
    full.qtbot.waitUntil(lambda: window.narrow)
    if page is Page.CONVERSATIONS:
        window.go_back()
    elif page is Page.DETAILS:
        window.toggle_details()
    first = (window.conversations.view, window.timeline, window.people_pane.view)[page.value]
    full.qtbot.waitUntil(first.isVisible)
    check(window, first)


def test_the_first_window(qtbot: QtBot, stand: Stand) -> None:
    stand.desktop.start()
    dialog = stand.desktop.joining.dialog
    dialog.set_recent([KITCHEN])
    qtbot.waitUntil(dialog.isVisible)
    check(dialog, dialog.nick_field)


@pytest.mark.parametrize("page", list(Settings))
def test_each_page_of_the_settings(full: Stand, page: Settings) -> None:
    preferences = full.desktop.preferences
    preferences.open(page)
    dialog = preferences.dialog
    assert dialog is not None
    full.qtbot.waitUntil(dialog.isVisible)
    check(dialog, min(stops(dialog), key=describe))
    dialog.close()


@pytest.mark.parametrize(
    "command",
    [
        Command.SWITCH,
        Command.NEW_MESSAGE,
        Command.NEW_ROOM,
        Command.BROWSE,
        Command.SHORTCUTS,
    ],
)
def test_each_dialog_that_a_key_opens(full: Stand, command: Command) -> None:
    window = full.desktop.window
    full.accounts[0].tell(DirectoryUpdate((room(1, "lobby"), room(9, "books", member=False))))
    full.desktop.actions()[command]()
    full.settle()
    dialogs = [dialog for dialog in window.findChildren(QWidget) if dialog.isWindow() and dialog.isVisible()]
    assert len(dialogs) == 1
    check(dialogs[0], min(stops(dialogs[0]), key=describe))
    dialogs[0].close()


def test_the_diagnosis(full: Stand) -> None:
    full.desktop.diagnosis.open()
    dialog = full.desktop.diagnosis.dialog
    assert dialog is not None
    check(dialog, dialog.address_field)
    dialog.close()

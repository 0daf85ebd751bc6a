"""Where a message leads, without a mouse: its menu and a screen reader have its links and what it answers."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleActionInterface, QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from qtchat.client.state import Entry
from qtchat.gui.views.timeline import accessible
from qtchat.gui.views.timeline.menu import MessageMenu
from qtchat.gui.views.timeline.ways import MOST_LINKS, MOST_SHOWN, links_of, shown_link, spoken_link
from tests.gui.views.timeline.staging import ROOM, Stage, action

HERE = "https://example.org/a?b=1&c=2"


def says(text: str) -> Entry:
    return Entry(b"x" * 16, 1, 0, 2, "Anna", "post", text, own=False)


def menu_by_key(stage: Stage, qtbot: QtBot) -> MessageMenu:
    """Of the newest message."""
    stage.open()
    stage.shown()
    QTest.keyClick(stage.view, Qt.Key.Key_Up)
    QTest.keyClick(stage.view, Qt.Key.Key_Return)
    menu = stage.view.findChildren(MessageMenu)[-1]
    qtbot.waitUntil(menu.isVisible)
    return menu


def actions_of(stage: Stage, row: int) -> QAccessibleActionInterface:
    messages = QAccessible.queryAccessibleInterface(stage.view)
    assert isinstance(messages, accessible.MessageList)
    item = messages.child(row)
    assert item is not None
    found = item.actionInterface()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example, HTTP://b.example/x.", ["https://a.example", "HTTP://b.example/x"]),
        ("https://a.example and https://a.example", ["https://a.example"]),
        ("`https://code.example` file:///etc/passwd javascript:alert(1) qtchat://a:1 ftp://a.example", []),
        ("> https://quoted.example", ["https://quoted.example"]),
        (" ".join(f"https://a.example/{number}" for number in range(9)), [f"https://a.example/{n}" for n in range(5)]),
        ("", []),
    ],
)
def test_only_what_a_click_would_tell_is_a_link(text: str, links: list[str]) -> None:
    assert links_of(says(text)) == links
    assert len(links) <= MOST_LINKS


def test_a_long_link_lacks_its_middle_only_where_it_is_a_menu() -> None:
    link = "https://example.org/" + "x" * 500 + "/end"
    assert spoken_link(link) == link
    shown = shown_link(link)
    assert len(shown) == MOST_SHOWN
    assert shown.startswith("https://example.org/x")
    assert shown.endswith("x/end")
    assert shown_link(link[:MOST_SHOWN]) == link[:MOST_SHOWN]


def test_a_link_cannot_turn_its_menu_around() -> None:
    assert spoken_link("https://a.example/\u202egpj.exe\x07") == "https://a.example/gpj.exe "


def test_the_only_link_is_opened_and_copied_from_the_menu_by_key(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, text=f"look: {HERE}")
    menu = menu_by_key(stage, qtbot)
    escaped = HERE.replace("&", "&&")  # as the menu shows it, there is one
    with qtbot.waitSignal(stage.view.link_activated) as wanted:
        action(menu, f"Open {escaped}").trigger()
    assert wanted.args == [HERE]
    action(menu, "Copy link").trigger()
    assert QGuiApplication.clipboard().text() == HERE
    menu.close()


def test_each_of_several_links_has_a_menu_of_its_own(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, text="https://a.example or https://b.example/{link}")
    menu = menu_by_key(stage, qtbot)
    inner = action(menu, "https://b.example/{link}").menu()
    assert isinstance(inner, QMenu)
    with qtbot.waitSignal(stage.view.link_activated) as wanted:
        action(inner, "Open link").trigger()
    assert wanted.args == ["https://b.example/{link}"]
    action(inner, "Copy link").trigger()
    assert QGuiApplication.clipboard().text() == "https://b.example/{link}"
    menu.close()


def shown_actions(menu: QMenu) -> list[QAction]:
    return [each for each in menu.actions() if not each.isSeparator()]


def test_the_quoted_message_is_gone_to_by_key_and_the_keyboard_goes_along(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1, 60)
    stage.say(61, text="because", about=2)
    menu = menu_by_key(stage, qtbot)
    assert [each.text() for each in shown_actions(menu)][:3] == ["Reply", "React", "Go to the quoted message"]
    with qtbot.waitSignal(stage.view.jump_wanted) as wanted:
        action(menu, "Go to the quoted message").trigger()
    assert wanted.args == [2]
    menu.close()
    assert "message 2" in stage.shown()
    QTest.keyClick(stage.view, Qt.Key.Key_Down)
    assert stage.view._scene.ringed is stage.model.entries[2]  # the one below it


def test_without_a_keyboard_on_a_message_a_jump_puts_it_on_none(stage: Stage) -> None:
    stage.say(1, 60)
    stage.open()
    stage.view.show_message(2)
    assert stage.view._scene.ringed is None


def test_a_screen_reader_has_the_same_in_words(stage: Stage, qtbot: QtBot) -> None:
    stage.say(1)
    stage.say(2, text=f"{HERE} and https://b.example/{'x' * 200}", about=1)
    stage.open()
    stage.shown()
    found = actions_of(stage, 1)
    own = ["GoToQuoted", "OpenLink1", "CopyLink1", "OpenLink2", "CopyLink2"]
    assert found.actionNames()[-5:] == own
    assert [found.localizedActionName(name) for name in own] == [
        *("Go to the quoted message", f"Open {HERE}", f"Copy {HERE}"),
        *(f"{does} https://b.example/{'x' * 200}" for does in ("Open", "Copy")),
    ]
    assert found.localizedActionDescription("OpenLink1") == f"Open {HERE}"
    with qtbot.waitSignal(stage.view.link_activated) as wanted:
        found.doAction("OpenLink1")
    assert wanted.args == [HERE]
    found.doAction("CopyLink1")
    assert QGuiApplication.clipboard().text() == HERE
    with qtbot.waitSignal(stage.view.jump_wanted) as wanted:
        found.doAction("GoToQuoted")
    assert wanted.args == [1]
    assert stage.view._scene.ringed is stage.model.entries[0]
    with qtbot.assertNotEmitted(stage.view.link_activated):
        found.doAction("OpenLink3")
    assert not stage.view.findChildren(MessageMenu)


def test_what_was_taken_back_leads_nowhere(stage: Stage) -> None:
    stage.say(1)
    stage.say(2, text=HERE, about=1)
    stage.say(3, kind="deleted", text="", about=2)
    stage.open()
    stage.shown()
    assert stage.state.rooms[ROOM].entries[1].deleted
    assert actions_of(stage, 1).actionNames()[-1] == accessible.SHOW_SENDER

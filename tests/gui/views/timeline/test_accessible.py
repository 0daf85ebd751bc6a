"""What a screen reader sees, and that neither Qt nor Python frees anything twice."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
)
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from qtchat.client.state import (
    Delivery,
    Entry,
    Quote,
    Reaction,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
)
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline import TimelineView, accessible
from qtchat.gui.views.timeline.menu import MessageMenu

NAME = QAccessible.Text.Name


def entry(seq: int | None, text: str = "hello", kind: str = "post") -> Entry:
    return Entry(bytes(15) + bytes([seq or 0]), seq, (seq or 99) * 60_000, 2, "Anna", kind, text, own=seq is None)


@pytest.fixture
def view(qtbot: QtBot, theme: Theme) -> Iterator[TimelineView]:
    model = TimelineModel()
    view = TimelineView(model, theme, Icons(theme))
    qtbot.addWidget(view)
    view.resize(600, 400)
    with qtbot.waitExposed(view):
        view.show()
    entries = [entry(seq, f"**text** {seq}") for seq in range(1, 101)] + [entry(None, "waits")]
    model.show(RoomState(1, "lobby", entries=entries, numbered=100, at_start=True))
    view.refresh()
    yield view
    view.close()


def interface(view: TimelineView) -> accessible.MessageList:
    found = QAccessible.queryAccessibleInterface(view)
    assert isinstance(found, accessible.MessageList)
    return found


def child(parent: QAccessibleInterface, index: int) -> QAccessibleInterface:
    found = parent.child(index)
    assert found is not None
    return found


def test_it_is_a_list_of_messages(view: TimelineView) -> None:
    messages = interface(view)
    assert messages.role() is QAccessible.Role.List
    assert messages.text(NAME) == "Messages"
    assert messages.childCount() == 101
    last = child(messages, 99)
    assert last.role() is QAccessible.Role.ListItem
    assert last.text(NAME).startswith("Anna, ")
    assert last.text(NAME).endswith(", text 100")
    assert messages.indexOfChild(last) == 99
    assert child(messages, 100).text(NAME).endswith(", waits")
    assert messages.indexOfChild(child(messages, 100)) == 100
    assert messages.child(101) is None
    assert messages.child(-1) is None


def test_items_know_where_they_are(view: TimelineView) -> None:
    messages = interface(view)
    newest, oldest = child(messages, 100), child(messages, 0)
    rect = newest.rect()
    assert messages.rect().contains(rect)
    found = messages.childAt(rect.center().x(), rect.center().y())
    assert found is newest
    assert oldest.rect() == QRect()
    assert oldest.state().offscreen
    assert not newest.state().offscreen


def test_items_move_with_their_rows_and_end_with_them(view: TimelineView) -> None:
    messages = interface(view)
    item = child(messages, 4)
    view.model.apply(RowsRemoved(1, 0, 2))
    assert messages.indexOfChild(item) == 2
    assert child(messages, 2) is item
    view.model.apply(RowsRemoved(1, 2, 1))
    assert messages.indexOfChild(item) == -1
    assert not item.isValid()
    assert item.rect() == QRect()


def test_the_button_is_a_child_while_it_is_shown(view: TimelineView) -> None:
    messages = interface(view)
    view.scroll_by(-1500)
    assert messages.childCount() == 102
    button = child(messages, 101)
    assert button.object() is view.bottom_button
    assert button.text(NAME) == "Scroll to the newest message"
    assert messages.indexOfChild(button) == 101


def test_an_item_says_all_that_its_message_shows(view: TimelineView) -> None:
    reactions = (Reaction("👍", (2, 3), own=False),)
    quote = Quote(4, "Ben", "why")
    fresh = replace(entry(100, "because"), own=True, delivery=Delivery.READ, reply_to=4, quote=quote)
    view.model.apply(RowsReplaced(1, 99, (replace(fresh, edited=True, reactions=reactions),)))
    name = child(interface(view), 99).text(NAME)
    assert name.startswith("Anna, ")
    assert name.endswith(", in reply to Ben: why, because, edited, 👍 2, read by all")


def test_the_message_with_the_ring_has_the_focus(view: TimelineView, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[QAccessible.Event, QAccessibleInterface]] = []
    note = lambda event: told.append((event.type(), event.accessibleInterface()))  # noqa: E731
    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    view.activateWindow()
    view.setFocus()
    QAccessible.setActive(True)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QAccessible.setActive(False)
    messages = interface(view)
    newest, above = child(messages, 100), child(messages, 99)
    assert (QAccessible.Event.Focus, newest) in told
    assert messages.focusChild() is newest
    assert newest.state().focused
    assert not above.state().focused


def actions_of(item: QAccessibleInterface) -> QAccessibleActionInterface:
    found = item.actionInterface()
    assert found is not None
    return found


def test_what_can_be_done_with_a_message_is_told(view: TimelineView) -> None:
    messages = interface(view)
    assert actions_of(child(messages, 99)).actionNames() == ["Press", "SetFocus", "ShowMenu", "ShowSender"]
    assert actions_of(child(messages, 100)).actionNames() == ["Press", "SetFocus", "ShowMenu"]
    assert actions_of(child(messages, 99)).localizedActionName("ShowSender") == "About the sender"
    assert child(messages, 99).textInterface() is None
    gone = child(messages, 99)
    view.model.apply(RowsRemoved(1, 99, 1))
    assert actions_of(gone).actionNames() == []
    actions_of(gone).doAction("Press")


def test_a_message_out_of_sight_is_brought_into_sight_by_what_is_done_with_it(qtbot: QtBot, view: TimelineView) -> None:
    messages = interface(view)
    item = child(messages, 3)
    assert item.state().offscreen
    with qtbot.waitSignal(view.person_wanted) as wanted:
        actions_of(item).doAction("ShowSender")
    assert wanted.args is not None
    assert wanted.args[:2] == [2, "Anna"]
    assert not item.state().offscreen
    assert messages.indexOfChild(item) == 3
    actions_of(item).doAction("Press")
    menu = view.findChild(MessageMenu)
    assert isinstance(menu, MessageMenu)
    assert menu.isVisible()
    menu.close()


def test_a_folded_line_can_be_unfolded(view: TimelineView) -> None:
    comings = tuple(entry(seq, kind="joined") for seq in range(101, 106))
    view.model.apply(RowsInserted(1, 100, comings))
    messages = interface(view)
    first, second = actions_of(child(messages, 100)), actions_of(child(messages, 101))
    assert (first.actionNames(), second.actionNames()) == (["Press", "SetFocus"], [])
    second.doAction("Press")
    first.doAction("SetFocus")
    assert first.actionNames() == ["Press", "SetFocus"]
    first.doAction("Press")
    assert first.actionNames() == []


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What is announced while a screen reader listens."""
    said: list[str] = []

    def note(event: QAccessibleEvent) -> None:
        if isinstance(event, QAccessibleAnnouncementEvent):
            said.append(event.message())

    monkeypatch.setattr(QAccessible, "updateAccessibility", note)
    QAccessible.setActive(True)
    yield said
    QAccessible.setActive(False)


def test_new_messages_of_others_are_announced(view: TimelineView, said: list[str]) -> None:
    view.model.apply(RowsInserted(1, 100, tuple(entry(seq, f"n{seq}") for seq in range(101, 111)), live=True))
    assert [text.split(", ")[2] for text in said] == ["n108", "n109", "n110"]
    view.model.apply(RowsInserted(1, 0, (entry(200),)))
    view.model.apply(RowsInserted(1, len(view.model.entries), (entry(None),), live=True))
    assert len(said) == 3


def test_an_announcement_is_taken_by_qt(view: TimelineView) -> None:
    QAccessible.setActive(True)
    accessible.announce(view, [entry(1)])
    QAccessible.setActive(False)
    accessible.announce(view, [entry(1)])


TEARDOWN = """
import gc, os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import Shiboken
from qtchat.client.state import Entry, RoomState
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.timeline import TimelineView

app = QApplication([])
QAccessible.setActive(True)
theme = Theme(app)
entries = [Entry(bytes(16), seq, 0, 2, "Anna", "post", "hi", False) for seq in range(1, 50)]
window = QWidget()
views = []
for number in range(4):
    model = TimelineModel()
    view = TimelineView(model, theme, Icons(theme), window)
    views.append(view)
    for _ in range(2):
        model.show(RoomState(1, "lobby", entries=entries))
        messages = QAccessible.queryAccessibleInterface(view)
        for index in range(messages.childCount()):
            QAccessible.registerAccessibleInterface(messages.child(index))
            messages.child(index).actionInterface().actionNames()
    app.processEvents()
del messages, view
how = sys.argv[1]
if how == "deleteLater":
    views.pop(0).deleteLater()
    app.processEvents()
elif how == "delete":
    Shiboken.delete(views.pop(0))
elif how == "window":
    Shiboken.delete(window)
elif how == "app":
    Shiboken.delete(app)
gc.collect()
if how not in ("exit", "app"):
    del views, window
    gc.collect()
    app.processEvents()
print("done")
"""


@pytest.mark.parametrize("how", ["exit", "deleteLater", "delete", "window", "app"])
def test_teardown_in_any_order(how: str) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", TEARDOWN, how], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr

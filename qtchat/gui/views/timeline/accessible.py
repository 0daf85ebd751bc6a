"""What a screen reader sees: a list, and in it one item for each message, made when it is asked for.

Who owns what: Qt's cache deletes an interface of an object when that object goes, and all others at exit; it
never asks Python. So every interface that was handed out is kept here, and items, which have no object of their
own, are taken out of Qt's cache before Python may drop them. Otherwise one of the two frees it a second time.
"""

from collections.abc import Sequence
from functools import cache, partial
from typing import Final, Protocol

from PySide6.QtCore import QObject, QPoint, QRect
from PySide6.QtGui import (
    QAccessible,
    QAccessibleActionInterface,
    QAccessibleAnnouncementEvent,
    QAccessibleEvent,
    QAccessibleInterface,
)
from PySide6.QtWidgets import QAbstractButton, QWidget
from shiboken6 import Shiboken

from qtchat.client.state import Entry
from qtchat.gui.views.timeline.grouping import row_of_seq
from qtchat.gui.views.timeline.words import spoken_text

MAX_ANNOUNCED: Final = 3
"""Of a burst of messages only the last few are announced."""
SHOW_SENDER: Final = "ShowSender"
"""Who has written it? Not one of Qt's own actions, as those of ways.py are not."""
_NOTHING: Final = Shiboken.VoidPtr(0)
"""A null pointer; for None, PySide hands on whatever lies in memory."""


class AccessibleRows(Protocol):
    """What the list must know of the view. All of it is asked for only when a screen reader asks."""

    @property
    def shown_entries(self) -> Sequence[Entry]: ...
    @property
    def bottom_button(self) -> QAbstractButton: ...
    @property
    def ringed(self) -> Entry | None: ...
    def row_rect(self, row: int) -> QRect:
        """Where a row is, in pixels of the screen; empty when it is out of sight."""
        ...

    def row_at(self, point: QPoint) -> int | None:
        """The row under a point of the screen."""
        ...

    def actions_of(self, row: int) -> list[str]:
        """What can be done with a row: the names of actions."""
        ...

    def words_of(self, row: int, action: str) -> str:
        """What one of these is called; "" where Qt has a name for it."""
        ...

    def act(self, row: int, action: str) -> None:
        """Do one of these."""
        ...


class MessageList(QAccessibleInterface):
    """The timeline as a list. Its children are the rows, then the button to the bottom while it is shown."""

    def __init__(self, widget: QWidget, rows: AccessibleRows) -> None:
        super().__init__()
        self._widget = widget
        self._rows = rows
        self._items: dict[int, MessageItem] = {}  # by id() of the entry, which each item keeps alive

    def isValid(self) -> bool:
        return True

    def object(self) -> QObject:
        return self._widget

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.List

    def text(self, kind: QAccessible.Text) -> str:
        return self._widget.accessibleName() if kind is QAccessible.Text.Name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """Nobody may rename it."""

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.focusable = True
        state.focused = self._widget.hasFocus()
        state.readOnly = True
        state.invisible = not self._widget.isVisible()
        return state

    def rect(self) -> QRect:
        return QRect(self._widget.mapToGlobal(QPoint()), self._widget.size())

    def parent(self) -> QAccessibleInterface | None:  # type: ignore[override]
        parent = self._widget.parentWidget()
        return QAccessible.queryAccessibleInterface(parent) if parent else None

    def childCount(self) -> int:
        return len(self._rows.shown_entries) + self._rows.bottom_button.isVisible()

    def child(self, index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        entries = self._rows.shown_entries
        if 0 <= index < len(entries):
            return self.item(entries[index])
        if index == len(entries) and self._rows.bottom_button.isVisible():
            return QAccessible.queryAccessibleInterface(self._rows.bottom_button)
        return None

    def childAt(self, x: int, y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        row = self._rows.row_at(QPoint(x, y))
        return None if row is None else self.child(row)

    def indexOfChild(self, child: QAccessibleInterface) -> int:
        if isinstance(child, MessageItem):
            return self.row_of(child.entry)
        return len(self._rows.shown_entries) if child.object() is self._rows.bottom_button else -1

    def focusChild(self) -> QAccessibleInterface | None:  # type: ignore[override]
        return self.item(ringed) if self._widget.hasFocus() and (ringed := self._rows.ringed) is not None else None

    def is_focused(self, entry: Entry) -> bool:
        """Is the keyboard on this message?"""
        return entry is self._rows.ringed and self._widget.hasFocus()

    def item(self, entry: Entry) -> "MessageItem":
        """The item of an entry; always the same one."""
        item = self._items.get(id(entry))
        if item is None:
            item = self._items[id(entry)] = MessageItem(self, entry)
        return item

    def row_of(self, entry: Entry) -> int:
        """In which row an entry stands now, -1 if it is gone."""
        entries = self._rows.shown_entries
        start = len(entries) if entry.seq is None else row_of_seq(entries, entry.seq)
        if start < len(entries) and entries[start] is entry:
            return start
        # Those without a number are few, and last.
        row = len(entries) - 1
        while row >= 0 and entries[row].seq is None:
            if entries[row] is entry:
                return row
            row -= 1
        return -1

    def rect_of(self, entry: Entry) -> QRect:
        """Where an entry is on the screen; empty when it is out of sight or gone."""
        row = self.row_of(entry)
        return self._rows.row_rect(row) if row >= 0 else QRect()

    def actions_of(self, entry: Entry) -> list[str]:
        """What can be done with an entry, nothing when it is gone."""
        row = self.row_of(entry)
        return self._rows.actions_of(row) if row >= 0 else []

    def words_of(self, entry: Entry, action: str) -> str:
        """What an action is called; "" where Qt has a name for it, and when the entry is gone."""
        row = self.row_of(entry)
        return self._rows.words_of(row, action) if row >= 0 else ""

    def act(self, entry: Entry, action: str) -> None:
        """Do it, unless the entry is gone."""
        row = self.row_of(entry)
        if row >= 0:
            self._rows.act(row, action)

    def forget_items(self) -> None:
        """Other rows are shown, or the view goes: give all items back to Qt."""
        items, self._items = self._items, {}
        for item in items.values():
            QAccessible.deleteAccessibleInterface(QAccessible.uniqueId(item))


class MessageItem(QAccessibleInterface):
    """One row: "nick, time, text". It knows its entry, not its row, for rows move."""

    def __init__(self, parent: MessageList, entry: Entry) -> None:
        super().__init__()
        self._parent = parent
        self._actions = MessageItemActions(parent, entry)
        self.entry = entry

    def interface_cast(self, kind: QAccessible.InterfaceType) -> object:  # type: ignore[override]
        """The other faces of an item; it has one."""
        return self._actions if kind == QAccessible.InterfaceType.ActionInterface else _NOTHING

    def isValid(self) -> bool:
        return self._parent.row_of(self.entry) >= 0

    def object(self) -> QObject | None:  # type: ignore[override]
        return None

    def role(self) -> QAccessible.Role:
        return QAccessible.Role.ListItem

    def text(self, kind: QAccessible.Text) -> str:
        return spoken_text(self.entry) if kind is QAccessible.Text.Name else ""

    def setText(self, kind: QAccessible.Text, text: str) -> None:
        """What was said was said."""

    def state(self) -> QAccessible.State:
        state = QAccessible.State()
        state.readOnly = True
        state.focusable = True
        state.focused = self._parent.is_focused(self.entry)
        state.offscreen = self.rect().isEmpty()
        return state

    def rect(self) -> QRect:
        return self._parent.rect_of(self.entry)

    def parent(self) -> QAccessibleInterface:
        return self._parent

    def childCount(self) -> int:
        return 0

    def child(self, _index: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def childAt(self, _x: int, _y: int) -> QAccessibleInterface | None:  # type: ignore[override]
        return None

    def indexOfChild(self, _child: QAccessibleInterface) -> int:
        return -1


class MessageItemActions(QAccessibleActionInterface):
    """What can be done with one row. It does not know the item, which keeps it: neither waits for the garbage
    collector."""

    def __init__(self, parent: MessageList, entry: Entry) -> None:
        super().__init__()
        self._parent, self._entry = parent, entry

    def actionNames(self) -> list[str]:
        return self._parent.actions_of(self._entry)

    def doAction(self, name: str) -> None:
        self._parent.act(self._entry, name)

    def keyBindingsForAction(self, _name: str) -> list[str]:
        return []

    def localizedActionName(self, name: str) -> str:
        return self._parent.words_of(self._entry, name) or super().localizedActionName(name)

    def localizedActionDescription(self, name: str) -> str:
        return self._parent.words_of(self._entry, name) or super().localizedActionDescription(name)


_lists: Final[dict[int, MessageList]] = {}
"""By id() of the widget, from its registration until it is destroyed."""


def register(widget: QWidget, rows: AccessibleRows) -> None:
    """From now on `widget` is a list of messages to a screen reader, until it is destroyed."""
    _install()
    key = id(widget)
    _lists[key] = MessageList(widget, rows)
    widget.destroyed.connect(partial(_forget, key))


def forget_items(widget: QWidget) -> None:
    """The widget shows other rows altogether."""
    if id(widget) in _lists:
        _lists[id(widget)].forget_items()


def focus(widget: QWidget) -> None:
    """The keyboard went to another message, or left all of them."""
    found = _lists.get(id(widget))
    if found is not None and QAccessible.isActive():
        child = found.focusChild()
        QAccessible.updateAccessibility(QAccessibleEvent(child or found, QAccessible.Event.Focus))


def announce(widget: QWidget, entries: Sequence[Entry]) -> None:
    """Have a screen reader, if one is listening, say the last few of these."""
    if QAccessible.isActive():
        for entry in entries[-MAX_ANNOUNCED:]:
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(widget, spoken_text(entry)))


@cache
def _install() -> None:
    QAccessible.installFactory(_make)


def _make(_class_name: str, widget: QObject) -> QAccessibleInterface | None:
    return _lists.get(id(widget))


def _forget(key: int, _widget: QObject | None = None) -> None:
    found = _lists.pop(key, None)
    if found is not None:
        found.forget_items()

"""The menu of one conversation, and the one behind the + button."""

from functools import partial

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.client.state import Delivery
from qtchat.gui.models.conversations import ConversationRole
from qtchat.gui.settings import Level, RoomPrefs
from qtchat.gui.theme.icons import Icons
from qtchat.gui.views.rows import Index
from qtchat.protocol.messages import DIRECT, LOBBY


class ConversationMenu(QMenu):
    """What can be done with one conversation. It frees itself when it closes.

    Asks: open_wanted, read_wanted, unread_wanted, mute_wanted(bool), pin_wanted(bool), level_wanted(Level),
    settings_wanted, leave_wanted, hide_wanted.
    """

    open_wanted = Signal()
    read_wanted = Signal()
    unread_wanted = Signal()
    mute_wanted = Signal(bool)
    pin_wanted = Signal(bool)
    level_wanted = Signal(Level)
    settings_wanted = Signal()
    leave_wanted = Signal()
    hide_wanted = Signal()

    def __init__(self, index: Index, icons: Icons, parent: QWidget | None = None, *, changeable: bool = False) -> None:
        """`index`: a row of a ConversationsModel. `changeable`: we may change the settings of the room."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        prefs = index.data(ConversationRole.PREFS)
        assert isinstance(prefs, RoomPrefs)
        direct = index.data(ConversationRole.KIND) == DIRECT
        self.addAction(icons.icon("message-circle", "text"), self.tr("Open"), self.open_wanted.emit)
        if prefs.marked or any(index.data(role) for role in (ConversationRole.UNREAD, ConversationRole.NEW)):
            self.addAction(icons.icon("check-check", "text"), self.tr("Mark as read"), self.read_wanted.emit)
        else:
            self.addAction(icons.icon("flag", "text"), self.tr("Mark as unread"), self.unread_wanted.emit)
        self.addSeparator()
        self._add_pin(icons, pinned=prefs.pinned)
        self._add_mute(icons, muted=prefs.muted)
        self._add_levels(icons, prefs.level, direct=direct)
        if changeable:
            self.addSeparator()
            self.addAction(icons.icon("settings", "text"), self.tr("Room settings…"), self.settings_wanted.emit)
        self.addSeparator()
        if direct:
            hide = self.addAction(icons.icon("x", "text"), self.tr("Hide conversation"), self.hide_wanted.emit)
            hide.setEnabled(index.data(ConversationRole.DELIVERY) not in (Delivery.WAITING, Delivery.FAILED))
        else:
            leave = self.addAction(icons.icon("log-out", "danger"), self.tr("Leave room"), self.leave_wanted.emit)
            leave.setEnabled(index.data(ConversationRole.ROOM) != LOBBY)

    def _add_pin(self, icons: Icons, *, pinned: bool) -> None:
        says = self.tr("Unpin") if pinned else self.tr("Pin to the top")
        icon = icons.icon("pin-off" if pinned else "pin", "text")
        self.addAction(icon, says, partial(self.pin_wanted.emit, not pinned))

    def _add_mute(self, icons: Icons, *, muted: bool) -> None:
        says = self.tr("Unmute") if muted else self.tr("Mute")
        icon = icons.icon("bell" if muted else "bell-off", "text")
        self.addAction(icon, says, partial(self.mute_wanted.emit, not muted))

    def _add_levels(self, icons: Icons, level: Level, *, direct: bool) -> None:
        menu = self.addMenu(icons.icon("bell", "text"), self.tr("Notifications"))
        group = QActionGroup(menu)
        for choice, says in level_words(direct=direct).items():
            action = group.addAction(menu.addAction(says, partial(self.level_wanted.emit, choice)))
            action.setCheckable(True)
            action.setChecked(choice is level)


class AddMenu(QMenu):
    """What can be begun. It frees itself when it closes.

    Asks: message_wanted, create_wanted, browse_wanted, unread_first_wanted(bool).
    """

    message_wanted = Signal()
    create_wanted = Signal()
    browse_wanted = Signal()
    unread_first_wanted = Signal(bool)

    def __init__(self, icons: Icons, *, unread_first: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        message, room = icons.icon("message-square-plus", "text"), icons.icon("plus", "text")
        self.addAction(message, self.tr("New message…"), self.message_wanted.emit)
        self.addAction(room, self.tr("Create a room…"), self.create_wanted.emit)
        self.addAction(icons.icon("compass", "text"), self.tr("Browse rooms…"), self.browse_wanted.emit)
        self.addSeparator()
        order = self.addAction(self.tr("Unread first"))
        order.setCheckable(True)
        order.setChecked(unread_first)
        order.toggled.connect(self.unread_first_wanted)


def level_words(*, direct: bool = False) -> dict[Level, str]:
    """What each level is called; where there are two people, nobody needs to be mentioned."""
    words = {
        Level.ALL: QCoreApplication.translate("Level", "All messages"),
        Level.MENTIONS: QCoreApplication.translate("Level", "Mentions only"),
        Level.NOTHING: QCoreApplication.translate("Level", "Nothing"),
    }
    if direct:
        del words[Level.MENTIONS]
    return words

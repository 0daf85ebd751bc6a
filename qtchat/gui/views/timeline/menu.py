"""The context menu of a message."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.client.state import Delivery, Entry
from qtchat.gui.theme.icons import Icons
from qtchat.gui.views.timeline.hit import Hit
from qtchat.gui.views.timeline.words import translate


class MessageMenu(QMenu):
    """What can be done with one message. It frees itself when it closes."""

    copy_selection = Signal()
    retry_wanted = Signal(bytes)
    discard_wanted = Signal(bytes)

    def __init__(self, entry: Entry, link: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entry = entry
        self._link = link

    def copy_text(self) -> None:
        """The whole message, as it was written."""
        QGuiApplication.clipboard().setText(self._entry.text)

    def copy_link(self) -> None:
        """The address under the mouse."""
        QGuiApplication.clipboard().setText(self._link)

    def retry(self) -> None:
        """Send it again."""
        self.retry_wanted.emit(self._entry.id)

    def discard(self) -> None:
        """Throw it away."""
        self.discard_wanted.emit(self._entry.id)


def message_menu(parent: QWidget, icons: Icons, found: Hit, has_selection: bool) -> MessageMenu:
    """The menu for the message that was hit."""
    assert found.placed is not None
    entry = found.placed.row.entry
    menu = MessageMenu(entry, found.link, parent)
    if entry.delivery is Delivery.FAILED:
        menu.addAction(icons.icon("rotate-ccw", "text"), translate("Timeline", "Send again"), menu.retry)
        menu.addAction(icons.icon("trash-2", "danger"), translate("Timeline", "Discard"), menu.discard)
        menu.addSeparator()
    if has_selection:
        action = menu.addAction(
            icons.icon("copy", "text"), translate("Timeline", "Copy selected text"), menu.copy_selection.emit
        )
        action.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
    menu.addAction(icons.icon("copy", "text"), translate("Timeline", "Copy message"), menu.copy_text)
    if found.link:
        menu.addAction(icons.icon("link", "text"), translate("Timeline", "Copy link"), menu.copy_link)
    return menu

"""What a click or a key on a message means: the one place that turns them into the timeline's signals."""

from typing import Final

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QClipboard, QGuiApplication

from qtchat.client.state import Entry
from qtchat.gui.theme.icons import Icons
from qtchat.gui.views.timeline.arrangement import Placed
from qtchat.gui.views.timeline.asking import AskingArea
from qtchat.gui.views.timeline.hit import Hit, Part
from qtchat.gui.views.timeline.menu import MessageMenu, ReactionMenu
from qtchat.gui.views.timeline.scene import Scene
from qtchat.gui.views.timeline.ways import Way, ways
from qtchat.protocol.messages import KIND_POST

_BELOW: Final = 4
"""Pixels between a button and the menu under it."""


class MessageActions:
    """Asks for what somebody wants of a message, where that can be had of this message."""

    def __init__(self, asking: AskingArea, scene: Scene, icons: Icons) -> None:
        self._asking, self._scene, self._icons = asking, scene, icons

    def click(self, found: Hit) -> None:
        """A part of a message was clicked."""
        assert found.placed is not None
        entry = found.placed.row.entry
        match found.part:
            case Part.LINK:
                self._asking.link_activated.emit(found.link)
            case Part.RETRY:
                self._asking.retry_wanted.emit(entry.id)
            case Part.STRIP:
                self._asking.jump_wanted.emit(entry.reply_to)
            case Part.PERSON:
                self.show_sender(found.placed)
            case Part.FOLD:
                self._scene.unfold(found.position.row)
            case Part.PILL if found.pill is not None and entry.seq is not None:
                reaction = found.pill.reaction
                if reaction is not None:
                    self._asking.react_wanted.emit(entry.seq, reaction.emoji, not reaction.own)
                else:
                    corner = found.pill.rect.bottomLeft().toPoint() + QPoint(0, found.placed.y + _BELOW)
                    self.choose_reaction(entry, self._asking.viewport().mapToGlobal(corner))

    def show_sender(self, placed: Placed) -> None:
        """Somebody wants to know who has written a message: told under the name, or where the message begins."""
        row = placed.row
        below = row.name_rect.bottomLeft() if row.name else row.area.topLeft()
        place = below.toPoint() + QPoint(0, placed.y + _BELOW)
        self._asking.person_wanted.emit(row.entry.author, row.entry.nick, self._asking.viewport().mapToGlobal(place))

    def double_click(self, found: Hit) -> None:
        """A message was clicked twice beside its text."""
        if found.placed is not None and found.placed.row.bubble is not None:
            self.reply(found.placed.row.entry)

    def may_answer(self, entry: Entry) -> bool:
        """Can this be answered and reacted to, and by its author changed?"""
        numbered = entry.seq is not None and entry.kind == KIND_POST
        return numbered and not entry.deleted and not self._asking.only_messages

    def reply(self, entry: Entry) -> None:
        """Somebody wants to answer."""
        if entry.seq is not None and self.may_answer(entry):
            self._asking.reply_wanted.emit(entry.seq)

    def edit(self, entry: Entry) -> None:
        """Somebody wants to change what they wrote."""
        if entry.seq is not None and entry.own and self.may_answer(entry):
            self._asking.edit_wanted.emit(entry.seq)

    def delete(self, entry: Entry) -> None:
        """Somebody wants to take back what they wrote, or what others wrote where they may."""
        if entry.seq is not None and self.may_answer(entry) and self._asking.may_delete(entry):
            self._asking.delete_wanted.emit(entry.seq)

    def ways(self, entry: Entry) -> dict[str, Way]:
        """Where a message leads, by the names of the actions of a screen reader."""
        return ways(entry, self._asking) if entry.kind == KIND_POST else {}

    def choose_reaction(self, entry: Entry, spot: QPoint) -> None:
        """Offer the quick reactions at a point of the screen."""
        menu = ReactionMenu(entry, spot, self._asking, self._asking)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(spot)

    def menu_by_mouse(self, point: QPoint) -> None:
        """Open the menu of what lies under a point of the view."""
        found = self._scene.hit(QPointF(point))
        if found is not None and found.placed is not None and found.on_bubble:
            self._open_menu(found.placed.row.entry, self._asking.viewport().mapToGlobal(point), found.link)

    def menu_by_key(self) -> None:
        """Open the menu of the message that the keyboard is on; a folded line is unfolded."""
        placed = self._scene.meant_by_keyboard()
        if placed is not None and placed.row.fold_mark is not None:
            self._scene.unfold(placed.index)
        elif placed is not None and placed.row.bubble is not None:
            middle = placed.row.bubble.center().toPoint() + QPoint(0, placed.y)
            menu = self._open_menu(placed.row.entry, self._asking.viewport().mapToGlobal(middle), "")
            if menu is not None:
                menu.setActiveAction(menu.actions()[0])  # where the arrows begin, and what a screen reader says

    def copy(self) -> None:
        """Put on the clipboard what is selected, else the message that the keyboard is on."""
        ringed = self._scene.ringed
        text = self._scene.selected_text or (ringed.text if ringed is not None else "")
        if text:
            QGuiApplication.clipboard().setText(text)

    def offer_selection(self) -> None:
        """Where the system pastes by the middle button, what is selected is what it pastes."""
        clipboard = QGuiApplication.clipboard()
        if clipboard.supportsSelection():
            clipboard.setText(self._scene.selected_text, QClipboard.Mode.Selection)

    def _open_menu(self, entry: Entry, spot: QPoint, link: str) -> MessageMenu | None:
        """None, and nothing happens, while a menu is open, or where nothing can be done."""
        if any(menu.isVisible() for menu in self._asking.findChildren(MessageMenu)):
            return None
        menu = MessageMenu(entry, self._icons, self._asking)
        menu.fill(spot, link, self.copy if self._scene.selection.ends else None)
        if menu.isEmpty():
            menu.deleteLater()
            return None
        menu.popup(spot)
        return menu

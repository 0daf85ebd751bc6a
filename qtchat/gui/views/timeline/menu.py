"""The menus of a message: all that can be done with it, and the quick choice of a reaction."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from qtchat.client.state import Delivery, Entry
from qtchat.gui.theme.icons import Icons
from qtchat.gui.views.timeline.asking import AskingArea
from qtchat.gui.views.timeline.selection import with_author
from qtchat.gui.views.timeline.ways import copy_text, links_of, open_words, quoted_way, shown_link
from qtchat.gui.views.timeline.words import about_sender, shown_text, translate

QUICK_REACTIONS: Final = ("👍", "❤️", "😂", "🎉", "😮", "😢")
_EMOJI_SIZE: Final = 20


class MessageMenu(QMenu):
    """What can be done with one message, or with what is selected. It frees itself when it closes."""

    def __init__(self, entry: Entry, icons: Icons, asking: AskingArea) -> None:
        super().__init__(asking)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entry, self._icons, self._asking = entry, icons, asking

    def fill(self, spot: QPoint, link: str, copy_selection: Callable[[], None] | None) -> None:
        """Offer what fits the message. `spot`: where on the screen; `link`: the address under the mouse, "" for none:
        then all that the message has are offered."""
        entry = self._entry
        if entry.delivery is Delivery.FAILED:
            self._outcomes()
        whole = not entry.deleted and not self._asking.only_messages
        if entry.seq is not None and whole:
            self._answers(entry.seq, spot)
        if (quoted := quoted_way(entry, self._asking)) is not None:
            self._offer("message-circle", quoted.words, quoted.go)
        if not entry.own:
            who = partial(self._asking.person_wanted.emit, entry.author, entry.nick, spot)
            self._offer("user", about_sender(), who)
        self.addSeparator()
        self._links([link] if link else links_of(entry))
        self._copies(copy_selection)
        if entry.seq is not None and entry.own and whole:
            self._changes(entry.seq)
        elif entry.seq is not None and whole and self._asking.may_delete(entry):
            self.addSeparator()
            self._deletion(entry.seq)

    def _outcomes(self) -> None:
        asking, message_id = self._asking, self._entry.id
        self._offer("rotate-ccw", translate("Timeline", "Send again"), partial(asking.retry_wanted.emit, message_id))
        discard = partial(asking.discard_wanted.emit, message_id)
        self._offer("trash-2", translate("Timeline", "Discard"), discard, color="danger")
        self.addSeparator()

    def _answers(self, seq: int, spot: QPoint) -> None:
        reply = partial(self._asking.reply_wanted.emit, seq)
        self._offer("reply", translate("Timeline", "Reply"), reply, Qt.Key.Key_R)
        reactions = ReactionMenu(self._entry, spot, self._asking, self)
        reactions.setTitle(translate("Timeline", "React"))
        reactions.setIcon(self._icons.icon("smile-plus", "text"))
        self.addMenu(reactions)

    def _links(self, links: Sequence[str]) -> None:
        """To open and to copy each; several have a menu of their own each, under the address."""
        for link in links:
            shown = shown_link(link).replace("&", "&&")  # one alone would mark a shortcut
            opens = partial(self._asking.link_activated.emit, link)
            copies = partial(copy_text, link)
            if len(links) == 1:
                self._offer("link", open_words(shown), opens)
                self._offer("copy", translate("Timeline", "Copy link"), copies)
            else:
                menu = self.addMenu(self._icons.icon("link", "text"), shown)
                menu.addAction(self._icons.icon("link", "text"), translate("Timeline", "Open link"), opens)
                menu.addAction(self._icons.icon("copy", "text"), translate("Timeline", "Copy link"), copies)
        if links:
            self.addSeparator()

    def _copies(self, copy_selection: Callable[[], None] | None) -> None:
        entry = self._entry
        if copy_selection is not None:
            self._offer(
                "copy", translate("Timeline", "Copy selected text"), copy_selection, QKeySequence.StandardKey.Copy
            )
        if not entry.deleted:
            key = None if copy_selection else QKeySequence.StandardKey.Copy
            self._offer("copy", translate("Timeline", "Copy text"), partial(copy_text, entry.text), key)
            whole = with_author(entry, shown_text(entry))
            self._offer("quote", translate("Timeline", "Copy with name and time"), partial(copy_text, whole))

    def _changes(self, seq: int) -> None:
        asking = self._asking
        self._offer("eye", translate("Timeline", "Who has read it"), partial(asking.who_read_wanted.emit, seq))
        self.addSeparator()
        self._offer("pencil", translate("Timeline", "Edit"), partial(asking.edit_wanted.emit, seq), Qt.Key.Key_E)
        self._deletion(seq)

    def _deletion(self, seq: int) -> None:
        delete = partial(self._asking.delete_wanted.emit, seq)
        self._offer("trash-2", translate("Timeline", "Delete…"), delete, Qt.Key.Key_Delete, color="danger")

    def _offer(
        self,
        icon: str,
        words: str,
        act: Callable[[], object],
        key: Qt.Key | QKeySequence.StandardKey | None = None,
        *,
        color: str = "text",
    ) -> None:
        action = self.addAction(self._icons.icon(icon, color), words, act)
        if key is not None:  # told, not taken: the timeline itself listens to the keys
            action.setShortcut(QKeySequence(key))
            action.setShortcutVisibleInContextMenu(True)


class ReactionMenu(QMenu):
    """The quick choice: six emoji, and the way to all others. Those that we have put there already are checked."""

    def __init__(self, entry: Entry, spot: QPoint, asking: AskingArea, parent: QWidget) -> None:
        """`spot`: near which point of the screen all others are to be offered."""
        super().__init__(parent)
        assert entry.seq is not None
        large = QFont(self.font())
        large.setPixelSize(_EMOJI_SIZE)
        ours = {reaction.emoji for reaction in entry.reactions if reaction.own}
        for emoji in QUICK_REACTIONS:
            action = self.addAction(emoji, partial(asking.react_wanted.emit, entry.seq, emoji, emoji not in ours))
            action.setFont(large)
            action.setCheckable(True)
            action.setChecked(emoji in ours)
        self.addSeparator()
        self.addAction(translate("Timeline", "More…"), partial(asking.emoji_wanted.emit, entry.seq, spot))

"""Looking for messages in the local history, and going to what was found. Works without a connection; with one, older
messages that this computer does not hold are fetched for it.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QObject

from qtchat.client.state import Change, RoomState, SearchDone
from qtchat.client.updates import Phase
from qtchat.gui.chat import Chat
from qtchat.gui.models.words import room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.search_bar import Older

DEEPER: Final = 5_000
"""Older messages of each room that are fetched at once: seconds, and some megabytes on the disk."""


class Search(QObject):
    """Drives the search bar of the open room."""

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat) -> None:
        super().__init__(window)
        self._window, self._chat = window, chat
        self._asked: tuple[bytes, str] | None = None
        sessions.told.connect(self._told)
        sessions.switched.connect(self._switched)
        chat.room_opened.connect(self._room_opened)
        window.top_bar.search_wanted.connect(self.open)
        window.search_bar.search_wanted.connect(self._search)
        window.search_bar.deeper_wanted.connect(self._search_deeper)
        window.search_bar.result_chosen.connect(self._go_to)
        window.search_bar.closed.connect(self._closed)

    def open(self) -> None:
        """Show the bar, for the open room at first."""
        if self._chat.room is not None:
            self._window.show_chat()
            self._window.search_bar.open_for(self._chat.room.name)

    def _search(self, text: str, everywhere: bool, deeper: int = 0) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            asked = session.account.search(None if everywhere else room.number, text, deeper)
            self._asked = asked, text

    def _search_deeper(self, text: str, everywhere: bool) -> None:
        self._search(text, everywhere, DEEPER)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if self._asked is None or session is not self._chat.session:
            return
        asked, text = self._asked
        for change in changes:
            if isinstance(change, SearchDone) and change.id == asked:
                names = {number: room_title(room.name, room.kind) for number, room in session.state.rooms.items()}
                online = session.state.phase is Phase.ONLINE
                older = Older.NONE if change.complete else Older.ON_SERVER if online else Older.OUT_OF_REACH
                self._window.search_bar.show_results(text, change.events, names, older)

    def _go_to(self, room: int, seq: int) -> None:
        self._chat.open_message(room, seq)

    def _room_opened(self, room: RoomState | None) -> None:
        if room is None:
            self._window.search_bar.close_bar()

    def _switched(self) -> None:
        self._asked = None
        self._window.search_bar.close_bar()

    def _closed(self) -> None:
        self._asked = None
        self._window.composer.field.setFocus()

"""Looking for messages in the local history, and going to what was found. Works without a connection."""

from collections.abc import Sequence

from PySide6.QtCore import QObject

from qtchat.client.state import Change, RoomState, SearchDone
from qtchat.gui.chat import Chat
from qtchat.gui.models.words import room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.views.main_window import MainWindow


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
        window.search_bar.result_chosen.connect(self._go_to)
        window.search_bar.closed.connect(self._closed)

    def open(self) -> None:
        """Show the bar, for the open room at first."""
        if self._chat.room is not None:
            self._window.show_chat()
            self._window.search_bar.open_for(self._chat.room.name)

    def _search(self, text: str, everywhere: bool) -> None:
        session, room = self._chat.session, self._chat.room
        if session is not None and room is not None:
            self._asked = (session.account.search(None if everywhere else room.number, text), text)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if self._asked is None or session is not self._chat.session:
            return
        asked, text = self._asked
        for change in changes:
            if isinstance(change, SearchDone) and change.id == asked:
                names = {number: room_title(room.name, room.kind) for number, room in session.state.rooms.items()}
                self._window.search_bar.show_results(text, change.events, names)

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

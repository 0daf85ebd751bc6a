"""Which room of the server shown is open, and what the main window says of it; how much a room keeps.

What somebody does with messages is in messages.py, with rooms in rooms.py.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal

from qtchat.client.state import (
    MAX_ROWS,
    Change,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    TimelineEndsChanged,
)
from qtchat.client.updates import Phase
from qtchat.gui.drafts import Drafts
from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.models.words import room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Settings
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence
from qtchat.protocol.errors import ErrorCode

TRIM_AT: Final = 1_000
"""Surplus rows of the open room before they are dropped, so that it is not done for each new one."""
MAX_ROWS_READ: Final = 20_000
"""Rows of the open room while somebody reads further up; from there on those far above the eye are dropped."""
ROWS_ABOVE: Final = 500
"""Rows above the eye that stay then."""
CLOSED_ROWS: Final = 300
"""Rows of a room that is not open; the older ones come from the disk when somebody scrolls up in it."""
CLOSED_TRIM_AT: Final = 100
"""Surplus rows of such a room before they are dropped."""


class Chat(QObject):
    """Asks: choose_wanted (another server), read_wanted(int) for a room whose end was seen. Tells: room_opened(room or
    None) when the views show it."""

    choose_wanted = Signal()
    read_wanted = Signal(object)  # a room number may be more than an int of Qt holds
    room_opened = Signal(object)

    def __init__(
        self,
        window: MainWindow,
        conversations: ConversationsModel,
        timeline: TimelineModel,
        sessions: Sessions,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._conversations, self._timeline = conversations, timeline
        self._sessions, self._settings = sessions, settings
        self._session: Session | None = None
        self._room: RoomState | None = None
        self._wanted_room: int | None = None
        self.drafts = Drafts(window.composer, settings, self)
        sessions.switched.connect(self._attach)
        sessions.told.connect(self._told)
        window.conversations.room_chosen.connect(self.open_room)
        window.conversations.write_wanted.connect(window.composer.field.setFocus)
        window.timeline.older_wanted.connect(self._load_older)
        window.timeline.around_wanted.connect(self._load_around)
        window.timeline.reached_end.connect(self.mark_read)
        window.empty.wanted.connect(self.choose_wanted)
        self._show_nothing()

    @property
    def session(self) -> Session | None:
        """The server whose rooms are shown."""
        return self._session

    @property
    def room(self) -> RoomState | None:
        """The room that is open."""
        return self._room

    @property
    def name(self) -> str:
        """What the open room is called, "" if none is open."""
        if self._room is None:
            return ""
        return room_title(self._room.name, self._room.kind)

    def looking_at(self, server: str, room: int) -> bool:
        """Has somebody the newest of this room before the eyes? `server`: its server_key."""
        window = self._window
        here = self._session is not None and self._session.server_key == server
        open_ = here and self._room is not None and self._room.number == room
        return open_ and window.isActiveWindow() and window.timeline.isVisible() and window.timeline.at_bottom

    def _attach(self, session: Session | None) -> None:
        """Show this session's server from now on, or nothing."""
        self._close_room()
        self._session = session
        self._wanted_room = None
        self._choose_room()
        if self._room is None:
            self._show_nothing()

    def open_when_there(self, room: int) -> None:
        """Open `room` as soon as the server has told it."""
        self._wanted_room = room
        self._choose_room()

    def open_message(self, room: int, seq: int) -> None:
        """Open `room`, and go to its message `seq`; 0 for its end."""
        self.open_when_there(room)
        if seq and self._room is not None and self._room.number == room:
            self._window.timeline.show_message(seq)

    def open_room(self, number: int) -> None:
        """Somebody wants to read this room."""
        self._show_room(number, open_page=True)
        self._write()

    def turn_from(self, number: int) -> None:
        """Nobody wants to see this room now: if it is open, show the first that is listed instead."""
        if self._room is not None and self._room.number == number and self._conversations.rowCount():
            self._show_room(self._conversations.key_at(0), open_page=False)

    def _write(self) -> None:
        """Let what is typed next go to the open room, unless somebody walks through the list or searches it."""
        side = self._window.conversations
        if not side.view.hasFocus() and not side.filter_field.text():
            self._window.composer.field.setFocus()

    # -- news -----------------------------------------------------------------------------------------

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session is self._session:
            self._follow(session, changes)
        else:
            self._trim(session, {change.room for change in changes if isinstance(change, RowsInserted)})

    def _follow(self, session: Session, changes: Sequence[Change]) -> None:
        rooms: set[int] = set()
        for change in changes:
            if isinstance(change, RowsInserted | RowsRemoved | RowsReplaced):
                self._timeline.apply(change)
                rooms.add(change.room)
        room = self._room
        if room is not None and session.state.rooms.get(room.number) is not room:
            self._close_room()
        elif room is not None and TimelineEndsChanged(room.number) in changes:
            self._tell_ends(room)
        self._trim(session, rooms)
        self._choose_room()
        if self._room is None:
            self._show_nothing()

    def _trim(self, session: Session, rooms: Iterable[int]) -> None:
        """Drop surplus rows where nobody looks at them."""
        for number in rooms:
            room = session.state.rooms.get(number)
            if room is None:
                continue
            if room is self._room:
                self._trim_open(session, room)
            elif room.excess(CLOSED_ROWS) >= CLOSED_TRIM_AT:
                session.state.trim(number, CLOSED_ROWS)

    def _trim_open(self, session: Session, room: RoomState) -> None:
        keep = self._rows_wanted(room)
        if room.excess(keep) >= TRIM_AT:
            for change in session.state.trim(room.number, keep):
                self._timeline.apply(change)
            self._tell_ends(room)

    def _rows_wanted(self, room: RoomState) -> int:
        """How many of the newest rows of the open room should stay. Who reads further up keeps the place."""
        timeline = self._window.timeline
        if timeline.at_bottom or not timeline.isVisible() or self._window.isMinimized():
            return MAX_ROWS
        if room.excess(MAX_ROWS_READ) < TRIM_AT:
            return MAX_ROWS_READ
        placed = timeline.rows_in_sight
        eye = placed[0].index if placed else 0
        return max(MAX_ROWS_READ, len(room.entries) - max(0, eye - ROWS_ABOVE))

    def _choose_room(self) -> None:
        """Open the room that was asked for, else, when none is open, the last one or the first."""
        session = self._session
        if session is None:
            return
        rooms = session.state.rooms
        if self._wanted_room in rooms:
            wanted, self._wanted_room = self._wanted_room, None
            self._show_room(wanted, open_page=True)
            self._window.composer.field.setFocus()
        elif self._room is None and rooms:
            last = self._settings.last_room.get(session.server_key)
            if last in rooms:
                self._show_room(last, open_page=False)
            elif session.state.phase is Phase.ONLINE and self._conversations.rowCount():
                self._show_room(self._conversations.key_at(0), open_page=False)
            else:
                return
            self._write()

    # -- the open room --------------------------------------------------------------------------------

    def _show_room(self, number: int, *, open_page: bool) -> None:
        session = self._session
        room = session.state.rooms.get(number) if session else None
        if session is None or room is None:
            return
        if room is not self._room:
            self._leave_room()
            if self._room is not None:
                self._conversations.set_draft(self._room.number, self._window.composer.text())
            self._room = room
            self._settings.last_room[session.server_key] = number
            unread_from = room.first_unread or None
            self._timeline.show(room)
            self._tell_ends(room)
            self._window.timeline.set_unread_from(unread_from)
            if unread_from is not None and unread_from < room.oldest:  # on the disk
                self._window.timeline.show_message(unread_from)
            self.drafts.open(session.server_key, room)
            self._conversations.set_draft(number, "")
            self.room_opened.emit(room)
        self._window.conversations.set_current(number)
        self._window.show_chat(open_page=open_page)

    def _leave_room(self) -> None:
        """Nobody reads the open room any more: of its rows the newest are enough."""
        if self._session is not None and self._room is not None:
            self._session.state.trim(self._room.number, CLOSED_ROWS)

    def _close_room(self) -> None:
        self._leave_room()
        self._room = None
        self._timeline.show(None)
        self._window.conversations.set_current(None)
        self.drafts.close()
        self.room_opened.emit(None)

    def _tell_ends(self, room: RoomState) -> None:
        self._window.timeline.older_answered(room.at_start or room.oldest == 1, room.gap)

    # -- what the views ask for -----------------------------------------------------------------------

    def _load_older(self) -> None:
        if self._session is not None and self._room is not None:
            if self._room.oldest > 1:
                self._session.account.load_older(self._room.number, self._room.oldest)
            else:
                self._tell_ends(self._room)

    def _load_around(self, seq: int) -> None:
        if self._session is not None and self._room is not None:
            self._session.account.load_around(self._room.number, seq)

    def mark_read(self) -> None:
        """The newest message is on the screen of the active window, or somebody says it is as good."""
        if self._room is not None:
            self.read_wanted.emit(self._room.number)

    # -- words around it ------------------------------------------------------------------------------

    def _show_nothing(self) -> None:
        """No room is open: say why, and what can be done."""
        window, state = self._window, self._session.state if self._session else None
        if state is None:
            window.show_empty(self.tr("Not connected"), self.tr("Join a chat, or start one."), self.tr("Join a chat…"))
        elif state.phase is Phase.ONLINE:
            window.show_empty(
                self.tr("You are in no room"),
                self.tr("Browse the rooms of this server, or make one with the + button."),
                icon="hash",
            )
        elif state.problem is not None and state.problem.code == ErrorCode.WAITING:
            waiting = self.tr("Waiting to be let in"), problem_sentence(state.problem), self.tr("Join another chat…")
            window.show_empty(*waiting, "hourglass")
        elif state.problem is not None:
            window.show_empty(
                self.tr("Not connected"), problem_sentence(state.problem), self.tr("Join another chat…"), "wifi-off"
            )
        else:
            window.show_empty("", self.tr("Connecting…"))

"""What happens in the main window while a session is open: rooms, messages, drafts, what was read.

Views ask by signals; this asks the account and lets the models follow the state.
"""

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from qtchat.client.state import (
    Change,
    ConnectionChanged,
    PeopleChanged,
    RoomAdded,
    RoomChanged,
    RoomRemoved,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    ServerChanged,
    TimelineEndsChanged,
)
from qtchat.client.updates import Phase
from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.models.people import PeopleModel
from qtchat.gui.models.timeline import TimelineModel
from qtchat.gui.session import Session
from qtchat.gui.settings import Settings
from qtchat.gui.views.controls import plain_title
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence

TRIM_AT = 1_000
"""Surplus rows of a room before they are dropped, so that it is not done for each new one."""


class Chat(QObject):
    """Drives the main window from one session at a time. Asks: choose_wanted (another server)."""

    choose_wanted = Signal()

    def __init__(
        self,
        window: MainWindow,
        conversations: ConversationsModel,
        people: PeopleModel,
        timeline: TimelineModel,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._conversations, self._people, self._timeline = conversations, people, timeline
        self._settings = settings
        self._session: Session | None = None
        self._room: RoomState | None = None
        self._wanted_room: int | None = None
        window.conversations.room_chosen.connect(self.open_room)
        window.conversations.write_wanted.connect(window.composer.field.setFocus)
        window.composer.submitted.connect(self._submit)
        window.composer.edited.connect(self._edited)
        window.timeline.older_wanted.connect(self._load_older)
        window.timeline.reached_end.connect(self._mark_read)
        window.timeline.retry_wanted.connect(self._retry)
        window.timeline.discard_wanted.connect(self._discard)
        window.timeline.link_activated.connect(self._open_link)
        window.empty.wanted.connect(self.choose_wanted)
        self._show_nothing()

    @property
    def room(self) -> RoomState | None:
        """The room that is open."""
        return self._room

    def attach(self, session: Session | None) -> None:
        """Show this session's server from now on, or nothing."""
        self._close_room()
        self._session = session
        self._wanted_room = None
        self._window.conversations.set_ready(False)
        self._conversations.show(session.state if session else None)
        if session is not None:
            session.changed.connect(self._follow)
        self._show_own()
        self._show_nothing()

    def open_when_there(self, room: int) -> None:
        """Open `room` as soon as the server has told it."""
        self._wanted_room = room
        self._choose_room()

    def open_room(self, number: int) -> None:
        """Somebody wants to read this room."""
        self._show_room(number, open_page=True)
        self._write()

    def _write(self) -> None:
        """Let what is typed next go to the open room, unless somebody walks through the list or searches it."""
        side = self._window.conversations
        if not side.view.hasFocus() and not side.filter_field.text():
            self._window.composer.field.setFocus()

    # -- news -----------------------------------------------------------------------------------------

    def _follow(self, changes: Sequence[Change]) -> None:
        session = self._session
        assert session is not None
        rooms: set[int] = set()
        for change in changes:
            match change:
                case RowsInserted() | RowsRemoved() | RowsReplaced():
                    self._timeline.apply(change)
                    rooms.add(change.room)
                case RoomAdded() | RoomChanged() | RoomRemoved():
                    rooms.add(change.room)
        self._window.conversations.set_ready(session.state.phase is Phase.ONLINE)
        if rooms:
            self._conversations.refresh(rooms)
            if self._room is not None and session.state.rooms.get(self._room.number) is not self._room:
                self._close_room()
        self._follow_current(session, changes)
        self._restore_drafts(session, [change.room for change in changes if isinstance(change, RoomAdded)])
        self._trim(session, rooms)
        self._choose_room()
        if self._room is None:
            self._show_nothing()
        self._title()

    def _follow_current(self, session: Session, changes: Sequence[Change]) -> None:
        """What the changes mean for the room that is open, once each."""
        room = self._room
        if any(isinstance(change, ServerChanged) for change in changes):
            self._show_own()
        if room is None:
            return
        connection = ConnectionChanged()
        if PeopleChanged(room.number) in changes:
            self._people.refresh()
        if any(change in changes for change in (PeopleChanged(room.number), RoomChanged(room.number), connection)):
            self._show_about(room)
        if TimelineEndsChanged(room.number) in changes:
            self._tell_ends(room)
        if connection in changes and session.state.phase is Phase.ONLINE:
            session.account.load_people(room.number)

    def _trim(self, session: Session, rooms: Iterable[int]) -> None:
        """Drop surplus rows where nobody looks at them: in other rooms, and above somebody who reads the newest."""
        for number in rooms:
            room = session.state.rooms.get(number)
            seen = room is self._room and not self._window.timeline.at_bottom
            if room is None or seen or room.excess < TRIM_AT:
                continue
            for change in session.state.trim(number):
                self._timeline.apply(change)  # nothing to it unless it shows this room
            if room is self._room:
                self._tell_ends(room)

    def _restore_drafts(self, session: Session, rooms: Sequence[int]) -> None:
        drafts = self._settings.drafts.get(session.server_key, {})
        for number in rooms:
            if drafts.get(number):
                self._conversations.set_draft(number, drafts[number])

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
            elif session.state.phase is Phase.ONLINE:
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
            self._keep_draft()
            self._room = room
            self._settings.last_room[session.server_key] = number
            unread_from = room.read + 1 if room.unread else None
            self._timeline.show(room)
            self._tell_ends(room)
            self._window.timeline.set_unread_from(unread_from)
            self._people.show(room, session.state.server.user if session.state.server else 0)
            drafts = self._settings.drafts.get(session.server_key, {})
            self._window.composer.set_room(room.name, drafts.get(number, ""))
            self._conversations.set_draft(number, "")
            if session.state.phase is Phase.ONLINE:
                session.account.load_people(number)
        self._window.conversations.set_current(number)
        self._show_about(room)
        self._window.show_chat(open_page=open_page)
        self._title()

    def _close_room(self) -> None:
        self._keep_draft()
        self._room = None
        self._timeline.show(None)
        self._people.show(None)
        self._window.conversations.set_current(None)
        self._window.composer.set_room(None)
        self._window.top_bar.show_room(None, "", "", 0, 0)
        self._title()

    def _show_about(self, room: RoomState) -> None:
        server = self._session.state.server if self._session else None
        members = max(room.member_count, len(room.members))
        connected = self._session is not None and self._session.state.phase is Phase.ONLINE
        online = self._people.online if connected else 0  # without a connection nobody knows who is here
        self._window.top_bar.show_room(room.number, room.name, room.topic, members, online)
        self._window.people_pane.show_room(
            room.number, room.name, room.topic, members, f"“{server.name}”" if server else ""
        )

    def _tell_ends(self, room: RoomState) -> None:
        self._window.timeline.older_answered(room.at_start or room.oldest == 1, room.gap)

    def _keep_draft(self) -> None:
        """Remember what stands in the composer for the room that is being left."""
        if self._session is not None and self._room is not None:
            text = self._window.composer.text()
            drafts = self._settings.drafts.setdefault(self._session.server_key, {})
            if text.strip():
                drafts[self._room.number] = text
            else:
                drafts.pop(self._room.number, None)
            self._conversations.set_draft(self._room.number, text)

    def keep_drafts(self) -> None:
        """Put what is being written into the settings, before they are saved."""
        self._keep_draft()

    # -- what the views ask for -----------------------------------------------------------------------

    def _submit(self, text: str) -> None:
        if self._session is not None and self._room is not None:
            self._session.account.post(self._room.number, text)
            self._window.composer.set_text("")
            self._window.timeline.to_bottom()

    def _edited(self, text: str) -> None:
        """A draft that was sent or deleted is none any more, whatever happens next."""
        if not text and self._session is not None and self._room is not None:
            self._settings.drafts.get(self._session.server_key, {}).pop(self._room.number, None)

    def _load_older(self) -> None:
        if self._session is not None and self._room is not None:
            if self._room.oldest > 1:
                self._session.account.load_older(self._room.number, self._room.oldest)
            else:
                self._tell_ends(self._room)

    def _mark_read(self) -> None:
        """The newest message is on the screen of the active window."""
        if self._session is None or self._room is None:
            return
        number = self._room.number
        if self._session.state.mark_read(number):
            self._session.account.mark_read(number, self._room.read)
            self._conversations.refresh({number})
            self._title()

    def _retry(self, message_id: bytes) -> None:
        if self._session is not None and self._room is not None:
            self._session.account.retry(message_id, self._room.number)

    def _discard(self, message_id: bytes) -> None:
        if self._session is not None and self._room is not None:
            self._session.account.discard(message_id, self._room.number)

    def _open_link(self, link: str) -> None:
        url = QUrl(link, QUrl.ParsingMode.StrictMode)
        if url.scheme() in ("http", "https"):
            QDesktopServices.openUrl(url)

    # -- words around it ------------------------------------------------------------------------------

    def _show_own(self) -> None:
        server = self._session.state.server if self._session else None
        nick = server.nick if server else self._session.nick if self._session else ""
        self._window.conversations.show_own(nick, server.user if server else None, server.name if server else "")

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
        elif state.problem is not None:
            window.show_empty(
                self.tr("Not connected"), problem_sentence(state.problem), self.tr("Join another chat…"), "wifi-off"
            )
        else:
            window.show_empty("", self.tr("Connecting…"))

    def _title(self) -> None:
        unread = self._conversations.unread
        count = f"({unread}) " if unread else ""
        title = f"{count}# {self._room.name} – qtchat" if self._room else f"{count}qtchat"
        self._window.setWindowTitle(plain_title(title))

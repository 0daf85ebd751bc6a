"""The left column: the conversations of the server shown, how each is treated, and who we are there."""

from collections.abc import Collection, Sequence

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from qtchat.client.state import (
    Change,
    PeopleChanged,
    RoomAdded,
    RoomChanged,
    RoomRemoved,
    RoomState,
    RowsInserted,
    RowsRemoved,
    RowsReplaced,
    ServerChanged,
    TypingChanged,
)
from qtchat.client.updates import Phase
from qtchat.gui.models.conversations import ConversationsModel
from qtchat.gui.session import Session, Sessions
from qtchat.gui.settings import Level, RoomPrefs, Settings
from qtchat.gui.views.main_window import MainWindow


class Conversations(QObject):
    """Tells: prefs_changed(int), a room is treated otherwise from now on; hidden(int), it is listed no more. Asks:
    save_wanted."""

    prefs_changed = Signal(object)  # a room number may be more than an int of Qt holds
    hidden = Signal(object)
    save_wanted = Signal()

    def __init__(self, window: MainWindow, model: ConversationsModel, sessions: Sessions, settings: Settings) -> None:
        super().__init__(window)
        self._list, self._model = window.conversations, model
        self._sessions, self._settings = sessions, settings
        model.set_unread_first(settings.unread_first)
        sessions.switched.connect(self._switched)
        sessions.told.connect(self._told)
        self._list.read_wanted.connect(self.mark_read)
        self._list.unread_wanted.connect(self.mark_unread)
        self._list.room_chosen.connect(self._unmark)
        self._list.mute_wanted.connect(self.mute)
        self._list.pin_wanted.connect(self.pin)
        self._list.level_wanted.connect(self.set_level)
        self._list.hide_wanted.connect(self.hide)
        self._list.unread_first_wanted.connect(self.set_unread_first)

    # -- what it shows --------------------------------------------------------------------------------

    def _switched(self, session: Session | None) -> None:
        state = session.state if session is not None else None
        self._list.set_ready(state is not None and state.phase is Phase.ONLINE)
        self._model.show(state)
        if session is not None:
            self._restore(session, list(session.state.rooms))
        self._show_own(session)

    def _told(self, session: Session, changes: Sequence[Change]) -> None:
        if session is not self._sessions.current:
            return
        rooms: set[int] = set()
        for change in changes:
            match change:
                case RowsInserted() | RowsRemoved() | RowsReplaced() | RoomAdded() | RoomChanged() | RoomRemoved():
                    rooms.add(change.room)
                case TypingChanged():
                    self._show_typing(session, change.room)
        self._list.set_ready(session.state.phase is Phase.ONLINE)
        if rooms:
            self._bring_back(session, rooms)
            self._model.refresh(rooms)
        self._restore(session, [change.room for change in changes if isinstance(change, RoomAdded)])
        if any(isinstance(change, PeopleChanged) for change in changes):
            self._model.refresh_people()
        if any(isinstance(change, ServerChanged) for change in changes):
            self._show_own(session)

    def _restore(self, session: Session, rooms: Collection[int]) -> None:
        """Rooms became known: what was kept for them is shown."""
        if not rooms:
            return
        drafts = self._settings.drafts.get(session.server_key, {})
        for number in rooms:
            self._model.set_draft(number, drafts.get(number, ""))
            self._show_typing(session, number)
        self._bring_back(session, rooms)
        self._model.set_prefs(self._settings.rooms.get(session.server_key, {}))

    def _bring_back(self, session: Session, rooms: Collection[int]) -> None:
        """Hidden ones of these rooms where something was said since are listed again."""
        for number in rooms:
            room, prefs = session.state.rooms.get(number), self._settings.room_prefs(session.server_key, number)
            if room is not None and prefs.hidden is not None and _said_since(room, prefs.hidden):
                self._set_prefs(number, replace(prefs, hidden=None))

    def _show_typing(self, session: Session, number: int) -> None:
        room = session.state.rooms.get(number)
        users = room.typing if room is not None else {}
        people = [session.state.people.get(user) for user in users]
        self._model.set_typing(number, [person.nick for person in people if person is not None])

    def _show_own(self, session: Session | None) -> None:
        server = session.state.server if session is not None else None
        nick = session.own_nick if session is not None else ""
        self._list.show_own(nick, server.user if server else None, server.name if server else "")

    # -- what is asked of it --------------------------------------------------------------------------

    def mark_read(self, number: int) -> None:
        """Everything in this room counts as seen."""
        session = self._sessions.current
        if session is not None and (changes := session.state.mark_read(number)):
            session.account.mark_read(number, session.state.rooms[number].read)
            session.changed.emit(session, list(changes))
        self._unmark(number)

    def mark_unread(self, number: int) -> None:
        """Have this room marked until it is opened again. The mark is ours alone: for the others it stays read."""
        self._set_prefs(number, replace(self.prefs(number), marked=True))

    def _unmark(self, number: int) -> None:
        self._set_prefs(number, replace(self.prefs(number), marked=False))

    def prefs(self, number: int) -> RoomPrefs:
        """How this room of the server shown is treated."""
        session = self._sessions.current
        return self._settings.room_prefs(session.server_key, number) if session is not None else RoomPrefs()

    def mute(self, number: int, muted: bool) -> None:
        """Count nothing of this room but mentions."""
        self._set_prefs(number, replace(self.prefs(number), muted=muted))

    def pin(self, number: int, pinned: bool) -> None:
        """Let this room stand above the others."""
        self._set_prefs(number, replace(self.prefs(number), pinned=pinned))

    def set_level(self, number: int, level: Level) -> None:
        """What this room may notify of."""
        self._set_prefs(number, replace(self.prefs(number), level=level))

    def hide(self, number: int) -> None:
        """List this conversation no more until something is said there; what was said so far counts as seen, for nobody
        could see where that stands."""
        session = self._sessions.current
        if session is not None and (room := session.state.rooms.get(number)) is not None:
            self.mark_read(number)
            self._set_prefs(number, replace(self.prefs(number), hidden=room.newest))
            self.hidden.emit(number)

    def opened(self, room: RoomState | None) -> None:
        """Somebody has it open: it is listed, and marked no more."""
        if room is not None:
            self._set_prefs(room.number, replace(self.prefs(room.number), hidden=None, marked=False))

    def set_unread_first(self, wanted: bool) -> None:
        """Let conversations with unread messages stand on top."""
        self._settings.unread_first = wanted
        self._model.set_unread_first(wanted)
        self.save_wanted.emit()

    def _set_prefs(self, number: int, prefs: RoomPrefs) -> None:
        session = self._sessions.current
        if session is None or prefs == self.prefs(number):
            return
        self._settings.set_room_prefs(session.server_key, number, prefs)
        self._model.set_prefs(self._settings.rooms.get(session.server_key, {}))
        self.prefs_changed.emit(number)
        self.save_wanted.emit()


def _said_since(room: RoomState, seq: int) -> bool:
    """Was something said after the event `seq`? What is unread was in any case: a restored server counts anew."""
    last = room.last_post
    return room.unread > 0 or (last is not None and (last.seq is None or last.seq > seq))

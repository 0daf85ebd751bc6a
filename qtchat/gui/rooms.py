"""Making, finding and leaving rooms: the dialogs, and the answers they wait for."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

from qtchat.client.state import Change, ConnectionChanged, DirectoryChanged, RequestDone
from qtchat.client.updates import Phase
from qtchat.gui.chat import Chat
from qtchat.gui.models.directory import DirectoryModel
from qtchat.gui.models.plain_chat import plain_chat_reason
from qtchat.gui.models.words import room_title
from qtchat.gui.session import Session, Sessions
from qtchat.gui.theme.icons import Icons
from qtchat.gui.theme.theme import Theme
from qtchat.gui.views.main_window import MainWindow
from qtchat.gui.views.problems import problem_sentence
from qtchat.gui.views.room_dialogs import BrowseRoomsDialog, ConfirmDialog, CreateRoomDialog
from qtchat.protocol.messages import DIRECT, PRIVATE, PUBLIC


class Rooms(QObject):
    """Asks: open_wanted(int) for a room to be shown as soon as it is there."""

    open_wanted = Signal(object)  # a room number may be more than an int of Qt holds

    def __init__(self, window: MainWindow, sessions: Sessions, chat: Chat, theme: Theme, icons: Icons) -> None:
        super().__init__(window)
        self._window, self._sessions, self._chat, self._theme, self._icons = window, sessions, chat, theme, icons
        self._directory = DirectoryModel(self)
        self._named = ""  # a room that somebody wants, until all rooms are told
        self.create_dialog: CreateRoomDialog | None = None
        self.browse_dialog: BrowseRoomsDialog | None = None
        self.leave_dialog: ConfirmDialog | None = None
        sessions.switched.connect(self._switched)
        sessions.told.connect(self._follow)
        window.conversations.create_wanted.connect(self.create)
        window.conversations.browse_wanted.connect(self.browse)
        window.conversations.leave_wanted.connect(self.leave)
        window.people_pane.leave_wanted.connect(self._leave_open)

    @property
    def _session(self) -> Session | None:
        return self._sessions.current

    def _switched(self, _session: Session | None) -> None:
        """Questions about rooms go with their server."""
        self._named = ""
        self._directory.show(())
        for dialog in (self.create_dialog, self.browse_dialog, self.leave_dialog):
            if dialog is not None:
                dialog.close()

    def create(self) -> None:
        """Ask for the name of a new room."""
        if self.create_dialog is None and self._session is not None and self._may_be_several(self._session):
            dialog = self.create_dialog = CreateRoomDialog(self._theme, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.create_wanted.connect(self._create)
            dialog.finished.connect(self._create_closed)
            dialog.open()

    def browse(self) -> None:
        """Show the rooms one may join."""
        if self.browse_dialog is None and self._session is not None and self._may_be_several(self._session):
            dialog = self.browse_dialog = BrowseRoomsDialog(self._directory, self._theme, self._icons, self._window)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.join_wanted.connect(self._join)
            dialog.open_wanted.connect(self._open)
            dialog.create_wanted.connect(self._create_instead)
            dialog.finished.connect(self._browse_closed)
            self._session.account.list_rooms()
            dialog.open()

    def leave(self, number: int) -> None:
        """Ask whether this room is really to be left."""
        session = self._session
        room = session.state.rooms.get(number) if session is not None else None
        if session is None or room is None or self.leave_dialog is not None:
            return
        again = self.tr("You can join again later and read what was written.")
        if room.kind == PRIVATE:
            again = self.tr("Only somebody who is in it can bring you back.")
        dialog = self.leave_dialog = ConfirmDialog(
            self._theme,
            self.tr("Leave {room}?").replace("{room}", room_title(room.name, room.kind)),
            f"{self.tr('You will not get its messages any more.')} {again}",
            self.tr("Leave"),
            self._window,
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.accepted.connect(partial(self._leave, session, number))
        dialog.finished.connect(self._leave_closed)
        dialog.open()

    def _may_be_several(self, session: Session) -> bool:
        """A plain chat has but one room, and that is said then."""
        if session.plain:
            self._window.notice.say(plain_chat_reason())
        return not session.plain

    def _leave_open(self) -> None:
        if self._chat.room is not None:
            self.leave(self._chat.room.number)

    def go_to(self, name: str) -> None:
        """Open the room of this name; join it first, if need be."""
        session = self._session
        if session is None or not self._may_be_several(session):
            return
        mine = next((room for room in session.state.rooms.values() if _same(room.name, name)), None)
        if mine is not None:
            self.open_wanted.emit(mine.number)
        elif session.state.phase is not Phase.ONLINE:
            self._window.notice.say(self.tr("Without a connection no other room can be found."))
        else:
            self._named = name
            session.account.list_rooms()

    def _join_named(self, session: Session) -> None:
        """All rooms are known now: is the one among them that somebody named?"""
        name, self._named = self._named, ""
        if not name:
            return
        found = next((room for room in session.state.directory if _same(room.name, name)), None)
        if found is not None:
            self._enter(session, found.room, None)
        else:
            says = self.tr("There is no room called {room} here. You can make one with the + button.")
            self._window.notice.say(says.replace("{room}", room_title(name, PUBLIC)))

    # -- requests and their answers -------------------------------------------------------------------

    def _follow(self, session: Session, changes: Sequence[Change]) -> None:
        if session is not self._session:
            return
        if ConnectionChanged() in changes and session.state.phase is Phase.ONLINE and self.browse_dialog is not None:
            session.account.list_rooms()  # what was asked without a connection was not answered
        if DirectoryChanged() in changes:
            self._directory.show(room for room in session.state.directory if room.kind != DIRECT)
            self._join_named(session)

    def _create(self, name: str, topic: str, private: bool) -> None:
        session = self._session
        if session is not None:
            then = partial(self._entered, session, self.create_dialog)
            session.ask(session.account.create_room(name, topic, private), then)

    def _join(self, room: int) -> None:
        if self._session is not None:
            self._enter(self._session, room, self.browse_dialog)

    def _enter(self, session: Session, room: int, dialog: BrowseRoomsDialog | None) -> None:
        session.ask(session.account.join_room(room), partial(self._entered, session, dialog))

    def _entered(
        self, session: Session, dialog: CreateRoomDialog | BrowseRoomsDialog | None, done: RequestDone
    ) -> None:
        """`session`: who was asked; `dialog`: from where. Another of each may be shown by now."""
        if dialog not in (self.create_dialog, self.browse_dialog):
            dialog = None
        if done.problem is None:
            if dialog is not None:
                dialog.accept()
            if session is self._session:  # else the number is that of another room
                self.open_wanted.emit(done.room)
        elif dialog is not None:
            dialog.show_problem(done.problem)
        else:
            self._window.notice.say(problem_sentence(done.problem))

    def _open(self, room: int) -> None:
        if self.browse_dialog is not None:
            self.browse_dialog.accept()
        self.open_wanted.emit(room)

    def _leave(self, session: Session, room: int) -> None:
        session.ask(session.account.leave_room(room), self._left)

    def _left(self, done: RequestDone) -> None:
        if done.problem is not None:
            self._window.notice.say(problem_sentence(done.problem))

    def _create_instead(self) -> None:
        if self.browse_dialog is not None:
            self.browse_dialog.accept()
        self.create()

    def _create_closed(self) -> None:
        self.create_dialog = None

    def _browse_closed(self) -> None:
        self.browse_dialog = None

    def _leave_closed(self) -> None:
        self.leave_dialog = None


def _same(name: str, typed: str) -> bool:
    return name.casefold() == typed.casefold()
